"""The strip over the foot of the latent plot, where notices come and go and nothing moves."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

_PLACES = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide)
_COMINGS = (QEvent.Type.ShowToParent, QEvent.Type.HideToParent)


class NoticeStrip(QFrame):
    """Lies over the names of the lower axis while one of its notices has something to say.

    In a row of their own above the plot, notices would move all that is below them.

    Parameters
    ----------
    plot
        Over whose foot it lies; where there is no plot, it is at the foot of its parent.
    parent
        Has the plot in it.
    """

    def __init__(self, plot: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("latent-notices")
        self.setProperty("role", "card")
        self._plot = plot
        self._notices: list[QWidget] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(6, 1, 1, 1)
        self._column.setSpacing(1)
        self.hide()
        for widget in (plot, parent):
            widget.installEventFilter(self)

    def add(self, notice: QWidget) -> None:
        """Take a notice that shows and hides itself."""
        self._notices.append(notice)
        self._column.addWidget(notice)
        notice.installEventFilter(self)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the plot's place, and notices that come and go."""
        if event.type() in (_COMINGS if watched in self._notices else _PLACES):
            self._place()
        return False

    def event(self, event: QEvent) -> bool:
        """Follow what a notice says, which may be longer now."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._place()
        return super().event(event)

    def _place(self) -> None:
        parent = self.parentWidget()
        self.setVisible(any(not notice.isHidden() for notice in self._notices))
        if parent is None or self.isHidden():
            return
        room = parent.rect()
        if self._plot.isVisibleTo(parent):
            room = QRect(self._plot.mapTo(parent, QPoint(0, 0)), self._plot.size())
        height = self.sizeHint().height()
        if self._column.hasHeightForWidth():
            height = self._column.heightForWidth(room.width())
        self.setGeometry(room.x(), room.bottom() + 1 - height, room.width(), height)
        self.raise_()
