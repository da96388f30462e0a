"""Folds the lists below the plots away while the window is too low for both, as with large text."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

from leo_studio.ui.window.dock_room import DockRoom

_MILLISECONDS = 100  # from a change to the look whether there is room: the window may still grow


class ListsFolding(QObject):
    """Folds lists that have no room, and brings them back when there is room again.

    Qt itself draws docks over each other where a window is lower than they need.

    Parameters
    ----------
    window
        The main window.
    room
        Says whether there is room for all docks.
    is_folded
        Whether the lists are folded away now.
    fold
        Folds them, or brings them back.
    """

    def __init__(
        self,
        window: QMainWindow,
        room: DockRoom,
        is_folded: Callable[[], bool],
        fold: Callable[[bool], None],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._room = room
        self._is_folded = is_folded
        self._fold = fold
        # The height of a line of text for which they were folded; 0 where a person has done it,
        # or nobody.
        self.line = 0
        self._look = QTimer(self, singleShot=True, interval=_MILLISECONDS)
        self._look.timeout.connect(self._follow)
        self._hand = QTimer(self, singleShot=True, interval=_MILLISECONDS)
        self._hand.timeout.connect(self._follow)
        room.came_back.connect(self._follow)
        window.installEventFilter(self)

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is about to be folded or brought back."""
        return not self._look.isActive()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Look whether there is room when the window, or what is in it, has another size."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest, QEvent.Type.Show):
            self.look_soon()
        return False

    def look_soon(self) -> None:
        """Look whether there is room, in a moment."""
        self._look.start()

    def _follow(self) -> None:
        if self._room.is_held or not self._window.isVisible() or not self._room.is_calm:
            return
        if QApplication.mouseButtons() != Qt.MouseButton.NoButton:
            self._hand.start()  # a size that is in somebody's hand
            return
        self._look.stop()
        line = self._window.fontMetrics().height()
        if not self._is_folded():
            self.line = 0 if self._room.has_room_for_lists() else line
            if self.line:
                self._fold(True)
        # Lists that were not laid out with smaller text ask for more than they need: let them try.
        elif line < self.line or (self.line and self._room.has_room_for_lists()):
            self.line = 0
            self._fold(False)
