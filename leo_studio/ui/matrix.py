"""A matrix as colours and numbers, with names at its edges and a read-out under the mouse."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from leo_studio.ui.colors import sequential_color
from leo_studio.ui.theme import Theme, ThemeManager

Cell = tuple[int, int]  # row and column

_LONGEST_NAME = 0.3  # of the widget's width
_FEWEST_CELLS = 12  # letters' heights that a matrix would like to have


class MatrixView(QWidget):
    """Shows a square matrix of numbers from 0 to 1.

    `chosen` is emitted for a click or Enter on a cell, `pointed` with what a cell means when the
    arrow keys come to it.

    Parameters
    ----------
    themes
        Colours.
    name
        For people who cannot see it, and for tests.
    tip
        What a cell means.
    """

    chosen = Signal(int, int)
    pointed = Signal(str)

    def __init__(self, themes: ThemeManager, name: str, tip: Callable[[int, int], str]) -> None:
        super().__init__()
        self.setObjectName(name.replace(" ", "-"))
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._themes = themes
        self._tip = tip
        self._values: NDArray[np.float64] = np.zeros((0, 0))
        self._texts: Sequence[Sequence[str]] = ()
        self._names: Sequence[str] = ()
        self._columns: Sequence[str] = ()
        self._titles = ("", "")
        self._current: Cell = (0, 0)
        self.colors: Callable[[Theme, float], QColor] = sequential_color
        themes.changed.connect(self.update)

    def show_matrix(
        self,
        values: NDArray[np.float64],
        texts: Sequence[Sequence[str]],
        names: Sequence[str],
        titles: tuple[str, str],
        columns: Sequence[str] | None = None,
    ) -> None:
        """Show a matrix.

        Parameters
        ----------
        values
            (n, n), 0 to 1; not-a-number for a cell that is empty.
        texts
            What is written in the cells where there is room.
        names
            Of rows, and of columns where these have no others.
        titles
            Of the rows and of the columns.
        columns
            Names of the columns.
        """
        self._columns = names if columns is None else columns
        self._values, self._texts, self._names, self._titles = values, texts, names, titles
        last = max(0, len(values) - 1)
        self._current = (min(self._current[0], last), min(self._current[1], last))
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for a dozen lines."""
        side = _FEWEST_CELLS * self.fontMetrics().height()
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        """Return half of that."""
        side = self.sizeHint().height() // 2
        return QSize(side, side)

    def cell_at(self, point: QPointF) -> Cell | None:
        """Return the cell under a point of the widget."""
        area, count = self._area(), len(self._values)
        if not count or not area.contains(point):
            return None
        column = int((point.x() - area.left()) * count / area.width())
        row = int((point.y() - area.top()) * count / area.height())
        return min(row, count - 1), min(column, count - 1)

    def rect_of(self, row: int, column: int) -> QRectF:
        """Return where a cell is."""
        area, count = self._area(), len(self._values)
        width, height = area.width() / count, area.height() / count
        return QRectF(area.left() + column * width, area.top() + row * height, width, height)

    # What Qt asks

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        self.paint_into(painter)
        painter.end()

    def paint_into(self, painter: QPainter) -> None:
        """Paint it with any painter, as large as the widget."""
        theme, count = self._themes.current, len(self._values)
        if not count:
            return
        metrics = self.fontMetrics()
        has_room = self.rect_of(0, 0).height() >= metrics.height()
        for row in range(count):
            for column in range(count):
                self._paint_cell(painter, theme, row, column, has_room)
        painter.setPen(QColor(theme.muted))
        area = self._area()
        every = max(1, -(-count * metrics.height() // max(1, int(area.height()))))
        for place in range(0, count, every):
            self._paint_names(painter, area, place)
        self._paint_titles(painter, area)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect_of(*self._current))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose a cell."""
        cell = self.cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self._current = cell
            self.update()
            self.chosen.emit(*cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk over the cells with the arrows; Enter chooses."""
        moves = {
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
        }
        last = len(self._values) - 1
        key = Qt.Key(event.key())
        if key in moves and last >= 0:
            row, column = (
                min(max(0, place + move), last)
                for place, move in zip(self._current, moves[key], strict=True)
            )
            self._current = (row, column)
            self.pointed.emit(self._tip(row, column))
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and last >= 0:
            self.chosen.emit(*self._current)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Say what is under the mouse."""
        if isinstance(event, QHelpEvent):
            cell = self.cell_at(QPointF(event.pos()))
            if cell is not None:
                QToolTip.showText(event.globalPos(), self._tip(*cell), self)
            return True
        return super().event(event)

    def focusInEvent(self, event: object) -> None:
        """Show where the keyboard is."""
        self.update()

    focusOutEvent = focusInEvent

    # Its parts

    def _area(self) -> QRectF:
        """Return where the cells are: square where there is room, below and beside the names."""
        metrics = self.fontMetrics()
        longest = max((metrics.horizontalAdvance(name) for name in self._names), default=0)
        left = min(longest, int(_LONGEST_NAME * self.width())) + metrics.height() + 10
        top = 2.8 * metrics.height()
        room = QSize(int(self.width() - left - 4), int(self.height() - top - 4))
        return QRectF(left, top, max(1, room.width()), max(1, room.height()))

    def _paint_cell(
        self, painter: QPainter, theme: Theme, row: int, column: int, has_room: bool
    ) -> None:
        value = float(self._values[row, column])
        rect = self.rect_of(row, column)
        if np.isnan(value):
            painter.fillRect(rect, QColor(theme.window))
            return
        color = self.colors(theme, value)
        painter.fillRect(rect.adjusted(0, 0, 0.5, 0.5), color)
        text = self._texts[row][column] if has_room and self._texts else ""
        if text and self.fontMetrics().horizontalAdvance(text) < rect.width():
            is_light = color.lightnessF() > 0.55
            painter.setPen(QColor("#101418" if is_light else "#ffffff"))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_names(self, painter: QPainter, area: QRectF, place: int) -> None:
        metrics, cell = self.fontMetrics(), self.rect_of(place, place)
        height = metrics.height()
        line = QRectF(0, cell.center().y() - height, area.left() - 6, 2 * height)
        mode = Qt.TextElideMode.ElideMiddle
        text = metrics.elidedText(self._names[place], mode, int(line.width()) - height)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        if cell.width() >= 3 * metrics.averageCharWidth():
            above = QRectF(cell.left(), area.top() - 1.3 * height, cell.width(), height)
            text = metrics.elidedText(self._columns[place], mode, int(cell.width()) - 2)
            painter.drawText(above, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_titles(self, painter: QPainter, area: QRectF) -> None:
        metrics = self.fontMetrics()
        rows, columns = self._titles
        top = QRectF(area.left(), 0, area.width(), 1.2 * metrics.height())
        painter.drawText(top, Qt.AlignmentFlag.AlignCenter, columns)
        painter.save()
        painter.translate(QPoint(0, int(area.bottom())))
        painter.rotate(-90)
        side = QRectF(0, 0, area.height(), 1.2 * metrics.height())
        painter.drawText(side, Qt.AlignmentFlag.AlignCenter, rows)
        painter.restore()
