"""Draws the axes of parallel coordinates: titles, numbers, and the scale of colours."""

import math
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter, QPen

from leo_studio.analysis.sweep_plots import Axis
from leo_studio.ui.widgets.colors import readable_viridis
from leo_studio.ui.widgets.theme import Theme

_STRIP = 6  # pixels of the scale of colours
_GAP = 4  # pixels between an axis and its numbers
_GROUND = 200  # of 255, how much the ground of numbers hides of lines


class AxisPlace(NamedTuple):
    """Where an axis stands, in pixels, and how wide the widget is."""

    x: float
    top: float
    bottom: float
    width: float


def draw_line(painter: QPainter, theme: Theme, place: AxisPlace) -> None:
    """Draw an axis itself."""
    painter.setPen(QPen(QColor(theme.muted), 1.0))
    painter.drawLine(QPointF(place.x, place.top), QPointF(place.x, place.bottom))


def draw_scale(painter: QPainter, theme: Theme, place: AxisPlace) -> None:
    """Draw the scale of colours at the right of an axis."""
    gradient = QLinearGradient(0, place.bottom, 0, place.top)
    for step in range(11):
        gradient.setColorAt(step / 10, readable_viridis(theme, step / 10))
    painter.fillRect(QRectF(place.x, place.top, _STRIP, place.bottom - place.top), gradient)


def draw_title(
    painter: QPainter, theme: Theme, axis: Axis, place: AxisPlace, top: float, width: float
) -> None:
    """Write what an axis is, and below it how it is scaled.

    `top` is where the title begins, and `width` the room that it has.
    """
    metrics = QFontMetricsF(painter.font())
    title = metrics.elidedText(axis.title, Qt.TextElideMode.ElideMiddle, max(width, 20.0))
    base = top + 0.3 * metrics.height() + metrics.ascent()
    for text, color, height in (
        (title, theme.text, base),
        (axis.note, theme.muted, place.top - 0.7 * metrics.height()),
    ):
        taken = metrics.horizontalAdvance(text)
        left = min(max(2.0, place.x - taken / 2), place.width - taken - 2)
        painter.setPen(QColor(color))
        painter.drawText(QPointF(left, height), text)


def draw_ticks(
    painter: QPainter,
    theme: Theme,
    axis: Axis,
    place: AxisPlace,
    spacing: float,
    *,
    is_last: bool,
) -> None:
    """Write the numbers of an axis beside it, on a ground that lines do not cross.

    `spacing` is the distance between two axes.
    """
    metrics = QFontMetricsF(painter.font())
    ground = QColor(theme.base)
    ground.setAlpha(_GROUND)
    left = place.x + _GAP + (_STRIP if is_last else 0)
    room = place.width - left if is_last else spacing - 10
    lowest = math.inf
    for height, text in sorted(axis.ticks):
        y = place.bottom - height * (place.bottom - place.top)
        if y > lowest - 0.9 * metrics.height():
            continue  # it would stand on the one below
        lowest = y
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(room, 12.0))
        width, high = metrics.horizontalAdvance(shown) + 2, metrics.height()
        box = QRectF(left, y - high / 2, width, high)
        painter.fillRect(box, ground)
        painter.setPen(QColor(theme.muted))
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.drawLine(QPointF(left - _GAP, y), QPointF(left - 1, y))
