"""Two plots beside each other where there is room, else one below the other."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

# In heights of a line of text.
_LINES_FOR_BOTH = 34  # of width
_LEAST_LINES = 10  # of height: where there is less, the page around scrolls


class PlotPair(QSplitter):
    """Holds two plots, of which the second can be folded away.

    Parameters
    ----------
    first, second
        The plots; the first has more room.
    """

    def __init__(self, first: QWidget, second: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._second = second
        for place, (plot, share) in enumerate(((first, 3), (second, 2))):
            self.addWidget(plot)
            self.setStretchFactor(place, share)
        self.setChildrenCollapsible(False)
        self.setSizes([3000, 2000])  # by their shares, whatever pyqtgraph would like

    def show_second(self, is_shown: bool) -> None:
        """Show the second plot, or fold it away."""
        self._second.setVisible(is_shown)
        self._use_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand side by side where there is room."""
        super().resizeEvent(event)
        self._use_room()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._use_room()

    def sizeHint(self) -> QSize:
        """Return the least size: pyqtgraph's own would make every page scroll."""
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return room for what is shown."""
        is_stacked = self.orientation() == Qt.Orientation.Vertical and not self._second.isHidden()
        height = (2 if is_stacked else 1) * _LEAST_LINES * self.fontMetrics().height()
        return QSize(super().minimumSizeHint().width(), height)

    def _use_room(self) -> None:
        line = self.fontMetrics().height()
        directions = Qt.Orientation
        is_wide = self.width() >= _LINES_FOR_BOTH * line
        wanted = directions.Horizontal if is_wide else directions.Vertical
        if self.orientation() != wanted:
            self.setOrientation(wanted)
            self.setSizes([3000, 2000])
        self.updateGeometry()
