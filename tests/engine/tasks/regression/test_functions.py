import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.tasks.episodes import numbers_from, numbers_of
from engine.tasks.regression import FUNCTION_FAMILIES, FunctionTasks, Prior, sample_functions

CPU = torch.device("cpu")
EVERY = Prior(("sine", "line", "varying_sine"))
seeds = st.integers(0, 2**63 - 1)


def assert_same(one: FunctionTasks, other: FunctionTasks) -> None:
    for mine, its in zip(one, other, strict=True):
        assert torch.equal(mine, its)


@given(
    seed=seeds, start=st.integers(0, 10**9), k_shot=st.integers(1, 11), queries=st.integers(1, 9)
)
def test_a_task_is_the_same_in_every_batch(
    seed: int, start: int, k_shot: int, queries: int
) -> None:
    together = sample_functions(EVERY, seed, "train", numbers_from(start, 7, CPU), k_shot, queries)
    for index in range(7):
        numbers = numbers_from(start + index, 1, CPU)
        alone = sample_functions(EVERY, seed, "train", numbers, k_shot, queries)
        assert_same(alone, FunctionTasks(*(part[index : index + 1] for part in together)))


@given(several=st.lists(seeds, min_size=1, max_size=4), is_grid=st.booleans())
def test_tasks_of_a_population_are_those_of_its_members(several: list[int], is_grid: bool) -> None:
    numbers = numbers_of(range(3, 6), 5, len(several), CPU)
    tasks = sample_functions(
        EVERY, torch.tensor(several), "train", numbers, 5, 6, query_grid=is_grid
    )
    for member, seed in enumerate(several):
        alone = sample_functions(EVERY, seed, "train", numbers[:, 0], 5, 6, query_grid=is_grid)
        assert_same(alone, FunctionTasks(*(part[:, member] for part in tasks)))


def test_support_set_does_not_depend_on_the_queries() -> None:
    numbers = numbers_from(0, 50, CPU)
    few = sample_functions(EVERY, 1, "train", numbers, 5, 1)
    for many in (
        sample_functions(EVERY, 1, "train", numbers, 5, 27),
        sample_functions(EVERY, 1, "train", numbers, 5, 27, query_grid=True),
    ):
        assert torch.equal(few.support_x, many.support_x)
        assert torch.equal(few.support_y, many.support_y)
        assert torch.equal(few.parameters, many.parameters)


def test_seed_split_and_number_each_change_the_task() -> None:
    numbers = numbers_from(0, 1, CPU)
    one = sample_functions(EVERY, 0, "train", numbers, 5, 2)
    for other in (
        sample_functions(EVERY, 1, "train", numbers, 5, 2),
        sample_functions(EVERY, 0, "val", numbers, 5, 2),
        sample_functions(EVERY, 0, "train", numbers + 1, 5, 2),
    ):
        for part in ("support_x", "support_y", "query_x", "query_y", "parameters"):
            assert not (getattr(one, part) == getattr(other, part)).all()


def test_clean_values_are_those_of_the_function_that_is_told() -> None:
    tasks = sample_functions(EVERY, 4, "test", numbers_from(0, 300, CPU), 3, 20)
    for place, name in enumerate(EVERY.families):
        family = FUNCTION_FAMILIES[name]
        mine = tasks.family == place
        count = len(family.parameter_names)
        values = family.values(tasks.parameters[mine][:, :count], tasks.query_x[mine])
        torch.testing.assert_close(tasks.query_clean[mine], values)
        assert (tasks.parameters[mine][:, count:] == 0).all()


def test_noise_is_normal_and_independent() -> None:
    prior = Prior(("line",), noise=0.5)
    tasks = sample_functions(prior, 4, "test", numbers_from(0, 40_000, CPU), 2, 2)
    line = FUNCTION_FAMILIES["line"]
    support_clean = line.values(tasks.parameters, tasks.support_x)
    noise = torch.cat([tasks.support_y - support_clean, tasks.query_y - tasks.query_clean], 1) / 0.5
    expected = torch.special.ndtri(torch.linspace(0.01, 0.99, 99))
    found = noise.flatten().quantile(torch.linspace(0.01, 0.99, 99))
    assert (found - expected).abs().max() < 0.03
    everything = torch.cat([noise, tasks.support_x, tasks.query_x, tasks.parameters], 1)
    assert (torch.corrcoef(everything.T) - torch.eye(10)).abs().max() < 0.025


def test_inputs_and_families_come_up_equally_often() -> None:
    prior = Prior(EVERY.families, low=-1, high=3)
    tasks = sample_functions(prior, 4, "test", numbers_from(0, 30_000, CPU), 4, 3)
    shares = tasks.family.bincount(minlength=3) / 30_000
    assert (shares - 1 / 3).abs().max() < 0.012
    for x in (tasks.support_x, tasks.query_x):
        counts = x.flatten().histc(8, -1, 3) / x.numel()
        assert counts.sum() == 1
        assert (counts - 1 / 8).abs().max() < 0.005


def test_queries_stand_on_the_middles_of_a_grid() -> None:
    tasks = sample_functions(EVERY, 4, "test", numbers_from(0, 2, CPU), 4, 5, query_grid=True)
    assert tasks.query_x.tolist() == [[-4, -2, 0, 2, 4]] * 2


def test_all_is_float32_with_the_shape_of_the_numbers() -> None:
    numbers = numbers_of(range(2), 3, 4, CPU)
    tasks = sample_functions(EVERY, torch.arange(4), "train", numbers, 5, 6)
    shapes = [(5,), (5,), (6,), (6,), (6,), (), (3,)]
    for part, shape in zip(tasks, shapes, strict=True):
        assert part.shape == (2, 4, 3, *shape)
        assert part.dtype == (torch.int64 if shape == () else torch.float32)


def test_tasks_are_pinned() -> None:
    """The numbers that a saved run or a link names must go on meaning these tasks."""
    prior = Prior(("sine", "line"))
    tasks = sample_functions(prior, 7, "train", numbers_from(123, 2, CPU), 2, 1)
    found = [tasks.support_x, tasks.support_y, tasks.query_x, tasks.query_y, tasks.parameters]
    torch.testing.assert_close(torch.cat(found, 1), PINNED, rtol=1e-5, atol=1e-5)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU on this machine")
def test_tasks_are_nearly_the_same_on_the_gpu() -> None:
    device = torch.device("cuda")
    there = sample_functions(EVERY, 5, "train", numbers_from(9, 30, device), 5, 4)
    here = sample_functions(EVERY, 5, "train", numbers_from(9, 30, CPU), 5, 4)
    for mine, its in zip(here, there, strict=True):
        torch.testing.assert_close(mine, its.cpu(), rtol=1e-5, atol=1e-5)


PINNED = torch.tensor(
    [
        [0.815339, 2.110452, 0.396027, 0.138585, -0.291706, 0.042539, 0.123829, 1.005558],
        [-0.831705, 1.489035, -2.424550, 0.627052, -4.390049, -6.534796, 1.255652, -1.201951],
    ]
)
