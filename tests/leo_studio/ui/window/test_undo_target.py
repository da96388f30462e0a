"""The menu's undo and redo: they stay with the panel that somebody worked in last."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QDialog,
    QInputDialog,
    QLineEdit,
    QMenu,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from leo_studio.ui.functions import FunctionsPanel
from leo_studio.ui.functions import panel as panel_module
from leo_studio.ui.window.main_window import MainWindow
from tests.leo_studio.ui.conftest import OpenWindow
from tests.leo_studio.ui.functions.test_panel import drag, settle
from tests.leo_studio.ui.window.test_regression import sines, trained

__all__ = ["sines"]
LEFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
SETTING = "schedule.validate_every"


@pytest.fixture
def window(
    open_window: OpenWindow,
    sines: Experiment,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[MainWindow]:
    """A window with a run of regression, whose form was edited, and its functions."""
    monkeypatch.setattr(panel_module, "TASKS", 8)
    made = open_window()
    qtbot.waitUntil(lambda: made.is_complete)
    trained(made, sines, qtbot)
    made.activateWindow()
    made.docks.show("experiment")
    made.experiment._edit(SETTING, 7)
    assert words(made)[0] == "Undo Validate every"
    made.docks.show("functions")
    settle(made.functions, qtbot)
    yield made


def words(window: MainWindow) -> tuple[str, str]:
    registry = window.actions_registry
    return registry["experiment.undo"].text(), registry["experiment.redo"].text()


def button(window: MainWindow, name: str) -> QToolButton:
    action = window.actions_registry[f"functions.{name}"]
    (found,) = [
        each
        for each in window.functions.controls.findChildren(QToolButton)
        if each.defaultAction() is action
    ]
    return found


@contextmanager
def closing_dialog(window: MainWindow) -> Iterator[QDialog]:
    """A dialog that is still seen."""
    dialog = QDialog(window)
    dialog.show()
    yield dialog
    dialog.close()


def look_into_edit_menu(window: MainWindow) -> None:
    """Open the menu Edit with the mouse, and close it with the keyboard."""
    bar = window.menuBar()
    menu = window.findChild(QMenu, "menu_edit")
    assert menu is not None
    place = bar.actionGeometry(menu.menuAction()).center()
    QTest.mouseClick(bar, LEFT, pos=place)
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    assert not menu.isVisible()


@pytest.mark.qt_log_ignore("does not support (raise|grabbing)", extend=True)
def test_undo_stays_with_points_after_dialogs_and_menus(window: MainWindow, qtbot: QtBot) -> None:
    panel: FunctionsPanel = window.functions
    line = field(window)
    own = settle(panel, qtbot)
    drag(panel, 0, float(own.support_y[0]) + 0.5)
    settle(panel, qtbot)
    assert words(window) == ("Undo moving a point", "Redo")
    QTest.mouseClick(button(window, "back"), LEFT)
    assert not settle(panel, qtbot).is_changed
    assert words(window)[0] == "Undo going back to the task"
    QTest.mouseClick(button(window, "keep"), LEFT)
    question = panel.findChild(QInputDialog, "points-note")
    assert question is not None and question.isVisible()
    QTest.keyClick(question, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: panel.findChild(QInputDialog, "points-note") is None)
    look_into_edit_menu(window)
    assert words(window)[0] == "Undo going back to the task"
    # As some systems do it, a window that becomes active again has the keyboard in the form.
    window.experiment.undo_target._follow_keyboard(None, line)
    with closing_dialog(window) as dialog:
        window.experiment.undo_target._follow_keyboard(dialog, line)
    assert words(window)[0] == "Undo going back to the task"
    window.actions_registry["experiment.undo"].trigger()
    assert settle(panel, qtbot).is_changed
    assert words(window) == ("Undo moving a point", "Redo going back to the task")
    assert value(window) == 7
    focused = window.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, Qt.Key.Key_Z, CONTROL)
    assert not settle(panel, qtbot).is_changed and value(window) == 7


def test_undo_goes_to_where_somebody_works(window: MainWindow, qtbot: QtBot) -> None:
    panel = window.functions
    window.docks.show("experiment")
    own = settle(panel, qtbot)
    drag(panel, 0, float(own.support_y[0]) + 0.5)
    settle(panel, qtbot)
    field(window).setFocus(Qt.FocusReason.MouseFocusReason)
    assert words(window)[0] == "Undo Validate every"
    window.actions_registry["functions.add"].trigger()  # without a click in the panel
    settle(panel, qtbot)
    assert words(window)[0] == "Undo adding a point"
    window.experiment._edit("schedule.steps", 70)  # as the palette and other panels do
    assert words(window)[0] == "Undo Length"
    field(window).setFocus()
    panel.plot.setFocus()
    assert words(window)[0] == "Undo adding a point"
    window.docks.show("comparison")
    qtbot.waitUntil(lambda: not panel.isVisible())
    assert words(window)[0] == "Undo Length"  # nobody sees points
    window.docks.show("functions")
    qtbot.waitUntil(panel.isVisible)
    assert words(window)[0] == "Undo adding a point"


def field(window: MainWindow) -> QLineEdit:
    """Return the line of the setting, where it is typed."""
    window.experiment.reveal(SETTING)
    row = window.experiment.findChild(QWidget, SETTING)
    assert row is not None
    found = row.findChild(QLineEdit)
    assert found is not None
    return found


def value(window: MainWindow) -> object:
    experiment = window.experiment.experiment()
    assert experiment is not None
    return experiment.schedule.validate_every


def test_a_run_that_was_thrown_away_comes_back_by_the_menu(
    window: MainWindow, qtbot: QtBot
) -> None:
    (run,) = window.controller.runs
    window.docks.show("runs")
    window.runs.select(run.path)
    window.actions_registry["runs.trash"].trigger()
    qtbot.waitUntil(lambda: not run.path.exists() and not window.controller.runs)
    assert words(window)[0] == "Undo moving to the trash"
    window.actions_registry["experiment.undo"].trigger()
    qtbot.waitUntil(lambda: len(window.controller.runs) == 1)
    assert run.path.exists() and value(window) == 7
    assert words(window)[0] == "Undo Validate every"
