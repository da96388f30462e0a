"""A table of episodes as rows and columns, sorted and filtered by numpy; no object per cell."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QGuiApplication

from engine.inspection.records import EpisodeTable
from leo_studio.analysis.episodes.columns import CLASSES, COLUMNS, NUMBER
from leo_studio.analysis.episodes.filter import classes_text
from leo_studio.ui.widgets.people import as_tip

Index = QModelIndex | QPersistentModelIndex
NO_PARENT = QModelIndex()
BAR_ROLE = Qt.ItemDataRole.UserRole


class EpisodeModel(QAbstractTableModel):
    """Shows some rows of an `EpisodeTable`, in some order.

    `reordered` is emitted when rows stand elsewhere than before; views keep what is selected by
    the episodes' numbers.
    """

    reordered = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.table: EpisodeTable | None = None
        self.sorted_by = NUMBER
        self.is_descending = False
        self._mask: NDArray[np.bool_] | None = None
        self._rows: NDArray[np.int64] = np.zeros(0, np.int64)
        self._places: dict[int, int] | None = None
        self._is_grey = False

    def set_grey(self, is_grey: bool) -> None:
        """Show all rows in grey, where they are of a checkpoint that is kept no longer."""
        if is_grey != self._is_grey:
            self._is_grey = is_grey
            self.layoutChanged.emit()

    def show(self, table: EpisodeTable | None, mask: NDArray[np.bool_] | None) -> None:
        """Show the rows of a table that a mask (E,) leaves; all without one."""
        self.table, self._mask = table, mask
        self._order()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column."""
        self.sorted_by, self.is_descending = column, order == Qt.SortOrder.DescendingOrder
        self._order()

    @property
    def rows(self) -> NDArray[np.int64]:
        """The rows of the table that are shown, in their order."""
        return self._rows

    @property
    def numbers(self) -> NDArray[np.int64]:
        """The numbers of the episodes that are shown, in their order."""
        return np.zeros(0, np.int64) if self.table is None else self.table.numbers[self._rows]

    def place_of(self, number: int) -> int | None:
        """Return the row of an episode; None where it is not shown."""
        if self._places is None:
            self._places = {each: place for place, each in enumerate(self.numbers.tolist())}
        return self._places.get(number)

    def _order(self) -> None:
        self.beginResetModel()
        rows = np.zeros(0, np.int64)
        if self.table is not None:
            rows = np.arange(len(self.table.numbers))
            if self._mask is not None:
                rows = rows[self._mask[: len(rows)]]
            values = COLUMNS[self.sorted_by].values(self.table)[rows]
            # Stable also when turned round: equal ones stay in the order of their numbers.
            order = np.argsort(-values if self.is_descending else values, kind="stable")
            rows = rows[order]
        self._rows, self._places = rows, None
        self.endResetModel()
        self.reordered.emit()

    # What Qt asks

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        """Return how many rows are shown."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, alignment or bar."""
        if self.table is None:
            return None
        column = COLUMNS[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(index.column())
        if role == Qt.ItemDataRole.ForegroundRole:
            muted = QGuiApplication.palette().placeholderText()
            return muted if self._is_grey else None
        row = int(self._rows[index.row()])
        if index.column() == CLASSES:
            if role == Qt.ItemDataRole.ToolTipRole:
                return as_tip(classes_text(self.table, row))
            is_text = role == Qt.ItemDataRole.DisplayRole
            return classes_text(self.table, row) if is_text else None
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(column.values(self.table)[row].item())
        if role == BAR_ROLE and column.bar and not self._is_grey:
            return column.bar, float(column.values(self.table)[row])
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's name, and what it means."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section].title
        if role == Qt.ItemDataRole.ToolTipRole:
            return COLUMNS[section].tip
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None


def _alignment(column: int) -> Qt.AlignmentFlag:
    """Return the side that a column's header and cells are at: numbers are at the right."""
    side = Qt.AlignmentFlag.AlignLeft if column == CLASSES else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter
