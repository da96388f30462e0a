"""Loss and accuracy along an adaptation, and a query's probabilities."""

from typing import Any

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QResizeEvent

from engine.inspection.records import Inspection, position_name
from leo_studio.analysis.curves.ticks import linear_ticks
from leo_studio.analysis.formats import format_percentage, format_value
from leo_studio.analysis.inspection.findings import class_names
from leo_studio.analysis.inspection.positions import carried_over
from leo_studio.ui.inspection.class_styles import class_pen
from leo_studio.ui.widgets.plot import Plot
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_MARGIN = 0.06
_SIDES = 0.04  # of the width: for the labels of the first and the last position
_TICKS = 4
_LONGEST_NAME = 32  # letters of a title


class PositionPlot(Plot):
    """Something along the positions of an adaptation; a click moves to a position.

    The part of fine-tuning is shaded.
    """

    moved = Signal(int)

    def __init__(self, themes: ThemeManager, name: str, y_label: str) -> None:
        super().__init__(themes, name, "position: inner steps, then fine-tuning steps", y_label)
        self.inspection: Inspection | None = None
        self.is_empty = True
        self._tuning: Any = pyqtgraph.LinearRegionItem(movable=False)
        self._here: Any = pyqtgraph.InfiniteLine(angle=90, movable=False)
        for item in (self._tuning, self._here):
            self.plot.addItem(item, ignoreBounds=True)
        self.plot.scene().sigMouseClicked.connect(self._clicked)

    def set_position(self, position: int) -> None:
        """Mark where the adaptation stands."""
        self._here.setValue(position)

    def _fit(self, inspection: Inspection, low: float, high: float) -> None:
        """Give the axes the room that the positions and some values need."""
        last = inspection.codes.shape[1] - 1
        self.is_empty = False
        self.inspection = inspection
        self._tuning.setRegion((inspection.inner_steps, last))
        self._tuning.setVisible(inspection.finetuning_steps > 0)
        room = _MARGIN * max(high - low, 1e-6)
        self.box.setRange(
            xRange=(0, max(1, last)), yRange=(low - room, high + room), padding=_SIDES
        )
        self._label_positions()
        self.plot.getAxis("left").setTicks([linear_ticks(low - room, high + room, _TICKS)])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Label as many positions as have room."""
        super().resizeEvent(event)
        self._label_positions()

    def _label_positions(self) -> None:
        seen = self.inspection
        if seen is None:
            return
        label = self.fontMetrics().horizontalAdvance(f"+{max(seen.stages)} ")
        room = max(1, self.width() - int(self.plot.getAxis("left").width()))
        every = max(1, -(-seen.codes.shape[1] * label // room))
        steps = [(place, str(place)) for place in range(0, seen.inner_steps + 1, every)]
        tuned = range(every, seen.finetuning_steps + 1, every)
        steps += [(seen.inner_steps + place, f"+{place}") for place in tuned]
        self.plot.getAxis("bottom").setTicks([steps])

    def _position_at(self, x: float) -> int:
        assert self.inspection is not None
        last: int = self.inspection.codes.shape[1] - 1
        return min(max(0, round(x)), last)

    def _clicked(self, event: Any) -> None:
        if self.inspection is not None and self.box.sceneBoundingRect().contains(event.scenePos()):
            where: QPointF = self.box.mapSceneToView(event.scenePos())
            self.moved.emit(self._position_at(where.x()))

    def _paint(self, theme: Theme) -> None:
        self._tuning.setBrush(self.translucent(theme.muted, 28))
        for line in self._tuning.lines:
            line.setPen(pyqtgraph.mkPen(None))
        self._here.setPen(pyqtgraph.mkPen(QColor(theme.accent), width=2))


class MetricPlot(PositionPlot):
    """One metric of support set and queries along the positions, and of the other side."""

    def __init__(self, themes: ThemeManager, metric: str) -> None:
        is_loss = metric == "loss"
        unit = "loss (nats)" if is_loss else "accuracy (%)"
        super().__init__(themes, f"{metric} along the adaptation", unit)
        self._metric = metric
        self._factor = 1.0 if is_loss else 100.0
        self._reference: Inspection | None = None
        self._lines = {
            key: pyqtgraph.PlotCurveItem(antialias=True) for key in ("support", "query", "other")
        }
        self._drawn = (0.0, 0.0)  # the least and the largest value
        self._dots: Any = pyqtgraph.ScatterPlotItem(pxMode=True)
        self._samples: Any = pyqtgraph.ScatterPlotItem(pxMode=True)
        for item in (*self._lines.values(), self._dots, self._samples):
            self.plot.addItem(item, ignoreBounds=True)
        self.recolor(themes.current)

    def show_inspection(self, inspection: Inspection | None, reference: Inspection | None) -> None:
        """Draw an episode, and the queries of the other side."""
        self._reference = reference
        for item in (*self._lines.values(), self._dots, self._samples):
            item.setVisible(inspection is not None)
        if inspection is None:
            self.is_empty, self.inspection = True, None
            self.set_title(self._metric.capitalize(), "")
            return
        support, query = self._values(inspection, "support"), self._values(inspection, "query")
        positions = np.arange(len(query), dtype=float)
        self._lines["support"].setData(positions, support)
        self._lines["query"].setData(positions, query)
        self._dots.setData(positions, query)
        drawn = [support, query]
        other = np.zeros(0) if reference is None else self._values(reference, "query")
        places = np.zeros(0)
        if reference is not None:
            places = carried_over(range(len(other)), reference, inspection)
        self._lines["other"].setData(places, other)
        sampled = self._sampled(inspection)
        places = np.repeat(np.array(inspection.stages, float), inspection.samples)
        self._samples.setData(places, sampled.T.ravel())
        drawn += [other, sampled.ravel()]
        values = np.concatenate(drawn)
        self._drawn = (float(np.nanmin(values)), float(np.nanmax(values)))
        self._fit(inspection, *self._drawn)
        final = format_value(float(query[-1]), 3) + (" nats" if self._factor == 1 else " %")
        others = "dots: samples" if reference is None else "dotted: other side"
        self.set_title(
            f"{self._metric.capitalize()}: {final}",
            f"solid: queries, dashed: support set, {others}",
        )

    def share_range(self, other: "MetricPlot") -> None:
        """Have the same range of values as another plot, so that heights can be compared."""
        both = (*self._drawn, *other._drawn)
        for plot in (self, other):
            if plot.inspection is not None:
                plot._fit(plot.inspection, min(both), max(both))

    def text_at(self, x: float, y: float) -> str:
        """Return the numbers of a position."""
        seen = self.inspection
        assert seen is not None
        place = self._position_at(x)
        lines = [position_name(seen, place)]
        for name in ("query", "support"):
            value = self._values(seen, name)[place] / self._factor
            words = "queries" if name == "query" else "support set"
            shown = format_percentage(value, 1) if self._factor > 1 else format_value(value, 3)
            lines.append(f"{words} {shown}")
        return "\n".join(lines)

    def _values(self, inspection: Inspection, of: str) -> NDArray[np.float64]:
        array = getattr(inspection, f"{of}_{self._metric}")[0]
        return self._factor * np.asarray(array, np.float64)

    def _sampled(self, inspection: Inspection) -> NDArray[np.float64]:
        """Return the metric of every sample at the stages, (S, 3)."""
        n_way = inspection.query.shape[1]
        labels = np.arange(n_way)
        probabilities = inspection.sampled_probabilities[0].astype(np.float64)
        is_query = inspection.query[0] >= 0
        if self._metric == "loss":
            # The advanced index brings the true class's queries to the front.
            true = probabilities[:, :, labels, :, labels].transpose(1, 2, 0, 3)
            each = -np.log(np.maximum(true, 1e-12))
        else:
            # What is not a number is taken for no class.
            is_known = ~np.isnan(probabilities).any(-1)
            taken = np.nan_to_num(probabilities, nan=-1).argmax(-1)
            each = (is_known & (taken == labels[:, None])).astype(float)
        mean: NDArray[np.float64] = self._factor * each[:, :, is_query].mean(-1)
        return mean

    def _paint(self, theme: Theme) -> None:
        super()._paint(theme)
        first, second = QColor(theme.series_color(0)), QColor(theme.series_color(1))
        self._lines["query"].setPen(pyqtgraph.mkPen(first, width=2))
        self._lines["support"].setPen(pyqtgraph.mkPen(second, width=1, style=Qt.PenStyle.DashLine))
        self._lines["other"].setPen(
            pyqtgraph.mkPen(theme.muted, width=2, style=Qt.PenStyle.DotLine)
        )
        self._dots.setPen(None)
        self._dots.setBrush(first)
        self._dots.setSize(5)
        self._samples.setPen(None)
        self._samples.setBrush(self.translucent(theme.series_color(0), 50))
        self._samples.setSize(4)

    def _widest_tick(self) -> str:
        return "100.0"


def _short(name: str) -> str:
    """Keep the end of a name, where those of a class differ."""
    return name if len(name) <= _LONGEST_NAME else f"…{name[1 - _LONGEST_NAME :]}"


class QueryPlot(PositionPlot):
    """The probabilities that one query has along the positions."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__(themes, "probabilities of a query", "probability")
        self._query: tuple[int, int] | None = None
        self._lines: list[Any] = []
        self.recolor(themes.current)

    def show_query(
        self, inspection: Inspection | None, query: tuple[int, int] | None, name: str
    ) -> None:
        """Draw one query, given by class and place; nothing without one."""
        self._query = query if inspection is not None else None
        for line in self._lines:
            self.plot.removeItem(line)
        self._lines = []
        if inspection is None or query is None:
            if inspection is not None:
                self._fit(inspection, 0.0, 1.0)
            self.is_empty = True
            self.set_title("A query", "choose one in the table")
            return
        n, q = query
        probabilities = inspection.probabilities[0, :, n, q]
        positions = np.arange(len(probabilities), dtype=float)
        for place in range(probabilities.shape[1]):
            curve: Any = pyqtgraph.PlotCurveItem(positions, probabilities[:, place], antialias=True)
            self.plot.addItem(curve, ignoreBounds=True)
            self._lines.append(curve)
        self._fit(inspection, 0.0, 1.0)
        true = _short(class_names(inspection)[n])
        self.set_title(_short(name), f'thick: the true class, "{true}"')
        self._paint(self.themes.current)

    def text_at(self, x: float, y: float) -> str:
        """Return the probabilities at a position."""
        seen = self.inspection
        assert seen is not None and self._query is not None
        n, q = self._query
        place = self._position_at(x)
        lines = [position_name(seen, place)]
        for label, name in enumerate(class_names(seen)):
            value = float(seen.probabilities[0, place, n, q, label])
            lines.append(f"{name} {format_percentage(value, 1)}")
        return "\n".join(lines)

    def _paint(self, theme: Theme) -> None:
        super()._paint(theme)
        for place, line in enumerate(self._lines):
            is_true = self._query is not None and place == self._query[0]
            line.setPen(class_pen(theme, place, 3.0 if is_true else 1.0))

    def _widest_tick(self) -> str:
        return "0.00"
