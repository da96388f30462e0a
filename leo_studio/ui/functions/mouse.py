"""The mouse in the plot of functions: points are dragged, added and removed."""

from typing import Protocol

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent

from leo_studio.analysis.functions.edited_points import EditedPoints

_LEFT, _RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


class PointsPlot(Protocol):
    """The part of the plot that the mouse acts on."""

    points: EditedPoints

    def point_at(self, position: QPointF) -> int | None:
        """Return the point at a position of the viewport."""

    def values_at(self, position: QPointF) -> tuple[float, float]:
        """Return x and y there."""

    def is_inside(self, position: QPointF) -> bool:
        """Whether that is between the axes."""

    def choose(self, place: int | None) -> None:
        """Let keys be about a point."""

    def move_point(self, place: int, x: float, y: float) -> None:
        """Put a point elsewhere, as far as there is room."""

    def add_point(self, x: float, y: float) -> None:
        """Add a point, unless there are too many."""

    def remove_point(self, place: int) -> None:
        """Remove a point, unless it is the last."""

    def show_hand(self, place: int | None, *, is_closed: bool) -> None:
        """Show what the mouse could do: a hand over a point."""


class PointMouse:
    """Turns what the mouse does into changes of points."""

    def __init__(self, plot: PointsPlot) -> None:
        self._plot = plot
        self._dragged: int | None = None
        self._offset = 0.0, 0.0  # from the mouse to the middle of the point

    @property
    def is_dragging(self) -> bool:
        """Whether a point is held."""
        return self._dragged is not None

    def take(self, event: QEvent) -> bool:
        """Act on an event of the viewport; returns whether it was one of these."""
        if not isinstance(event, QMouseEvent):
            return False
        position, kind = event.position(), event.type()
        if kind == QEvent.Type.MouseButtonPress:
            return self._press(event.button(), position)
        if kind == QEvent.Type.MouseMove:
            return self._move(position)
        if kind == QEvent.Type.MouseButtonRelease and self.is_dragging:
            self.let_go()
            self._plot.show_hand(self._plot.point_at(position), is_closed=False)
            return True
        if kind == QEvent.Type.MouseButtonDblClick and event.button() == _LEFT:
            return self._double_click(position)
        return False

    def let_go(self) -> None:
        """Drop the point that is held, where it is."""
        self._dragged = None

    def _press(self, button: Qt.MouseButton, position: QPointF) -> bool:
        place = self._plot.point_at(position)
        if button == _RIGHT and place is not None:
            self.let_go()
            self._plot.remove_point(place)
            return True
        if button != _LEFT:
            return False
        self._plot.choose(place)
        if place is not None:
            points, here = self._plot.points, self._plot.values_at(position)
            points.end_move()
            self._dragged = place
            self._offset = float(points.x[place]) - here[0], float(points.y[place]) - here[1]
            self._plot.show_hand(place, is_closed=True)
        return True

    def _move(self, position: QPointF) -> bool:
        if self._dragged is None:
            self._plot.show_hand(self._plot.point_at(position), is_closed=False)
            return False  # the read-out follows
        here = self._plot.values_at(position)
        self._plot.move_point(self._dragged, here[0] + self._offset[0], here[1] + self._offset[1])
        return True

    def _double_click(self, position: QPointF) -> bool:
        if self._plot.is_inside(position) and self._plot.point_at(position) is None:
            self._plot.add_point(*self._plot.values_at(position))
        return True
