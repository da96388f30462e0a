"""The table that shows episodes, with bars behind shares and changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QRectF,
    QSignalBlocker,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from engine.inspection.records import EpisodeTable
from leo_studio.analysis.episodes.columns import CLASSES, COLUMNS
from leo_studio.ui.episodes.model import BAR_ROLE, EpisodeModel, Index
from leo_studio.ui.widgets.column_widths import ColumnWidths
from leo_studio.ui.widgets.first_column import FirstColumn
from leo_studio.ui.widgets.row_height import set_row_height
from leo_studio.ui.widgets.sort_header import SortHeader
from leo_studio.ui.widgets.theme import ThemeManager

_BAR_ALPHA = 60
_LARGEST_CHANGE = 0.3  # fills half a cell; larger ones do too
_CLASSES_LETTERS = 26
_FIRST = 4  # columns, as far as Before, that are whole also in a narrow dock


class BarDelegate(QStyledItemDelegate):
    """Paints a bar behind a number: a share from the left, a change from the middle."""

    def __init__(self, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a cell."""
        super().paint(painter, option, index)
        bar = index.data(BAR_ROLE)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if bar is None or is_selected:
            return
        theme, (kind, value) = self._themes.current, bar
        cell = QRectF(option.rect).adjusted(2, 3, -2, -3)
        if kind == "share":
            cell.setWidth(cell.width() * min(1.0, max(0.0, value)))
            color = QColor(theme.accent)
        else:
            length = cell.width() / 2 * min(1.0, abs(value) / _LARGEST_CHANGE)
            middle = cell.center().x()
            cell.setLeft(middle - length if value < 0 else middle)
            cell.setWidth(length)
            color = QColor(theme.danger if value < 0 else theme.success)
        color.setAlpha(_BAR_ALPHA)
        painter.fillRect(cell, color)


class EpisodeTableView(QTableView):
    """Shows episodes; what is selected is known by numbers, so it survives sorting.

    `chosen` is emitted for Enter and double clicks, `numbers_selected` when a person selects rows,
    `current_moved` when a person moves to another row.
    """

    chosen = Signal(int)  # an episode's number
    numbers_selected = Signal(object)  # frozenset of them
    current_moved = Signal(int)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_telling = False
        self._column: int | None = None  # to be scrolled to, once there are rows
        self._scrolled_for: frozenset[int] = frozenset()  # a selection made elsewhere
        # Episodes that were asked for; where no others are shown, they are not marked.
        self._alone = frozenset[int]()
        self.setObjectName("episode-table")
        self.setAccessibleName("Episodes")
        self.episodes = EpisodeModel(self)
        self.setHorizontalHeader(SortHeader(self))
        self.setModel(self.episodes)
        self.setItemDelegate(BarDelegate(themes, self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.widths = ColumnWidths(self)
        header = self.horizontalHeader()
        header.setSectionsMovable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(0, Qt.SortOrder.AscendingOrder)  # as the rows are at first
        header.setSectionsClickable(True)
        header.sectionClicked.connect(self._sort_by_header)
        header.sortIndicatorChanged.connect(self._fit_columns)
        self.doubleClicked.connect(self._choose)
        self.selectionModel().selectionChanged.connect(self._tell_selected)
        self.selectionModel().currentRowChanged.connect(self._tell_current)
        self.first_column = FirstColumn(self)
        themes.settled.connect(self._fit)  # the headers have the text's size, too
        self._fit()

    def show_rows(self, table: EpisodeTable | None, mask: NDArray[np.bool_] | None) -> None:
        """Show other rows: at the place that it is at, or where those that are selected came to."""
        bar = self.verticalScrollBar()
        place, scrolled_for = bar.value(), self._scrolled_for
        self.episodes.show(table, mask)
        if self._scrolled_for in (scrolled_for, frozenset()):
            bar.setValue(place)
        self._show_column()

    def sort_by(self, column: int, *, is_descending: bool) -> None:
        """Sort, and say so in the header."""
        order = Qt.SortOrder.DescendingOrder if is_descending else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(column, order)
        self.episodes.sort(column, order)
        self._column = column
        self._show_column()

    def _show_column(self) -> None:
        """Scroll to the column that it was sorted by, once: now, or with the first rows."""
        if self._column is not None and self.episodes.rowCount():
            row, column = max(0, self.rowAt(0)), self._column
            self._column = None
            self.scrollTo(self.episodes.index(row, column))
            bar = self.horizontalScrollBar()
            while self._is_covered(column) and bar.value() > bar.minimum():
                bar.setValue(bar.value() - bar.singleStep())

    def _is_covered(self, column: int) -> bool:
        """Whether the first column, which stays at the left, lies over another one."""
        first = self.first_column
        is_over = column > 0 and not first.isHidden()
        return is_over and self.columnViewportPosition(column) < first.width()

    def mark(self, selected: frozenset[int], current: int | None) -> None:
        """Show what is selected and looked at, without telling of it; both have the same look.

        A selection that others made is scrolled to once: who then scrolls elsewhere stays there.
        """
        if self._is_telling:
            self._scrolled_for = selected
            return  # it is shown already, and Qt is not done with it
        model = self.selectionModel()
        is_alone = selected == self._alone and np.isin(self.episodes.numbers, list(selected)).all()
        marked = frozenset() if is_alone else selected
        marked |= frozenset() if current is None else {current}
        wanted = np.isin(self.episodes.numbers, list(marked))
        # Rows that follow one another are one range: thousands are selected at once.
        edges = np.flatnonzero(np.diff(wanted.astype(np.int8), prepend=0, append=0))
        ranges = QItemSelection()
        last = len(COLUMNS) - 1
        for first, beyond in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            ranges.select(self.episodes.index(first, 0), self.episodes.index(beyond - 1, last))
        with QSignalBlocker(model):
            place = None if current is None else self.episodes.place_of(current)
            model.select(ranges, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            if place is None:
                model.clearCurrentIndex()
            else:
                index = self.episodes.index(place, 0)
                model.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        if place is not None:
            self.scrollTo(self.episodes.index(place, max(0, self.columnAt(0))))
        if not np.isin(self.episodes.numbers, list(selected)).any():
            self._scrolled_for = frozenset()  # the rows may be still to come
        elif selected != self._scrolled_for:
            self._scrolled_for = selected
            self._scroll_to(selected)
        self.viewport().update()

    def reveal(self, selected: frozenset[int], current: int | None) -> None:
        """Bring the first of the episodes that are selected to the top.

        They are not marked while the rows are theirs alone: all would look the same.
        """
        self._alone, self._scrolled_for = selected, frozenset()
        self.mark(selected, current)

    def _scroll_to(self, selected: frozenset[int]) -> None:
        rows = np.flatnonzero(np.isin(self.episodes.numbers, list(selected)))
        index = self.episodes.index(int(rows[0]), max(0, self.columnAt(0)))
        at_top = QAbstractItemView.ScrollHint.PositionAtTop
        is_asked = self._alone == selected
        self.scrollTo(index, at_top if is_asked else QAbstractItemView.ScrollHint.EnsureVisible)

    def copy(self) -> None:
        """Put the rows that are selected, or all, on the clipboard, for a spreadsheet."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        lines = ["\t".join(column.title for column in COLUMNS)]
        for row in rows or range(self.episodes.rowCount()):
            cells = (self.episodes.index(row, column).data() for column in range(len(COLUMNS)))
            lines.append("\t".join(cells))
        QGuiApplication.clipboard().setText("\n".join(lines) + "\n")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy with the usual keys; Enter looks at the current row."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _fit(self) -> None:
        set_row_height(self, round(1.6 * self.fontMetrics().height()))
        self._fit_columns()

    def _fit_columns(self, *_: object) -> None:
        """Give columns their widths; in a narrow dock none but the sorted one spares an arrow."""
        metrics, header = self.fontMetrics(), self.horizontalHeader()
        number, line = metrics.horizontalAdvance("100.0 % "), metrics.height()
        hints = [header.sectionSizeHint(place) for place in range(len(COLUMNS))]
        widths = [max(number + line, hint) for hint in hints]
        if sum(widths[:_FIRST]) > self.viewport().width():
            mark = self.style().pixelMetric(QStyle.PixelMetric.PM_HeaderMarkSize, None, header)
            arrow = mark + line // 4
            hints = [
                hint - (0 if place == header.sortIndicatorSection() else arrow)
                for place, hint in enumerate(hints)
            ]
            widths = [max(number + line // 4, hint) for hint in hints]
        for place, width in enumerate(widths):
            if place != CLASSES and self.columnWidth(place) != width:
                self.setColumnWidth(place, width)
        self.widths.apply()
        self._stretch()

    def _stretch(self) -> None:
        """Give the classes what room the numbers leave, unless a person said how much."""
        if self.widths.has(CLASSES):
            self.first_column.place()
            return
        others = self.horizontalHeader().length() - self.columnWidth(CLASSES)
        least = _CLASSES_LETTERS * self.fontMetrics().averageCharWidth()
        self.setColumnWidth(CLASSES, max(least, self.viewport().width() - others))
        self.first_column.place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the room."""
        super().resizeEvent(event)
        self._fit_columns()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _sort_by_header(self, column: int) -> None:
        header = self.horizontalHeader()
        is_again = column == self.episodes.sorted_by
        first = COLUMNS[column].is_worst_first
        is_descending = not self.episodes.is_descending if is_again else first
        header.setSortIndicatorShown(True)
        self.sort_by(column, is_descending=is_descending)
        self.scrollToTop()  # where the order begins, wherever the row is that is looked at

    def _choose(self, index: Any) -> None:
        if index.isValid():
            self.chosen.emit(int(self.episodes.numbers[index.row()]))

    def _tell_selected(self, *_: object) -> None:
        rows = [index.row() for index in self.selectionModel().selectedRows()]
        with self._telling():
            self.numbers_selected.emit(frozenset(self.episodes.numbers[rows].tolist()))

    def _tell_current(self, current: Any, _previous: object) -> None:
        if current.isValid():
            with self._telling():
                self.current_moved.emit(int(self.episodes.numbers[current.row()]))

    @contextmanager
    def _telling(self) -> Iterator[None]:
        before, self._is_telling = self._is_telling, True
        try:
            yield
        finally:
            self._is_telling = before
