"""Keeps the picture of the window still while text of another size is laid out in several turns."""

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.dock_room import DockRoom

_LONGEST = 3000  # milliseconds: a window that shows nothing new looks dead


class StillPicture(QObject):
    """Paints nothing between another size of text and the moment when all has its place.

    What is half laid out has old sizes and new text: it looks broken.

    Parameters
    ----------
    window
        The main window; dialogs of its own go on painting.
    room
        Says when docks have their sizes again.
    themes
        Say that the look changes.
    """

    def __init__(self, window: QMainWindow, room: DockRoom, themes: ThemeManager) -> None:
        super().__init__(window)
        self._window = window
        self._room = room
        self._size = QApplication.font().pointSizeF()
        self._longest = QTimer(self, singleShot=True, interval=_LONGEST)
        self._longest.timeout.connect(self._go_on)
        themes.changed.connect(self._hold)
        room.came_back.connect(self._go_on_if_calm)

    def _hold(self, *_: object) -> None:
        size = QApplication.font().pointSizeF()
        if size != self._size and self._window.isVisible():
            self._window.setUpdatesEnabled(False)
            self._longest.start()
        self._size = size

    def _go_on_if_calm(self) -> None:
        if self._room.is_calm and self._longest.isActive():
            # What has come back may fold lists first.
            QTimer.singleShot(0, self, self._go_on)

    def _go_on(self) -> None:
        self._longest.stop()
        if not self._window.updatesEnabled():
            self._window.setUpdatesEnabled(True)
            # Qt takes a request to paint that was passed over meanwhile for one that is still to
            # come, and would ask for no other: the window would never be painted again.
            self._window.repaint()
