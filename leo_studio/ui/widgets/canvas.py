"""One pyqtgraph plot: axes, ranges, crosshair and colours; what is drawn in it is its owner's part.

pyqtgraph ships no types, so its classes are used and never inherited from.
"""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyqtgraph
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics
from PySide6.QtWidgets import QGraphicsView, QSizePolicy, QWidget

from leo_studio.analysis.curves.scene import Range
from leo_studio.analysis.curves.ticks import Ticks, linear_ticks, log_ticks
from leo_studio.analysis.curves.views import within
from leo_studio.ui.widgets.axis_names import name_axis, shortened_name
from leo_studio.ui.widgets.free_corner import XY, free_corner
from leo_studio.ui.widgets.gestures import Gestures, Place
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.pens import cosmetic_pen, mixed
from leo_studio.ui.widgets.readout import Readout, surroundings
from leo_studio.ui.widgets.theme import Theme

_PADDING = 0.06  # of the y range, above and below the curves
# While a curve grows, the y range stays until it is this much too large, so that numbers rest.
_LOOSEST = 1.6
_GROWTH = 0.25  # of the y range, where growing curves have left it
_BAND_ALPHA = 50  # of 255
_AROUND_TEXT = 10  # pixels, both sides together
_LEAST_LINES = 7  # of the view's height
_LARGEST = 1e30  # on an axis; far beyond it pyqtgraph's transformations overflow


class Canvas(QObject):
    """Wraps a plot widget.

    `range_chosen` is emitted when a person zooms or moves what is seen, with the x range or None,
    the y range or None, and whether that goes on with the choice before; `hovered` with the x under
    the mouse, or None when it has left.

    Attributes
    ----------
    whole
        The x range that shows everything; what is chosen lies in it.
    is_y_chosen
        Whether a person chose the y range, so that it no longer fits by itself.
    """

    range_chosen = Signal(object, object, bool)
    hovered = Signal(object)
    reset_wanted = Signal()
    menu_wanted = Signal()

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.whole: Range = (0.0, 1.0)
        self.is_y_chosen = False
        self._plot: Any = pyqtgraph.PlotWidget(parent, enableMenu=False)
        self._view: QGraphicsView = self._plot
        self.view.setObjectName(f"canvas_{name}")
        self.view.setFrameShape(QGraphicsView.Shape.NoFrame)
        # As large as there is room for; a scroll bar must not come for a size that it hints at.
        ignored = QSizePolicy.Policy.Ignored
        self.view.setSizePolicy(ignored, ignored)
        self.view.setMinimumHeight(self.view.fontMetrics().height() * _LEAST_LINES)
        # Keys such as Backspace mean the plots once the wheel was turned over one of them.
        self.view.setFocusPolicy(Qt.FocusPolicy.WheelFocus)
        self._plot.setMouseEnabled(False, False)  # `Gestures` does all that
        self._box: Any = self._plot.getViewBox()
        self._box.disableAutoRange()
        # A window without a parent otherwise, which outlives the plot.
        menu = self._plot.getPlotItem().ctrlMenu
        menu.setParent(parent, menu.windowFlags())
        self._plot.hideButtons()
        self._axes: dict[str, Any] = {side: self._plot.getAxis(side) for side in ("left", "bottom")}
        self._scales = {"left": 1.0, "bottom": 1.0}
        self._is_log = {"left": False, "bottom": False}
        for side, axis in self._axes.items():
            axis.enableAutoSIPrefix(False)
            axis.tickValues = self._tick_values_of(side)
            axis.tickStrings = self._tick_strings_of(side)
            axis.setStyle(tickLength=-4, hideOverlappingLabels=False)
        self._texts: dict[str, dict[float, str]] = {"left": {}, "bottom": {}}
        self._label = ""
        self.font = QFont(self.view.font())  # of numbers and names, once there is a theme
        # Of the text around: the view itself may learn of another size later than its theme.
        self._metrics = QFontMetrics(self.view.font())
        # pyqtgraph's own grid costs 2 ms an axis whenever anything is painted.
        self._grid: Any = pyqtgraph.PlotCurveItem(connect="pairs")
        self._grid.setZValue(-10)
        self.add(self._grid)
        self._crosshair: Any = pyqtgraph.InfiniteLine(angle=90, movable=False)
        self._crosshair.hide()
        self._plot.addItem(self._crosshair, ignoreBounds=True)
        self._band: Any = pyqtgraph.LinearRegionItem(movable=False)
        self._band.setZValue(30)
        self._band.hide()
        self._plot.addItem(self._band, ignoreBounds=True)
        viewport = self.view.viewport()
        self.readout = Readout(parent=viewport)
        self.note = Label(parent=viewport)
        for label in (self.readout, self.note):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            label.hide()
        self._known: tuple[Range, Range] = self.ranges
        # The room for its name is known once the axes have theirs, after another size of text too.
        self._box.sigResized.connect(self._name_y_axis)
        self._plot.scene().sigMouseMoved.connect(self._mouse_moved)
        viewport.installEventFilter(self)
        self._gestures = Gestures(self, self)  # after the one above, so that it sees events first

    @property
    def view(self) -> QGraphicsView:
        """The widget that is drawn in."""
        return self._view

    @property
    def ranges(self) -> tuple[Range, Range]:
        """The visible x and y range; exponents of ten on a logarithmic axis."""
        (x_low, x_high), (y_low, y_high) = self._box.viewRange()
        return (float(x_low), float(x_high)), (float(y_low), float(y_high))

    def with_room_for(self, text: str, x_range: Range, *, end: float, beside: float) -> Range:
        """Widen a range of x for a text behind `end`, and for so many pixels before it."""
        low, high = x_range
        # pyqtgraph leaves a few pixels around a text.
        text_width = QFontMetrics(self.font).horizontalAdvance(text) + _AROUND_TEXT + beside
        part = min(0.5, text_width / self.columns)
        return low, max(high, low + (end - low) / (1 - part))

    @property
    def columns(self) -> int:
        """How many pixels the curves have in width."""
        return max(16, int(self._box.width()))

    def add(self, item: Any) -> None:
        """Show an item of pyqtgraph."""
        self._plot.addItem(item, ignoreBounds=True)

    def remove(self, item: Any) -> None:
        """Show an item no longer."""
        self._plot.removeItem(item)

    def set_axis(self, side: str, label: str, scale: float, is_log: bool) -> None:
        """Name an axis; numbers on it are `scale` times what is drawn, which may be exponents."""
        axis = self._axes[side]
        self._scales[side], self._is_log[side] = scale, is_log
        if side == "left":
            self._label = label
            self._name_y_axis()
        else:
            name_axis(axis, label)
        axis.picture = None
        axis.update()

    def _name_y_axis(self) -> None:
        """Write the y axis' name, as much of it as there is room for."""
        metrics = QFontMetrics(self.font)
        name_axis(self._axes["left"], shortened_name(self._label, metrics, int(self._box.height())))

    def set_theme(self, theme: Theme, font: QFont) -> None:
        """Take other colours and another size of text."""
        self._plot.setBackground(QColor(theme.raised))
        small = QFont(font)
        small.setPointSizeF(font.pointSizeF() * 0.9)
        line, text = QColor(theme.border), QColor(theme.muted)
        faint = mixed(mixed(theme.border, theme.raised), theme.raised)
        self._grid.setPen(cosmetic_pen(faint, Qt.PenStyle.SolidLine))
        for axis in self._axes.values():
            axis.setPen(pyqtgraph.mkPen(line))
            axis.setTextPen(pyqtgraph.mkPen(text))
            axis.setTickFont(small)
            axis.label.setFont(small)
            axis.resizeEvent()  # in the middle again: pyqtgraph places it by the size that it had
        self.font = small
        metrics = self._metrics = QFontMetrics(font)
        self.view.setMinimumHeight(metrics.height() * _LEAST_LINES)
        # Of one width in all plots: they stand in line, and nothing moves as numbers grow.
        self._axes["left"].setWidth(metrics.horizontalAdvance("−0.0000") + metrics.height() + 8)
        # Half of the number that may stand at the right end.
        right = metrics.horizontalAdvance("00000") // 2
        self._plot.getPlotItem().layout.setContentsMargins(1, 1, right, 1)
        self._axes["bottom"].setHeight(round(metrics.height() * 2.3) + 4)
        self._crosshair.setPen(pyqtgraph.mkPen(text, style=Qt.PenStyle.DashLine))
        shade = QColor(theme.accent)
        for line in self._band.lines:
            line.setPen(pyqtgraph.mkPen(shade))
        shade.setAlpha(_BAND_ALPHA)
        self._band.setBrush(shade)
        see_through = QColor(theme.raised)
        self.note.setStyleSheet(
            f"background: rgba({see_through.red()}, {see_through.green()}, {see_through.blue()},"
            f" 75%); color: {theme.muted}; border-radius: 3px; padding: 0 3px;"
        )
        self.readout.setStyleSheet(
            f"background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.border};"
            " border-radius: 4px; padding: 3px 6px;"
        )

    def set_x_range(self, low: float, high: float) -> None:
        """Show a range of x."""
        if (low, high) != self._known[0] and low < high:
            self._box.setXRange(low, high, padding=0)
            self._known = self.ranges
            self.view.viewport().update()  # everything has another place, also the crosshair

    def set_y_range(self, low: float, high: float) -> None:
        """Show a range of y."""
        if (low, high) != self._known[1] and low < high:
            self._box.setYRange(low, high, padding=0)
            self._known = self.ranges

    def fit_y(self, low: float, high: float, *, is_exact: bool) -> None:
        """Show a range of y, with room; unless `is_exact`, stay as it is where that fits well."""
        if not (math.isfinite(low) and math.isfinite(high)):
            return
        span = high - low or abs(high) * 0.1 or 1.0
        wanted = (low - _PADDING * span, high + _PADDING * span)
        now = self.ranges[1]
        fits = now[0] <= low and high <= now[1] and now[1] - now[0] <= _LOOSEST * span
        if (is_exact or not fits) and wanted != now:
            if not is_exact:
                # Where curves left the range they go on, most likely: so it grows in few steps.
                below, above = (
                    _GROWTH if is_left else 2 * _PADDING
                    for is_left in (low < now[0], high > now[1])
                )
                wanted = (low - below * span, high + above * span)
            self._box.setYRange(*wanted, padding=0)
        self._known = self.ranges

    def draw_grid(self) -> None:
        """Draw a line at every number on the axes."""
        (left, right), (bottom, top) = self.ranges
        across = [place for place, _ in self._ticks("bottom", left, right)]
        up = [place for place, _ in self._ticks("left", bottom, top)]
        x = [*np.repeat(across, 2), *np.tile([left, right], len(up))]
        y = [*np.tile([bottom, top], len(across)), *np.repeat(up, 2)]
        self._grid.setData(np.array(x, dtype=float), np.array(y, dtype=float))

    def show_crosshair(self, x: float | None) -> None:
        """Draw a line at x, or none."""
        if x is None and self._crosshair.isVisible():
            # All of it: of a range that changed meanwhile, parts may show the line where it was.
            self.view.viewport().update()
        self._crosshair.setVisible(x is not None)
        if x is not None:
            self._crosshair.setValue(x)

    def show_readout(self, html: str) -> None:
        """Show values beside the crosshair where there is room, else above the plot; "" for none.

        Over a small plot it would cover most of the curves.
        """
        if not html:
            self.readout.go_to(self.view.viewport())
            return
        self.readout.setText(html)
        self.readout.adjustSize()
        (low, high), _ = self.ranges
        is_left = self._crosshair.value() > (low + high) / 2
        box, size = self._box.sceneBoundingRect(), self.readout.size()
        left = box.left() + 6 if is_left else max(2, box.right() - size.width() - 6)
        corner = QPoint(round(left), round(box.top()) + 6)
        has_room = size.width() <= box.width() / 2 and size.height() <= box.height() / 2
        if has_room:
            self.readout.lie_in(self.view.viewport(), corner)
        else:
            around = surroundings(self.view)
            above = self.view.mapTo(around, QPoint(corner.x(), -size.height() - 2))
            if above.y() < 0:
                above = self.view.mapTo(around, QPoint(corner.x(), self.view.height() + 2))
            self.readout.lie_in(around, above)
        self.view.viewport().update()  # the line where it was, under what stands over the plot

    def show_note(self, text: str, lines: Iterable[XY] = ()) -> None:
        """Write a short sentence into a corner of the plot, on none of these lines; "" for none."""
        if text != self.note.text():
            self.note.setText(text)
        self.note.setVisible(bool(text))
        self.note.adjustSize()
        box = self._box.sceneBoundingRect()
        self.note.move(free_corner(box, self.ranges, self.note.size(), lines).toPoint())

    # What gestures ask and tell

    def place_of(self, position: QPointF) -> Place:
        """Return what is at a position of the viewport."""
        where = self._scene_place(position)
        if self._box.sceneBoundingRect().contains(where):
            return "inside"
        places: tuple[tuple[str, Place], ...] = (("bottom", "x axis"), ("left", "y axis"))
        for side, place in places:
            if self._axes[side].sceneBoundingRect().contains(where):
                return place
        return ""

    def values_at(self, position: QPointF) -> tuple[float, float]:
        """Return x and y at a position of the viewport; exponents on a logarithmic axis."""
        where = self._box.mapSceneToView(self._scene_place(position))
        return float(where.x()), float(where.y())

    def per_pixel(self) -> tuple[float, float]:
        """Return how far a pixel goes along x and along y."""
        (left, right), (bottom, top) = self.ranges
        width, height = max(1.0, self._box.width()), max(1.0, self._box.height())
        return (right - left) / width, (top - bottom) / height

    def show_band(self, ends: Range | None) -> None:
        """Shade a range of x, or none."""
        self._band.setVisible(ends is not None)
        if ends is not None:
            self._band.setRegion(ends)

    def choose(self, x: Range | None, y: Range | None, *, goes_on: bool) -> None:
        """Show ranges that a person chose, at once, and tell of them."""
        if x is not None:
            x = within(x, self.whole)
            self.set_x_range(*x)
        if y is not None:
            if not _is_drawable(y):
                y = None
            else:
                self.is_y_chosen = True
                self.set_y_range(*y)
        if x is not None or y is not None:
            self.range_chosen.emit(x, y, goes_on)

    def hover(self, position: QPointF) -> None:
        """Notice where the mouse is."""
        self._mouse_moved(self._scene_place(position))

    def ask_for_everything(self) -> None:
        """Say that a person wants to see everything."""
        self.reset_wanted.emit()

    def ask_for_menu(self) -> None:
        """Say that a person wants to see what can be done."""
        self.menu_wanted.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice when the mouse leaves the plot, or the plot goes."""
        if event.type() in (QEvent.Type.Leave, QEvent.Type.Hide):
            self.hovered.emit(None)
        return super().eventFilter(watched, event)

    def _scene_place(self, position: QPointF) -> QPointF:
        return self.view.viewportTransform().inverted()[0].map(position)

    def _mouse_moved(self, position: QPointF) -> None:
        is_inside = self._box.sceneBoundingRect().contains(position)
        self.hovered.emit(float(self._box.mapSceneToView(position).x()) if is_inside else None)

    def _tick_values_of(self, side: str) -> Any:
        def tick_values(low: float, high: float, _size: float) -> list[tuple[float, list[float]]]:
            ticks = self._ticks(side, low, high)
            self._texts[side] = dict(ticks)
            return [(high - low, [place for place, _ in ticks])]

        return tick_values

    def _ticks(self, side: str, low: float, high: float) -> Ticks:
        metrics = self._metrics
        if side == "bottom":
            most = self._box.width() / metrics.horizontalAdvance("0000.00k")
        else:
            most = self._box.height() / (2.2 * metrics.height())
        scale, most = self._scales[side], max(2, int(most))
        if self._is_log[side]:
            shift = math.log10(scale)
            ticks = log_ticks(low + shift, high + shift, most)
            return [(place - shift, text) for place, text in ticks]
        ticks = linear_ticks(low * scale, high * scale, most)
        return [(place / scale, text) for place, text in ticks]

    def _tick_strings_of(self, side: str) -> Any:
        def tick_strings(values: list[float], _scale: float, _spacing: float) -> list[str]:
            return [self._texts[side].get(value, "") for value in values]

        return tick_strings


def _is_drawable(y: Range) -> bool:
    """Whether a range of y has different numbers in it that a float can tell apart."""
    low, high = y
    largest = max(abs(low), abs(high))
    return math.isfinite(largest) and high - low > 1e-9 * largest and largest < _LARGEST
