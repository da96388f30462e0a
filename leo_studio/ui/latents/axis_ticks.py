"""Ticks and labels of the latent plot: as many as there is room for, on both axes.

pyqtgraph ships no types, so its axes are given functions and never inherited from.
"""

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QWidget

from leo_studio.analysis.curves.ticks import Ticks, linear_ticks
from leo_studio.ui.widgets.plot import axis_height

WIDEST_TICK = "−0.000"
_ROOM = "−0.00000"  # of a tick below the plot, with the gap beside it

_LINES_WITH_NAME = 8  # of a plot whose lower axis has its name

TickValues = Callable[[float, float, float], list[tuple[float, list[float]]]]
TickStrings = Callable[[list[float], float, float], list[str]]


def set_ticks(plot: Any, box: Any, widget: QWidget) -> None:
    """Place the ticks of a plot.

    Parameters
    ----------
    plot, box
        A plot of pyqtgraph, and its view box.
    widget
        Whose text the ticks have.
    """
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.tickValues = _values(side, box, widget)
        axis.tickStrings = _strings(side, box, widget)
        axis.setStyle(hideOverlappingLabels=False)


def set_labels(plot: Any, box: Any, *names: tuple[str, str]) -> None:
    """Label the axes with as much as there is room for; the lower one not at all in a low plot.

    Parameters
    ----------
    plot, box
        A plot of pyqtgraph, and its view box.
    names
        What stands on the lower and on the left axis, the longest words first.
    """
    is_low = _save_height(plot)
    rooms = (box.width(), box.height())
    for side, room, labels in zip(("bottom", "left"), rooms, zip(*names, strict=True), strict=True):
        axis = plot.getAxis(side)
        texts = [*labels, labels[1].partition(" (")[0]]
        width = QFontMetricsF(axis.label.font()).horizontalAdvance
        fitting = next((text for text in texts if width(text) < room), texts[-1])
        if axis.labelText != fitting:
            axis.setLabel(fitting)
            axis.showLabel(not (is_low and side == "bottom"))
            axis.resizeEvent()  # in the middle: pyqtgraph places it by the text before


def _save_height(plot: Any) -> bool:
    """Leave the lower axis the height of its numbers alone where the plot is low; returns that."""
    axis = plot.getAxis("bottom")
    line = plot.fontMetrics().height()
    is_low = bool(plot.height() < _LINES_WITH_NAME * line)
    if axis.label.isVisible() == is_low:
        axis.showLabel(not is_low)
    height = axis_height(line, has_name=not is_low)
    if axis.height() != height:
        axis.setHeight(height)
    return is_low


def _values(side: str, box: Any, widget: QWidget) -> TickValues:
    def tick_values(low: float, high: float, _size: float) -> list[tuple[float, list[float]]]:
        return [(high - low, [place for place, _ in _ticks(side, box, widget, low, high)])]

    return tick_values


def _strings(side: str, box: Any, widget: QWidget) -> TickStrings:
    def tick_strings(values: list[float], _scale: float, _spacing: float) -> list[str]:
        low, high = box.viewRange()[0 if side == "bottom" else 1]
        texts = dict(_ticks(side, box, widget, low, high))
        return [texts.get(value, "") for value in values]

    return tick_strings


def _ticks(side: str, box: Any, widget: QWidget, low: float, high: float) -> Ticks:
    metrics = widget.fontMetrics()
    if side == "bottom":
        most = box.width() / metrics.horizontalAdvance(_ROOM)
    else:
        most = box.height() / (2.5 * metrics.height())
    return linear_ticks(low, high, max(2, int(most)))
