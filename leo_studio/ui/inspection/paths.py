"""The plot of the codes of an episode along its adaptation, on the axes of a basis."""

from typing import Any

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from engine.inspection.records import Inspection, position_name
from engine.projection.linear import LinearBasis, principal_basis
from leo_studio.analysis.curves.ticks import linear_ticks
from leo_studio.analysis.formats import format_percentage, format_value
from leo_studio.analysis.inspection.findings import class_names
from leo_studio.ui.inspection.class_styles import class_color, class_pen, class_symbol, symbol_scale
from leo_studio.ui.widgets.plot import Plot
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_MASSES = (0.5, 0.95)
_TICKS = 5
_NEAR = 0.05  # of the plot: what is this near to the mouse is meant


class PathsPlot(Plot):
    """Each class's code on its way, its samples before and after, and what it was drawn from."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__(themes, "paths of the codes", "first axis", "second axis")
        self.is_empty = True
        self._inspection: Inspection | None = None
        self._given: LinearBasis | None = None  # axes of others
        self._own: LinearBasis | None = None
        self._points: NDArray[np.float64] = np.zeros((0, 0, 2))  # (P, N, 2)
        self._position = 0
        self._beside: PathsPlot | None = None  # the other side
        self._follows = False  # the other side, onto its axes
        self._drawn_on: LinearBasis | None = None
        self._extent: NDArray[np.float64] | None = None  # corners of what is drawn, (2, 2)
        self._paths: list[Any] = []
        self._ellipses: list[Any] = []
        self._samples: list[Any] = []
        self._ends: Any = pyqtgraph.ScatterPlotItem(pxMode=True)
        self._here: Any = pyqtgraph.ScatterPlotItem(pxMode=True)
        for depth, item in enumerate((self._ends, self._here), 10):
            item.setZValue(depth)
            self.plot.addItem(item, ignoreBounds=True)
        self.recolor(themes.current)

    def show_inspection(self, inspection: Inspection | None) -> None:
        """Draw an episode."""
        self._inspection = inspection
        self._own = None
        self._draw()

    def set_basis(self, basis: LinearBasis | None) -> None:
        """Draw on other axes; without any, on the principal components of these codes alone."""
        self._given = basis
        self._draw()

    def stand_beside(self, other: "PathsPlot | None", *, follows: bool) -> None:
        """Have the same range of values as the other side, and its axes where it is followed."""
        self._beside, self._follows = other, follows
        if self.basis is not self._drawn_on:
            self._draw()
        else:
            self._fit()

    def set_position(self, position: int) -> None:
        """Mark where the adaptation stands."""
        self._position = position
        self._mark()

    @property
    def basis(self) -> LinearBasis | None:
        """The axes that are drawn on."""
        seen = self._inspection
        if seen is None:
            return None
        if self._given is not None and len(self._given.mean) == seen.codes.shape[-1]:
            return self._given
        leader = self._beside.basis if self._beside is not None and self._follows else None
        if leader is not None and len(leader.mean) == seen.codes.shape[-1]:
            return leader
        if self._own is None:
            self._own = own_basis(seen)
        return self._own

    def text_at(self, x: float, y: float) -> str:
        """Return the class whose path is near."""
        seen, points = self._inspection, self._points
        assert seen is not None
        (left, right), (bottom, top) = self.box.viewRange()
        away = np.linalg.norm((points - (x, y)) / (right - left, top - bottom), axis=-1)
        position, place = np.unravel_index(int(away.argmin()), away.shape)
        if away[position, place] > _NEAR:
            return ""
        spread = float(np.linalg.norm(seen.deviation[0, place]))
        step = seen.codes[0, seen.inner_steps, place] - seen.codes[0, 0, place]
        moved = float(np.linalg.norm(step))
        unreachable = float(seen.unreachable[0, -1, place])
        return (
            f"{class_names(seen)[place]}, {position_name(seen, int(position))}\n"
            f"inner loop moved it by {format_value(moved, 3)}, "
            f"spread {format_value(spread, 3)}\n"
            f"{format_percentage(unreachable, 1)} of the fine-tuned weights is beyond any code"
        )

    def _draw(self) -> None:
        for item in (*self._paths, *self._ellipses, *self._samples):
            self.plot.removeItem(item)
        self._paths, self._ellipses, self._samples = [], [], []
        seen, basis = self._inspection, self.basis
        self.is_empty = seen is None
        self._drawn_on, self._extent = basis, None
        if seen is None or basis is None:
            self._ends.setData([])
            self._here.setData([])
            return
        points = self._points = basis.project(seen.codes[0])
        stages = [0, seen.inner_steps]
        sampled = basis.project(seen.sampled_codes[0][:, stages])  # (S, 2, N, 2)
        extent = [points.reshape(-1, 2), sampled.reshape(-1, 2)]
        for place in range(points.shape[1]):
            self._add_curve(points[:, place], self._paths)
            for mass in _MASSES:
                outline = basis.outlines(seen.mean[0, place], seen.deviation[0, place], mass)
                self._add_curve(outline, self._ellipses)
                extent.append(outline)
            cloud: Any = pyqtgraph.ScatterPlotItem(pxMode=True, size=4, pen=None)
            cloud.setData(pos=sampled[:, :, place].reshape(-1, 2))
            self.plot.addItem(cloud, ignoreBounds=True)
            self._samples.append(cloud)
        everything = np.concatenate(extent)
        self._extent = np.stack([everything.min(0), everything.max(0)])
        self._fit()
        self.set_labels(*basis.labels)
        subtitle = "hollow: before; ellipses: 50 and 95 %"
        whose = "this episode" if basis is self._own else "the latent space"
        if self._follows and basis is not self._given:
            whose = "the left side"
        self.set_title(f"Paths of the codes, on axes of {whose}", subtitle)
        self._paint(self.themes.current)
        self._mark()

    def _fit(self) -> None:
        """Show all that is drawn here, and on the other side where it has the same axes."""
        extents = [
            each._extent
            for each in (self, self._beside)
            if each is not None and each._extent is not None and each._drawn_on is self._drawn_on
        ]
        if not extents:
            return
        low, high = np.min(extents, axis=(0, 1)), np.max(extents, axis=(0, 1))
        room = 0.06 * np.maximum(high - low, 1e-6)
        for axis, side in enumerate(("bottom", "left")):
            ends = float(low[axis] - room[axis]), float(high[axis] + room[axis])
            self.box.setRange(**{"yRange" if axis else "xRange": ends}, padding=0)
            self.plot.getAxis(side).setTicks([linear_ticks(*ends, _TICKS)])

    def _add_curve(self, points: Any, into: list[Any]) -> None:
        item: Any = pyqtgraph.PlotCurveItem(points[:, 0], points[:, 1], antialias=True)
        self.plot.addItem(item, ignoreBounds=True)
        into.append(item)

    def _mark(self) -> None:
        theme, points = self.themes.current, self._points
        if self._inspection is None:
            return
        position = min(self._position, len(points) - 1)
        starts, here = [], []
        for place in range(points.shape[1]):
            color = class_color(theme, place)
            symbol = class_symbol(place)
            scale = symbol_scale(symbol)
            look = {"symbol": symbol, "pen": pyqtgraph.mkPen(color, width=1.5)}
            hollow = QColor(theme.base)
            starts.append({"pos": points[0, place], "size": 9 * scale, "brush": hollow, **look})
            here.append(
                {"pos": points[position, place], "size": 12 * scale, "brush": color, **look}
            )
        self._ends.setData(starts)
        self._here.setData(here)

    def _paint(self, theme: Theme) -> None:
        for place, item in enumerate(self._paths):
            item.setPen(class_pen(theme, place, 2.0))
        for place, item in enumerate(self._ellipses):
            item.setPen(pyqtgraph.mkPen(class_color(theme, place // len(_MASSES)), width=1))
        for place, item in enumerate(self._samples):
            item.setBrush(self.translucent(theme.series_color(place), 60))
        self._mark()

    def _widest_tick(self) -> str:
        return "−0.000"


def own_basis(inspection: Inspection) -> LinearBasis:
    """Return the principal components of an episode's own codes, where nothing else is held."""
    codes = inspection.codes[0].reshape(-1, inspection.codes.shape[-1])
    return principal_basis(codes, "this episode")
