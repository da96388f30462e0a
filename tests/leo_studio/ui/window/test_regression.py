"""Few-shot regression in the window: trained like any other, and what is not for it says so."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.evaluation.regression.record import RegressionScores
from engine.runs.library import Library
from leo_studio.analysis.evaluation.exported_functions import evaluation_text
from leo_studio.services.records import Notice, RunEntry
from leo_studio.ui.panel_export.dialog import PanelExportDialog
from leo_studio.ui.window.main_window import MainWindow
from tests.leo_studio.ui.conftest import OpenWindow

SMALL = {
    "schedule.steps": 20,
    "schedule.validate_every": 10,
    "schedule.validation_episodes": 8,
    "optimizer.meta_batch": 2,
    "learner.evaluation_samples": 4,
}


@pytest.fixture
def sines(library_home: Path) -> Experiment:
    return Library(library_home).experiment("sine-line-5shot").with_settings(SMALL)


def button(window: MainWindow, text: str) -> QPushButton:
    buttons = window.experiment.findChildren(QPushButton)
    return next(each for each in buttons if each.text().replace("&", "") == text)


def score_text(window: MainWindow, row: int) -> list[str]:
    table = window.evaluation.functions.table
    cells = (table.item(row, column) for column in range(table.columnCount()))
    return [cell.text() for cell in cells if cell is not None]


def trained(window: MainWindow, experiment: Experiment, qtbot: QtBot) -> RunEntry:
    """Train in the form, with the mouse, and wait for the end."""
    window.experiment.load(experiment)
    window.docks.show("experiment")
    QTest.mouseClick(button(window, "Train"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: any(each.status == "finished" for each in window.controller.runs))
    qtbot.waitUntil(lambda: window.controller.status.state == "finished")
    return window.controller.runs[0]


def test_functions_are_trained_and_every_panel_says_what_it_can_do(
    open_window: OpenWindow, sines: Experiment, qtbot: QtBot
) -> None:
    window = open_window()
    notices: list[Notice] = []
    window.controller.notified.connect(notices.append)
    qtbot.waitUntil(lambda: window.is_complete)
    run = trained(window, sines, qtbot)
    assert run.title.startswith("5-shot regression, sine, line, LEO for regression")
    assert run.best_text.count("±") == 1
    assert not [each for each in notices if each.kind in ("warning", "error")]
    qtbot.waitUntil(lambda: any("is finished" in each.text for each in notices))
    offered = [action.label for each in notices for action in each.actions]
    assert offered == ["Evaluate", "Look at functions", "Export"]
    for panel, hint in (
        ("latents", "latent-hint"),
        ("episodes", "episodes-nothing"),
        ("episode", "episode-nothing"),
        ("classes", "classes-nothing"),
    ):
        window.docks.show(panel)
        (label,) = window.findChildren(QLabel, hint)
        qtbot.waitUntil(label.isVisible)
        assert "learns regression" in label.text()
    window.docks.show("functions")
    functions = window.functions
    qtbot.waitUntil(lambda: functions.has_parts and functions.record is not None)
    assert functions.source is not None and functions.source.run == run.path
    said = functions.words.text()
    assert "by the Bayes-optimal limit; sine" in said and "% by LEO;" in said
    window.docks.show("curves")
    window.runs.select(run.path)
    window.actions_registry["runs.episodes"].trigger()
    qtbot.waitUntil(functions.isVisible)
    window.docks.show("curves")
    window.actions_registry["functions.next"].trigger()  # brings the panel to the front
    qtbot.waitUntil(functions.isVisible)
    qtbot.waitUntil(lambda: functions.record is not None and functions.record.number == 1)
    window.docks.show("evaluation")
    form, result = window.evaluation.form, window.evaluation.functions
    qtbot.waitUntil(lambda: form.run is not None and form.run.path == run.path)
    assert form.why_not() == ""
    assert "Press Evaluate" in result.findChildren(QLabel, "functions-no-result")[0].text()
    form.episodes.setValue(6)
    QTest.mouseClick(form.start_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(window.controller.runs[0].function_evaluations))
    qtbot.waitUntil(lambda: result.evaluation is not None and result.table.isVisible())
    (kept,) = window.controller.runs[0].function_evaluations
    assert result.evaluation == kept
    assert (kept.split, kept.scores.tasks) == ("test", 6)
    texts = [score_text(window, row) for row in range(result.table.rowCount())]
    both = [each for each in (kept.scores, kept.plain) if isinstance(each, RegressionScores)]
    weighted, plain = (f"{each.risk_ratio:,.3f}" for each in both)
    assert texts[0] == ["risk ratio", weighted, "1", plain]
    assert "log likelihood" in [text[0] for text in texts]
    window.actions_registry["evaluation.copy"].trigger()
    copied = QGuiApplication.clipboard().text()
    assert copied == evaluation_text(kept, run.title) and "risk ratio" in copied
    window.actions_registry["evaluation.export"].trigger()
    (dialog,) = window.findChildren(PanelExportDialog)
    assert dialog.isVisible()
    dialog.reject()
    exported = window.evaluation.exported()
    assert exported is not None and len(exported.tables[-1].columns["log_likelihood"]) == 6
    window.docks.show("tryit")
    window.docks.show("comparison")
    window.docks.show("curves")
    qtbot.wait(50)
