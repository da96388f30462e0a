"""The items that draw one quantity of one run: its curve, the raw one behind, a band, points."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetricsF

from leo_studio.analysis.curves.aggregation import Curve
from leo_studio.analysis.curves.decimation import decimate, extremes_between
from leo_studio.analysis.curves.parting import kept_between, parted
from leo_studio.analysis.curves.scene import Range
from leo_studio.ui.curves.marks import STAR_RADIUS
from leo_studio.ui.widgets.canvas import Canvas
from leo_studio.ui.widgets.pens import cosmetic_pen

Floats = NDArray[np.floating]

_RAW_ALPHA, _BAND_ALPHA = 75, 45  # of 255
_MOST_ANTIALIASED = 3000  # points; longer curves are drawn without, which is as good and cheaper
_MOST_POINTS = 400  # with a mark each
_LABEL_MARGIN = 4  # pixels that a text item leaves before its text


@dataclass(frozen=True, slots=True)
class Window:
    """What of the curves is drawn, and how.

    Attributes
    ----------
    x_range
        The visible range; exponents of ten if `is_log_x`.
    columns
        Pixels in width.
    """

    x_range: Range
    columns: int
    is_log_x: bool
    is_log_y: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """The result of drawing a trace: its extremes, and how many points a logarithm hid."""

    low: float = np.inf
    high: float = -np.inf
    hidden: int = 0


class Trace:
    """Draws one quantity of one run in a canvas; its items are made once and reused."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.band: Any = pyqtgraph.PlotCurveItem(pen=None, fillLevel="enclosed")
        self.raw: Any = pyqtgraph.PlotCurveItem(connect="finite")
        self.line: Any = pyqtgraph.PlotCurveItem(connect="finite")
        self.bars: Any = pyqtgraph.PlotCurveItem(connect="pairs")
        self.points: Any = pyqtgraph.ScatterPlotItem(symbol="o", size=6, pen=None)
        self.label: Any = pyqtgraph.TextItem(anchor=(0.0, 0.5))
        self._items = (self.band, self.raw, self.bars, self.line, self.points, self.label)
        for height, item in enumerate(self._items):
            item.setZValue(height)
            canvas.add(item)
        self._last: tuple[float, float] | None = None
        self._style: tuple[object, ...] = ()
        self._state: object = None
        self._drawn = Drawn()
        self.hide()

    def set_style(
        self, color: str, style: Qt.PenStyle, background: str, *, is_dimmed: bool
    ) -> None:
        """Take a colour and a line style."""
        wanted = (color, style, background, is_dimmed)
        if wanted == self._style:
            return
        self._style = wanted
        part = 0.25 if is_dimmed else 1.0
        self.line.setPen(cosmetic_pen(color, style, round(255 * part)))
        self.raw.setPen(cosmetic_pen(color, Qt.PenStyle.SolidLine, round(_RAW_ALPHA * part)))
        self.bars.setPen(cosmetic_pen(color, Qt.PenStyle.SolidLine, round(255 * part)))
        shade = QColor(color)
        shade.setAlpha(round(_BAND_ALPHA * part))
        self.band.setBrush(shade)
        shade.setAlpha(round(255 * part))
        self.points.setBrush(shade)
        self.points.setPen(cosmetic_pen(background, Qt.PenStyle.SolidLine))
        self.label.setColor(color)

    @property
    def points_drawn(self) -> tuple[Floats, Floats]:
        """Places and values along the curve, as it is drawn; none while it is hidden."""
        x, y = self.line.getData()
        is_drawn = x is not None and y is not None and self.line.isVisible()
        return (x, y) if is_drawn else (np.empty(0), np.empty(0))

    def hide(self) -> None:
        """Draw nothing."""
        self._last = self._state = None
        for item in self._items:
            item.setVisible(False)

    def close(self) -> None:
        """Take everything out of the canvas."""
        for item in self._items:
            self._canvas.remove(item)

    def draw(self, curve: Curve, window: Window, version: object) -> Drawn:
        """Draw what is visible of a curve; nothing is done where `version` and window are known."""
        if self._state != (version, window):
            self._state = (version, window)
            self._drawn = self._draw(curve, window)
        return self._drawn

    def _draw(self, curve: Curve, window: Window) -> Drawn:
        shown = _Shown(curve, window)
        x, y = shown.cut(curve.line)
        is_short = len(x) <= _MOST_POINTS
        has_points = curve.has_points and is_short
        # A single value, such as after one step by hand, is no line yet.
        is_point = len(curve.line) == 1
        bounds = [(x, y)]
        self.line.setData(x, y, connect="finite", antialias=len(x) <= _MOST_ANTIALIASED)
        self.line.setVisible(True)
        self.points.setVisible(has_points or is_point)
        if has_points or is_point:
            finite = np.isfinite(x) & np.isfinite(y)  # a logarithm has no step 0
            self.points.setData(x[finite], y[finite])
        self.raw.setVisible(curve.raw is not None)
        if curve.raw is not None:
            x_raw, y_raw = shown.cut(curve.raw)
            self.raw.setData(x_raw, y_raw, connect="finite")
            bounds.append((x_raw, y_raw))
        bounds += self._draw_spread(curve, shown, has_points)
        self._last = _last_point(x, y)
        measured = curve.line if curve.raw is None else curve.raw
        hidden = int(np.count_nonzero(measured <= 0)) if window.is_log_y else 0
        ends = [extremes_between(*each, *window.x_range) for each in bounds]
        return Drawn(min(low for low, _ in ends), max(high for _, high in ends), hidden)

    def show_label(self, text: str) -> None:
        """Write a run's number at the end of its curve; "" for none."""
        is_shown = bool(text) and self._last is not None
        self.label.setVisible(is_shown)
        if self._last is not None and is_shown:
            if self.label.textItem.font() != self._canvas.font:
                self.label.setFont(self._canvas.font)
            self.label.setText(text)
            self.label.setPos(*self._last)

    def _draw_spread(
        self, curve: Curve, shown: "_Shown", has_points: bool
    ) -> list[tuple[Floats, Floats]]:
        """Draw the interval: a bar through each point, or a band around a line."""
        if curve.lower is None or curve.upper is None:
            self.bars.setVisible(False)
            self.band.setVisible(False)
            return []
        x, lower = shown.cut(curve.lower)
        x_upper, upper = shown.cut(curve.upper)
        self.bars.setVisible(has_points)
        self.band.setVisible(not has_points)
        if has_points:
            self.bars.setData(np.repeat(x, 2), np.stack([lower, upper], axis=1).reshape(-1))
            return [(x, lower), (x, upper)]
        is_drawn = np.isfinite(x) & np.isfinite(upper)
        lower = np.where(np.isfinite(lower), lower, shown.floor(upper))
        x, x_upper = x[is_drawn], x_upper[is_drawn]
        lower, upper = lower[is_drawn], upper[is_drawn]
        self.band.setData(np.append(x, x_upper[::-1]), np.append(lower, upper[::-1]))
        return [(x, lower), (x_upper, upper)]


class _Shown:
    """Cuts series to the window and takes logarithms, after bucketing: extremes stay extremes."""

    def __init__(self, curve: Curve, window: Window) -> None:
        self._curve = curve
        self._window = window
        low, high = window.x_range
        if window.is_log_x:
            low, high = 10**low, 10**high
        self._low, self._high = low / curve.scale, high / curve.scale

    def cut(self, values: Floats) -> tuple[Floats, Floats]:
        """Return x and y of what to draw, in the units of the axes."""
        window = self._window
        if window.is_log_y and np.any(values <= 0):
            values = np.where(values > 0, values, np.nan)
        x, y = decimate(self._curve.x, values, self._low, self._high, window.columns)
        x = x * self._curve.scale
        return _log10(x) if window.is_log_x else x, _log10(y) if window.is_log_y else y

    def floor(self, upper: Floats) -> float:
        """Return where a band ends that reaches below what a logarithm can show."""
        numbers = upper[np.isfinite(upper)]
        return float(numbers.min()) - 1.0 if len(numbers) else 0.0


def _log10(values: Floats) -> Floats:
    logarithms = np.full(len(values), np.nan)
    np.log10(values, out=logarithms, where=values > 0)
    return logarithms


def _last_point(x: Floats, y: Floats) -> tuple[float, float] | None:
    finite = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    return (float(x[finite[-1]]), float(y[finite[-1]])) if len(finite) else None


def part_labels(
    traces: Iterable[Trace], canvas: Canvas, stars: Iterable[tuple[float, float]]
) -> None:
    """Move the numbers of runs apart where their curves end close to each other.

    They stay between the edges of the plot, and begin behind a star that they would lie on.
    """
    across, up = canvas.per_pixel()
    metrics = QFontMetricsF(canvas.font)
    line = metrics.height()
    stars = list(stars)
    low, high = canvas.ranges[1]
    labels = [trace.label for trace in traces if trace.label.isVisible()]
    while labels:
        end = max(label.pos().x() for label in labels)
        near = [label for label in labels if end - label.pos().x() < across * line]
        near.sort(key=lambda label: float(label.pos().y()))
        # What a person moved out of sight stays there.
        seen = [label for label in near if low <= label.pos().y() <= high]
        least = up * line
        places = parted([float(label.pos().y()) for label in seen], least)
        places = kept_between(places, least, low + least / 2, high - least / 2)
        for label, place in zip(seen, places, strict=True):
            x = float(label.pos().x())
            width = _LABEL_MARGIN + metrics.horizontalAdvance(label.toPlainText())
            for star_x, star_y in stars:
                is_level = abs(star_y - place) < up * (STAR_RADIUS + line / 2)
                if is_level and -STAR_RADIUS < (star_x - x) / across < STAR_RADIUS + width:
                    x = max(x, star_x + across * (STAR_RADIUS - _LABEL_MARGIN))
            label.setPos(x, place)
        labels = [label for label in labels if label not in near]
