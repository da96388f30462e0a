"""What people read of a run of another kind of task and learner names its score and its unit."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from engine.config import Experiment
from engine.events import StepsTaken, Validated
from engine.runs.library import Library
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from leo_studio.analysis.comparison.results import (
    overlay_labels,
    overlay_title,
    result_rows,
    validation_values,
)
from leo_studio.analysis.evaluation.choices import checkpoint_choices, why_own_checkpoint
from leo_studio.analysis.runs.exported import exported_runs
from leo_studio.analysis.runs.search import parse_query
from leo_studio.cli.console import progress_bar
from leo_studio.cli.outcomes import outcome, print_outcome
from leo_studio.cli.training_display import PopulationDisplay, TrainingDisplay
from leo_studio.report.curve_figures import Measured, compared_curves, curves
from leo_studio.report.validations import headline, validation_table
from leo_studio.services.catalogue import Catalogue, load_curves
from leo_studio.services.records import RunEntry
from leo_studio.ui.runs.table import COLUMNS as TABLE_COLUMNS
from leo_studio.ui.runs.table import TREND, RunModel
from tests import measured
from tests.second_kind import scored, take_the_place_of_the_first


@pytest.fixture
def run(tmp_path: Path, toy_experiment: Experiment, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run with three validations, the second of which is best."""
    take_the_place_of_the_first(monkeypatch)
    run = Run.create(tmp_path / "runs", toy_experiment, StoreRecord())
    steps = np.linspace([1.0, 3.0], [0.1, 0.3], 40, dtype=np.float32)
    run.append_steps(40, steps, 4.0, 10.0)
    for step, mse in ((15, 0.5), (30, 0.25), (40, 0.75)):
        run.append_validation(step, scored(mse), is_best=step < 40)
    run.update(status="finished")
    return run


@pytest.fixture
def entry(run: Run, tmp_path: Path) -> RunEntry:
    (entry,) = Catalogue(Library(tmp_path)).runs()
    return replace(entry, checkpoints=(15, 30, 40))


def test_the_runs_table_says_it_in_the_scores_own_words(
    entry: RunEntry, qapp: QApplication
) -> None:
    model = RunModel()
    model.show([entry])
    place = next(i for i, each in enumerate(TABLE_COLUMNS) if each.title == "Best validation")
    assert model.index(0, place).data() == "0.25 ± 0.013 V²"
    tip = model.index(0, TREND).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "3 validations: best 0.25 V², latest 0.75 V²"


def test_a_run_is_found_by_its_score(entry: RunEntry) -> None:
    assert parse_query("best<0.3").matches(entry)
    # Only shares are said in percent.
    assert parse_query("best<25").matches(entry) and not parse_query("best>25").matches(entry)


def test_a_run_is_exported_and_compared_with_its_score(entry: RunEntry) -> None:
    exported = exported_runs([entry])
    assert exported is not None
    columns = exported.tables[0].columns
    best = ("best_step", "best_mse", "best_ci95")
    assert [columns[name][0] for name in best] == [30, 0.25, 0.0125]
    best_row = result_rows([entry], "test")[0]
    assert best_row.values == ("0.25 ± 0.013 V² (step 30)",)
    assert best_row.label == "best validation, squared error (lower is better)"
    assert validation_values(entry).tolist() == [0.5, 0.25, 0.75]
    labels = ("Validation squared error", "Validation squared error (V²)")
    assert overlay_labels([entry, entry]) == labels
    title = "Validation squared error over outer steps (lower is better)"
    assert overlay_title([entry, entry]) == title


def test_the_choice_of_a_checkpoint_says_what_was_lowest(entry: RunEntry) -> None:
    best = checkpoint_choices(entry)[0]
    assert best.label == "Best: 0.25 ± 0.013 V² at step 30"
    assert "it had the lowest squared error on" in why_own_checkpoint(entry)


def test_the_terminal_says_it_too(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    bar = progress_bar()
    display = TrainingDisplay([run], bar)
    display.show(0, StepsTaken(2, np.array([[0.5, 3.0]], np.float32), 1.0, 20.0))
    assert bar.tasks[0].fields["note"] == "query mse 0.500  20 steps/s"
    display.show(0, Validated(15, scored(0.25), True))
    together = PopulationDisplay([run, run], bar)
    for member, mse in enumerate((0.25, 0.75)):
        together.show(member, Validated(30, scored(mse), True))
    assert capsys.readouterr().err.splitlines() == [
        "step      15  validation 0.25 ± 0.013 V²  best so far",
        f"step      30  validation, mean 0.5 V², best 0.25 V² ({run.name})",
    ]
    print_outcome(run)
    assert "best     0.25 ± 0.013 V² validation, step 30" in capsys.readouterr().out
    assert outcome(run)["best"] == {"step": 30, "mse": 0.25, "ci95": 0.0125}


def measured_of(run: Run) -> Measured:
    read = load_curves(run.path)
    return Measured(run.name, run.columns, run.scores, read.training, read.validation)


def test_a_report_draws_and_lists_its_scores(run: Run) -> None:
    validation = load_curves(run.path).validation
    titles = titles_of([picture.plot for picture in curves(measured_of(run), (30, "these"))])
    assert titles == [("Squared error", "squared error in V²", False)]
    score, loss = (picture.plot for picture in compared_curves([measured_of(run)] * 2))
    assert titles_of([score, loss]) == [
        ("Validation squared error", "squared error in V²", False),
        ("Training loss, running mean", "squared error in V²", False),
    ]
    table = validation_table(validation, run.scores)
    assert table.headings == ("squared error, V², 95 % interval", "spread, 95 % interval")
    assert table.rows[1] == (30, ("0.250 ± 0.013", "2.000 ± 0.500"))
    numbers = {name: float(column[1]) for name, column in validation.items()}
    said = headline(numbers, run.scores)
    assert said is not None
    assert (said.label, said.value, said.ci95) == (
        "Squared error",
        "0.250\u00a0V²",
        "0.013\u00a0V²",
    )


def titles_of(plots: Sequence[object]) -> list[tuple[str, str, bool]]:
    return [(plot.title, plot.y_label, plot.has_percent) for plot in plots]  # type: ignore[attr-defined]


def test_runs_that_are_scored_otherwise_are_compared_in_pictures_of_their_own(run: Run) -> None:
    names = (*measured.TRAIN_COLUMNS, *measured.VALIDATION_COLUMNS)
    columns = {name: np.arange(1.0, 4.0) for name in names}
    leo = Measured("leo", measured.COLUMNS, measured.SCORES, columns, columns)
    titles = [picture.plot.title for picture in compared_curves([leo, measured_of(run)])]
    assert titles == ["Validation accuracy", "Validation squared error"] + 2 * [
        "Training loss, running mean"
    ]
