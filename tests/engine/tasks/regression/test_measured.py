"""Tasks out of a file: pure functions of their numbers, of points that are drawn once each."""

import pytest
import torch

from engine.data.function_file import FunctionFile, FunctionSplit
from engine.tasks.episodes import numbers_from, numbers_of
from engine.tasks.regression import FileFunctions, FunctionTasks
from tests.engine.tasks.regression.test_functions import assert_same
from tests.function_files import oscillations

CPU = torch.device("cpu")
K_SHOT = 5


@pytest.fixture(scope="module")
def functions(tmp_path_factory: pytest.TempPathFactory) -> FileFunctions:
    path = tmp_path_factory.mktemp("functions") / "damped.csv"
    return FileFunctions(FunctionFile(oscillations(path)), noise=2.0)


def points_of(
    functions: FileFunctions, split: FunctionSplit, place: int
) -> list[tuple[float, float]]:
    own = slice(*split.offsets[place : place + 2])
    return pairs(torch.from_numpy(functions.scaling.to_scaled(split.x[own], split.y[own])))


def pairs(points: torch.Tensor) -> list[tuple[float, float]]:
    return [(x, y) for x, y in points.tolist()]


def test_a_task_is_the_same_in_every_batch(functions: FileFunctions) -> None:
    together = functions.sample("train", 3, numbers_from(40, 9, CPU), K_SHOT, 20)
    for index in range(9):
        alone = functions.sample("train", 3, numbers_from(40 + index, 1, CPU), K_SHOT, 20)
        assert_same(alone, FunctionTasks(*(part[index : index + 1] for part in together)))


def test_tasks_of_a_population_are_those_of_its_members(functions: FileFunctions) -> None:
    numbers = numbers_of(range(3, 6), 4, 2, CPU)
    tasks = functions.sample("train", [7, 8], numbers, K_SHOT, 6)
    for member, seed in enumerate((7, 8)):
        alone = functions.sample("train", seed, numbers[:, 0], K_SHOT, 6)
        assert_same(alone, FunctionTasks(*(part[:, member] for part in tasks)))


def test_seed_split_and_number_each_change_the_task(functions: FileFunctions) -> None:
    numbers = numbers_from(0, 20, CPU)
    one = functions.sample("train", 0, numbers, K_SHOT, 3)
    for other in (
        functions.sample("train", 1, numbers, K_SHOT, 3),
        functions.sample("train", 0, numbers + 20, K_SHOT, 3),
    ):
        assert not torch.equal(one.family, other.family)
        assert (one.support_x != other.support_x).any(1).sum() > 15


def test_support_set_does_not_depend_on_the_queries(functions: FileFunctions) -> None:
    numbers = numbers_from(0, 30, CPU)
    few = functions.sample("train", 1, numbers, K_SHOT, 1)
    many = functions.sample("train", 1, numbers, K_SHOT, 100)
    assert torch.equal(few.support_x, many.support_x)
    assert torch.equal(few.query_y, many.query_y[:, :1])


@pytest.mark.parametrize("queries", [3, 40])
@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_queries_never_contain_support_points_and_each_is_of_the_function(
    functions: FileFunctions, split: str, queries: int
) -> None:
    numbers = numbers_from(0, 50, CPU)
    own = functions.file.split(split)
    for tasks in (
        functions.sample(split, 0, numbers, K_SHOT, queries),
        functions.evaluated(split, 0, numbers, K_SHOT, queries),
    ):
        for place in range(len(numbers)):
            points = points_of(functions, own, int(tasks.family[place]))
            given = pairs(torch.stack([tasks.support_x[place], tasks.support_y[place]], -1))
            asked = pairs(torch.stack([tasks.query_x[place], tasks.query_y[place]], -1))
            assert len(set(given)) == K_SHOT
            assert set(given) <= set(points)
            assert set(asked) <= set(points) - set(given)
            # As even as can be: every point that remains, before one comes again.
            counts = [asked.count(point) for point in set(points) - set(given)]
            assert max(counts) - min(counts) <= 1


def test_evaluations_take_the_functions_in_turn(functions: FileFunctions) -> None:
    count = len(functions.file.split("test").names)
    tasks = functions.evaluated("test", 0, numbers_from(0, 3 * count, CPU), K_SHOT, 9)
    assert tasks.family.tolist() == 3 * list(range(count))
    first, again = tasks.support_x[:count], tasks.support_x[count : 2 * count]
    assert not torch.equal(first, again)


def test_training_tasks_are_of_all_functions_alike(functions: FileFunctions) -> None:
    tasks = functions.sample("train", 0, numbers_from(0, 20_000, CPU), K_SHOT, 1)
    counts = torch.bincount(tasks.family)
    assert len(counts) == len(functions.file.split("train").names)
    mean = 20_000 / len(counts)
    assert counts.min() > mean - 5 * mean**0.5
    assert counts.max() < mean + 5 * mean**0.5


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU on this machine")
def test_tasks_are_the_same_on_a_gpu(functions: FileFunctions) -> None:
    cuda = torch.device("cuda")
    there = FileFunctions(functions.file, 2.0, cuda)
    numbers = numbers_from(0, 100, CPU)
    found = there.sample("train", 3, numbers.to(cuda), K_SHOT, 20)
    assert found.support_x.device.type == "cuda"
    assert_same(
        FunctionTasks(*(each.cpu() for each in found)),
        functions.sample("train", 3, numbers, K_SHOT, 20),
    )
    assert_same(
        there.evaluated("val", 0, numbers, K_SHOT, 20),
        functions.evaluated("val", 0, numbers, K_SHOT, 20),
    )


def test_tasks_stay_what_they_are_from_version_to_version(functions: FileFunctions) -> None:
    """Rows of the file that task 123 is made of; a change would end comparisons and resuming."""
    tasks = functions.sample("train", 7, numbers_from(123, 1, CPU), 3, 2)
    own = functions.file.split("train")
    place = int(tasks.family[0])
    assert own.names[place] == "station 43"
    points = points_of(functions, own, place)
    given = pairs(torch.stack([tasks.support_x[0], tasks.support_y[0]], -1))
    asked = pairs(torch.stack([tasks.query_x[0], tasks.query_y[0]], -1))
    assert [points.index(point) for point in given + asked] == [15, 16, 14, 0, 1]


def test_noise_is_in_the_files_unit(functions: FileFunctions) -> None:
    assert functions.noise * functions.file.scaling.y_unit == pytest.approx(2.0)
