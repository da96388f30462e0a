"""A matrix as colours and numbers, with names at its edges and a read-out under the mouse."""

from collections.abc import Callable, Sequence
from math import ceil, isnan

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from leo_studio.ui.widgets.colors import sequential_color
from leo_studio.ui.widgets.theme import Theme, ThemeManager

Cell = tuple[int, int]  # row and column

_LONGEST_NAME = 0.3  # of the widget's width
_FEWEST_LINES = 12  # that a matrix would like to have
_FEWEST_LETTERS = 8  # of a column's name; where fewer have room, names stand upright
_MOST_RECTANGLES = 40  # rows; of more, all cells are one image
_FINEST_IMAGE = 1200  # pixels
_LEVELS = 255  # colours from 0 to 1
_SIZES = (1.0, 0.85, 0.7)  # of the texts in cells


class MatrixView(QWidget):
    """Shows a matrix of numbers from 0 to 1, or from -1 to 1 with `colors` to match.

    `chosen` is emitted for a click or Enter on a cell, `opened` for a double click or Enter,
    `pointed` with what a cell means when the arrow keys come to it.

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
    opened = Signal(int, int)
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
        self._longest: Cell | None = None  # pixels of the longest names of rows and of columns
        self._longest_text = ""
        self.colors: Callable[[Theme, float], QColor] = sequential_color
        self.marked: Cell | None = None  # has a frame
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
            (rows, columns); not-a-number for a cell that is empty.
        texts
            What is written in the cells where there is room.
        names
            Of rows, and of columns where these have no others and are as many.
        titles
            Of the rows and of the columns.
        columns
            Names of the columns.
        """
        self._columns = names if columns is None else columns
        self._values, self._texts, self._names, self._titles = values, texts, names, titles
        self._longest = None
        self._longest_text = max((text for row in texts for text in row), key=len, default="")
        last_row, last_column = (max(0, count - 1) for count in values.shape)
        self._current = (min(self._current[0], last_row), min(self._current[1], last_column))
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for a dozen lines."""
        side = _FEWEST_LINES * self.fontMetrics().height()
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        """Return half of that."""
        side = self.sizeHint().height() // 2
        return QSize(side, side)

    def cell_at(self, point: QPointF) -> Cell | None:
        """Return the cell under a point of the widget."""
        area, (rows, columns) = self._area(), self._values.shape
        if not self._values.size or not area.contains(point):
            return None
        column = int((point.x() - area.left()) * columns / area.width())
        row = int((point.y() - area.top()) * rows / area.height())
        return min(row, rows - 1), min(column, columns - 1)

    def rect_of(self, row: int, column: int) -> QRectF:
        """Return where a cell is."""
        return self._rect_in(self._area(), row, column)

    # What Qt asks

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        self.paint_into(painter)
        painter.end()

    def paint_into(self, painter: QPainter) -> None:
        """Paint it with any painter, as large as the widget."""
        theme = self._themes.current
        if not self._values.size:
            return
        area = self._area()
        if max(self._values.shape) > _MOST_RECTANGLES:
            painter.drawImage(area, self._image(theme))
        else:
            painter.save()
            self._paint_cells(painter, theme, area)
            painter.restore()
        painter.setPen(QColor(theme.muted))
        self._paint_names(painter, area)
        self._paint_titles(painter, area)
        if self.marked is not None:
            painter.setPen(QPen(QColor(theme.text), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self._rect_in(area, *self.marked).adjusted(2, 2, -2, -2))
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self._rect_in(area, *self._current))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose a cell."""
        cell = self.cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self._current = cell
            self.update()
            self.chosen.emit(*cell)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open a cell."""
        cell = self.cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(*cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk over the cells with the arrows; Enter chooses and opens, Space chooses."""
        moves = {
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
        }
        has_cells = bool(self._values.size)
        key = Qt.Key(event.key())
        if key in moves and has_cells:
            row, column = (
                min(max(0, place + move), count - 1)
                for place, move, count in zip(
                    self._current, moves[key], self._values.shape, strict=True
                )
            )
            self._current = (row, column)
            self.pointed.emit(self._tip(row, column))
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and has_cells:
            self.chosen.emit(*self._current)
            if key != Qt.Key.Key_Space:
                self.opened.emit(*self._current)
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

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        if event.type() == QEvent.Type.FontChange:
            self._longest = None
        super().changeEvent(event)

    # Its parts

    def _area(self) -> QRectF:
        """Return where the cells are: below and beside the names."""
        height = self.fontMetrics().height()
        longest, longest_column = self._names_room()
        left = min(longest, _LONGEST_NAME * self.width()) + 1.5 * height + 10
        width = max(1.0, self.width() - left - 4)
        above = height
        if self._are_upright(width):
            above = round(min(longest_column, _LONGEST_NAME * self.height()))
        top = 1.8 * height + above
        return QRectF(left, top, width, max(1.0, self.height() - top - 4))

    def _names_room(self) -> Cell:
        if self._longest is None:
            advance = self.fontMetrics().horizontalAdvance
            rows, columns = (
                max(map(advance, names), default=0) for names in (self._names, self._columns)
            )
            self._longest = rows, columns
        return self._longest

    def _are_upright(self, width: float) -> bool:
        """Say whether the columns of a matrix so wide are too narrow for their names."""
        room = width / max(1, len(self._columns))
        fewest = _FEWEST_LETTERS * self.fontMetrics().averageCharWidth()
        return room < min(fewest, self._names_room()[1])

    def _rect_in(self, area: QRectF, row: int, column: int) -> QRectF:
        rows, columns = self._values.shape
        width, height = area.width() / columns, area.height() / rows
        return QRectF(area.left() + column * width, area.top() + row * height, width, height)

    def _paint_cells(self, painter: QPainter, theme: Theme, area: QRectF) -> None:
        # All texts or none: a cell without one is empty.
        has_room = self._shrink(painter, self._rect_in(area, 0, 0))
        for row, values in enumerate(self._values.tolist()):
            for column, value in enumerate(values):
                rect = self._rect_in(area, row, column)
                color = QColor(theme.window) if isnan(value) else self.colors(theme, value)
                painter.fillRect(rect.adjusted(0, 0, 0.5, 0.5), color)
                text = self._texts[row][column] if has_room else ""
                if text and not isnan(value):
                    is_light = color.lightnessF() > 0.55
                    painter.setPen(QColor("#101418" if is_light else "#ffffff"))
                    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)

    def _shrink(self, painter: QPainter, cell: QRectF) -> bool:
        """Choose the largest font in which all texts have room; return whether there is any."""
        for size in _SIZES:
            font = QFont(self.font())
            font.setPointSizeF(size * font.pointSizeF())
            metrics = QFontMetricsF(font, painter.device())
            if (
                metrics.height() <= cell.height()
                and metrics.horizontalAdvance(self._longest_text) < cell.width()
            ):
                painter.setFont(font)
                return bool(self._texts)
        return False

    def _image(self, theme: Theme) -> QImage:
        """Return all cells as an image, fine enough that no viewer blurs them."""
        levels = range(-_LEVELS, _LEVELS + 1)
        colors = [self.colors(theme, level / _LEVELS).rgb() for level in levels]
        table = np.array([*colors, QColor(theme.window).rgb()], np.uint32)
        places = np.rint(np.clip(self._values, -1, 1) * _LEVELS) + _LEVELS
        pixels = table[np.nan_to_num(places, nan=len(colors)).astype(np.intp)]
        fine = -(-_FINEST_IMAGE // max(pixels.shape))
        pixels = pixels.repeat(fine, 0).repeat(fine, 1)
        height, width = pixels.shape
        # A copy: Qt does not keep the array alive.
        return QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGB32).copy()

    def _paint_names(self, painter: QPainter, area: QRectF) -> None:
        cell = self._rect_in(area, 0, 0)
        line = self.fontMetrics().height()
        rows, columns = self._values.shape
        for place in range(0, rows, max(1, ceil(line / cell.height()))):
            self._paint_row_name(painter, area, place)
        is_upright = self._are_upright(area.width())
        every = max(1, ceil(line / cell.width())) if is_upright else 1
        for place in range(0, columns, every):
            self._paint_column_name(painter, area, place, is_upright)

    def _paint_row_name(self, painter: QPainter, area: QRectF, place: int) -> None:
        metrics = self.fontMetrics()
        middle, height = self._rect_in(area, place, 0).center().y(), metrics.height()
        left = 1.4 * height
        line = QRectF(left, middle - height, area.left() - 6 - left, 2 * height)
        mode = Qt.TextElideMode.ElideMiddle
        text = metrics.elidedText(self._names[place], mode, int(line.width()))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_column_name(
        self, painter: QPainter, area: QRectF, place: int, is_upright: bool
    ) -> None:
        metrics, cell = self.fontMetrics(), self._rect_in(area, 0, place)
        height, mode = metrics.height(), Qt.TextElideMode.ElideMiddle
        if not is_upright:
            above = QRectF(cell.left(), area.top() - 1.3 * height, cell.width(), height)
            text = metrics.elidedText(self._columns[place], mode, int(cell.width()) - 2)
            painter.drawText(above, Qt.AlignmentFlag.AlignCenter, text)
            return
        room = area.top() - 1.5 * height
        painter.save()
        painter.translate(cell.center().x(), area.top() - 4)
        painter.rotate(-90)
        text = metrics.elidedText(self._columns[place], mode, int(room))
        side = QRectF(0, -height / 2, room, height)
        painter.drawText(side, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()

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
