"""The plot of the functions of a task: what is made of points, which can be moved."""

from typing import Any

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent

from engine.inspection.function_records import FunctionRecord, Points
from leo_studio.analysis.curves.ticks import linear_ticks
from leo_studio.analysis.functions.edited_points import EditedPoints, KeptAs
from leo_studio.ui.functions.curves import FunctionCurves
from leo_studio.ui.functions.mouse import PointMouse
from leo_studio.ui.widgets.plot import Plot
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_NEAR_PIXELS = 11  # from the middle of a point
_LEAST_HALF_HEIGHT = 3.0  # of what is shown
_ROOM = 0.08  # around what is shown, as a share of it
_TICKS = 6
_USUAL_TICK = "−10"
_Range = tuple[float, float]
_KEY_STEP, _LARGE_KEY_STEP = 0.1, 1.0
_MOVES = {
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
}


class FunctionsPlot(Plot):
    """Draws a record, and takes what a person does to its points.

    Attributes
    ----------
    edited
        Emitted when points were moved, added or removed.
    chosen_changed
        Emitted when keys are about another point.
    refused
        Emitted with a sentence when a change cannot be made.
    """

    edited = Signal()
    chosen_changed = Signal()
    refused = Signal(str)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__(themes, "functions", "x", "y")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.is_empty = True
        self.points = EditedPoints()
        self._widest = _USUAL_TICK
        self._ranges = self._own_ranges = ((0.0, 1.0), (0.0, 1.0))  # of x and y
        self._fits_next = False
        self._is_own_fitted = False  # `_own_ranges` are those of the step and of the weights
        self.record: FunctionRecord | None = None
        self.step = 0
        self.mouse = PointMouse(self)
        self.curves = FunctionCurves(self.plot)
        self._dots: Any = pyqtgraph.ScatterPlotItem(pxMode=True)
        self._dots.setZValue(100)
        self.plot.addItem(self._dots, ignoreBounds=True)
        self._others: Any = pyqtgraph.ScatterPlotItem(pxMode=True)  # of a measured function
        self._others.setZValue(99)
        self.plot.addItem(self._others, ignoreBounds=True)
        self.view.viewport().setMouseTracking(True)
        self.view.setAccessibleDescription(
            "Points can be dragged; a double click adds one, a right click removes one."
        )
        self.recolor(themes.current)

    # What is shown

    def fit_next(self) -> None:
        """Let all of the next record be seen, of which other weights may make something else."""
        self._fits_next = True

    def show_record(self, record: FunctionRecord, step: int, *, is_other_task: bool) -> None:
        """Draw a record; another task has its points as they were left, and all of it is made seen.

        While points of one task are moved, what is seen stays.
        """
        self.record, self.step, self.is_empty = record, step, False
        if is_other_task:
            self.mouse.let_go()
            self.points.take_own(record.support_x, record.support_y)
            self.chosen_changed.emit()
        is_of_own = not record.is_changed and not self.points.is_changed
        if is_other_task or self._fits_next or (is_of_own and not self._is_own_fitted):
            self._fit_step()
        self._fits_next = False
        self.curves.show(record, step)
        self._draw_points()

    def show_step(self, step: int) -> None:
        """Draw another inner step."""
        self.step = step
        if self.record is not None:
            self.curves.show_step(self.record, step)
            if not self.mouse.is_dragging:
                self._fit_step()

    def show_posterior(self, is_shown: bool) -> None:
        """Draw functions of the limit's posterior too, or no more."""
        self.curves.shows_posterior = is_shown
        if self.record is not None:
            self.curves.show(self.record, self.step)

    def go_back(self) -> None:
        """Bring the task's own points back."""
        self.mouse.let_go()
        self.points.go_back()
        self._show_others()

    def undo(self) -> None:
        """Take the last change of points back."""
        self.mouse.let_go()
        if self.points.undo():
            self._show_others()

    def redo(self) -> None:
        """Make it again."""
        self.mouse.let_go()
        if self.points.redo():
            self._show_others()

    def take_points(self, points: Points, kept_as: KeptAs) -> None:
        """Put kept points in the place of the task's own, and show all of them."""
        self.mouse.let_go()
        self.points.replace(*points, kept_as)
        self._fit()
        self._tell()

    # What the mouse and keys do; see `PointMouse`

    def point_at(self, position: QPointF) -> int | None:
        """Return the nearest point within some pixels."""
        if not self.points.count or self.is_empty:
            return None
        places = [
            self.box.mapViewToScene(QPointF(float(x), float(y)))
            for x, y in zip(self.points.x, self.points.y, strict=True)
        ]
        scene = self.view.mapToScene(position.toPoint())
        away = [np.hypot(place.x() - scene.x(), place.y() - scene.y()) for place in places]
        nearest = int(np.argmin(away))
        return nearest if away[nearest] <= _NEAR_PIXELS else None

    def values_at(self, position: QPointF) -> tuple[float, float]:
        """Return x and y at a position of the viewport."""
        # Not by way of whole pixels: a slow hand would move a point in jerks.
        scene = self.view.viewportTransform().inverted()[0].map(position)
        here = self.box.mapSceneToView(scene)
        return float(here.x()), float(here.y())

    def is_inside(self, position: QPointF) -> bool:
        """Whether a position of the viewport is between the axes of a plot with functions."""
        scene = self.view.mapToScene(position.toPoint())
        return not self.is_empty and bool(self.box.sceneBoundingRect().contains(scene))

    def choose(self, place: int | None) -> None:
        """Let keys be about a point."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if place != self.points.chosen:
            self.points.chosen = place
            self._draw_points()
            self.chosen_changed.emit()

    def move_point(self, place: int, x: float, y: float) -> None:
        """Put a point elsewhere, inside of what is seen."""
        (left, right), (bottom, top) = self.box.viewRange()
        self.points.move(place, min(max(x, left), right), min(max(y, bottom), top))
        self._tell()

    def add_point(self, x: float, y: float) -> None:
        """Add a point, or say why not."""
        if reason := self.points.why_not_added():
            self.refused.emit(reason)
            return
        self.points.add(x, y)
        self._tell()

    def add_in_the_middle(self) -> None:
        """Add a point where x is farthest from all others, on the predicted mean."""
        record = self.record
        if record is not None:
            away = np.abs(record.grid[:, None] - self.points.x).min(1)
            place = int(away.argmax())
            self.add_point(float(record.grid[place]), float(record.mean[self.step, place]))

    def remove_point(self, place: int) -> None:
        """Remove a point, or say why not."""
        self.points.chosen = place
        self.remove_chosen()

    def remove_chosen(self) -> None:
        """Remove the point that was clicked last, or say why not."""
        reason, place = self.points.why_not_removed(), self.points.chosen
        if reason or place is None:
            self.refused.emit(reason)
            return
        self.points.remove(place)
        self._tell()

    def show_hand(self, place: int | None, *, is_closed: bool) -> None:
        """Show what the mouse could do."""
        shapes = Qt.CursorShape
        hand = shapes.ClosedHandCursor if is_closed else shapes.OpenHandCursor
        self.view.viewport().setCursor(shapes.CrossCursor if place is None else hand)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Give the mouse its meaning."""
        is_taken = not self.is_empty and self.mouse.take(event)
        if is_taken and self.mouse.is_dragging:
            self.pointed.emit(None)
        return is_taken or super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Remove or move the chosen point; with Ctrl, arrows choose another."""
        key, modifiers = Qt.Key(event.key()), event.modifiers()
        chosen, count = self.points.chosen, self.points.count
        has_control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        is_large = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        x, y = _MOVES.get(key, (0, 0))
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_chosen()
        elif key == Qt.Key.Key_Insert:
            self.add_in_the_middle()
        elif has_control and (x or y) and count:
            forward = x + y > 0
            start = -1 if forward else 0
            self.choose(((start if chosen is None else chosen) + (1 if forward else -1)) % count)
        elif chosen is not None and self.record is not None and (y or (x and is_large)):
            if not event.isAutoRepeat():  # a key that is held is one change
                self.points.end_move()
            size = _LARGE_KEY_STEP if is_large and y else _KEY_STEP
            across, up = self.record.units
            own = float(self.points.x[chosen]), float(self.points.y[chosen])
            self.move_point(chosen, own[0] + x * size * across, own[1] + y * size * up)
        else:
            super().keyPressEvent(event)

    # Drawing

    def _tell(self) -> None:
        self._draw_points()
        self.chosen_changed.emit()
        self.edited.emit()

    def _show_others(self) -> None:
        """Show points after a jump: the task's own as at first, others also where they lie far."""
        points = self.points
        if not points.is_changed:
            self._show_ranges(self._own_ranges)
        elif not all(map(_are_inside, (points.x, points.y), self._ranges)):
            self._fit()
        self._tell()

    def _fit_step(self) -> None:
        """Show all at the step that is looked at, and remember that for the task's own points."""
        self._fit()
        record = self.record
        self._is_own_fitted = not (self.points.is_changed or (record and record.is_changed))
        if self._is_own_fitted:
            self._own_ranges = self._ranges

    def _fit(self) -> None:
        """Show all of a task: what is likely at the step and after the last, and its points."""
        record = self.record
        assert record is not None
        shown, across = [record.band[[self.step, -1]], self.points.y], [self.points.x]
        shown.append(record.mean[self.step])
        if record.limit is not None:
            shown.append(record.limit.band)
        if record.truth is not None:
            shown.append(record.truth)
        if record.others is not None:
            across.append(record.others[0])
            shown.append(record.others[1])
        every = np.concatenate([np.ravel(each) for each in shown])
        every = every[np.isfinite(every)]
        low, high = float(every.min()), float(every.max())
        least = _LEAST_HALF_HEIGHT * record.units[1]
        middle, half = (low + high) / 2, max((high - low) / 2, least)
        grid = record.grid
        gap = float(grid[1] - grid[0]) / 2
        x, y = (float(grid[0]) - gap, float(grid[-1]) + gap), (middle - half, middle + half)
        # Points of a file may lie beyond what the run was trained on.
        every_x = np.concatenate(across)
        x = min(x[0], float(every_x.min())), max(x[1], float(every_x.max()))
        room = _ROOM * (y[1] - y[0])
        self._show_ranges((x, (y[0] - room, y[1] + room)))

    def _show_ranges(self, ranges: tuple[_Range, _Range]) -> None:
        self._ranges = ranges
        for side, name, ends in zip(("bottom", "left"), ("xRange", "yRange"), ranges, strict=True):
            self.box.setRange(**{name: ends}, padding=0)
            ticks = linear_ticks(*ends, _TICKS)
            self.plot.getAxis(side).setTicks([ticks])
        self._widest = max((text for _, text in ticks), key=len, default=_USUAL_TICK)
        self.recolor(self.themes.current)  # which gives the axis its width

    def _draw_points(self) -> None:
        theme, points = self.themes.current, self.points
        size = 0.75 * self.fontMetrics().height()
        others = None if self.record is None else self.record.others
        x, y = ([], []) if others is None else others
        self._others.setData(
            x=x, y=y, size=0.7 * size, brush=None, pen=pyqtgraph.mkPen(theme.text, width=1.3)
        )
        self._dots.setData(
            [
                {
                    "pos": (x, y),
                    "size": size * (1.35 if place == points.chosen else 1),
                    "brush": theme.text,
                    "pen": pyqtgraph.mkPen(
                        theme.accent if place == points.chosen else theme.base,
                        width=3 if place == points.chosen else 1.5,
                    ),
                }
                for place, (x, y) in enumerate(zip(points.x, points.y, strict=True))
            ]
        )

    def _paint(self, theme: Theme) -> None:
        self.curves.paint(theme, self.devicePixelRatioF())
        self._draw_points()

    def _widest_tick(self) -> str:
        return max(self._widest, _USUAL_TICK, key=len)


def _are_inside(values: NDArray[np.float32], ends: _Range) -> bool:
    slack = 1e-5 * (ends[1] - ends[0])  # points are rounded
    return bool((values >= ends[0] - slack).all() and (values <= ends[1] + slack).all())
