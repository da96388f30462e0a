"""What is seen of a task of regression is what its learner does, step by step, and the limit."""

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.config import Experiment, experiment_from_dict
from engine.errors import BadInput
from engine.evaluation.protocol import SEED
from engine.evaluation.regression.evaluator import QUERIES, predicted_functions
from engine.inspection.function_records import TEST_SPLIT, FunctionRecord
from engine.inspection.functions import LoadedFunctions, load_functions
from engine.io.generators import finished
from engine.learners.sampled_functions import FunctionSupport, SampledFunctions
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from engine.tasks.regression import evaluation_tasks, limit_functions, limit_of
from engine.tasks.regression.limit_curves import limit_curves
from engine.training import train
from tests.learner_kinds import ON_FUNCTIONS, of_kind

CPU = torch.device("cpu")
BASE = experiment_from_dict(
    {
        "name": "toy-functions",
        "task": {"kind": "regression"},
        "learner": {"kind": "maml"},
        "optimizer": {"meta_batch": 4},
        "schedule": {"steps": 30, "validate_every": 15, "validation_episodes": 10},
    },
    "toy",
)
every_kind = pytest.mark.parametrize("kind", ON_FUNCTIONS)


def loaded(folder: Path, experiment: Experiment) -> LoadedFunctions:
    run = Run.create(folder, experiment, StoreRecord())
    list(train(experiment, None, run))
    return load_functions(run, 30)


@pytest.fixture
def leo(tmp_path: Path) -> LoadedFunctions:
    return loaded(tmp_path, of_kind(BASE, "leo_regression"))


def adapted(of: LoadedFunctions, number: int) -> tuple[SampledFunctions, FunctionSupport]:
    task = of.tasks([number])
    support = FunctionSupport(task.support_x, task.support_y)
    with torch.no_grad():
        functions: SampledFunctions = of.learner.adapt(of.weights, support)
    return functions, support


def assert_same(one: FunctionRecord, other: FunctionRecord) -> None:
    for name in ("truth", "values", "weights", "mean", "band", "is_first", "log_likelihood"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    assert one.limit is not None and other.limit is not None
    np.testing.assert_array_equal(one.limit.functions, other.limit.functions)
    assert one.is_changed == other.is_changed


@every_kind
def test_last_step_of_a_record_is_what_the_learner_adapts_to(tmp_path: Path, kind: str) -> None:
    of = loaded(tmp_path, of_kind(BASE, kind))
    record = of.record(3)
    functions, support = adapted(of, 3)
    grid = torch.from_numpy(record.grid)[None]
    np.testing.assert_allclose(record.values[-1], functions.values(grid)[0], atol=2e-5)
    weights = torch.softmax(functions.log_likelihood(support, of.prior.noise), 1)
    np.testing.assert_allclose(record.weights[-1], weights[0], atol=1e-4)
    assert record.steps == 3
    assert np.abs(record.values[0] - record.values[-1]).max() > 1e-3
    assert (record.codes is not None) == (kind == "leo_regression")
    assert record.samples == (5 if kind == "leo_regression" else 1)


@pytest.mark.parametrize("cores", [1, 3])
def test_a_table_has_the_same_bits_on_any_number_of_cores(
    leo: LoadedFunctions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cores: int
) -> None:
    monkeypatch.setattr("engine.inspection.functions._TASKS_AT_A_TIME", 2)
    monkeypatch.setattr("engine.evaluation.evaluator.usable_cores", lambda: 2)
    table = finished(leo.tabulate(tmp_path / "limits", 11))
    monkeypatch.setattr("engine.evaluation.evaluator.usable_cores", lambda: cores)
    other = finished(leo.tabulate(tmp_path / "limits", 11))
    for name in (
        "numbers",
        "squared_error",
        "spread",
        "advantage",
        "first",
        "limit_first",
        "codes",
    ):
        np.testing.assert_array_equal(getattr(other, name), getattr(table, name), err_msg=name)
    assert table.codes is not None and table.codes.shape[1] == len(table.spread) == 11


@every_kind
def test_a_record_and_the_table_have_the_numbers_of_an_evaluation(
    tmp_path: Path, kind: str
) -> None:
    of = loaded(tmp_path, of_kind(BASE, kind))
    tasks = evaluation_tasks(of.prior, of.k_shot, SEED, TEST_SPLIT, 6, QUERIES)
    adapt = lambda support: of.learner.adapt(of.weights, support)  # noqa: E731
    found = finished(predicted_functions(adapt, tasks, of.prior, CPU)).weighted
    limit = finished(limit_of(of.prior, tasks))
    table = finished(of.tabulate(tmp_path / "limits", 6))
    errors = np.square(found.mean - tasks.query_clean.numpy(), dtype=np.float64).mean(1)
    gains = np.subtract(found.log_density, limit.log_density, dtype=np.float64).mean(1)
    np.testing.assert_allclose(table.squared_error, errors, rtol=1e-5)
    np.testing.assert_allclose(table.advantage, gains, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(table.first, found.family_weights[:, 0], atol=1e-5)
    np.testing.assert_array_equal(table.limit_first, limit.family_probability[:, 0])
    for number in range(6):
        record = of.record(number)
        np.testing.assert_allclose(record.mean[-1], found.mean[number], atol=3e-5)
        assert record.first_weights is not None
        np.testing.assert_allclose(record.first_weights[-1], table.first[number], atol=1e-4)
        width = float((record.band[-1, 1] - record.band[-1, 0]).mean())
        assert table.spread[number] == pytest.approx(width, abs=1e-4)
        assert record.limit is not None
        assert (record.limit.band[0] <= record.limit.mean).mean() > 0.9
        np.testing.assert_array_equal(record.truth, tasks.query_clean[number])
        assert (record.codes is None) is (table.codes is None) is (kind == "maml")
        if record.codes is not None and table.codes is not None:
            np.testing.assert_allclose(table.codes[:, number], record.codes.path, atol=1e-5)


def test_points_that_were_not_moved_give_the_tasks_own_record(leo: LoadedFunctions) -> None:
    own = leo.record(4)
    assert_same(leo.record_of(own.support_x, own.support_y, number=4), own)
    moved = own.support_y.copy()
    moved[2] += 0.5
    changed = leo.record_of(own.support_x, moved, number=4)
    assert changed.is_changed and changed.truth is None
    assert np.abs(changed.mean[-1] - own.mean[-1]).max() > 0.01
    assert changed.limit is not None and own.limit is not None
    assert np.abs(changed.limit.mean - own.limit.mean).max() > 0.01


def test_fewer_samples_are_the_first_of_all(leo: LoadedFunctions) -> None:
    few, every = leo.record(1, samples=2), leo.record(1)
    np.testing.assert_allclose(few.values, every.values[:, :2], atol=2e-5)
    assert few.codes is not None and every.codes is not None
    np.testing.assert_allclose(few.codes.path, every.codes.path)
    np.testing.assert_allclose(few.weights.sum(1), 1, rtol=1e-5)


def test_code_of_the_mean_is_where_a_sample_without_noise_would_be(leo: LoadedFunctions) -> None:
    record = leo.record(2)
    assert record.codes is not None
    np.testing.assert_array_equal(record.codes.path[0], record.codes.encoded)
    spread = (record.codes.start - record.codes.encoded) / record.codes.deviation
    assert np.abs(spread).max() < 6
    assert np.abs(record.codes.path[-1] - record.codes.path[0]).max() > 1e-4


def test_one_point_is_enough_and_what_is_no_point_says_so(leo: LoadedFunctions) -> None:
    record = leo.record_of([0.0], [1.0])
    assert record.number is None and not record.is_changed and record.truth is None
    with pytest.raises(BadInput, match="There are 0 points"):
        leo.record_of([], [])
    with pytest.raises(BadInput, match="not a finite number"):
        leo.record_of([0.0, np.nan], [1.0, 2.0])


def test_run_of_classification_is_refused(tmp_path: Path, toy_experiment: Experiment) -> None:
    with pytest.raises(BadInput, match="learns classification"):
        load_functions(Run.create(tmp_path, toy_experiment, StoreRecord()), 0)


@pytest.mark.parametrize("families", [("sine", "line"), ("line", "varying_sine")])
def test_curves_of_the_limit_are_those_of_the_limit(
    leo: LoadedFunctions, families: tuple[str, ...]
) -> None:
    prior = type(leo.prior)(families)
    tasks = evaluation_tasks(prior, 5, SEED, TEST_SPLIT, 4, QUERIES)
    limit = finished(limit_of(prior, tasks))
    functions = limit_functions(prior, tasks, 50)
    for place in range(4):
        support = tasks.support_x[place], tasks.support_y[place]
        curves = limit_curves(prior, *support, tasks.query_x[place], 50)
        np.testing.assert_allclose(curves.mean, limit.mean[place], atol=1e-3)
        np.testing.assert_allclose(curves.functions, functions[place], atol=1e-4)
        np.testing.assert_allclose(
            curves.family_probability, limit.family_probability[place], atol=1e-9
        )
