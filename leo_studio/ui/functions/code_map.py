"""The codes of many tasks of regression, behind the way of the one that is looked at.

Shapes: T inner steps, n tasks, L latent size.
"""

from typing import Any

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import QPointF

from engine.inspection.function_records import FunctionTable
from engine.projection.linear import LinearBasis, principal_basis
from leo_studio.ui.widgets.plot import Plot
from leo_studio.ui.widgets.theme import Theme

SYMBOLS = ("o", "t1")
"""Of two families; shapes tell them apart where colours do not."""
_OPACITY = 90  # of 255: they stand behind
_NEAR = 0.7  # of a line of text: so far from a code the mouse may be


class CodeMap:
    """Draws where the codes of a table's tasks are at an inner step, and finds them by the mouse.

    Parameters
    ----------
    plot
        Where they are drawn.
    """

    def __init__(self, plot: Plot) -> None:
        self._plot = plot
        self._table: FunctionTable | None = None
        self._points: NDArray[np.float64] = np.zeros((1, 0, 2))  # (T + 1, n, 2)
        self._step = 0
        # For each family one item with one look: points with looks of their own are slow.
        self._items: list[Any] = [pyqtgraph.ScatterPlotItem(symbol=each) for each in SYMBOLS]
        for item in self._items:
            item.setZValue(-1)
            plot.plot.addItem(item, ignoreBounds=True)

    def show_table(self, table: FunctionTable | None) -> LinearBasis | None:
        """Draw the codes of tasks; returns axes that were fitted on all, None where none are."""
        codes = None if table is None else table.codes
        self._table = None if codes is None else table
        if codes is None or table is None:
            self._points = np.zeros((1, 0, 2))
            self.show_step(0)
            return None
        basis = principal_basis(np.concatenate(list(codes)), f"{len(table.numbers)} tasks")
        self._points = basis.project(codes)
        self.show_step(self._step)
        return basis

    @property
    def points(self) -> NDArray[np.float64]:
        """Where codes are at the inner step that is shown, (n, 2)."""
        here: NDArray[np.float64] = self._points[min(self._step, len(self._points) - 1)]
        return here

    @property
    def everywhere(self) -> NDArray[np.float64]:
        """Where codes are at any inner step, (T + 1) n of them, (..., 2)."""
        return self._points.reshape(-1, 2)

    def show_step(self, step: int) -> None:
        """Draw another inner step."""
        self._step = step
        families = self._families()
        for family, item in enumerate(self._items):
            item.setData(pos=self.points[families == family])

    def task_at(self, x: float, y: float) -> int | None:
        """Return the number of the task whose code is at a place; None for none."""
        if self._table is None:
            return None
        units = np.array(self._plot.box.viewPixelSize())
        apart = np.linalg.norm((self.points - (x, y)) / units, axis=1)
        nearest = int(apart.argmin())
        if apart[nearest] > _NEAR * self._plot.fontMetrics().height():
            return None
        return int(self._table.numbers[nearest])

    def text_at(self, where: QPointF) -> str:
        """Return what is said of a code at a place; "" for none."""
        number, table = self.task_at(where.x(), where.y()), self._table
        if number is None or table is None:
            return ""
        place = int(np.flatnonzero(table.numbers == number)[0])
        is_told = len(table.families) > 1
        family = f": {table.families[self._families()[place]]} by the limit" if is_told else ""
        return f"task {number}{family}; a click shows it"

    def paint(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        for family, item in enumerate(self._items):
            item.setPen(None)
            item.setBrush(Plot.translucent(theme.series_color(family), _OPACITY))
            item.setSize(0.4 * self._plot.fontMetrics().height())

    def _families(self) -> NDArray[np.int64]:
        """Return the place of the family that each task is likelier of by the limit, (n,)."""
        if self._table is None or len(self._table.families) < 2:
            return np.zeros(len(self.points), np.int64)
        return np.where(self._table.limit_first >= 0.5, 0, 1)
