"""Styles of the classes of an episode: a colour, a marker and a dash for each."""

from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols, drawSymbol
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from leo_studio.ui.widgets.theme import Theme


def _polygon(*corners: tuple[float, float]) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
    path.closeSubpath()
    return path


# As pyqtgraph calls them; neighbours differ most. Seven colours and nineteen shapes: the pairs of
# them repeat after 133 classes, the shapes alone after nineteen.
SYMBOLS = (
    *("o", "s", "t", "d", "+", "x", "star", "t1", "p", "t2"),
    *("|", "h", "t3", "_", "hourglass", "crosshair", "boat_up", "bow_tie", "boat_down"),
)
# In place of its arrows, which are specks that lie beside their place.
Symbols.update(
    hourglass=_polygon((-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5), (0.5, 0.5)),
    bow_tie=_polygon((-0.5, -0.5), (-0.5, 0.5), (0.5, -0.5), (0.5, 0.5)),
    boat_up=_polygon((-0.5, 0.25), (-0.35, -0.25), (0.35, -0.25), (0.5, 0.25)),
    boat_down=_polygon((-0.5, -0.25), (-0.35, 0.25), (0.35, 0.25), (0.5, -0.25)),
)
# Drawn as large as the others, pyqtgraph's thin ones would be specks, and one twice as wide.
_SCALES = {"star": 1.25, "d": 1.2, "+": 1.2, "x": 1.25, "|": 1.4, "_": 1.4, "crosshair": 0.75}
_SCALES |= {"boat_up": 1.3, "boat_down": 1.3}
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


def symbol_scale(symbol: str) -> float:
    """Return how many times larger a marker is drawn, to be as visible as a circle."""
    return _SCALES.get(symbol, 1.0)


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
    color, symbol = class_color(theme, place), class_symbol(place)
    size *= symbol_scale(symbol)
    painter.save()
    painter.translate(centre)
    drawSymbol(painter, symbol, size, QPen(color, 1 / size), color)
    painter.restore()
