"""A label that has an ellipsis where its text has no room."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent

from leo_studio.ui.widgets.labels import Label

# Without these pixels to spare the ellipsis itself may be cut off.
_SPARE = 2


class ElidingLabel(Label):
    """Shows as much of a line of text as there is room for; `text` is all of it.

    Parameters
    ----------
    mode
        Where it is shortened: at its end by default.
    """

    def __init__(self, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        super().__init__()
        self._text, self._mode = "", mode

    def text(self) -> str:
        """Return the whole text."""
        return self._text

    def setText(self, text: str) -> None:
        """Set the whole text."""
        self._text = text
        self._elide()

    def minimumSizeHint(self) -> QSize:
        """Return the room for an ellipsis alone."""
        return self.fontMetrics().boundingRect("...").size()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show more of the text, or less."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = self.width() - _SPARE
        super().setText(self.fontMetrics().elidedText(self._text, self._mode, room))
