"""The table of tasks: what can be known of each, and what a run makes of it."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from engine.inspection.function_records import FunctionTable
from leo_studio.analysis.formats import format_number
from leo_studio.analysis.functions.orders import Key, TaskColumn, TaskOrder, columns_of, order_of
from leo_studio.ui.widgets.row_height import set_row_height
from leo_studio.ui.widgets.sort_header import SortHeader
from leo_studio.ui.widgets.theme import ThemeManager

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
_WIDEST = ("0,000 ", "over 99 % ")  # of the first column, and of the others
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class TaskModel(QAbstractTableModel):
    """The rows of a `FunctionTable` in some order."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.table: FunctionTable | None = None
        self.columns: tuple[TaskColumn, ...] = columns_of(None, "run")
        self._values: list[NDArray[np.float64]] = []
        self.order: NDArray[np.int64] = np.zeros(0, np.int64)

    def wait(self, count: int, learner: str) -> None:
        """Show the first tasks by their numbers alone, as long as nothing else is known of them."""
        self.show(None, learner)
        self.beginResetModel()
        self.order = np.arange(count)
        self.endResetModel()

    def show(self, table: FunctionTable | None, learner: str) -> None:
        """Show other tasks, in the order of their numbers."""
        self.beginResetModel()
        self.table, self.columns = table, columns_of(table, learner)
        self._values = [] if table is None else [each.values(table) for each in self.columns]
        self.order = np.arange(0 if table is None else len(table.numbers))
        self.endResetModel()

    def arrange(self, key: Key, *, is_descending: bool = False) -> None:
        """Put the tasks in another order."""
        if self.table is None:
            return
        sign = -1 if is_descending else 1
        self.beginResetModel()
        self.order = order_of(self.table, lambda table: sign * key(table))
        self.endResetModel()

    @property
    def numbers(self) -> NDArray[np.int64]:
        """The numbers of the tasks, in their order."""
        return self.order if self.table is None else self.table.numbers[self.order]

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """Return how many tasks there are."""
        return 0 if parent.isValid() else len(self.order)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text or alignment."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if not self._values:  # as long as one waits
            return format_number(int(self.order[index.row()])) if index.column() == 0 else "…"
        value = self._values[index.column()][self.order[index.row()]]
        return self.columns[index.column()].text(float(value))

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's title, tip or alignment."""
        if orientation != Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        column = self.columns[section]
        return {
            Qt.ItemDataRole.DisplayRole: column.title.replace(": ", ":\n"),  # narrow
            Qt.ItemDataRole.ToolTipRole: column.tip,
            Qt.ItemDataRole.TextAlignmentRole: _RIGHT,
        }.get(Qt.ItemDataRole(role))


class _ByColumn(NamedTuple):
    """An order that was chosen in the header."""

    title: str
    is_descending: bool


class TaskTable(QTableView):
    """Shows tasks.

    `moved` is emitted with the number of the one that a person goes to, `arranged` when the header
    was clicked.
    """

    moved = Signal(int)
    arranged = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("task-table")
        self.setAccessibleName("Tasks")
        self.tasks = TaskModel(self)
        self.setHorizontalHeader(SortHeader(self))
        self.setModel(self.tasks)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._by: TaskOrder | _ByColumn | None = None  # None: by their numbers
        self._is_telling = False
        self.horizontalHeader().sectionClicked.connect(self._sort_by_header)
        self.selectionModel().currentRowChanged.connect(self._tell)
        themes.settled.connect(self._fit)
        self._fit()

    @property
    def order(self) -> TaskOrder | None:
        """The order that was asked for last, but for one of the header."""
        return self._by if isinstance(self._by, TaskOrder) else None

    @property
    def order_words(self) -> str:
        """How the tasks are ordered, where no arrow in the header says it."""
        return "" if self.order is None else f"In this order: {self.order.title.lower()} first."

    def wait(self, count: int, learner: str) -> None:
        """Show the first tasks by their numbers alone, until `show_table`."""
        self.tasks.wait(count, learner)
        self._show_arrow()
        self._fit()

    def show_table(self, table: FunctionTable, learner: str) -> None:
        """Show other tasks, in the order that was last asked for."""
        self.tasks.show(table, learner)
        if isinstance(self._by, TaskOrder):
            if self._by.why_not(families=len(table.families), has_limit=table.has_limit):
                self._by = None  # of tasks of another kind
            else:
                self.tasks.arrange(self._by.key)
        elif self._by is not None and (column := self._column_of(self._by)) is not None:
            key = self.tasks.columns[column].values
            self.tasks.arrange(key, is_descending=self._by.is_descending)
        self._show_arrow()
        self._fit()

    def arrange(self, order: TaskOrder) -> int | None:
        """Put the tasks in an order, now or as they come; returns the first's number."""
        self._by = order
        self.tasks.arrange(order.key)
        self._show_arrow()
        self.scrollToTop()
        numbers = self.tasks.numbers
        return int(numbers[0]) if len(numbers) else None

    def mark(self, number: int) -> None:
        """Show which task is looked at, without telling of it."""
        places = np.flatnonzero(self.tasks.numbers == number)
        self._is_telling = True
        if len(places):
            index = self.tasks.index(int(places[0]), 0)
            self.setCurrentIndex(index)
            self.scrollTo(index)
        else:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        self._is_telling = False

    def neighbour(self, number: int, step: int) -> int:
        """Return the task a row further; of one that is not listed, the next number."""
        places = np.flatnonzero(self.tasks.numbers == number)
        if not len(places):
            return max(0, number + step)
        place = min(max(int(places[0]) + step, 0), len(self.tasks.order) - 1)
        return int(self.tasks.numbers[place])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the room."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Give columns the room that their titles need, and share what is left."""
        metrics, header = self.fontMetrics(), self.horizontalHeader()
        set_row_height(self, round(1.6 * metrics.height()))
        widths = [
            max(header.sectionSizeHint(place), metrics.horizontalAdvance(_WIDEST[place > 0]))
            for place in range(len(self.tasks.columns))
        ]
        spare = max(0, self.viewport().width() - sum(widths)) // max(1, len(widths))
        for place, width in enumerate(widths):
            self.setColumnWidth(place, width + spare)

    def _sort_by_header(self, column: int) -> None:
        title = self.tasks.columns[column].title
        is_descending = column > 0
        if isinstance(self._by, _ByColumn) and self._by.title == title:
            is_descending = not self._by.is_descending
        number = self._current_number()
        self._by = _ByColumn(title, is_descending)
        self.tasks.arrange(self.tasks.columns[column].values, is_descending=is_descending)
        self._show_arrow()
        if number is not None:
            self.mark(number)
        self.scrollToTop()
        self.arranged.emit()

    def _column_of(self, by: "_ByColumn") -> int | None:
        titles = [column.title for column in self.tasks.columns]
        return titles.index(by.title) if by.title in titles else None

    def _show_arrow(self) -> None:
        by, header = self._by, self.horizontalHeader()
        column = self._column_of(by) if isinstance(by, _ByColumn) else None
        header.setSortIndicatorShown(column is not None)
        if column is not None and isinstance(by, _ByColumn):
            orders = Qt.SortOrder
            order = orders.DescendingOrder if by.is_descending else orders.AscendingOrder
            header.setSortIndicator(column, order)

    def _current_number(self) -> int | None:
        index = self.currentIndex()
        return int(self.tasks.numbers[index.row()]) if index.isValid() else None

    def _tell(self, current: QModelIndex, _previous: object) -> None:
        if current.isValid() and not self._is_telling:
            self.moved.emit(int(self.tasks.numbers[current.row()]))
