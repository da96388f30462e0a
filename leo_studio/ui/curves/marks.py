"""What is marked in a plot: the best validation by a star, the checkpoints by ticks at its foot."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph
from PySide6.QtGui import QColor

from leo_studio.analysis.curves.aggregation import Marks
from leo_studio.ui.widgets.canvas import Canvas
from leo_studio.ui.widgets.theme import Theme

TIP = "A star marks the best validation, a tick at the foot a checkpoint."
STAR_RADIUS = 7.5  # pixels
_TICK_HEIGHT = 0.035  # of a checkpoint's tick, as a part of the plot's
_NEAR = 4  # pixels from a tick, where the mouse means it


class DrawnMarks:
    """Draws marks into a canvas; its items are made once and reused."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._best: Any = pyqtgraph.ScatterPlotItem(symbol="star", size=2 * STAR_RADIUS)
        self._ticks: Any = pyqtgraph.PlotCurveItem(connect="pairs")
        self.stars: Sequence[tuple[float, float]] = ()  # where they are, in the axes' units
        self._places = np.array((), dtype=np.float64)  # of the ticks, in the units of the axis
        for item in (self._ticks, self._best):
            item.setZValue(20)
            canvas.add(item)

    def draw(
        self,
        stars: Sequence[tuple[tuple[float, float], str]],
        checkpoints: Sequence[float],
        theme: Theme,
        *,
        is_log_x: bool,
    ) -> None:
        """Draw stars, each at a place and in a colour, and ticks."""
        pen = pyqtgraph.mkPen(QColor(theme.text))
        self.stars = [place for place, _ in stars]
        self._best.setData([{"pos": place, "brush": fill, "pen": pen} for place, fill in stars])
        places = np.array(checkpoints, dtype=np.float64)
        self._places = np.log10(places[places > 0]) if is_log_x else places
        low, high = self._canvas.ranges[1]
        ends = np.tile([low, low + _TICK_HEIGHT * (high - low)], len(self._places))
        self._ticks.setPen(pen)
        self._ticks.setData(np.repeat(self._places, 2), ends)

    def checkpoint_at(self, x: float) -> float | None:
        """Return where the tick stands that the crosshair is at, likewise; None for none."""
        if not len(self._places):
            return None
        nearest = float(self._places[np.argmin(np.abs(self._places - x))])
        is_near = abs(nearest - x) <= _NEAR * self._canvas.per_pixel()[0]
        return nearest if is_near else None


def place_on_axes(
    x: float, y: float, *, is_log_x: bool, is_log_y: bool
) -> tuple[float, float] | None:
    """Return where a point stands; None where the axes cannot show it.

    A validation has no time where nothing has been trained.
    """
    if not (math.isfinite(x) and math.isfinite(y)):
        return None
    if (is_log_x and x <= 0) or (is_log_y and y <= 0):
        return None
    return math.log10(x) if is_log_x else x, math.log10(y) if is_log_y else y


def words_on_best(mark: Marks, value: str) -> str:
    """Say which validation was the best."""
    return f"★ best {value} at step {mark.best_step:,}"
