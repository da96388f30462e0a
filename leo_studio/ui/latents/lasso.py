"""The region that is drawn around codes with the mouse."""

from typing import Any

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsPolygonItem

from leo_studio.ui.widgets.plot import Plot
from leo_studio.ui.widgets.theme import Theme

_STEP = 3.0  # pixels from one corner to the next


class Lasso:
    """Has the corners of a region in pixels of the view, while it is drawn.

    Parameters
    ----------
    plot
        A plot of pyqtgraph, to draw into.
    """

    def __init__(self, plot: Any) -> None:
        self.corners: list[QPointF] = []
        self._region = QGraphicsPolygonItem()
        self._region.setZValue(10)
        self._region.hide()
        plot.addItem(self._region, ignoreBounds=True)

    def begin(self, position: QPointF) -> None:
        """Draw from here on."""
        self.corners = [position]

    def goes_on_to(self, position: QPointF) -> bool:
        """Take another corner, unless it is too near; returns whether it was taken."""
        if (position - self.corners[-1]).manhattanLength() < _STEP:
            return False
        self.corners.append(position)
        return True

    def show(self, places: list[QPointF]) -> None:
        """Draw the region, whose corners are given on the axes."""
        self._region.setPolygon(QPolygonF(places))
        self._region.show()

    def end(self) -> list[QPointF]:
        """Draw nothing any more; returns the corners."""
        corners, self.corners = self.corners, []
        self._region.hide()
        return corners

    def paint(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        pen = QPen(Plot.translucent(theme.accent, 255), 1, Qt.PenStyle.DashLine)
        pen.setCosmetic(True)
        self._region.setPen(pen)
        self._region.setBrush(Plot.translucent(theme.accent, 40))
