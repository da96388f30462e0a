"""A line of text that is shortened in the middle where it has no room and is not edited."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QLineEdit, QStyle, QStyleOptionFrame, QStylePainter

_EDGE = 2  # pixels, with which Qt itself begins a line's text
_SPARE = 2  # without which the last letter may be cut off


class ElidingLine(QLineEdit):
    """A line that shows the beginning and the end of a path: the folder and the file's name.

    Qt itself shows the end alone, or the beginning. While somebody edits it, it is all there.
    """

    @property
    def shown(self) -> str:
        """What of the text is painted."""
        room = self._room().width() - _SPARE
        if self.hasFocus():
            return self.text()
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, room)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint as much of the text as there is room for."""
        shown = self.shown
        if shown == self.text():
            super().paintEvent(event)
            return
        painter, option = QStylePainter(self), QStyleOptionFrame()
        self.initStyleOption(option)
        painter.drawPrimitive(QStyle.PrimitiveElement.PE_PanelLineEdit, option)
        painter.setPen(option.palette.text().color())
        painter.drawText(self._room(), Qt.AlignmentFlag.AlignVCenter, shown)

    def _room(self) -> QRect:
        option = QStyleOptionFrame()
        self.initStyleOption(option)
        inside = self.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, self)
        return inside.adjusted(_EDGE, 0, -_EDGE, 0)
