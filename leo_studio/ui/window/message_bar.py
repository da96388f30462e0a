"""The status bar itself: a sentence that has no room is shortened, where Qt would cut it off."""

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QStatusBar,
    QStyle,
    QStyleOption,
    QStylePainter,
    QWidget,
)

from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip

_EDGE, _GAP = 6, 12  # pixels before a sentence, as Qt has them, and after it


class MessageBar(QStatusBar):
    """Shows the beginning and the end of a long sentence; its tip has all of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields: list[QWidget] = []
        self.messageChanged.connect(self._follow)

    @property
    def shown(self) -> str:
        """What of the sentence is painted."""
        room = self._room().width()
        middle = Qt.TextElideMode.ElideMiddle
        return self.fontMetrics().elidedText(self.currentMessage(), middle, room)

    def addPermanentWidget(self, widget: QWidget, stretch: int | None = 0) -> None:
        """Add a widget at the right, which sentences leave in sight."""
        self._fields.append(widget)
        super().addPermanentWidget(widget, stretch or 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the sentence, as much of it as there is room for."""
        if not self.currentMessage():
            super().paintEvent(event)
            return
        painter, option = QStylePainter(self), QStyleOption()
        option.initFrom(self)
        painter.drawPrimitive(QStyle.PrimitiveElement.PE_PanelStatusBar, option)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        place = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self._room(), int(place), self.shown)

    def _room(self) -> QRect:
        lefts = [self._left_of(each) for each in self._fields if each.isVisible()]
        right = min(lefts, default=self.width()) - _GAP
        return QRect(_EDGE, 0, max(0, right - _EDGE), self.height())

    def _left_of(self, field: QWidget) -> int:
        """Return where something is seen of a field, which keeps room for what may come."""
        lefts = [
            part.mapTo(self, QPoint()).x()
            for part in field.findChildren(QWidget)
            if part.isVisible() and not _is_empty(part)
        ]
        return min(lefts, default=field.x())

    def _follow(self, message: str) -> None:
        self.setToolTip(as_tip(message))
        # Qt paints anew up to the first field alone, but a sentence uses also what fields leave.
        self.update()


def _is_empty(part: QWidget) -> bool:
    """Whether nothing is seen of a part: a label without text, or what holds others alone."""
    if isinstance(part, Label):
        return not part.text() and part.pixmap().isNull()
    return type(part) is QWidget
