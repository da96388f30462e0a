"""The base class of plots: colours, labelled axes, a title, a read-out under the mouse."""

from html import escape
from typing import Any

import pyqtgraph
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QResizeEvent
from PySide6.QtWidgets import QGraphicsView, QHBoxLayout, QWidget

from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.pages import paint_scene
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_GRID_ALPHA = 40


def axis_height(line: int, *, has_name: bool = True) -> int:
    """Return the height in pixels of a lower axis, of numbers and name or of numbers alone.

    `line` is the height of a line of text.
    """
    return round((2.3 if has_name else 1.2) * line) + 4


class Plot(QWidget):
    """One plot, with axes that stay as they are.

    Parameters
    ----------
    themes
        Colours.
    name
        For people who cannot see the plot, and for tests.
    x_label, y_label
        What is on the axes, with units.

    Attributes
    ----------
    pointed
        Emitted with x and y under the mouse, or with None when it is no longer between the axes.
    """

    pointed = Signal(object)

    def __init__(self, themes: ThemeManager, name: str, x_label: str, y_label: str) -> None:
        super().__init__()
        self.setObjectName(name.replace(" ", "-"))
        self.themes = themes
        self.is_empty = False  # else nothing is under the mouse
        self._title = ("", "")
        self._look = (themes.current.is_dark, self.font().toString())
        self.plot: Any = pyqtgraph.PlotWidget(enableMenu=False)
        self.view: QGraphicsView = self.plot
        self.view.setFrameShape(QGraphicsView.Shape.NoFrame)
        self.view.setAccessibleName(name)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setMouseEnabled(False, False)
        # A window without a parent otherwise, which outlives the plot.
        menu = self.plot.getPlotItem().ctrlMenu
        menu.setParent(self, menu.windowFlags())
        self.plot.hideButtons()
        self.box: Any = self.plot.getViewBox()
        self.box.disableAutoRange()
        for side in ("bottom", "left"):
            self.plot.getAxis(side).enableAutoSIPrefix(False)
        self.set_labels(x_label, y_label)
        self.readout = Label(parent=self.view.viewport())
        self.readout.setObjectName("readout")
        self.readout.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.readout.hide()
        self.body = QHBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.addWidget(self.view, 1)
        self.plot.scene().sigMouseMoved.connect(self._mouse_moved)
        self.view.viewport().installEventFilter(self)
        themes.changed.connect(self._follow)

    def text_at(self, x: float, y: float) -> str:
        """Return what is at a place of the plot; "" for nothing."""
        return ""

    def _paint(self, theme: Theme) -> None:
        """Give the items their colours."""

    def paint_figure(self, painter: QPainter, target: QRectF) -> None:
        """Paint the plot for a file."""
        paint_scene(painter, target, self.view)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the read-out away with the mouse, and leave the wheel to the page around."""
        if event.type() == QEvent.Type.Leave:
            self.readout.hide()
            self.pointed.emit(None)
        elif event.type() == QEvent.Type.Wheel and not any(self.box.mouseEnabled()):
            event.ignore()  # pyqtgraph's axes keep it also where they cannot be zoomed
            return True
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the title the room that there is."""
        super().resizeEvent(event)
        if any(self._title):
            self._color_title(self.themes.current)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        if event.type() == QEvent.Type.FontChange:
            self._follow(self.themes.current)
        super().changeEvent(event)

    def _follow(self, theme: Theme) -> None:
        """Take another look, once: a new size of text comes as an event and as a change."""
        look = (theme.is_dark, self.font().toString())
        if look != self._look:
            self._look = look
            self.recolor(theme)

    def _mouse_moved(self, position: QPointF) -> None:
        where = self.box.mapSceneToView(position)
        is_inside = self.box.sceneBoundingRect().contains(position)
        is_inside = is_inside and not self.is_empty
        text = self.text_at(where.x(), where.y()) if is_inside else ""
        self.pointed.emit((where.x(), where.y()) if is_inside else None)
        self.readout.setVisible(bool(text))
        if not text:
            return
        self.readout.setText(text)
        self.readout.adjustSize()
        corner = self.view.mapFromScene(position) + QPoint(14, 14)
        room = self.view.viewport().size() - self.readout.size()
        corner.setX(max(0, min(corner.x(), room.width())))
        if corner.y() > room.height():
            corner.setY(max(0, corner.y() - 28 - self.readout.height()))
        self.readout.move(corner)

    def recolor(self, theme: Theme) -> None:
        """Take the colours of a theme, and the text's size."""
        self.plot.setBackground(QColor(theme.base))
        small = QFont(self.font())
        small.setPointSizeF(0.9 * small.pointSizeF())
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(pyqtgraph.mkPen(theme.border))
            axis.setTextPen(pyqtgraph.mkPen(theme.muted))
            axis.setTickFont(small)
            axis.label.setFont(small)
            axis.resizeEvent()  # in the middle again: pyqtgraph places it by the size that it had
            axis.setGrid(_GRID_ALPHA)
        self.plot.getAxis("bottom").setHeight(axis_height(self.fontMetrics().height()))
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self._widest_tick()) + 2 * metrics.height()
        self.plot.getAxis("left").setWidth(width)
        self.readout.setStyleSheet(
            f"background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.border};"
            " border-radius: 4px; padding: 3px 6px;"
        )
        if any(self._title):
            self._color_title(theme)
        self._paint(theme)

    def _widest_tick(self) -> str:
        return "0,000"

    def set_labels(self, bottom: str, left: str) -> None:
        """Say what is on the axes, with units."""
        for side, label in (("bottom", bottom), ("left", left)):
            axis = self.plot.getAxis(side)
            axis.setLabel(label)
            axis.resizeEvent()

    def set_title(self, title: str, subtitle: str) -> None:
        """Say in two lines what the plot shows; what has no room is left out."""
        if (title, subtitle) != self._title:
            self._title = (title, subtitle)
            self._color_title(self.themes.current)

    def _color_title(self, theme: Theme) -> None:
        points = self.font().pointSizeF()
        title, subtitle = (escape(self._elided(line), quote=False) for line in self._title)
        label = self.plot.getPlotItem().titleLabel
        self.plot.setTitle(
            f'{title}<br><span style="font-size: {0.9 * points:.1f}pt; color: {theme.muted}">'
            f"{subtitle}</span>",
            color=theme.text,
            size=f"{points:.1f}pt",
            justify="left",
        )
        height = 3 * self.fontMetrics().height()
        label.setMaximumHeight(height)
        self.plot.getPlotItem().layout.setRowFixedHeight(0, height)

    def _elided(self, line: str) -> str:
        """Shorten a line to the room beside the axis: a longer one would make the plot wide."""
        metrics = self.fontMetrics()
        room = self.width() - int(self.plot.getAxis("left").width()) - 2 * metrics.height()
        return metrics.elidedText(line, Qt.TextElideMode.ElideRight, max(0, room))

    @staticmethod
    def translucent(color: str, alpha: int) -> QColor:
        """Return a colour that lets through what is behind it."""
        made = QColor(color)
        made.setAlpha(alpha)
        return made
