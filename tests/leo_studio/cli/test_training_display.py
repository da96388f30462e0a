"""The display in the terminal while one run or many are trained."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.events import (
    CheckpointSaved,
    Failed,
    Finished,
    StepsTaken,
    TrainingEvent,
    Validated,
    Validating,
)
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from engine.studies.grid import grid
from engine.training import train, train_together
from leo_studio.cli.console import progress_bar
from leo_studio.cli.training_display import (
    PopulationDisplay,
    TrainingDisplay,
    follow_many,
    follow_one,
)
from tests import measured
from tests.measured import STEP_COLUMNS, prepared


@pytest.fixture
def runs(tmp_path: Path, toy_experiment: Experiment) -> list[Run]:
    members = grid(toy_experiment, {"run.seed": [0, 1, 2]})
    return [Run.create(tmp_path, member, StoreRecord()) for member in members]


def validated(step: int, accuracy: float, *, is_best: bool = True) -> Validated:
    return measured.validated(step, accuracy, is_best=is_best, ci95=0.01)


def show(display: TrainingDisplay, told: Iterable[tuple[int, TrainingEvent | Failed]]) -> None:
    for member, event in told:
        display.show(member, event)


def test_one_run_is_told_of_in_full(runs: list[Run], capsys: pytest.CaptureFixture[str]) -> None:
    metrics = np.zeros((2, len(STEP_COLUMNS)), np.float32)
    metrics[:, 0], metrics[:, 2] = 1.5, 0.25
    bar = progress_bar()
    show(
        TrainingDisplay(runs[:1], bar),
        [
            (0, prepared("folder", 4, 40)),
            (0, StepsTaken(6, metrics, 1.0, 20.0)),
            (0, validated(15, 0.5)),
            (0, CheckpointSaved(15, "file")),
            (0, validated(30, 0.4, is_best=False)),
            (0, Finished(30, stopped_early=True)),
        ],
    )
    (task,) = bar.tasks
    assert (task.description, task.completed, task.total) == ("Training", 6, 40)
    assert task.fields["note"] == "loss 1.500  query accuracy 0.250  20 steps/s"
    assert capsys.readouterr().err.splitlines() == [
        "Training on cpu from step 4.",
        "step      15  validation 50.00 ± 1.00 %  best so far",
        "step      30  validation 40.00 ± 1.00 %",
        "Stopped early at step 30: no better validation since.",
    ]


def test_many_runs_have_one_line_for_each_validation(
    runs: list[Run], capsys: pytest.CaptureFixture[str]
) -> None:
    bar = progress_bar()
    display = PopulationDisplay(runs, bar)
    metrics = np.zeros((2, len(STEP_COLUMNS)), np.float32)
    show(
        display,
        [(member, prepared("folder", 0, 40)) for member in range(3)]
        + [(0, validated(15, 0.5)), (1, Validating(15, 3, 20)), (1, validated(15, 0.7))],
    )
    assert bar.tasks[0].fields["note"] == f"validating {runs[1].name}"
    assert capsys.readouterr().err == ""  # the third is not known yet
    show(display, [(2, validated(15, 0.6))])
    line = f"step      15  validation, mean 60.00 %, best 70.00 % ({runs[1].name})\n"
    assert capsys.readouterr().err == line
    # One that has ended is not waited for, nor counted.
    show(display, [(1, Failed("folder", "The loss was not a number.", ""))])
    show(display, [(0, StepsTaken(20, metrics, 1.0, 10.0))])
    assert bar.tasks[0].fields["note"] == "3 runs  20 model steps/s"
    show(display, [(0, validated(30, 0.5)), (2, validated(30, 0.7))])
    show(display, [(0, Finished(30, stopped_early=True)), (2, Finished(40, stopped_early=False))])
    assert capsys.readouterr().err.splitlines() == [
        f"{runs[1].name}: The loss was not a number.",
        f"step      30  validation, mean 60.00 %, best 70.00 % ({runs[2].name})",
        f"{runs[0].name} stopped early at step 30.",
    ]


def test_a_signal_stops_training_and_keeps_what_was_done(
    runs: list[Run], toy_store: EmbeddingStore
) -> None:
    follow_one(train(runs[0].experiment, toy_store, runs[0]), runs[0], None, [2])
    together = [run.experiment for run in runs[1:]]
    follow_many(train_together(together, toy_store, runs[1:]), runs[1:], None, [2])
    assert [Run(run.path).status for run in runs] == ["stopped"] * 3
    assert not any(run.has_owner() for run in runs)
