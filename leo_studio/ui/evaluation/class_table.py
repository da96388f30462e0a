"""Accuracies by class as a table, the worst first, or sorted by any column, and copied."""

import math
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from leo_studio.analysis.evaluation.report import Report
from leo_studio.analysis.formats import format_percentage
from leo_studio.figures.tables import pasteable
from leo_studio.ui.widgets.column_widths import ColumnWidths
from leo_studio.ui.widgets.sort_header import SortHeader

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_HEADERS = ("Rank", "Class", "Accuracy")
_NAME = 1  # the column of names, which has the room that is left
_SORTED_BY = Qt.ItemDataRole.UserRole


class ClassModel(QAbstractTableModel):
    """Rank, name and accuracy of every class of a report."""

    def __init__(self) -> None:
        super().__init__()
        self._report: Report | None = None

    def show_report(self, report: Report) -> None:
        """Take the classes of another report."""
        self.beginResetModel()
        self._report = report
        self.endResetModel()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Return how many classes there are."""
        return 0 if parent.isValid() or self._report is None else len(self._report.classes)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(_HEADERS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell as text, or as what it is sorted by."""
        assert self._report is not None
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role not in (Qt.ItemDataRole.DisplayRole, _SORTED_BY):
            return None
        accuracy = float(self._report.class_accuracies[row])
        if role == _SORTED_BY:
            known = -1.0 if math.isnan(accuracy) else accuracy
            return (self._report.rank(row), self._report.classes[row].casefold(), known)[column]
        shown = "never came up" if math.isnan(accuracy) else format_percentage(accuracy)
        return (f"{self._report.rank(row)}", self._report.classes[row], shown)[column]

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's name."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _HEADERS[section]
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None


def _alignment(column: int) -> Qt.AlignmentFlag:
    """Return the side that a column's header and cells are at: numbers are at the right."""
    side = Qt.AlignmentFlag.AlignLeft if column == _NAME else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


class ClassTable(QTableView):
    """The table; Ctrl+C copies the rows that are selected, for a spreadsheet."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("class-table")
        self.setHorizontalHeader(SortHeader(self))
        self.setAccessibleName("Accuracy by class")
        self._classes = ClassModel()
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self._classes)
        self._sorted.setSortRole(_SORTED_BY)
        self.setModel(self._sorted)
        self.setSortingEnabled(True)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)  # the report's: the worst first
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        self.widths = ColumnWidths(self)
        self._fit()

    def show_report(self, report: Report) -> None:
        """Show the classes of a report."""
        self._classes.show_report(report)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        """Size the columns by what they hold, unless a person did."""
        for column in range(len(_HEADERS)):
            if column != _NAME:
                self.resizeColumnToContents(column)
        self.widths.apply()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy with the usual keys."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def copy(self) -> None:
        """Put the rows that are selected, or all, on the clipboard, in the order shown."""
        selected = sorted(index.row() for index in self.selectionModel().selectedRows())
        rows = [
            [self._sorted.index(row, column).data() for column in range(len(_HEADERS))]
            for row in selected or range(self._sorted.rowCount())
        ]
        QGuiApplication.clipboard().setText(pasteable([_HEADERS, *rows]))
