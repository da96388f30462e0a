"""Results that cannot be written into their run's folder: what is said, and what is shown."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from leo_studio.services.controller import Controller
from leo_studio.services.records import Notice, RunEntry
from leo_studio.ui.evaluation import EvaluationPanel
from tests.leo_studio.ui.evaluation.test_panel import evaluate, panel
from tests.leo_studio.ui.functions.conftest import AddRun, add_functions, trained

__all__ = ["add_functions", "panel", "trained"]


@pytest.fixture
def told(controller: Controller) -> list[Notice]:
    notices: list[Notice] = []
    controller.notified.connect(notices.append)
    return notices


def text_of_only(told: list[Notice]) -> str:
    (notice,) = told
    assert notice.kind == "warning"
    return notice.text


def evaluated_on_functions(
    panel: EvaluationPanel, controller: Controller, add_functions: AddRun, qtbot: QtBot
) -> RunEntry:
    """Start an evaluation of a run of which the folder for them is taken."""
    run = add_functions("maml")
    (run.path / "evaluations").write_text("somebody else's")
    qtbot.waitUntil(lambda: panel.run is not None and panel.run.path == run.path)
    panel.form.episodes.setValue(6)
    QTest.mouseClick(panel.form.start_button, Qt.MouseButton.LeftButton)
    assert panel.run is not None
    return panel.run


def is_listed(controller: Controller, run: RunEntry) -> bool:
    return any(each.path == run.path and each.function_evaluations for each in controller.runs)


def test_a_result_on_functions_stays_though_it_could_not_be_kept(
    panel: EvaluationPanel,
    controller: Controller,
    add_functions: AddRun,
    told: list[Notice],
    qtbot: QtBot,
) -> None:
    run = evaluated_on_functions(panel, controller, add_functions, qtbot)
    assert panel.form.episodes.accessibleName() == "Tasks"
    qtbot.waitUntil(lambda: is_listed(controller, run), timeout=60_000)
    shown = panel.functions.evaluation
    assert shown is not None and shown.scores.tasks == 6
    words = text_of_only(told)
    assert words.startswith(f"The result of {run.title} is listed with it while LEO Studio is open")
    assert "could not be kept: " in words
    with qtbot.waitSignal(controller.runs_changed):
        controller.annotate(run, "a note", ())
    assert panel.functions.evaluation == shown


def test_a_result_of_a_run_that_is_not_shown_is_not_said_to_be_shown_or_kept(
    panel: EvaluationPanel,
    controller: Controller,
    add_functions: AddRun,
    toy_run: RunEntry,
    told: list[Notice],
    qtbot: QtBot,
) -> None:
    run = evaluated_on_functions(panel, controller, add_functions, qtbot)
    controller.current.choose(toy_run.path)
    qtbot.waitUntil(lambda: is_listed(controller, run), timeout=60_000)
    words = text_of_only(told)
    assert run.title in words and "shown" not in words and "is kept" not in words
    assert not panel.functions.isVisible()
    controller.current.choose(run.path)
    assert panel.functions.isVisible() and panel.functions.evaluation is not None


def test_uncertainty_that_could_not_be_kept_stays_with_its_evaluation(
    panel: EvaluationPanel,
    controller: Controller,
    toy_run: RunEntry,
    told: list[Notice],
    qtbot: QtBot,
) -> None:
    (toy_run.path / "evaluations").write_text("somebody else's")
    evaluate(qtbot, panel, 40)
    view = panel.result.uncertainty
    told.clear()
    panel.measure_uncertainty()
    qtbot.waitUntil(lambda: view.record is not None, timeout=60_000)
    found = view.record
    assert "could not be kept" in text_of_only(told)
    qtbot.waitUntil(lambda: bool(controller.runs[0].uncertainties))
    assert controller.runs[0].uncertainties == (found,) and view.record == found
