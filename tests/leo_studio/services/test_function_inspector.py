"""Functions in the background: the engine's records, limits kept once, lost checkpoints."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from engine.errors import BadInput
from engine.evaluation.regression.record import kept_regression_evaluations
from engine.inspection.functions import load_functions
from engine.runs.library import Library
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from engine.training import train
from leo_studio.services.background import Cancelled, Task
from leo_studio.services.function_evaluations import evaluate_on_functions
from leo_studio.services.function_inspector import FunctionInspector
from leo_studio.services.kept_checkpoints import CheckpointGone
from leo_studio.services.records import EpisodeSource, EvaluationRequest
from tests.leo_studio.ui.functions.conftest import STEPS, functions_experiment


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


@pytest.fixture
def run(library: Library) -> Run:
    library.runs.mkdir(parents=True)
    made = Run.create(library.runs, functions_experiment("leo_regression"), StoreRecord())
    list(train(made.experiment, None, made))
    return made


def source(run: Run, step: int = STEPS) -> EpisodeSource:
    return EpisodeSource(run.path, step, "test")


def test_records_are_those_of_the_engine(library: Library, run: Run) -> None:
    inspector, loaded = FunctionInspector(library), load_functions(run, STEPS)
    own = inspector.record(source(run), 3, None, None)
    np.testing.assert_array_equal(own.values, loaded.record(3).values)
    points = own.support_x, own.support_y + 1
    changed = inspector.record(source(run), 3, points, 7)
    np.testing.assert_array_equal(changed.mean, loaded.record_of(*points, number=3, samples=7).mean)
    assert changed.samples == 7
    with pytest.raises(BadInput, match="There are 0 points"):
        inspector.record(source(run), 3, (points[0][:0], points[1][:0]), None)


def test_another_checkpoint_has_other_weights(library: Library, run: Run) -> None:
    inspector = FunctionInspector(library)
    late, early = (inspector.record(source(run, step), 0, None, None) for step in (STEPS, 30))
    assert np.abs(late.mean - early.mean).max() > 1e-3


def test_a_checkpoint_that_is_gone_says_so(library: Library, run: Run) -> None:
    with pytest.raises(CheckpointGone, match=r"Step 31 of .* is no longer kept"):
        FunctionInspector(library).record(source(run, 31), 0, None, None)


def test_the_table_keeps_its_limit_and_can_be_cancelled(library: Library, run: Run) -> None:
    inspector, task = FunctionInspector(library), Task("", is_shown=True)
    table = inspector.tabulate(source(run), 5, task)
    assert task.fraction == 1.0
    (kept,) = library.limits.iterdir()
    written = kept.stat().st_mtime_ns
    again = inspector.tabulate(source(run, 30), 5, task)
    assert kept.stat().st_mtime_ns == written
    np.testing.assert_array_equal(table.limit_first, again.limit_first)
    task.cancel()
    with pytest.raises(Cancelled):
        inspector.tabulate(source(run), 6, task)


def test_an_evaluation_is_kept_with_its_run_or_says_why_not(library: Library, run: Run) -> None:
    request = EvaluationRequest(run.path, None, "val", 4)
    found = evaluate_on_functions(library, request, Task("", is_shown=True))
    assert found.why_not_kept == ""
    assert kept_regression_evaluations(run.path).records == (found.evaluation,)
    shutil.rmtree(run.path / "evaluations")
    (run.path / "evaluations").write_text("in the way", encoding="utf-8")
    again = evaluate_on_functions(library, request, Task("", is_shown=True))
    assert again.evaluation == found.evaluation
    assert "evaluations" in again.why_not_kept
