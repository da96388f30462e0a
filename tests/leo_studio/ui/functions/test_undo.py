"""Changes of points in Functions, undone and redone by keys, while the form has the same keys."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from leo_studio.ui.functions import FunctionsPanel
from leo_studio.ui.widgets.actions import ActionRegistry
from tests.leo_studio.ui.functions.conftest import AddRun
from tests.leo_studio.ui.functions.test_panel import drag, settle

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def form(panel: FunctionsPanel) -> Iterator[QLineEdit]:
    """A line of a form beside the panel, in a window whose Edit menu has the same keys."""
    window = QWidget()
    line = QLineEdit()
    column = QVBoxLayout(window)
    column.addWidget(line)
    column.addWidget(panel)
    for keys in ("Ctrl+Z", "Ctrl+Shift+Z"):
        action = QAction(window)
        action.setShortcut(keys)
        action.triggered.connect(_fail)
        window.addAction(action)
    window.resize(1000, 750)
    window.show()
    yield line
    panel.setParent(None)
    window.close()


def _fail() -> None:
    pytest.fail("the form was undone, though a point was changed last")


def press_undo(panel: FunctionsPanel) -> None:
    focused = panel.window().focusWidget()
    assert focused is not None
    QTest.keyClick(focused, Qt.Key.Key_Z, CONTROL)


def test_undo_takes_the_last_drag_back_and_redo_makes_it_again(
    panel: FunctionsPanel,
    form: QLineEdit,
    actions: ActionRegistry,
    add_functions: AddRun,
    qtbot: QtBot,
) -> None:
    add_functions()
    own = settle(panel, qtbot)
    undo, redo = actions["functions.undo"], actions["functions.redo"]
    assert not undo.isEnabled() and undo.text() == "Undo change of points"
    drag(panel, 0, float(panel.plot.points.y[0]) + 0.5)
    moved = settle(panel, qtbot)
    assert undo.isEnabled() and undo.text() == "Undo moving a point"
    press_undo(panel)
    back = settle(panel, qtbot)
    assert not back.is_changed and redo.text() == "Redo moving a point"
    np.testing.assert_array_equal(back.mean, own.mean)
    QTest.keyClick(panel.plot, Qt.Key.Key_Z, CONTROL | SHIFT)
    again = settle(panel, qtbot)
    np.testing.assert_array_equal(again.support_y, moved.support_y)


def test_a_button_of_the_panel_brings_the_keys_to_it_from_the_form(
    panel: FunctionsPanel,
    form: QLineEdit,
    actions: ActionRegistry,
    add_functions: AddRun,
    qtbot: QtBot,
) -> None:
    add_functions()
    own = settle(panel, qtbot)
    form.setFocus()
    actions["functions.add"].trigger()
    assert len(settle(panel, qtbot).support_x) == len(own.support_x) + 1
    assert not form.hasFocus()
    press_undo(panel)
    assert len(settle(panel, qtbot).support_x) == len(own.support_x)


def test_undo_and_redo_are_buttons_beside_the_one_that_takes_all_back(
    panel: FunctionsPanel,
    actions: ActionRegistry,
    add_functions: AddRun,
    qtbot: QtBot,
) -> None:
    add_functions()
    settle(panel, qtbot)
    names = ("undo", "redo", "back")
    undo, redo, back = (
        next(
            each
            for each in panel.controls.commands.buttons
            if each.defaultAction() is actions[f"functions.{name}"]
        )
        for name in names
    )
    assert back.text() == "Own points"
    assert actions["functions.back"].text() == "Back to the task's own points"
    icons = {name: actions[f"functions.{name}"].icon().cacheKey() for name in names}
    assert len(set(icons.values())) == 3
    drag(panel, 0, float(panel.plot.points.y[0]) + 0.5)
    drag(panel, 1, float(panel.plot.points.y[1]) + 0.5)
    moved = settle(panel, qtbot)
    QTest.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert settle(panel, qtbot).is_changed  # one of two changes
    QTest.mouseClick(redo, Qt.MouseButton.LeftButton)
    np.testing.assert_array_equal(settle(panel, qtbot).support_y, moved.support_y)
    QTest.mouseClick(back, Qt.MouseButton.LeftButton)
    assert not settle(panel, qtbot).is_changed
