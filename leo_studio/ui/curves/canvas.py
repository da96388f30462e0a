"""One pyqtgraph plot: axes, ranges, crosshair and colours; what is drawn in it is `traces`' part.

pyqtgraph ships no types, so its classes are used and never inherited from.
"""

import math
from typing import Any

import numpy as np
import pyqtgraph
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QGraphicsView, QSizePolicy, QWidget

from leo_studio.analysis.curves.scene import Range
from leo_studio.analysis.curves.ticks import Ticks, linear_ticks, log_ticks
from leo_studio.ui.widgets.labels import MarkupLabel
from leo_studio.ui.widgets.pens import cosmetic_pen, mixed
from leo_studio.ui.widgets.theme import Theme

_PADDING = 0.06  # of the y range, above and below the curves
# While a curve grows, the y range stays until it is this much too large, so that numbers rest.
_LOOSEST = 1.6


class Canvas(QObject):
    """Wraps a plot widget.

    `range_chosen` is emitted when a person zooms or pans, with whether the x range changed and
    whether the y range did; `hovered` with the x under the mouse, or None when it has left.
    """

    range_chosen = Signal(bool, bool)
    hovered = Signal(object)
    reset_wanted = Signal()
    menu_wanted = Signal()

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._plot: Any = pyqtgraph.PlotWidget(parent, enableMenu=False)
        self.view: QGraphicsView = self._plot
        self.view.setObjectName(f"canvas_{name}")
        self.view.setFrameShape(QGraphicsView.Shape.NoFrame)
        # As large as there is room for; a scroll bar must not come for a size that it hints at.
        ignored = QSizePolicy.Policy.Ignored
        self.view.setSizePolicy(ignored, ignored)
        self.view.setMinimumHeight(self.view.fontMetrics().height() * 7)
        self.view.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
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
        # pyqtgraph's own grid costs 2 ms an axis whenever anything is painted.
        self._grid: Any = pyqtgraph.PlotCurveItem(connect="pairs")
        self._grid.setZValue(-10)
        self.add(self._grid)
        self._crosshair: Any = pyqtgraph.InfiniteLine(angle=90, movable=False)
        self._crosshair.hide()
        self._plot.addItem(self._crosshair, ignoreBounds=True)
        self.readout = MarkupLabel(parent=self.view.viewport())
        self.readout.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.readout.hide()
        self._known: tuple[Range, Range] = self.ranges
        self._box.sigRangeChangedManually.connect(self._range_was_chosen)
        self._plot.scene().sigMouseMoved.connect(self._mouse_moved)
        self._plot.scene().sigMouseClicked.connect(self._mouse_clicked)
        self.view.viewport().installEventFilter(self)

    @property
    def ranges(self) -> tuple[Range, Range]:
        """The visible x and y range; exponents of ten on a logarithmic axis."""
        (x_low, x_high), (y_low, y_high) = self._box.viewRange()
        return (float(x_low), float(x_high)), (float(y_low), float(y_high))

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
        if axis.labelText != label:
            axis.setLabel(label)
        axis.picture = None
        axis.update()

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
        metrics = self.view.fontMetrics()
        # Of one width in all plots: they stand in line, and nothing moves as numbers grow.
        self._axes["left"].setWidth(metrics.horizontalAdvance("−0.0000") + metrics.height() + 8)
        # Half of the number that may stand at the right end.
        right = metrics.horizontalAdvance("00000") // 2
        self._plot.getPlotItem().layout.setContentsMargins(1, 1, right, 1)
        self._axes["bottom"].setHeight(round(metrics.height() * 2.3) + 4)
        self._crosshair.setPen(pyqtgraph.mkPen(text, style=Qt.PenStyle.DashLine))
        self.readout.setStyleSheet(
            f"background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.border};"
            " border-radius: 4px; padding: 3px 6px;"
        )

    def set_x_range(self, low: float, high: float) -> None:
        """Show a range of x."""
        if (low, high) != self._known[0] and low < high:
            self._box.setXRange(low, high, padding=0)
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
                wanted = (low - 2 * _PADDING * span, high + 2 * _PADDING * span)
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
        self._crosshair.setVisible(x is not None)
        if x is not None:
            self._crosshair.setValue(x)

    def show_readout(self, html: str) -> None:
        """Show values beside the crosshair, at the side where there is room."""
        self.readout.setVisible(bool(html))
        if not html:
            return
        self.readout.setText(html)
        self.readout.adjustSize()
        (low, high), _ = self.ranges
        is_left = self._crosshair.value() > (low + high) / 2
        box = self._box.sceneBoundingRect()
        left = box.left() + 6 if is_left else max(2, box.right() - self.readout.width() - 6)
        self.readout.move(round(left), round(box.top()) + 6)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice when the mouse leaves the plot."""
        if event.type() == QEvent.Type.Leave:
            self.hovered.emit(None)
        return super().eventFilter(watched, event)

    def _mouse_moved(self, position: QPointF) -> None:
        is_inside = self._box.sceneBoundingRect().contains(position)
        self.hovered.emit(float(self._box.mapSceneToView(position).x()) if is_inside else None)

    def _mouse_clicked(self, event: Any) -> None:
        if event.double() and event.button() == Qt.MouseButton.LeftButton:
            event.accept()
            self.reset_wanted.emit()
        elif event.button() == Qt.MouseButton.RightButton:
            event.accept()
            self.menu_wanted.emit()

    def _range_was_chosen(self, _mask: object) -> None:
        before, self._known = self._known, self.ranges
        self.range_chosen.emit(before[0] != self._known[0], before[1] != self._known[1])

    def _tick_values_of(self, side: str) -> Any:
        def tick_values(low: float, high: float, _size: float) -> list[tuple[float, list[float]]]:
            ticks = self._ticks(side, low, high)
            self._texts[side] = dict(ticks)
            return [(high - low, [place for place, _ in ticks])]

        return tick_values

    def _ticks(self, side: str, low: float, high: float) -> Ticks:
        metrics = self.view.fontMetrics()
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
