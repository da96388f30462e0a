"""What is marked in a plot: the best validation, checkpoints, where the loss is another one."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetricsF

from engine.tasks.scores import LOSS
from leo_studio.analysis.curves.aggregation import Marks
from leo_studio.analysis.curves.exported import PlotState
from leo_studio.analysis.curves.quantities import PlotKind
from leo_studio.analysis.curves.scene import Scene, Shown
from leo_studio.ui.widgets.canvas import Canvas
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import Theme

TIP = "A star marks the best validation, a tick at the foot a checkpoint."
PHASE_TIP = (
    "A line marks where the last phase begins: from there the objective is about several samples "
    "of a task, so that the loss is another quantity and jumps (learner.last_phase)."
)
ROOTS_TIP = (
    "A line marks where a task begins to count by its squared error: up to there it counts by the "
    "root of it, so that the loss is another quantity and jumps (learner.root_share)."
)
# What stands behind a line: the longest that has room.
_PHASE, _ROOTS = ("last phase", "last"), ("squared errors", "errors²")
_PHASE_WORDS = "<i>the last phase begins here: the loss is another one</i>"
_ROOTS_WORDS = "<i>tasks count by their squared errors from here on, and no longer by the roots</i>"
STAR_RADIUS = 7.5  # pixels
_TICK_HEIGHT = 0.035  # of a checkpoint's tick, as a part of the plot's
_NEAR = 4  # pixels from a tick, where the mouse means it
_BESIDE = 10  # pixels of a word's label that are not the word


class DrawnMarks:
    """Draws marks into a canvas; its items are made once and reused."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._best: Any = pyqtgraph.ScatterPlotItem(symbol="star", size=2 * STAR_RADIUS)
        self._ticks: Any = pyqtgraph.PlotCurveItem(connect="pairs")
        self._phase = self._line(PHASE_TIP, 0.9)
        self._roots = self._line(ROOTS_TIP, 0.75)
        self.stars: Sequence[tuple[float, float]] = ()  # where they are, in the axes' units
        self._places = np.array((), dtype=np.float64)  # of the ticks, in the units of the axis
        for item in (self._ticks, self._best):
            item.setZValue(20)
            canvas.add(item)

    def draw_scene(self, scene: Scene, state: PlotState, theme: Theme) -> Marks:
        """Mark the best validations, where phases begin, and the checkpoints of a single run.

        Returns the marks of a single run whose best validation is drawn; else none.
        """
        is_validated = any(each.source == "validation" for each in state.quantities)
        marks = [(shown, _marks_in(state.kind, shown, scene)) for shown in scene.shown]
        stars = []
        for shown, mark in marks:
            if mark.best is not None and is_validated:
                place = place_on_axes(*mark.best, is_log_x=scene.is_log_x, is_log_y=state.is_log)
                if place is not None:
                    stars.append((place, theme.series_color(scene.color_of(shown, 1))))
        alone = marks[0][1] if len(marks) == 1 else Marks()
        self.draw(stars, alone.checkpoints, theme, is_log_x=scene.is_log_x)
        self.draw_phases(scene, state.kind, theme)
        return alone if stars else Marks()

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

    def draw_phases(self, scene: Scene, kind: PlotKind, theme: Theme) -> None:
        """Draw lines where the loss becomes another one, in the loss' plot.

        Of several runs only where it does so in all of them at once.
        """
        is_drawn = kind.name == LOSS.name
        drawables = [shown.drawable for shown in scene.shown] if is_drawn else []
        found: list[tuple[float, Any, Sequence[str]]] = []
        for line, words, begins in (
            (self._phase, _PHASE, {each.last_phase(scene.axis) for each in drawables}),
            (self._roots, _ROOTS, {each.roots_end(scene.axis) for each in drawables}),
        ):
            begin = begins.pop() if len(begins) == 1 else None
            place = (
                None
                if begin is None
                else place_on_axes(begin, 1.0, is_log_x=scene.is_log_x, is_log_y=False)
            )
            line.setVisible(place is not None)
            if place is not None:
                line.setPos(place[0])
                line.setPen(pyqtgraph.mkPen(QColor(theme.muted), style=Qt.PenStyle.DotLine))
                line.label.setColor(QColor(theme.muted))
                line.label.setFont(self._canvas.font)
                found.append((place[0], line, words))
        self._write_phases(found)

    def _write_phases(self, found: Sequence[tuple[float, Any, Sequence[str]]]) -> None:
        """Write at each line what begins there, as far as there is room up to what comes next."""
        metrics, pixel = QFontMetricsF(self._canvas.font), self._canvas.per_pixel()[0]
        end = self._canvas.ranges[0][1]
        for place, line, words in found:
            behind = min((other for other, _, _ in found if other > place), default=end)
            room = (min(behind, end) - place) / pixel - _BESIDE
            fitting = (word for word in words if metrics.horizontalAdvance(word) <= room)
            line.label.setFormat(next(fitting, ""))

    def _line(self, tip: str, height: float) -> Any:
        """Return a line for a place, with room for a word at a part of its height."""
        # What begins at a line stands behind it, in whichever half of the plot.
        options = {"position": height, "anchors": [(0, 0.5), (0, 0.5)]}
        line: Any = pyqtgraph.InfiniteLine(angle=90, label="", labelOpts=options)
        line.setToolTip(as_tip(tip))
        line.setZValue(5)  # below the curves' ends and the marks
        line.hide()
        self._canvas.add(line)
        return line

    @property
    def phase(self) -> float | None:
        """Where the last phase begins, in the axis' units; None where that is not drawn."""
        return float(self._phase.value()) if self._phase.isVisible() else None

    @property
    def roots_end(self) -> float | None:
        """Where tasks no longer count by roots, likewise."""
        return float(self._roots.value()) if self._roots.isVisible() else None

    def words_on_phase(self, x: float | None) -> list[str]:
        """Say in a line what begins where the crosshair is, if it is at a line."""
        if x is None:
            return []
        near = _NEAR * self._canvas.per_pixel()[0]
        places = ((self.phase, _PHASE_WORDS), (self.roots_end, _ROOTS_WORDS))
        return [words for place, words in places if place is not None and abs(place - x) <= near]

    def checkpoint_at(self, x: float) -> float | None:
        """Return where the tick stands that the crosshair is at, likewise; None for none."""
        if not len(self._places):
            return None
        nearest = float(self._places[np.argmin(np.abs(self._places - x))])
        is_near = abs(nearest - x) <= _NEAR * self._canvas.per_pixel()[0]
        return nearest if is_near else None


def _marks_in(kind: PlotKind, shown: Shown, scene: Scene) -> Marks:
    """Return what is marked of a run in a plot: nothing in most."""
    if not any(each.source == "validation" for each in kind.quantities):
        return Marks()
    marks = shown.drawable.marks(scene.axis)
    return marks if marks.plot == kind.name else Marks()


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
