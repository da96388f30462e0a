"""The strip over the top of the latent plot, where notices come and go and nothing moves."""

from math import ceil

from PySide6.QtCore import QEvent, QObject, QPoint, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from leo_studio.ui.latents.canvas import LatentPlot
from leo_studio.ui.latents.free_spot import room_of
from leo_studio.ui.widgets.labels import Label

_PLACES = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide)
_LINES_OF_STEP = 5  # of its width, in heights of a line: a digit more changes nothing
_COMINGS = (QEvent.Type.ShowToParent, QEvent.Type.HideToParent)


class NoticeStrip(QFrame):
    """Lies between the axes, at their top, while one of its notices has something to say.

    In a row of their own above the plot, notices would move all that is below them; at its foot
    they would lie on the numbers of the lower axis, and below the window's own messages. It is no
    wider than its words need, as codes may lie under it.

    `covered` has how many pixels of the plot it takes, from the top.

    Parameters
    ----------
    plot
        Over whose top it lies; where there is no plot, it is at the top of its parent.
    parent
        Has the plot in it.
    """

    covered = Signal(int)

    def __init__(self, plot: LatentPlot, parent: QWidget) -> None:
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
        plot.box.sigResized.connect(self._place)

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

    def _place(self, *_: object) -> None:
        parent = self.parentWidget()
        self.setVisible(any(not notice.isHidden() for notice in self._notices))
        if parent is None or self.isHidden():
            self.covered.emit(0)
            return
        room = parent.rect()
        if self._plot.isVisibleTo(parent):
            room = room_of(self._plot).translated(self._plot.mapTo(parent, QPoint(0, 0)))
        width = max(min(room.width(), self._wanted_width()), self.minimumSizeHint().width())
        height = self.sizeHint().height()
        if self._column.hasHeightForWidth():
            height = self._column.heightForWidth(width)
        # In a very narrow plot it begins over the left axis, and never ends over the legend.
        left = max(0, min(room.left(), room.right() + 1 - width))
        self.setGeometry(left, room.top(), width, height)
        self.raise_()
        self.covered.emit(height)

    def _wanted_width(self) -> int:
        """Return the width in which each notice has its words in one line."""
        wanted = 0
        for notice in self._notices:
            label = notice.findChild(Label)
            if label is not None and not notice.isHidden():
                words = label.fontMetrics().horizontalAdvance(label.text())
                spare = label.fontMetrics().averageCharWidth()
                beside = notice.sizeHint().width() - label.sizeHint().width()
                wanted = max(wanted, words + spare + beside)
        edges = self._column.contentsMargins()
        step = _LINES_OF_STEP * self.fontMetrics().height()
        return step * ceil((wanted + edges.left() + edges.right() + 2) / step)
