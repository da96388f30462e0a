"""Parallel coordinates: an axis for each setting and the accuracy, a line for each trial."""

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from engine.studies.sweeps.trials import Trial
from leo_studio.analysis.sweep_plots import Axis, Numbers, axes, state_of
from leo_studio.analysis.sweep_words import trial_text
from leo_studio.services.sweep_records import SweepView
from leo_studio.ui.sweeps.axis_drawing import (
    AxisPlace,
    draw_line,
    draw_scale,
    draw_ticks,
    draw_title,
)
from leo_studio.ui.sweeps.choice import TrialChoice
from leo_studio.ui.widgets.colors import readable_viridis
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_NEAR = 8.0  # pixels from a line, within which it is meant
_LEAST_LINES, _LEAST_AXIS = 9, 3.2  # heights of a line of text: of the plot, and between two axes
_FAINT = 0.25  # the other lines, while one is chosen
_FEW = 300  # lines that are drawn smooth, and dashed where they ended early
_SMALL = 0.9  # of the text's size
_STYLES = {
    "complete": Qt.PenStyle.SolidLine,
    "pruned": Qt.PenStyle.DashLine,
    "failed": Qt.PenStyle.DotLine,
    "under way": Qt.PenStyle.DashDotLine,
}


class ParallelCoordinates(QWidget):
    """Draws trials as lines from axis to axis, coloured by their accuracy.

    Those that ended early are dashed, what failed dotted, and ends before the accuracy. The arrow
    keys go from trial to trial, Enter opens the run.

    Parameters
    ----------
    themes
        Colours.
    choice
        The chosen trial.
    """

    def __init__(self, themes: ThemeManager, choice: TrialChoice) -> None:
        super().__init__()
        self.setObjectName("sweep-parallel")
        self.setAccessibleName("Parallel coordinates of the trials")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._themes, self._choice = themes, choice
        self._view: SweepView | None = None
        self._begun: Sequence[Trial] = ()  # whose lines are drawn
        self.axes: list[Axis] = []
        self._places: Numbers = np.zeros((0, 0))  # (trials, axes)
        self._lines: QPixmap | None = None  # all of them, as last drawn
        self.readout = Label(parent=self)
        self.readout.setObjectName("sweep-readout")
        self.readout.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.readout.hide()
        themes.changed.connect(self._recolor)
        choice.changed.connect(self.update)
        self._recolor(themes.current)

    def show_view(self, view: SweepView) -> None:
        """Show how a sweep stands."""
        self._view, self._begun = view, view.begun
        self.axes = axes(view.sweep, self._begun)
        self._places = np.array([axis.places for axis in self.axes]).T
        self._draw_anew()

    def sizeHint(self) -> QSize:
        """Return a size in which all axes can be read."""
        return self.minimumSizeHint() * 2

    def minimumSizeHint(self) -> QSize:
        """Return the size in which axes can just be told apart."""
        line = self.fontMetrics().height()
        width = _LEAST_AXIS * max(4, len(self.axes)) * line
        return QSize(round(min(width, 24 * line)), _LEAST_LINES * line)

    # Where things are

    def points(self, place: int) -> list[QPointF]:
        """Return the corners of a trial's line, by its place among those that have begun."""
        return _corners(self._across(), self._y(self._places[place]))

    def nearest(self, where: QPointF) -> int | None:
        """Return the number of the trial whose line is near a place; None where there is none."""
        if self._view is None or not len(self._places):
            return None
        x = self._across()
        left = int(np.clip(np.searchsorted(x, where.x()) - 1, 0, len(x) - 2))
        share = (where.x() - x[left]) / (x[left + 1] - x[left])
        if not -0.1 <= share <= 1.1:
            return None
        y = self._y(self._places[:, left : left + 2])
        slope = (y[:, 1] - y[:, 0]) / (x[left + 1] - x[left])
        distances = np.abs(y[:, 0] + share * (y[:, 1] - y[:, 0]) - where.y())
        distances /= np.sqrt(1 + slope**2)
        distances = np.where(np.isfinite(distances), distances, np.inf)
        place = int(np.argmin(distances))
        return self._begun[place].number if distances[place] <= _NEAR else None

    def _across(self) -> Numbers:
        """Return where the axes stand, (axes,)."""
        return np.array([self._x(axis) for axis in range(len(self.axes))])

    def _x(self, axis: int) -> float:
        left, right = self._margins()
        return left + axis * (self.width() - left - right) / max(1, len(self.axes) - 1)

    def _y(self, places: Numbers) -> Numbers:
        """Return where places of axes are, 0 at the bottom to 1 at the top."""
        top, bottom = self._head(), 0.9 * self.fontMetrics().height()
        return top + (1 - places) * (self.height() - top - bottom)

    def _margins(self) -> tuple[float, float]:
        line = self.fontMetrics().height()
        return 1.2 * line, 3.4 * line

    def _head(self) -> float:
        """Return the height of the titles: two rows where one has no room for them."""
        rows = 2 if self._is_staggered() else 1
        return (rows + 1.7) * self.fontMetrics().height()

    def _spacing(self) -> float:
        return self._x(1) - self._x(0)

    def _is_staggered(self) -> bool:
        metrics = QFontMetricsF(self._small())
        widest = max((metrics.horizontalAdvance(axis.title) for axis in self.axes), default=0.0)
        return widest > self._spacing() - 6

    # Drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw lines, the chosen one above all others, and axes."""
        painter = QPainter(self)
        theme = self._themes.current
        painter.fillRect(self.rect(), QColor(theme.base))
        if self._view is None or not self.axes:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        numbers = [each.number for each in self._begun]
        chosen = [self._choice.number, self._choice.pointed]
        shown = [numbers.index(each) for each in chosen if each in numbers]
        if self._lines is None:
            self._lines = self._drawn_lines(theme)
        painter.setOpacity(_FAINT if shown else 1.0)
        painter.drawPixmap(0, 0, self._lines)
        painter.setOpacity(1.0)
        self._draw_axes(painter, theme)
        for place in reversed(shown):  # the chosen one last
            pen = self._pen(place, theme)
            is_chosen = numbers[place] == self._choice.number
            self._draw_marked(painter, theme, place, pen, 3.0 if is_chosen else 2.0)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent)))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _drawn_lines(self, theme: Theme) -> QPixmap:
        ratio = self.devicePixelRatioF()
        made = QPixmap(self.size() * ratio)
        made.setDevicePixelRatio(ratio)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        is_few = len(self._places) <= _FEW
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, is_few)
        x, y = self._across(), self._y(self._places)
        for place in np.argsort(np.nan_to_num(self._places[:, -1], nan=-1.0)):  # the best last
            pen = self._pen(int(place), theme)
            painter.setPen(pen if is_few else _plain(pen))
            painter.drawPolyline(QPolygonF(_corners(x, y[place])))
        painter.end()
        return made

    def _pen(self, place: int, theme: Theme) -> QPen:
        height = float(self._places[place, -1])
        state = state_of(self._begun[place])
        color = QColor(theme.danger)
        if not math.isnan(height):
            color = readable_viridis(theme, height)
        elif state == "under way":
            color = QColor(theme.muted)
        pen = QPen(color, 1.6)
        pen.setStyle(_STYLES[state])
        return pen

    def _draw_marked(
        self, painter: QPainter, theme: Theme, place: int, pen: QPen, width: float
    ) -> None:
        """Draw a line that is chosen, or under the mouse, with a dot at each axis."""
        points = self.points(place)
        around = QPen(QColor(theme.base), width + 3)
        painter.setPen(around)
        painter.drawPolyline(QPolygonF(points))
        pen.setWidthF(width)
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(points))
        painter.setBrush(pen.color())
        painter.setPen(QPen(QColor(theme.base), 1.5))
        for point in points:
            painter.drawEllipse(point, width + 1.5, width + 1.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _draw_axes(self, painter: QPainter, theme: Theme) -> None:
        line = self.fontMetrics().height()
        painter.setFont(self._small())
        is_staggered, spacing = self._is_staggered(), self._spacing()
        for number, axis in enumerate(self.axes):
            is_last = number == len(self.axes) - 1
            bottom, top = self._y(np.array([0.0, 1.0])).tolist()
            place = AxisPlace(self._x(number), top, bottom, self.width())
            draw_line(painter, theme, place)
            if is_last:
                draw_scale(painter, theme, place)
            draw_ticks(painter, theme, axis, place, spacing, is_last=is_last)
            row = number % 2 if is_staggered else 0
            width = (2 if is_staggered else 1) * spacing - 6
            draw_title(painter, theme, axis, place, row * line, width)

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(_SMALL * font.pointSizeF())
        return font

    # The mouse and the keyboard

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say which trial is under the mouse, or how an axis' title goes on."""
        where = event.position()
        number = self.nearest(where)
        self._choice.point(number)
        text = ""
        if number is not None and self._view is not None:
            text = trial_text(self._view, self._view.trials[number])
        elif where.y() < self._head() and self.axes and self._view is not None:
            text = self._title_at(where.x())
        self._read_out(text, where.toPoint())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the trial under the mouse; none where there is none."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._choice.choose(self.nearest(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the run of the trial under the mouse."""
        if self.nearest(event.position()) is not None:
            self._choice.open_wanted.emit()

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing any more."""
        self._choice.point(None)
        self._read_out("", QPoint())
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from trial to trial, or open the run of the chosen one."""
        key, steps = Qt.Key(event.key()), {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        numbers = [] if self._view is None else [each.number for each in self._begun]
        if key in steps and numbers:
            number, place = self._choice.number, 0
            if number is not None and number in numbers:
                place = numbers.index(number) + steps[key]
            self._choice.choose(numbers[min(max(place, 0), len(numbers) - 1)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choice.open_wanted.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw anew."""
        super().resizeEvent(event)
        self._draw_anew()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size and the screen's."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
            self._draw_anew()

    def _title_at(self, x: float) -> str:
        assert self._view is not None
        place = int(np.argmin([abs(self._x(axis) - x) for axis in range(len(self.axes))]))
        paths = list(self._view.sweep.parameters.items())
        if place < len(paths):
            path, parameter = paths[place]
            return f"{path}: {parameter.words}"
        return "Accuracy on the validation episodes"

    def _read_out(self, text: str, where: QPoint) -> None:
        self.readout.setVisible(bool(text))
        if not text:
            return
        self.readout.setText(text)
        self.readout.adjustSize()
        room = self.size() - self.readout.size()
        corner = where + QPoint(14, 14)
        if corner.x() > room.width():
            corner.setX(max(0, where.x() - 14 - self.readout.width()))
        corner.setY(max(0, min(corner.y(), room.height())))
        self.readout.move(corner)

    def _draw_anew(self) -> None:
        self._lines = None
        self.update()

    def _recolor(self, theme: Theme) -> None:
        self.readout.setStyleSheet(
            f"background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.border};"
            " border-radius: 4px; padding: 3px 6px;"
        )
        self._draw_anew()


def _corners(x: Numbers, y: Numbers) -> list[QPointF]:
    """Return the corners of a line, as far as it has any."""
    return [QPointF(x[axis], y[axis]) for axis in np.flatnonzero(np.isfinite(y))]


def _plain(pen: QPen) -> QPen:
    """Return the pen of one of many lines: dashes would take seconds, so such are faint."""
    color = pen.color()
    color.setAlphaF(1.0 if pen.style() == Qt.PenStyle.SolidLine else _FAINT)
    return QPen(color, 0)
