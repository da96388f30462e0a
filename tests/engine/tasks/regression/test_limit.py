import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from engine.io.generators import finished
from engine.tasks.episodes import numbers_from
from engine.tasks.regression import FUNCTION_FAMILIES, FunctionTasks, Prior, sample_functions
from engine.tasks.regression.limit import Limit, limit_functions, limit_of

CPU = torch.device("cpu")
TWO = Prior(("sine", "line"))
EVERY = Prior(("varying_sine", "line", "sine"))


def tasks_of(prior: Prior, count: int, k_shot: int = 5, queries: int = 10) -> FunctionTasks:
    numbers = numbers_from(0, count, CPU)
    return sample_functions(prior, 0, "test", numbers, k_shot, queries)


def some(tasks: FunctionTasks, places: slice) -> FunctionTasks:
    return FunctionTasks(*(part[places] for part in tasks))


def limit(prior: Prior, tasks: FunctionTasks) -> Limit:
    return finished(limit_of(prior, tasks))


def every_function(name: str) -> Tensor:
    """Return parameters on a fine grid, (functions, P): each as likely as the others."""
    sides = {"sine": (400, 500), "line": (600, 600), "varying_sine": (40, 60, 1000)}[name]
    middles = [(torch.arange(side, dtype=torch.float64) + 0.5) / side for side in sides]
    places = torch.stack(torch.meshgrid(*middles, indexing="ij"), -1)
    return FUNCTION_FAMILIES[name].parameters(places.flatten(0, -2))


class BruteForce:
    """The limit of one task, summed over all functions of a grid of their own parameters."""

    def __init__(self, prior: Prior, task: FunctionTasks) -> None:
        values, weights, evidence = [], [], []
        for name, family in zip(prior.families, prior.members, strict=True):
            parameters = every_function(name)
            support = family.values(parameters, task.support_x.double())
            misfit = ((task.support_y - support) / prior.noise).square().sum(1) / 2
            weight = torch.exp(-misfit) / len(parameters)
            worth = weight > weight.max() * 1e-12
            values.append(family.values(parameters[worth], task.query_x.double()))
            weights.append(weight[worth])
            evidence.append(weight.sum())
        weight, value = torch.cat(weights)[:, None], torch.cat(values)
        weight /= weight.sum()
        mean = (weight * value).sum(0)
        self.mean = mean.numpy()
        self.variance = (weight * (value - mean).square()).sum(0).numpy()
        gauss = torch.distributions.Normal(value, prior.noise)
        density = (weight * gauss.log_prob(task.query_y.double()).exp()).sum(0)
        self.log_density = density.log().numpy()
        self.pit = (weight * gauss.cdf(task.query_y.double())).sum(0).numpy()
        self.family_probability = (torch.stack(evidence) / torch.stack(evidence).sum()).numpy()


@pytest.mark.parametrize(
    ("families", "k_shot", "noise", "tolerance"),
    [
        (("sine", "line"), 5, 0.3, 0.005),
        (("sine", "line"), 2, 1.5, 0.005),
        (("sine", "line"), 15, 0.2, 0.005),
        (("varying_sine",), 5, 0.3, 0.005),
        (("line", "varying_sine", "sine"), 8, 0.5, 0.005),
        # After one point there is much to choose from, and few draws lie near any one target.
        (("line", "sine"), 1, 0.3, 0.06),
    ],
)
def test_limit_is_the_sum_over_all_functions(
    families: tuple[str, ...], k_shot: int, noise: float, tolerance: float
) -> None:
    prior = Prior(families, noise)
    count = 1 if "varying_sine" in families else 2  # one takes a second to sum
    tasks = tasks_of(prior, count, k_shot)
    found = limit(prior, tasks)
    for place in range(count):
        task = some(tasks, slice(place, place + 1))
        expected = BruteForce(prior, task)
        away = np.abs(found.mean[place] - expected.mean) / np.sqrt(expected.variance)
        assert away.max() < 0.02
        np.testing.assert_allclose(found.variance[place], expected.variance, rtol=0.03)
        for name in ("log_density", "pit", "family_probability"):
            mine, its = getattr(found, name)[place], getattr(expected, name)
            np.testing.assert_allclose(mine, its, atol=tolerance, err_msg=name)


def kolmogorov(pit: NDArray[np.float32]) -> float:
    """Return how far the share of numbers below some level is from the level, at most."""
    ordered = np.sort(pit.ravel())
    return float(np.abs(ordered - (np.arange(len(ordered)) + 0.5) / len(ordered)).max())


@pytest.mark.parametrize("prior", [TWO, EVERY], ids=["two", "every"])
def test_limit_is_calibrated(prior: Prior) -> None:
    tasks = tasks_of(prior, 400, queries=2)
    found = limit(prior, tasks)
    # One query of each task: those of one task share its luck. 1.63 is the 1 % point.
    for query in (0, 1):
        assert kolmogorov(found.pit[:, query]) < 1.63 / math.sqrt(400)
    errors = (found.mean - tasks.query_clean.numpy()) ** 2 / (found.variance + 1e-4)
    assert 0.7 < errors.mean() < 1.4
    chosen = found.family_probability.argmax(1)
    is_right = chosen == tasks.family.numpy()
    sureness = found.family_probability.max(1)
    assert abs(is_right.mean() - sureness.mean()) < 3 * 0.5 / math.sqrt(400)


def test_probabilities_of_families_sum_to_one() -> None:
    found = limit(EVERY, tasks_of(EVERY, 40, k_shot=3))
    assert found.family_probability.shape == (40, 3)
    np.testing.assert_allclose(found.family_probability.sum(1), 1, rtol=1e-12)
    assert (found.family_probability >= 0).all()


def assert_same(one: Limit, other: Limit, places: slice = slice(None)) -> None:
    for name in one.__dataclass_fields__:
        mine, its = getattr(one, name), getattr(other, name)[places]
        np.testing.assert_array_equal(mine, its, err_msg=name)


@pytest.mark.parametrize("prior", [TWO, EVERY], ids=["two", "every"])
def test_a_task_has_the_same_limit_whatever_is_beside_it(prior: Prior) -> None:
    tasks = tasks_of(prior, 37)
    whole = limit(prior, tasks)
    assert_same(limit(prior, tasks), whole)
    for places in (slice(5, 6), slice(20, 37)):
        assert_same(limit(prior, some(tasks, places)), whole, places)


def test_threads_do_not_show() -> None:
    tasks = tasks_of(EVERY, 3, queries=20)
    alone = limit(EVERY, tasks)
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert_same(limit(EVERY, tasks), alone)
    finally:
        torch.set_num_threads(threads)


def test_it_counts_its_tasks_and_can_be_closed() -> None:
    steps = limit_of(TWO, tasks_of(TWO, 40))
    assert [next(steps) for _ in range(3)] == [1, 2, 3]
    steps.close()
    counts: list[int] = []
    finished(limit_of(TWO, tasks_of(TWO, 20)), counts.append)
    assert counts == list(range(1, 21))


@pytest.mark.parametrize("prior", [TWO, EVERY], ids=["two", "every"])
def test_functions_of_the_limit_have_its_mean_and_variance(prior: Prior) -> None:
    tasks = tasks_of(prior, 20, k_shot=3)
    found = limit(prior, tasks)
    values = limit_functions(prior, tasks, 1000)
    assert values.shape == (20, 1000, 10)
    away = (values.mean(1).numpy() - found.mean) / np.sqrt(found.variance + 1e-3)
    assert np.abs(away).max() < 0.1
    np.testing.assert_allclose(values.var(1), found.variance, rtol=0.3, atol=1e-3)


@settings(max_examples=30)
@given(
    families=st.permutations(list(FUNCTION_FAMILIES)).flatmap(
        lambda names: st.integers(1, 3).map(lambda count: tuple(names[:count]))
    ),
    k_shot=st.integers(1, 20),
    noise=st.floats(0.02, 10),
    far=st.sampled_from([0.0, 30.0, 1000.0]),
)
def test_every_task_has_a_limit_even_one_that_no_function_fits(
    families: tuple[str, ...], k_shot: int, noise: float, far: float
) -> None:
    prior = Prior(families, noise)
    tasks = tasks_of(prior, 2, k_shot, 3)
    tasks = tasks._replace(support_y=tasks.support_y + far, query_y=tasks.query_y - far)
    found = limit(prior, tasks)
    for name in found.__dataclass_fields__:
        assert np.isfinite(getattr(found, name)).all(), name
    assert (found.variance >= 0).all()
    assert ((found.pit >= 0) & (found.pit <= 1)).all()
    # No function is further out than 3 x + 3 at the end of the inputs.
    assert np.abs(found.mean).max() <= 18.001
