"""Boxes that the wheel passes over: who scrolls a page changes nothing that lies on the way."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QWidget


def pass_wheel(widget: QWidget, event: QWheelEvent) -> bool:
    """Leave the wheel to what scrolls, unless the keyboard is here; returns whether it did.

    The widget's focus policy has to be without the wheel, or it would have the keyboard by then.
    """
    if widget.hasFocus():
        return False
    event.ignore()
    return True


class ComboBox(QComboBox):
    """A combo box that the wheel passes over unless it has the keyboard."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Take another choice only where the keyboard is."""
        if not pass_wheel(self, event):
            super().wheelEvent(event)
