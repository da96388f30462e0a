"""What the mouse does to a plot: the wheel zooms, a drag selects, with Shift it moves.

pyqtgraph's own manners are not used: with them a drag moves, the wheel zooms both axes, and y no
longer fits what is seen.
"""

import time
from dataclasses import dataclass
from typing import Literal, Protocol

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QGraphicsView

from leo_studio.analysis.curves.scene import Range
from leo_studio.analysis.curves.views import zoomed

Place = Literal["inside", "x axis", "y axis", ""]

_NOTCH = 120  # of a wheel, in Qt's eighths of a degree
_PER_NOTCH = 0.75  # how wide a range is after a notch, as a part
_ONE_MOVEMENT_SECONDS = 0.7  # turns of the wheel that follow one another as fast are one
_NARROWEST_PIXELS = 4  # of a band: less is a hand that shook


class Zoomable(Protocol):
    """A plot, as far as the mouse changes what it shows."""

    @property
    def view(self) -> QGraphicsView:
        """The widget under the mouse."""

    @property
    def ranges(self) -> tuple[Range, Range]:
        """The visible x and y range."""

    @property
    def is_y_chosen(self) -> bool:
        """Whether a person chose the y range, so that it no longer fits by itself."""

    def place_of(self, position: QPointF) -> Place:
        """Return what is at a position of the viewport."""

    def values_at(self, position: QPointF) -> tuple[float, float]:
        """Return x and y at a position of the viewport."""

    def per_pixel(self) -> tuple[float, float]:
        """Return how far a pixel goes along x and along y."""

    def show_band(self, ends: Range | None) -> None:
        """Shade a range of x, or none."""

    def choose(self, x: Range | None, y: Range | None, *, goes_on: bool) -> None:
        """Show ranges that a person chose; None for one that stays as it is."""

    def hover(self, position: QPointF) -> None:
        """Notice where the mouse is."""

    def ask_for_everything(self) -> None:
        """Say that a person wants to see everything."""

    def ask_for_menu(self) -> None:
        """Say that a person wants to see what can be done."""


@dataclass(slots=True)
class _Drag:
    """A drag, from where the button went down."""

    start: QPointF
    button: Qt.MouseButton
    moves: bool  # what is seen; else it selects a range
    place: Place
    ranges: tuple[Range, Range]
    has_begun: bool = False  # it went farther than a click does
    has_moved: bool = False  # something was chosen already


class Gestures(QObject):
    """Turns what the mouse does over a plot into ranges.

    Parameters
    ----------
    plot
        It is asked and told; its view's events are taken.
    """

    def __init__(self, plot: Zoomable, parent: QObject) -> None:
        super().__init__(parent)
        self._plot = plot
        self._drag: _Drag | None = None
        self._last_turn = -_ONE_MOVEMENT_SECONDS
        self._turned = ""  # which axes the last turn zoomed
        plot.view.viewport().installEventFilter(self)
        plot.view.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the mouse's buttons and the wheel; movement without a button goes on to the plot."""
        if event.type() == QEvent.Type.ContextMenu:
            self._plot.ask_for_menu()
            return True
        if watched is self._plot.view:
            return isinstance(event, QKeyEvent) and self._key(event)
        if isinstance(event, QWheelEvent):
            self._turn(event)
            return True
        if isinstance(event, QMouseEvent):
            return self._mouse(event)
        return False

    def _key(self, event: QKeyEvent) -> bool:
        is_drag = self._drag is not None and self._drag.has_begun
        if event.key() != Qt.Key.Key_Escape or not is_drag:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # an enlarged plot stays so: Esc ends the drag
        elif event.type() == QEvent.Type.KeyPress:
            self._end_drag()
        return True

    def _turn(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / _NOTCH
        place = self._plot.place_of(event.position())
        if not notches or not place:
            return
        has_both = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        axes = {"x axis": "x", "y axis": "y"}.get(place, "xy" if has_both else "x")
        now = time.monotonic()
        goes_on = now - self._last_turn < _ONE_MOVEMENT_SECONDS and axes == self._turned
        self._last_turn, self._turned = now, axes
        factor = _PER_NOTCH**notches
        x, y = self._plot.values_at(event.position())
        shown_x, shown_y = self._plot.ranges
        self._plot.choose(
            zoomed(shown_x, x, factor) if "x" in axes else None,
            zoomed(shown_y, y, factor) if "y" in axes else None,
            goes_on=goes_on,
        )
        self._plot.hover(event.position())

    def _mouse(self, event: QMouseEvent) -> bool:
        match event.type():
            case QEvent.Type.MouseButtonPress:
                self._press(event)
            case QEvent.Type.MouseButtonDblClick:
                if event.button() == Qt.MouseButton.LeftButton:
                    self._plot.ask_for_everything()
            case QEvent.Type.MouseMove:
                if event.buttons() == Qt.MouseButton.NoButton:
                    return False
                self._move(event.position())
                self._plot.hover(event.position())
            case QEvent.Type.MouseButtonRelease:
                self._release(event)
            case _:
                return False
        return True

    def _press(self, event: QMouseEvent) -> None:
        self._last_turn = -_ONE_MOVEMENT_SECONDS
        button, place = event.button(), self._plot.place_of(event.position())
        if self._drag is not None or not place:
            return
        if button not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            return
        has_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        moves = has_shift or button == Qt.MouseButton.MiddleButton or place != "inside"
        self._drag = _Drag(event.position(), button, moves, place, self._plot.ranges)

    def _move(self, position: QPointF) -> None:
        drag = self._drag
        if drag is None:
            return
        way = position - drag.start
        if not drag.has_begun and way.manhattanLength() < QApplication.startDragDistance():
            return
        drag.has_begun = True
        if drag.moves:
            self._pan(drag, way)
        else:
            self._plot.show_band(self._band(drag, position))

    def _pan(self, drag: _Drag, way: QPointF) -> None:
        right, up = self._plot.per_pixel()
        (left, far), (bottom, top) = drag.ranges
        x = (left - right * way.x(), far - right * way.x())
        y = (bottom + up * way.y(), top + up * way.y())
        # Where y fits by itself it goes on to do so.
        has_y = drag.place == "y axis" or (drag.place == "inside" and self._plot.is_y_chosen)
        self._plot.choose(
            None if drag.place == "y axis" else x, y if has_y else None, goes_on=drag.has_moved
        )
        drag.has_moved = True

    def _release(self, event: QMouseEvent) -> None:
        drag = self._drag
        if drag is None or event.button() != drag.button:
            return
        if drag.has_begun and not drag.moves:
            ends = self._band(drag, event.position())
            if ends[1] - ends[0] >= _NARROWEST_PIXELS * self._plot.per_pixel()[0]:
                self._plot.choose(ends, None, goes_on=False)
        self._end_drag()

    def _end_drag(self) -> None:
        self._drag = None
        self._plot.show_band(None)

    def _band(self, drag: _Drag, position: QPointF) -> Range:
        """Return the range between the start and a position, as far as it can be seen."""
        low, high = self._plot.ranges[0]
        places = (self._plot.values_at(each)[0] for each in (drag.start, position))
        first, second = sorted(min(max(place, low), high) for place in places)
        return first, second
