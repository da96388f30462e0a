"""The table of trials: how each stands, what it came to, and its values; sorted by any column."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from engine.studies.sweeps.trials import Trial
from leo_studio.analysis.sweep_plots import axes
from leo_studio.analysis.sweep_tables import header, row
from leo_studio.analysis.sweep_words import trial_text
from leo_studio.services.sweep_records import SweepView
from leo_studio.ui.sweeps.choice import TrialChoice
from leo_studio.ui.widgets.column_widths import ColumnWidths
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.sort_header import SortHeader
from leo_studio.ui.widgets.theme import ThemeManager

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_STATE = 3  # the column of words; all others are numbers, or choices
_ACCURACY = 1
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_APART = "\N{EN SPACE}"  # words at the left from numbers at the right
_MEASURED = 50  # rows that a column is made wide enough for
_ROW = 1.6  # of the height of a line


class TrialModel(QAbstractTableModel):
    """The trials that have begun, sorted; thousands of them are sorted in a moment."""

    def __init__(self) -> None:
        super().__init__()
        self._view: SweepView | None = None
        self._heads: list[str] = []
        self._by: tuple[int, bool] = (_ACCURACY, True)  # the column, and whether downwards
        self._texts: dict[int, list[str]] = {}  # of trials that were seen, by number
        self._keys: dict[int, list[float]] = {}
        self.trials: list[Trial] = []  # in the order of the rows

    def show_view(self, view: SweepView) -> bool:
        """Take trials over; returns whether the columns are other ones than before."""
        heads, trials = header(view.state), list(view.begun)
        places = np.array([axis.places for axis in axes(view.sweep, trials)]).T.tolist()
        keys = {trial.number: _keys(trial, its) for trial, its in zip(trials, places, strict=True)}
        is_other = heads != self._heads
        if is_other:
            self.beginResetModel()
        else:
            self.layoutAboutToBeChanged.emit()
        self._view, self._heads, self._keys, self._texts = view, heads, keys, {}
        self.trials = self._in_order(trials)
        if is_other:
            self.endResetModel()
        else:
            self.layoutChanged.emit()
        return is_other

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; trials that are alike there stand by their numbers."""
        self._by = column, order == Qt.SortOrder.DescendingOrder
        self.layoutAboutToBeChanged.emit()
        self.trials = self._in_order(self.trials)
        self.layoutChanged.emit()

    def row_of(self, number: int | None) -> int | None:
        """Return the row of a trial; None where it has none."""
        rows = (row for row, trial in enumerate(self.trials) if trial.number == number)
        return next(rows, None)

    def _in_order(self, trials: Sequence[Trial]) -> list[Trial]:
        column, is_downwards = self._by
        if not 0 <= column < len(self._heads):
            return sorted(trials, key=lambda each: each.number)
        sign = -1 if is_downwards else 1
        keys = {number: sign * its[column] for number, its in self._keys.items()}
        return sorted(trials, key=lambda each: (keys[each.number], each.number))

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Return how many trials have begun."""
        return 0 if parent.isValid() else len(self.trials)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self._heads)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell as text, or as what it is sorted by."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if index.column() == _STATE else _RIGHT
        if role == Qt.ItemDataRole.DisplayRole:
            text = self._texts_of(self.trials[index.row()])[index.column()]
            return _APART + text if index.column() == _STATE else text
        if role == Qt.ItemDataRole.ToolTipRole and self._view is not None:
            return as_tip(trial_text(self._view, self.trials[index.row()]))
        return None

    def _texts_of(self, trial: Trial) -> list[str]:
        assert self._view is not None
        if trial.number not in self._texts:
            self._texts[trial.number] = row(trial, list(self._view.sweep.parameters))
        return self._texts[trial.number]

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's name."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _APART + self._heads[section] if section == _STATE else self._heads[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if section == _STATE else _RIGHT
        return None


def _keys(trial: Trial, places: Sequence[float]) -> list[float]:
    """Return what a trial is sorted by in each column."""
    outcome, record = trial.outcome, trial.record
    step = outcome.step if outcome is not None else 0 if record is None else record.step
    state = "under way" if outcome is None else outcome.state
    rank = ("complete", "pruned", "failed", "under way").index(state)
    accuracy = places[-1]
    known = -math.inf if math.isnan(accuracy) else accuracy
    return [trial.number, known, step, rank, *places[:-1]]


class TrialTable(QTableView):
    """The table; the selected trial is the chosen one.

    Parameters
    ----------
    themes
        Tells of another size of text.
    choice
        The chosen trial.
    """

    def __init__(self, themes: ThemeManager, choice: TrialChoice) -> None:
        super().__init__()
        self._choice = choice
        self._is_following = False
        self.setObjectName("sweep-table")
        self.setHorizontalHeader(SortHeader(self))
        self.setAccessibleName("Trials of the sweep")
        self.rows = TrialModel()
        self.setModel(self.rows)
        self.setSortingEnabled(True)
        self.sortByColumn(_ACCURACY, Qt.SortOrder.DescendingOrder)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setResizeContentsPrecision(_MEASURED)
        self.widths = ColumnWidths(self)
        self.selectionModel().currentRowChanged.connect(self._choose)
        self.doubleClicked.connect(lambda _: choice.open_wanted.emit())
        choice.changed.connect(self._follow)
        themes.settled.connect(self._fit)

    def show_view(self, view: SweepView) -> None:
        """Show how a sweep stands; what is chosen stays so."""
        self._is_following = True  # what Qt selects meanwhile is nobody's choice
        is_other = self.rows.show_view(view)
        self._is_following = False
        self._follow()
        self._fit(can_shrink=is_other)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the run of the chosen trial on Enter."""
        if Qt.Key(event.key()) in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choice.open_wanted.emit()
        else:
            super().keyPressEvent(event)

    def _choose(self, current: QModelIndex) -> None:
        if not self._is_following and current.isValid():
            self._choice.choose(self.rows.trials[current.row()].number)

    def _follow(self) -> None:
        """Select the trial that was chosen elsewhere."""
        self._is_following = True
        row = self.rows.row_of(self._choice.number)
        if row is None:
            self.clearSelection()
        elif [each.row() for each in self.selectionModel().selectedRows()] != [row]:
            self.selectRow(row)
            self.scrollTo(self.rows.index(row, 0))
        self._is_following = False

    def sortByColumn(self, column: int, order: Qt.SortOrder) -> None:
        """Sort, and keep the chosen trial selected."""
        super().sortByColumn(column, order)
        self._follow()

    def _fit(self, *, can_shrink: bool = True) -> None:
        """Make columns as wide as what they hold, but for those that a person sized.

        While a sweep goes on none becomes narrower: what is read would move each second.
        """
        self.verticalHeader().setDefaultSectionSize(round(_ROW * self.fontMetrics().height()))
        for column in range(self.rows.columnCount()):
            before = 0 if can_shrink else self.columnWidth(column)
            self.resizeColumnToContents(column)
            self.setColumnWidth(column, max(before, self.columnWidth(column)))
        self.widths.apply()
