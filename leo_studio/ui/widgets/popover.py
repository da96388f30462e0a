"""Popovers: settings that are wanted now and then, under the button that opens them."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from leo_studio.ui.widgets.people import as_tip


class PopoverButton(QToolButton):
    """A button that opens a small window with what its `column` holds.

    Parameters
    ----------
    name
        What is in there, for people who cannot see it.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setToolTip(as_tip(name))
        self.setAccessibleName(name)
        self.popover = QFrame(self, Qt.WindowType.Popup)
        self.popover.setFrameShape(QFrame.Shape.StyledPanel)
        self.column = QVBoxLayout(self.popover)
        self.popover.hide()
        self.clicked.connect(self.open)

    def open(self) -> None:
        """Open it under the button, on the button's screen."""
        self.popover.adjustSize()
        corner = self.mapToGlobal(QPoint(0, self.height()))
        room = self.screen().availableGeometry()
        left = min(corner.x(), room.right() - self.popover.width())
        top = corner.y()
        if top + self.popover.height() > room.bottom():
            top = corner.y() - self.height() - self.popover.height()
        self.popover.move(max(room.left(), left), max(room.top(), top))
        self.popover.show()
        for widget in self.popover.findChildren(QWidget):
            if _takes_keys(widget):
                widget.setFocus()
                break


def _takes_keys(widget: QWidget) -> bool:
    return widget.isEnabled() and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
