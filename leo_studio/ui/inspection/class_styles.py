"""Styles of the classes of an episode: a colour, a marker and a dash for each."""

from pyqtgraph.graphicsItems.ScatterPlotItem import drawSymbol
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

from leo_studio.ui.widgets.theme import Theme

SYMBOLS = ("o", "s", "t", "d", "+", "x", "star", "p", "h")
_DASHES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
    Qt.PenStyle.DashDotDotLine,
)


def class_color(theme: Theme, place: int) -> QColor:
    """Return the colour of the class at a place of the episode."""
    return QColor(theme.series_color(place))


def class_symbol(place: int) -> str:
    """Return its marker, as pyqtgraph calls it."""
    return SYMBOLS[place % len(SYMBOLS)]


def class_pen(theme: Theme, place: int, width: float = 1.0) -> QPen:
    """Return the pen of its lines."""
    pen = QPen(class_color(theme, place), width, _DASHES[place % len(_DASHES)])
    pen.setCosmetic(True)
    return pen


def class_icon(theme: Theme, place: int, side: int, ratio: float = 2.0) -> QIcon:
    """Return its marker as an icon."""
    pixmap = QPixmap(QSize(round(side * ratio), round(side * ratio)))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_marker(painter, theme, place, QPointF(side / 2, side / 2), 0.7 * side)
    painter.end()
    return QIcon(pixmap)


def paint_marker(painter: QPainter, theme: Theme, place: int, centre: QPointF, size: float) -> None:
    """Paint its marker."""
    color = class_color(theme, place)
    painter.save()
    painter.translate(centre)
    drawSymbol(painter, class_symbol(place), size, QPen(color, 1 / size), color)
    painter.restore()
