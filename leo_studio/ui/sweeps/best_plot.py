"""The plot of the best so far: what each trial came to, over its number."""

import math
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import pyqtgraph
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from leo_studio.analysis.curves.ticks import linear_ticks
from leo_studio.analysis.sweep_plots import STATES, BestSoFar, TrialState, best_so_far
from leo_studio.analysis.sweep_words import trial_text
from leo_studio.services.sweep_records import SweepView
from leo_studio.ui.sweeps.choice import TrialChoice
from leo_studio.ui.widgets.line_legend import Entry, Kind, LineLegend
from leo_studio.ui.widgets.plot import Plot
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_NEAR = 12  # pixels from a point, within which it is meant
_DOT = 0.55  # of the height of a line
_PLACES: Final = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
_NUMBER_LETTERS = "00,000"


class _Look(NamedTuple):
    """How trials of one state look: pyqtgraph's symbol, the legend's, and their words."""

    symbol: str
    kind: Kind
    words: str
    is_hollow: bool


_LOOKS: Final[Mapping[TrialState, _Look]] = {
    "complete": _Look("o", "dot", "complete", False),
    "pruned": _Look("t", "down", "ended early", True),
    "failed": _Look("x", "cross", "failed, without an accuracy", False),
    "under way": _Look("s", "box", "begun, best so far", True),
}


class BestPlot(Plot):
    """Accuracies over numbers, the best so far as steps, and what the preset's own values came to.

    Parameters
    ----------
    themes
        Colours.
    choice
        The chosen trial.
    """

    def __init__(self, themes: ThemeManager, choice: TrialChoice) -> None:
        super().__init__(themes, "best so far", "trial", "accuracy (%)")
        self._choice = choice
        self._view: SweepView | None = None
        self._history: BestSoFar | None = None
        self.is_empty = True
        self._floor = 0.0  # where trials without an accuracy stand
        self._own: Any = pyqtgraph.InfiniteLine(angle=0, movable=False)
        self._best: Any = pyqtgraph.PlotDataItem()
        self.points: dict[TrialState, Any] = {
            state: pyqtgraph.ScatterPlotItem(symbol=look.symbol) for state, look in _LOOKS.items()
        }
        self._first: Any = pyqtgraph.ScatterPlotItem(symbol="d")
        self.chosen: Any = pyqtgraph.ScatterPlotItem(symbol="o")
        items = (self._own, self._best, self._first, *self.points.values(), self.chosen)
        for depth, item in enumerate(items):
            item.setZValue(depth)
            self.plot.addItem(item, ignoreBounds=True)
        self.box.sigResized.connect(self._fit)
        self.plot.scene().sigMouseClicked.connect(self._clicked)
        self.pointed.connect(self._point)
        choice.changed.connect(self._show_chosen)

    def show_view(self, view: SweepView) -> None:
        """Show how a sweep stands."""
        self._view, history = view, best_so_far(view.trials)
        self._history = history
        self.is_empty = not view.begun
        low, high = history.span
        room = max(0.08 * (high - low), 0.5)
        has_failed = bool(len(history.points["failed"][0]))
        self._floor = low - 1.6 * room
        for state, item in self.points.items():
            numbers, accuracies = history.points[state]
            item.setData(numbers, np.where(np.isfinite(accuracies), accuracies, self._floor))
        last = float(view.begun[-1].number) if view.begun else 0.0
        self._best.setData(*_stepped(history.best, last))
        self._own.setVisible(not math.isnan(history.own))
        self._own.setValue(0.0 if math.isnan(history.own) else history.own)
        self._first.setData(*self._place_of(0))
        bottom = self._floor - room if has_failed or _unknown(history) else low - room
        places = next((each for each in _PLACES if each > last), last + 1)
        # Room is made for some more trials at a time: else everything would move with each.
        right = min(float(places), float(len(view.trials)))
        margin = 0.03 * max(right, 1.0) + 0.3
        self.box.setRange(
            xRange=(-margin, right - 1 + margin), yRange=(bottom, high + room), padding=0
        )
        best = view.best
        words = "none is complete yet" if best is None else f"trial {best.number}"
        self.view.setAccessibleDescription(f"{len(view.begun)} trials; best: {words}")
        self._fit()
        self._show_chosen()

    def text_at(self, x: float, y: float) -> str:
        """Return a description of the trial under the mouse."""
        number = self._nearest(x, y)
        if number is None or self._view is None:
            return ""
        return trial_text(self._view, self._view.trials[number])

    def _nearest(self, x: float, y: float) -> int | None:
        """Return the trial near a place; None where there is none."""
        found: list[tuple[float, int]] = []
        width, height = self.box.viewPixelSize()
        for item in self.points.values():
            numbers, heights = item.getData()
            if len(numbers):
                distances = np.hypot((numbers - x) / width, (heights - y) / height)
                place = int(np.argmin(distances))
                found.append((float(distances[place]), int(numbers[place])))
        distance, number = min(found, default=(math.inf, 0))
        return number if distance <= _NEAR else None

    def _place_of(self, number: int | None) -> tuple[list[float], list[float]]:
        """Return where a trial's point is, as pyqtgraph takes it; nowhere where it has none."""
        for item in self.points.values():
            numbers, heights = item.getData()
            (places,) = np.nonzero(numbers == number)
            if len(places):
                return [float(numbers[places[0]])], [float(heights[places[0]])]
        return [], []

    def _point(self, place: tuple[float, float] | None) -> None:
        self._choice.point(None if place is None else self._nearest(*place))

    def _clicked(self, event: Any) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        where = self.box.mapSceneToView(event.scenePos())
        number = self._nearest(where.x(), where.y())
        if number is None:
            return
        self._choice.choose(number)
        if event.double():
            self._choice.open_wanted.emit()

    def _show_chosen(self) -> None:
        places = [self._place_of(self._choice.number)]
        if self._choice.pointed != self._choice.number:
            places.append(self._place_of(self._choice.pointed))
        self.chosen.setData(
            [x for xs, _ in places for x in xs], [y for _, ys in places for y in ys]
        )

    def _paint(self, theme: Theme) -> None:
        line = self.fontMetrics().height()
        for state, item in self.points.items():
            pen, look = pen_of(state, theme), _LOOKS[state]
            item.setSize(round(_DOT * line))
            item.setPen(pen)
            item.setBrush(None if look.is_hollow else pen.color())
        self._first.setSize(round(2.4 * _DOT * line))
        self._first.setPen(_pen(theme.text, 1.2))
        self._first.setBrush(None)
        self.chosen.setSize(round(2.1 * _DOT * line))
        self.chosen.setPen(pyqtgraph.mkPen(theme.accent, width=2.5))
        self.chosen.setBrush(None)
        self._best.setPen(best_pen(theme))
        self._own.setPen(pyqtgraph.mkPen(theme.muted, style=Qt.PenStyle.DashLine))
        self._fit()

    def _fit(self) -> None:
        """Name whole trials alone, as many as there is room for."""
        (low, high), _ = self.box.viewRange()
        room = self.box.width() / max(1, self.fontMetrics().horizontalAdvance(_NUMBER_LETTERS))
        ticks = linear_ticks(low, high, max(1, int(room)))
        whole = [(place, text) for place, text in ticks if abs(place - round(place)) < 1e-6]
        self.plot.getAxis("bottom").setTicks([[each for each in whole if each[0] > -0.5]])

    def _widest_tick(self) -> str:
        return "100.0"


class BestSoFarView(QWidget):
    """The plot, and its legend above it."""

    def __init__(self, themes: ThemeManager, choice: TrialChoice) -> None:
        super().__init__()
        self.plot = BestPlot(themes, choice)
        self.legend = LineLegend("sweep-legend")
        self._themes = themes
        self._view: SweepView | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 0)
        column.addWidget(self.legend)
        column.addWidget(self.plot, 1)
        themes.changed.connect(self._name_lines)
        self.plot.recolor(themes.current)

    def show_view(self, view: SweepView) -> None:
        """Show how a sweep stands."""
        self._view = view
        self.plot.show_view(view)
        self._name_lines(self._themes.current)

    def _name_lines(self, theme: Theme) -> None:
        if self._view is None:
            return
        history = best_so_far(self._view.trials)
        entries = [Entry("best so far", "line", best_pen(theme))]
        entries += [
            Entry(_LOOKS[state].words, _LOOKS[state].kind, pen_of(state, theme))
            for state in STATES
            if len(history.points[state][0])
        ]
        if self._view.begun and self._view.begun[0].number == 0:
            diamond = _pen(theme.text, 1.2)
            entries.append(Entry("the preset's own values", "diamond", diamond))
        self.legend.show_entries(entries)


def pen_of(state: TrialState, theme: Theme) -> QPen:
    """Return the pen of trials of a state."""
    color = {
        "complete": theme.series_color(0),
        "pruned": theme.series_color(1),
        "failed": theme.danger,
        "under way": theme.muted,
    }[state]
    return _pen(color, 2.0 if state == "failed" else 1.5)


def best_pen(theme: Theme) -> QPen:
    """Return the pen of the best so far."""
    return _pen(theme.series_color(2), 2.0)


def _unknown(history: BestSoFar) -> bool:
    """Whether a trial is under way that has no accuracy yet."""
    return bool(np.isnan(history.points["under way"][1]).any())


def _stepped(best: tuple[Any, Any], last: float) -> tuple[Any, Any]:
    """Return the corners of steps through the best accuracies, up to the last trial."""
    numbers, accuracies = best
    if not len(numbers):
        return numbers, accuracies
    return np.append(np.repeat(numbers, 2)[1:], last), np.repeat(accuracies, 2)


def _pen(color: str, width: float) -> QPen:
    """Return a pen of a width in pixels, whatever the axes' units."""
    pen = QPen(QColor(color), width)
    pen.setCosmetic(True)
    return pen
