"""Inspection of runs on measured functions: in the file's unit, and without a limit."""

from pathlib import Path

import numpy as np
import pytest

from engine.config import experiment_from_dict
from engine.data.function_file import FunctionFile
from engine.errors import BadInput
from engine.evaluation.regression.evaluator import evaluate_functions
from engine.evaluation.regression.record import MeasuredScores
from engine.inspection.functions import LoadedFunctions, load_functions
from engine.io.generators import finished
from engine.runs.library import Library
from engine.runs.preparation import new_run
from engine.runs.run import Run
from engine.training import train
from tests.function_files import oscillations
from tests.learner_kinds import of_kind

COUNT = 24


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("measured")
    file = oscillations(folder / "damped.csv")
    experiment = experiment_from_dict(
        {
            "name": "measured",
            "task": {"kind": "regression", "functions": str(file), "noise": 2.0},
            "learner": {"kind": "maml"},
            "optimizer": {"meta_batch": 4, "outer_lr": 1e-3},
            "schedule": {"steps": 20, "validate_every": 20, "validation_episodes": 10},
        },
        "toy",
    )
    made, data = new_run(Library(folder), of_kind(experiment, "leo_regression"))
    list(train(made.experiment, data, made))
    return made


@pytest.fixture(scope="module")
def loaded(run: Run) -> LoadedFunctions:
    return load_functions(run, 20)


def test_the_table_is_of_the_evaluations_tasks(
    run: Run, loaded: LoadedFunctions, tmp_path: Path
) -> None:
    table = finished(loaded.tabulate(tmp_path / "limits", COUNT))
    assert not (tmp_path / "limits").exists() and not table.has_limit
    file = FunctionFile(Path(run.record.store.path))
    scores = finished(evaluate_functions(run, 20, tmp_path, "test", COUNT, file=file)).scores
    assert isinstance(scores, MeasuredScores)
    assert table.squared_error.mean() == pytest.approx(scores.mean_squared_error)
    names = file.split("test").names
    assert table.names == tuple(names[number % len(names)] for number in range(COUNT))
    for nothing in (table.limit_first, table.first, table.advantage):
        assert np.isnan(nothing).all()


def test_a_record_has_the_points_of_the_file(run: Run, loaded: LoadedFunctions) -> None:
    split = FunctionFile(Path(run.record.store.path)).split("test")
    for number in (0, 3, len(split.names) + 3):
        record = loaded.record(number)
        place = number % len(split.names)
        assert record.name == split.names[place] and record.limit is None
        assert record.truth is None and not record.is_changed and record.families == ()
        assert record.others is not None
        own = slice(*split.offsets[place : place + 2])
        every = sorted(zip(split.x[own], split.y[own], strict=True))
        given = zip(record.support_x, record.support_y, strict=True)
        shown = sorted([*given, *zip(*record.others, strict=True)])
        np.testing.assert_allclose(shown, every, rtol=1e-6)
        # Where the values lie, and not where learners have them.
        assert 99 < record.grid.min() < record.grid.max() < 111
        assert record.mean.min() > 300 and record.mean.max() < 700
        assert (record.band[:, 0] <= record.band[:, 1]).all()
        assert record.noise == pytest.approx(2.0)
        np.testing.assert_allclose(
            np.einsum("ts,tsq->tq", record.weights, record.values), record.mean, rtol=1e-5
        )


def test_points_that_were_moved_are_in_the_files_unit(loaded: LoadedFunctions) -> None:
    own = loaded.record(2)
    same = loaded.record_of(own.support_x, own.support_y, number=2)
    np.testing.assert_array_equal(same.values, own.values)
    assert not same.is_changed
    changed = loaded.record_of(own.support_x, own.support_y + 40, number=2)
    assert changed.is_changed and changed.name == own.name
    assert np.abs(changed.mean[-1] - own.mean[-1]).max() > 1
    assert changed.log_likelihood[-1] < own.log_likelihood[-1] - 1
    near = loaded.record_of(own.support_x, own.support_y + 1e-3, number=2)
    np.testing.assert_allclose(near.mean, own.mean, atol=0.5)


def test_a_file_that_changed_is_a_sentence(run: Run) -> None:
    path = Path(run.record.store.path)
    was = path.read_bytes()
    path.write_bytes(was + b"station 1,104,500,\n")
    try:
        with pytest.raises(BadInput, match="is not as it was when"):
            load_functions(run, 20)
    finally:
        path.write_bytes(was)
