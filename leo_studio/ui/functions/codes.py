"""The plot of latent codes of regression: the way of a task's code, among those of other tasks.

Shapes: T inner steps, S samples, L latent size, n tasks.
"""

from typing import Any

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Signal

from engine.inspection.function_records import CodeWay, FunctionRecord, FunctionTable
from engine.projection.linear import LinearBasis, principal_basis
from leo_studio.analysis.curves.ticks import linear_ticks
from leo_studio.analysis.formats import format_value
from leo_studio.ui.functions.code_map import SYMBOLS, CodeMap
from leo_studio.ui.functions.styles import screen_pen
from leo_studio.ui.widgets.pens import LINE_STYLES
from leo_studio.ui.widgets.plot import Plot
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_MASSES = (0.5, 0.95)
_TICKS = 4
_ROOM = 0.06
_OPACITY = 150  # of 255, of samples


class CodesPlot(Plot):
    """The code of the mean on its way, the samples before and after, and their distribution.

    Codes of other tasks stand behind as soon as they are there, and give axes that stay.
    `task_chosen` has the number of one that was clicked.
    """

    task_chosen = Signal(int)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__(themes, "way of the code", "first axis", "second axis")
        self.is_empty = True
        self._record: FunctionRecord | None = None
        self._basis: LinearBasis | None = None
        self._is_of_all = False  # the basis; else it is of the task that is looked at
        self._extent: NDArray[np.float64] | None = None  # corners of what is shown, (2, 2)
        self._step = 0
        self._ellipses = [pyqtgraph.PlotCurveItem(antialias=True) for _ in _MASSES]
        self._path: Any = pyqtgraph.PlotCurveItem(antialias=True)
        # For each family one item with one look: points with looks of their own are slow.
        self._starts: list[Any] = [pyqtgraph.ScatterPlotItem(symbol="o") for _ in SYMBOLS]
        self._ends: list[Any] = [pyqtgraph.ScatterPlotItem(symbol=each) for each in SYMBOLS]
        self._here: list[Any] = [pyqtgraph.ScatterPlotItem(symbol=each) for each in ("o", "s")]
        items = (*self._ellipses, *self._starts, *self._ends, self._path, *self._here)
        for depth, item in enumerate(items):
            item.setZValue(depth)
            self.plot.addItem(item, ignoreBounds=True)
        self.map = CodeMap(self)
        self.plot.scene().sigMouseClicked.connect(self._clicked)
        self._name_parts()
        self.recolor(themes.current)

    def show_record(self, record: FunctionRecord, step: int, *, is_other_task: bool) -> None:
        """Draw a record with codes; on axes of its own where no others are there."""
        codes = record.codes
        assert codes is not None
        has_no_axes = self._basis is None or len(self._basis.mean) != codes.path.shape[1]
        if has_no_axes or (is_other_task and not self._is_of_all):
            every = np.concatenate([codes.path, codes.start, codes.end])
            self._basis, self._is_of_all = principal_basis(every, "this task"), False
        if is_other_task or has_no_axes:
            self._extent = None
        self._record, self._step, self.is_empty = record, step, False
        self.map.show_step(step)
        self._fit(codes)
        self._draw()

    def show_tasks(self, table: FunctionTable | None) -> None:
        """Draw the codes of other tasks behind, on axes that are fitted on them; none for None."""
        basis = self.map.show_table(table)
        if basis is not None or self._is_of_all:
            self._basis, self._is_of_all, self._extent = basis, basis is not None, None
        self._name_parts()
        if self._record is not None and self._record.codes is not None:
            self.show_record(self._record, self._step, is_other_task=False)

    def show_step(self, step: int) -> None:
        """Mark another inner step."""
        self._step = step
        self.map.show_step(step)
        self._mark()

    def words_at(self, x: float, y: float) -> tuple[str, ...]:
        """Return which task's code is there; else how far this one went, and its spread."""
        record = self._record
        if record is None or record.codes is None:
            return ()
        if other := self.map.text_at(QPointF(x, y)):
            return (other,)
        codes = record.codes
        moved = float(np.linalg.norm(codes.path[-1] - codes.path[0]))
        spread = float(np.linalg.norm(codes.deviation))
        way = f"the inner loop moved the code by {format_value(moved, 3)}"
        return (f"{way}; the encoding is {format_value(spread, 3)} wide", way)

    def _clicked(self, event: Any) -> None:
        where: QPointF = self.box.mapSceneToView(event.scenePos())
        number = self.map.task_at(where.x(), where.y())
        if number is not None and self.box.sceneBoundingRect().contains(event.scenePos()):
            self.task_chosen.emit(number)

    def _name_parts(self) -> None:
        """Say what is seen; the legend says what each sign is."""
        self.set_title("Way of the latent code", "faint: of other tasks" if self._is_of_all else "")

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
        for family in range(len(SYMBOLS)):
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

    def _fit(self, codes: CodeWay) -> None:
        """Show all codes; while the points of a task change, what was shown stays so."""
        basis = self._basis
        assert basis is not None
        parts: list[NDArray[np.float64]] = [
            basis.project(np.concatenate([codes.path, codes.start, codes.end])),
            basis.outlines(codes.encoded, codes.deviation, _MASSES[-1]),
            self.map.everywhere,
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
        self.map.paint(theme)
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
