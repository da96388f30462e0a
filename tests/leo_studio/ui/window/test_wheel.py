"""Who scrolls a page changes nothing that lies on the way."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox
from pytestqt.qtbot import QtBot

from tests.leo_studio.ui.conftest import OpenWindow
from tests.leo_studio.ui.mouse import turn_wheel


def test_the_wheel_passes_over_every_box_of_the_window_that_has_no_keyboard(
    open_window: OpenWindow, qtbot: QtBot
) -> None:
    window = open_window()
    qtbot.waitUntil(lambda: window.is_complete, timeout=60_000)
    kinds = (QComboBox, QAbstractSpinBox)
    found = [box for kind in kinds for box in window.findChildren(kind)]
    boxes = [box for box in found if box.window() == window]  # pyqtgraph has menus of its own
    assert len(boxes) > 20
    for box in (each for each in boxes if each.isEnabled() and not each.hasFocus()):
        turn = turn_wheel(box)
        # What scrolls around it gets what is left alone here.
        assert not turn.isAccepted() and not box.hasFocus(), box.objectName()
        assert not box.focusPolicy() & Qt.FocusPolicy.WheelFocus & ~Qt.FocusPolicy.StrongFocus
