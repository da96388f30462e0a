"""Styles of the runs of a comparison: a colour, a dash and a marker, never colour alone."""

from dataclasses import dataclass

from pyqtgraph.graphicsItems.ScatterPlotItem import drawSymbol
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QIcon, QPainter, QPen, QPixmap

from leo_studio.services.run_colors import DASHES, MARKERS
from leo_studio.ui.inspection.class_styles import SYMBOLS
from leo_studio.ui.widgets.pens import cosmetic_pen
from leo_studio.ui.widgets.theme import Theme

_DASHES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
)
_MARKERS = SYMBOLS[:MARKERS]  # those that a figure has too
MARKER_SIZE = 7  # pixels, in a plot and in its legend


@dataclass(frozen=True, slots=True)
class RunStyle:
    """The style of a run's line in a plot."""

    color: QColor
    dash: Qt.PenStyle
    marker: str  # as pyqtgraph calls it

    @property
    def pen(self) -> QPen:
        """The line's pen, of one pixel at every zoom and scale."""
        pen = QPen(self.color, 1, self.dash)
        pen.setCosmetic(True)
        return pen

    @property
    def brush(self) -> QBrush:
        """The brush that fills the markers."""
        return QBrush(self.color)

    def key(self, height: int, scale: float) -> QIcon:
        """Return a piece of the line with its marker, for a legend."""
        size = key_size(height)
        pixmap = QPixmap(size * scale)
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self.pen)
        middle = size.height() / 2
        painter.drawLine(QPointF(0, middle), QPointF(size.width(), middle))
        painter.translate(size.width() / 2, middle)
        # The symbol is painted enlarged: another pen would be as wide as the symbol itself.
        edge = cosmetic_pen(self.color.name(), Qt.PenStyle.SolidLine)
        drawSymbol(painter, self.marker, MARKER_SIZE, edge, self.brush)
        painter.end()
        return QIcon(pixmap)


def key_size(height: int) -> QSize:
    """Return how large a sign is beside text of a height."""
    return QSize(round(2.2 * height), height)


def run_style(number: int, theme: Theme) -> RunStyle:
    """Return how the run with a number is drawn; see `RunColors`."""
    return RunStyle(
        QColor(theme.series_color(number)),
        _DASHES[number % DASHES],
        _MARKERS[number % MARKERS],
    )
