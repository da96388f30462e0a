"""The picture of the window that stays still, and is painted again afterwards."""

from typing import cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.dock_room import DockRoom
from leo_studio.ui.window.still_picture import StillPicture


class Room(QObject):
    """Docks that have their sizes again when the test says so."""

    came_back = Signal()
    is_calm = True


class Painted(QWidget):
    """Counts how often it is painted."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def paintEvent(self, _event: QPaintEvent) -> None:
        self.count += 1


def test_the_window_is_painted_again_also_where_a_request_to_paint_came_meanwhile(
    themes: ThemeManager, qtbot: QtBot
) -> None:
    window, inside, room = QMainWindow(), Painted(), Room()
    qtbot.addWidget(window)
    window.setCentralWidget(inside)
    StillPicture(window, cast(DockRoom, room), themes)
    window.show()
    qtbot.waitUntil(lambda: inside.count > 0)
    inside.update()
    themes.choose("light", 1.5)
    assert not window.updatesEnabled()
    qtbot.wait(50)  # the request to paint comes, and is passed over
    held = inside.count
    room.came_back.emit()
    qtbot.waitUntil(lambda: inside.count > held, timeout=3000)
    again = inside.count
    inside.update()
    qtbot.waitUntil(lambda: inside.count > again, timeout=3000)
