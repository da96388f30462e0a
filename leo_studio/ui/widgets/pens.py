"""Pens of lines: their width, and the dashes that tell quantities apart."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

# A run's curves have one colour, so these tell its quantities apart; alone, both do.
LINE_STYLES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
    Qt.PenStyle.DashDotDotLine,
    Qt.PenStyle.CustomDashLine,
)
_CUSTOM_DASHES = (10.0, 4.0, 2.0, 4.0)


def styled_pen(color: str, style: Qt.PenStyle, width: float, alpha: int = 255) -> QPen:
    """Return a pen with one of `LINE_STYLES`."""
    shade = QColor(color)
    shade.setAlpha(alpha)
    pen = QPen(shade)
    pen.setWidthF(width)
    pen.setStyle(style)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if style == Qt.PenStyle.CustomDashLine:
        pen.setDashPattern(_CUSTOM_DASHES)
    return pen


def cosmetic_pen(color: str, style: Qt.PenStyle, alpha: int = 255) -> QPen:
    """Return a pen of one pixel at every zoom; wider ones cost up to twice as much."""
    pen = styled_pen(color, style, 1.0, alpha)
    pen.setCosmetic(True)
    return pen


def mixed(one: str, other: str) -> str:
    """Return the colour half way between two; an opaque line is drawn faster than a faint one."""
    a, b = QColor(one), QColor(other)
    middle = QColor(
        (a.red() + b.red()) // 2, (a.green() + b.green()) // 2, (a.blue() + b.blue()) // 2
    )
    return middle.name()
