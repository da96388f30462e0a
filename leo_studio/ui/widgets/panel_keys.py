"""Keys that mean something of its own in a panel, though a menu of the window has them too.

As shortcuts of both they would be ambiguous, and Qt would call neither.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

UNDO, REDO = "Ctrl+Z", "Ctrl+Shift+Z"


class PanelWithKeys(QWidget):
    """A panel that keeps some keys for itself while the keyboard is in it.

    One that keeps those of undo and redo says what they would do: `undo_changed` is emitted when
    that is something else, and `worked_in` when a person changed something that can be undone.
    """

    undo_changed = Signal()
    worked_in = Signal()

    def undo_words(self) -> tuple[str, str]:
        """Return what undo takes back and redo makes again: "moving a point"; "" for nothing."""
        return "", ""

    def own_keys(self) -> dict[str, Callable[[], object]]:
        """Return what the keys that it keeps now do, by their names, such as "Ctrl+Z"."""
        raise NotImplementedError

    def event(self, event: QEvent) -> bool:
        """Keep the keys from the window's shortcuts."""
        is_offered = event.type() == QEvent.Type.ShortcutOverride
        if is_offered and isinstance(event, QKeyEvent) and self._act(event) is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what a key of its own means here."""
        act = self._act(event)
        if act is None:
            super().keyPressEvent(event)
        else:
            act()

    def _act(self, event: QKeyEvent) -> Callable[[], object] | None:
        return self.own_keys().get(QKeySequence(event.keyCombination()).toString())
