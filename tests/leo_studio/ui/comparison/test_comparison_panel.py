"""Comparing runs that were really trained."""

import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QCheckBox,
    QMainWindow,
    QPushButton,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.evaluation.checkpoints import evaluate_checkpoint
from engine.evaluation.record import Evaluation
from engine.evaluation.statistics import paired_difference
from engine.io.generators import finished
from engine.runs.run import Run
from engine.runs.run_store import store_of
from leo_studio.analysis.comparison.differences import Paired, paired
from leo_studio.analysis.comparison.results import validation_steps
from leo_studio.figures.records import Line
from leo_studio.services.controller import Controller
from leo_studio.services.records import EvaluationRequest, RunEntry
from leo_studio.ui.comparison import ComparisonPanel
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.task_progress import TaskProgress
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.ui.conftest import Train
from tests.leo_studio.ui.mouse import turn_wheel


@pytest.fixture
def panel(
    controller: Controller, actions: ActionRegistry, themes: ThemeManager, qtbot: QtBot
) -> Iterator[ComparisonPanel]:
    made = ComparisonPanel(controller, actions, themes)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    qtbot.waitExposed(made)
    yield made


@pytest.fixture
def two(toy_experiment: Experiment, add_run: Train) -> tuple[RunEntry, RunEntry]:
    short = toy_experiment.with_settings({"evaluation.episodes": 50})
    return add_run(short), add_run(short.with_settings({"run.seed": 1}))


def result_of(controller: Controller, run: RunEntry) -> Evaluation:
    opened = Run(run.path)
    store = store_of(controller.library, opened)
    steps = evaluate_checkpoint(opened, opened.checkpoint().step, store, "test", 50)
    return finished(steps)


def title(panel: ComparisonPanel, column: int) -> str:
    model = panel.table.model()
    return str(model.headerData(column, Qt.Orientation.Horizontal))


def test_two_seeds_differ_in_their_seed_alone(
    panel: ComparisonPanel, two: tuple[RunEntry, RunEntry], actions: ActionRegistry
) -> None:
    panel.show_runs(two)
    settings = [row for row in panel.rows() if "." in row.path]
    assert [(row.path, row.values) for row in settings] == [("run.seed", ("0", "1"))]
    last = panel.table.rowCount() - 1
    assert panel.table.verticalHeaderItem(last).text() == "Run › Seed"
    panel.findChildren(QCheckBox, "all-settings")[0].click()
    assert actions["comparison.all"].isChecked()
    headers = [panel.table.verticalHeaderItem(row).text() for row in range(panel.table.rowCount())]
    assert "Learner › Dropout" in headers
    assert "≠ Run › Seed" in headers


def test_the_one_run_without_an_evaluation_is_called_by_what_tells_it_apart(
    panel: ComparisonPanel,
    two: tuple[RunEntry, RunEntry],
    controller: Controller,
    qtbot: QtBot,
) -> None:
    with qtbot.waitSignal(controller.runs_changed, timeout=30_000):
        controller.evaluate(
            EvaluationRequest(run=two[0].path, checkpoint="best", split="test", episodes=20),
            lambda _: None,
        )
    runs = {run.path: run for run in controller.runs}
    panel.show_runs([runs[run.path] for run in two])
    assert panel.differences.button.text() == "Evaluate seed 1 on test"


def test_evaluating_both_gives_the_engines_paired_difference(
    panel: ComparisonPanel,
    two: tuple[RunEntry, RunEntry],
    controller: Controller,
    qtbot: QtBot,
) -> None:
    panel.show_runs(two)
    assert "was not evaluated on test yet" in panel.differences.text.text().replace("\u200b", "")
    button = panel.differences.button
    assert button.text() == "Evaluate both on test"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not button.isEnabled()
    progress = panel.differences.findChild(TaskProgress)
    assert progress is not None and progress.isVisibleTo(panel)
    assert any(run.title in progress._label.text().replace("\u200b", "") for run in two)
    qtbot.waitUntil(lambda: button.text() == "Evaluated on test", timeout=30_000)
    assert not progress.isVisibleTo(panel)
    expected = paired_difference(*(result_of(controller, run).accuracies for run in two))
    by_path = {run.path: run for run in controller.runs}
    found = paired(by_path[two[0].path], by_path[two[1].path], "test")
    assert isinstance(found, Paired)
    difference = found.difference
    exported = panel.exported()
    assert exported is not None and exported.figure is not None
    assert [key.label for key in exported.figure.keys] == [f"1 {two[0].title}", f"2 {two[1].title}"]
    settings, validation, differences = exported.tables
    assert "run.seed" in settings.columns["what"]
    assert list(validation.columns["run"]).count(two[0].name) == len(two[0].validation)
    assert differences.columns["difference"][0] == difference.difference
    assert np.isclose(difference.difference, expected.difference, rtol=0, atol=1e-12)
    assert np.isclose(difference.ci95, expected.ci95, rtol=0, atol=1e-12)
    assert (
        f"on the same 50 episodes; the interval {'ex' if difference.excludes_zero else 'in'}"
        in (panel.differences.text.text())
    )


def test_the_two_newest_are_compared_by_one_press_and_again_after_a_restart(
    panel: ComparisonPanel,
    two: tuple[RunEntry, RunEntry],
    controller: Controller,
    actions: ActionRegistry,
    themes: ThemeManager,
    qtbot: QtBot,
) -> None:
    (button,) = panel.findChildren(QPushButton, "compare-newest")
    assert button.isVisible() and button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert {run.path for run in panel._runs} == {run.path for run in two}
    kept = json.loads(json.dumps(panel.remembered()))

    window = QMainWindow()
    qtbot.addWidget(window)
    later = ComparisonPanel(controller, ActionRegistry(themes, window), themes)
    window.setCentralWidget(later)
    for nonsense in ({"runs": 3}, {"runs": [7, "/nowhere"]}, {}):
        later.restore(nonsense)
        assert later._runs == ()
    later.restore(kept)
    assert later._runs == panel._runs
    assert later.remembered() == kept


def test_nothing_is_evaluated_for_runs_that_can_never_be_compared(
    panel: ComparisonPanel, two: tuple[RunEntry, RunEntry]
) -> None:
    button = panel.differences.button
    panel.show_runs(two)
    assert button.isVisible()
    other = replace(two[1], store="groceries", store_splits={})
    panel.show_runs((two[0], other))
    assert not button.isVisible()
    assert "different data" in panel.differences.text.text()


def test_all_of_it_can_be_copied(
    panel: ComparisonPanel, two: tuple[RunEntry, RunEntry], actions: ActionRegistry
) -> None:
    assert not actions["comparison.markdown"].isEnabled() and panel.exported() is None
    panel.show_runs(two)
    actions["comparison.markdown"].trigger()
    text = QGuiApplication.clipboard().text()
    assert "| run.seed | 0 | 1 |" in text
    assert f"{two[0].title} and {two[1].title} on test:" in text


def test_curves_are_wished_for_and_validations_drawn_at_their_steps(
    panel: ComparisonPanel,
    two: tuple[RunEntry, RunEntry],
    actions: ActionRegistry,
    qtbot: QtBot,
) -> None:
    panel.show_runs(two)
    with qtbot.waitSignal(panel.curves_wanted) as wish:
        actions["comparison.curves"].trigger()
    assert wish.args == [(two[0].path, two[1].path)]
    rows = Run(two[0].path).validation.read()
    assert validation_steps(two[0]).tolist() == [row["step"] for row in rows]
    drawn, accuracies = panel.overlay._lines[0].getData()
    assert drawn.tolist() == [15, 30, 40]
    assert np.allclose(accuracies, [100 * row["accuracy"] for row in rows])


def test_a_run_that_is_thrown_away_or_renamed_is_followed(
    panel: ComparisonPanel,
    two: tuple[RunEntry, RunEntry],
    controller: Controller,
    qtbot: QtBot,
) -> None:
    panel.show_runs(two)
    controller.rename_run(two[1], "second")
    qtbot.waitUntil(lambda: title(panel, 1) == "second")
    controller.throw_away(two[0])
    qtbot.waitUntil(lambda: panel.table.columnCount() == 1)
    assert title(panel, 0) == "second"


def test_the_unit_on_the_y_axis_is_kept_where_the_plot_is_low(
    panel: ComparisonPanel, two: tuple[RunEntry, ...], qtbot: QtBot
) -> None:
    panel.show_runs(two)
    canvas = panel.overlay.canvas
    axis, room = canvas._axes["left"], canvas._box
    canvas.view.setFixedHeight(110)
    qtbot.waitUntil(lambda: axis.labelText in ("accuracy (%)", "%"))
    written = axis.label.mapRectToScene(axis.label.boundingRect())
    margin = axis.label.document().documentMargin()
    assert written.top() + margin >= 0 and written.bottom() - margin <= 110
    assert room.height() > 0


def test_a_run_has_the_colour_that_it_has_in_other_panels(
    panel: ComparisonPanel, two: tuple[RunEntry, ...], controller: Controller, themes: ThemeManager
) -> None:
    elsewhere = controller.run_colors.share("curves", [two[1].path, two[0].path])
    panel.show_runs(two)
    for run, line in zip(two, panel.overlay._lines, strict=True):
        wanted = themes.current.series_color(elsewhere[run.path])
        assert line.opts["pen"].color().name() == wanted


def test_an_exported_figure_has_the_looks_that_lines_have_on_the_screen(
    panel: ComparisonPanel, two: tuple[RunEntry, ...], controller: Controller, themes: ThemeManager
) -> None:
    controller.run_colors.share("curves", [two[1].path, two[0].path])
    panel.show_runs(two)
    found = panel.exported()
    assert found is not None and found.figure is not None
    lines = [layer for layer in found.figure.plots[0].layers if isinstance(layer, Line)]
    assert [line.color for line in lines] == [1, 0]
    assert [line.marker for line in lines] == ["square", "circle"]
    on_screen = [line.opts["symbol"] for line in panel.overlay._lines]
    assert on_screen == ["s", "o"]


def test_long_titles_stand_in_a_few_lines_that_are_whole(
    panel: ComparisonPanel, two: tuple[RunEntry, RunEntry], qtbot: QtBot
) -> None:
    long = "5-way 1-shot, glyphs, 600 outer steps, dropout 0.3, seed"
    panel.resize(500, 700)
    panel.show_runs([replace(run, shown_title=f"{long} {seed}") for seed, run in enumerate(two)])
    lines = title(panel, 1).split("\n")
    assert 1 < len(lines) <= 3
    assert " ".join(lines) == f"{long} 1"
    header = panel.table.horizontalHeader()
    widest = max(map(header.fontMetrics().horizontalAdvance, lines))
    assert widest < header.sectionSize(0) < header.fontMetrics().horizontalAdvance(long)
    qtbot.waitUntil(
        lambda: header.height() > len(lines) * header.fontMetrics().height(), timeout=5000
    )


def test_the_wheel_zooms_x_in_the_plot_and_there_is_a_way_back(
    panel: ComparisonPanel, two: tuple[RunEntry, RunEntry]
) -> None:
    panel.show_runs(two)
    canvas = panel.overlay.canvas
    whole = canvas.ranges
    back, fit = (panel.findChild(QToolButton, f"comparison-{name}") for name in ("back", "fit"))
    assert back is not None and fit is not None
    assert not back.isEnabled() and not fit.isEnabled()
    assert not canvas._plot.getPlotItem().autoBtn.isVisible()
    turn_wheel(canvas.view.viewport(), 3)
    (left, right), (bottom, top) = canvas.ranges
    assert right - left < 0.5 * (whole[0][1] - whole[0][0])
    assert whole[1][0] <= bottom < top <= whole[1][1]
    fit.click()
    assert canvas.ranges == whole
    back.click()
    assert canvas.ranges[0] == (left, right)


def test_the_plot_says_what_it_shows_and_whose_lines_these_are(
    panel: ComparisonPanel, two: tuple[RunEntry, RunEntry]
) -> None:
    panel.show_runs([replace(run, shown_title=f"run {seed}") for seed, run in enumerate(two)])
    assert panel.overlay.title.text() == "Validation accuracy over outer steps"
    assert list(panel.overlay.legend.titles) == ["run 0", "run 1"]
    panel.show_runs([replace(two[0], shown_title="alone")])
    assert list(panel.overlay.legend.titles) == ["alone"]


def test_a_check_box_keeps_its_size_when_it_has_the_keyboard(
    panel: ComparisonPanel, two: tuple[RunEntry, RunEntry]
) -> None:
    panel.show_runs(two)
    (box,) = panel.findChildren(QCheckBox, "all-settings")
    wanted = box.sizeHint()
    box.setFocus()
    assert box.hasFocus() and box.sizeHint() == wanted
    assert box.width() >= wanted.width() and box.height() >= wanted.height()
