"""The plot of the way of a task's latent code through the inner loop, in two dimensions.

Shapes: T inner steps, S samples, L latent size.
"""

from typing import Any

import numpy as np
import pyqtgraph
from numpy.typing import NDArray

from engine.inspection.function_records import CodeWay, FunctionRecord
from engine.projection.linear import LinearBasis, principal_basis
from leo_studio.analysis.curves.ticks import linear_ticks
from leo_studio.analysis.formats import format_value
from leo_studio.ui.functions.styles import screen_pen
from leo_studio.ui.widgets.pens import LINE_STYLES
from leo_studio.ui.widgets.plot import Plot
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_MASSES = (0.5, 0.95)
_TICKS = 4
_ROOM = 0.06
_OPACITY = 150  # of 255, of samples
# Of the samples of two families at the end; shapes tell them apart where colours do not.
_SYMBOLS = ("o", "t1")


class CodesPlot(Plot):
    """The code of the mean on its way, the samples before and after, and their distribution."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__(themes, "way of the code", "first axis", "second axis")
        self.is_empty = True
        self._record: FunctionRecord | None = None
        self._basis: LinearBasis | None = None
        self._extent: NDArray[np.float64] | None = None  # corners of what is shown, (2, 2)
        self._step = 0
        self._ellipses = [pyqtgraph.PlotCurveItem(antialias=True) for _ in _MASSES]
        self._path: Any = pyqtgraph.PlotCurveItem(antialias=True)
        # For each family one item with one look: points with looks of their own are slow.
        self._starts: list[Any] = [pyqtgraph.ScatterPlotItem(symbol="o") for _ in _SYMBOLS]
        self._ends: list[Any] = [pyqtgraph.ScatterPlotItem(symbol=each) for each in _SYMBOLS]
        self._here: list[Any] = [pyqtgraph.ScatterPlotItem(symbol=each) for each in ("o", "s")]
        items = (*self._ellipses, *self._starts, *self._ends, self._path, *self._here)
        for depth, item in enumerate(items):
            item.setZValue(depth)
            self.plot.addItem(item, ignoreBounds=True)
        self.set_title("Way of the latent code", "hollow: before; ellipses: 50 and 95 %")
        self.recolor(themes.current)

    def show_record(self, record: FunctionRecord, step: int, *, is_other_task: bool) -> None:
        """Draw a record with codes; on axes of its own where it is of another task."""
        codes = record.codes
        assert codes is not None
        size = codes.path.shape[1]
        if is_other_task or self._basis is None or len(self._basis.mean) != size:
            every = np.concatenate([codes.path, codes.start, codes.end])
            self._basis, self._extent = principal_basis(every, "this task"), None
        self._fit(codes, self._basis)
        self._record, self._step, self.is_empty = record, step, False
        self._draw()

    def show_step(self, step: int) -> None:
        """Mark another inner step."""
        self._step = step
        self._mark()

    def words_at(self, _x: float) -> tuple[str, ...]:
        """Return how far the code went, and how wide the encoding is."""
        record = self._record
        if record is None or record.codes is None:
            return ()
        codes = record.codes
        moved = float(np.linalg.norm(codes.path[-1] - codes.path[0]))
        spread = float(np.linalg.norm(codes.deviation))
        way = f"the inner loop moved the code by {format_value(moved, 3)}"
        return (f"{way}; the encoding is {format_value(spread, 3)} wide", way)

    def _draw(self) -> None:
        record, basis = self._record, self._basis
        if record is None or record.codes is None or basis is None:
            return
        codes = record.codes
        for item, mass in zip(self._ellipses, _MASSES, strict=True):
            outline = basis.outlines(codes.encoded, codes.deviation, mass)
            item.setData(outline[:, 0], outline[:, 1])
        path = basis.project(codes.path)
        self._path.setData(path[:, 0], path[:, 1])
        families = np.zeros(record.samples, np.int64)
        if record.is_first.shape[1]:
            families = np.where(record.is_first[-1], 0, 1)
        starts, ends = basis.project(codes.start), basis.project(codes.end)
        for family in range(len(_SYMBOLS)):
            self._starts[family].setData(pos=starts[families == family])
            self._ends[family].setData(pos=ends[families == family])
        self._mark()

    def _mark(self) -> None:
        """Draw where the code is before the inner loop, and where the slider is."""
        record, basis = self._record, self._basis
        if record is None or record.codes is None or basis is None:
            return
        path = basis.project(record.codes.path)
        for item, step in zip(self._here, (0, min(self._step, len(path) - 1)), strict=True):
            item.setData(pos=path[[step]])

    def _fit(self, codes: CodeWay, basis: LinearBasis) -> None:
        """Show all codes; while the points of a task change, what was shown stays so."""
        parts: list[NDArray[np.float64]] = [
            basis.project(np.concatenate([codes.path, codes.start, codes.end])),
            basis.outlines(codes.encoded, codes.deviation, _MASSES[-1]),
        ]
        every = np.concatenate(parts)
        if self._extent is not None:
            every = np.concatenate([every, self._extent])
        low, high = every.min(0), every.max(0)
        is_same = self._extent is not None and np.array_equal(self._extent, [low, high])
        self._extent = np.stack([low, high])
        if is_same:
            return
        room = _ROOM * np.maximum(high - low, 1e-6)
        for axis, side in enumerate(("bottom", "left")):
            ends = float(low[axis] - room[axis]), float(high[axis] + room[axis])
            self.box.setRange(**{"yRange" if axis else "xRange": ends}, padding=0)
            self.plot.getAxis(side).setTicks([linear_ticks(*ends, _TICKS)])
        self.set_labels(*basis.labels)

    def _paint(self, theme: Theme) -> None:
        ratio = self.devicePixelRatioF()
        self._path.setPen(screen_pen(theme.text, LINE_STYLES[0], 2.0, ratio))
        for item, style in zip(self._ellipses, LINE_STYLES, strict=False):
            item.setPen(screen_pen(theme.muted, style, 1.2, ratio))
        size = 0.45 * self.fontMetrics().height()
        for family, (start, end) in enumerate(zip(self._starts, self._ends, strict=True)):
            color = self.translucent(theme.series_color(family), _OPACITY)
            start.setPen(pyqtgraph.mkPen(color))
            start.setBrush(None)
            start.setSize(size)
            end.setPen(None)
            end.setBrush(color)
            end.setSize(1.2 * size)
        looks = ((theme.base, 1.6), (theme.text, 2.0))
        for item, (fill, scale) in zip(self._here, looks, strict=True):
            item.setPen(pyqtgraph.mkPen(theme.text, width=1.5))
            item.setBrush(fill)
            item.setSize(scale * size)

    def _widest_tick(self) -> str:
        return "−0.00"
