"""A plot of boxes with whiskers on a logarithmic axis, drawn from the data that exports draw."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyqtgraph
from PySide6.QtCore import Qt

from leo_studio.analysis.curves.ticks import log_ticks
from leo_studio.analysis.formats import format_value
from leo_studio.figures import records
from leo_studio.ui.widgets.pens import LINE_STYLES, styled_pen
from leo_studio.ui.widgets.plot import Plot, axis_height
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_PERCENTILES = ("5 %", "25 %", "median", "75 %", "95 %")
_LINES = 17  # of text, in height
_TICK_LINES = 2.4  # of text, between two numbers
_WIDTH, _MEDIAN_WIDTH = 1.4, 2.2
_DIGITS = 3
_ROOM = 0.1  # of the y range, above and below the whiskers
_LEAST_SPAN = 0.3  # decades


class BoxPlot(Plot):
    """Draws one `leo_studio.figures.records.Plot` of boxes.

    Parameters
    ----------
    themes
        Colours.
    name
        The widget's, and what people are told who cannot see it.
    """

    def __init__(self, themes: ThemeManager, name: str) -> None:
        super().__init__(themes, name, "", "")
        self.is_empty = True
        self.shown: records.Plot | None = None
        self._items: list[tuple[Any, records.Boxes]] = []
        self._medians: list[tuple[Any, records.Boxes]] = []
        self._rules: list[Any] = []
        self.plot.getAxis("left").setZValue(-1)  # the grid is behind the boxes

    def show_plot(self, plot: records.Plot) -> None:
        """Show other boxes."""
        self.shown, self.is_empty = plot, False
        self.readout.hide()
        for item in (*self._rules, *(item for item, _ in (*self._items, *self._medians))):
            self.plot.removeItem(item)
        self._items, self._medians, self._rules = [], [], []
        least = _least(plot)
        for boxes in self._boxes():
            self._draw(boxes, np.log10(np.maximum(boxes.values, least)))
        for layer in plot.layers:
            if isinstance(layer, records.Rule) and layer.y is not None:
                self._rules.append(pyqtgraph.InfiniteLine(math.log10(layer.y), angle=0))
                self.plot.addItem(self._rules[-1], ignoreBounds=True)
        self._set_ranges(least)
        self.set_labels(plot.x_label, plot.y_label)
        self.set_title(plot.title, "whiskers at 5 and 95 %")
        self.view.setAccessibleDescription("\n".join(self._texts()))
        self.recolor(self.themes.current)

    def text_at(self, x: float, y: float) -> str:
        """Return the numbers of the box under the mouse, or beside it."""
        found = [
            (abs(place - x), boxes, row)
            for boxes in self._boxes()
            for row, place in enumerate(boxes.x)
            if abs(place - x) <= 0.5
        ]
        if not found:
            return ""
        _, boxes, row = min(found, key=lambda each: each[0])
        return self._text(boxes, row)

    def _boxes(self) -> Iterator[records.Boxes]:
        layers = () if self.shown is None else self.shown.layers
        yield from (layer for layer in layers if isinstance(layer, records.Boxes))

    def _text(self, boxes: records.Boxes, row: int) -> str:
        assert self.shown is not None
        name = self.shown.x_names[round(float(boxes.x[row]))].replace("\n", " ")
        numbers = zip(_PERCENTILES, boxes.values[row].tolist(), strict=True)
        lines = (f"{what}: {format_value(value, _DIGITS)}" for what, value in numbers)
        return "\n".join([f"{name}, {boxes.label}", *lines])

    def _texts(self) -> Iterator[str]:
        for boxes in self._boxes():
            for row in range(len(boxes.x)):
                yield self._text(boxes, row).replace("\n", "; ")

    def _draw(self, boxes: records.Boxes, values: Any) -> None:
        """Add the items of some boxes, whose values are exponents of ten, (n, 5)."""
        low, lower, median, upper, high = values.T
        half = boxes.width / 2
        body = pyqtgraph.BarGraphItem(x=boxes.x, y0=lower, y1=upper, width=boxes.width)
        ends = np.concatenate(
            [
                _pairs(boxes.x, low, boxes.x, lower),
                _pairs(boxes.x, upper, boxes.x, high),
                _pairs(boxes.x - half / 2, low, boxes.x + half / 2, low),
                _pairs(boxes.x - half / 2, high, boxes.x + half / 2, high),
            ]
        )
        whiskers = pyqtgraph.PlotDataItem(ends[:, 0], ends[:, 1], connect="pairs")
        ends = _pairs(boxes.x - half, median, boxes.x + half, median)
        line = pyqtgraph.PlotDataItem(ends[:, 0], ends[:, 1], connect="pairs")
        for item in (body, whiskers, line):
            self.plot.addItem(item, ignoreBounds=True)
        self._items += [(body, boxes), (whiskers, boxes)]
        self._medians.append((line, boxes))

    def _set_ranges(self, least: float) -> None:
        assert self.shown is not None
        values = [np.maximum(boxes.values, least) for boxes in self._boxes()]
        values += [np.array([10.0 ** rule.value()]) for rule in self._rules]
        low, high = (
            math.log10(end(each.min() if end is min else each.max() for each in values))
            for end in (min, max)
        )
        spare = max(_ROOM * (high - low), (_LEAST_SPAN - (high - low)) / 2)
        low, high = low - spare, high + spare
        if self.shown.y_range is not None:
            low, high = (math.log10(end) for end in self.shown.y_range)
        names = self.shown.x_names
        self.box.setRange(xRange=(-0.6, len(names) - 0.4), yRange=(low, high), padding=0)
        self.plot.getAxis("bottom").setTicks([list(enumerate(names))])
        most = int(_LINES / _TICK_LINES)
        self.plot.getAxis("left").setTicks([log_ticks(low, high, most)])

    def recolor(self, theme: Theme) -> None:
        """Take the colours of a theme; the names below may have several lines."""
        super().recolor(theme)
        if self.shown is None:
            return
        line, lines = self.fontMetrics().height(), self._lines()
        height = axis_height(line, has_name=bool(self.shown.x_label))
        if lines:
            height += round((lines + 0.6) * line)
        self.plot.getAxis("bottom").setHeight(height)
        self.plot.getAxis("bottom").setGrid(False)

    def _paint(self, theme: Theme) -> None:
        self.setFixedHeight((_LINES + self._lines()) * self.fontMetrics().height())
        for item, boxes in self._items:
            color = theme.series_color(int(boxes.color))
            pen = _pen(color, _WIDTH)
            if isinstance(item, pyqtgraph.BarGraphItem):
                brush = pyqtgraph.mkBrush(None if boxes.is_hollow else color)
                item.setOpts(pen=pen, brush=brush)
            else:
                item.setPen(pen)
        for item, boxes in self._medians:
            color = theme.series_color(int(boxes.color)) if boxes.is_hollow else theme.base
            item.setPen(_pen(color, _MEDIAN_WIDTH))
        for rule in self._rules:
            rule.setPen(_pen(theme.muted, 1.0, LINE_STYLES[1]))

    def _lines(self) -> int:
        """Return how many lines the names below have besides their first."""
        names = () if self.shown is None else self.shown.x_names
        return max((name.count("\n") for name in names), default=0)

    def _widest_tick(self) -> str:
        return "0.0001"


def _pairs(x: Any, y: Any, to_x: Any, to_y: Any) -> Any:
    """Return the ends of n lines below one another, (2n, 2)."""
    return np.stack([np.stack([x, y], 1), np.stack([to_x, to_y], 1)], 1).reshape(-1, 2)


def _least(plot: records.Plot) -> float:
    """Return the smallest number above 0, for those that a logarithmic axis has no place for."""
    values = [layer.values for layer in plot.layers if isinstance(layer, records.Boxes)]
    positive = [each[each > 0] for each in values]
    return min((float(each.min()) for each in positive if each.size), default=1.0)


def _pen(color: str, width: float, style: Qt.PenStyle = LINE_STYLES[0]) -> Any:
    pen = styled_pen(color, style, width)
    pen.setCosmetic(True)
    return pen
