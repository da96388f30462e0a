"""The runs as rows and columns, sorted and filtered; a thousand of them stay fluid."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QPalette

from engine.runs.folders import run_identity
from engine.runs.record import Status
from leo_studio.analysis.formats import format_moment
from leo_studio.analysis.runs.naming import steps_text, task_name
from leo_studio.analysis.runs.search import Query
from leo_studio.services.records import RunEntry, TrainingStatus
from leo_studio.ui.runs.states import STATE_LOOKS, StateLook
from leo_studio.ui.widgets.people import as_tip

Index = QModelIndex | QPersistentModelIndex
NO_PARENT = QModelIndex()
_GREYED = QPalette.ColorGroup.Disabled


class Role(IntEnum):
    """Data roles that the delegates ask for beside Qt's own."""

    ENTRY = Qt.ItemDataRole.UserRole
    LOOK = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title, its text, and what it is sorted by (None comes last)."""

    title: str
    text: Callable[[RunEntry], str]
    key: Callable[[RunEntry], Any]
    tip: str = ""
    is_number: bool = False


def _texts(read: Callable[[RunEntry], str]) -> Callable[[RunEntry], str | None]:
    return lambda run: read(run).lower() or None


def _one_line(run: RunEntry) -> str:
    return " ".join((run.problem or run.note).split())


def _changes(run: RunEntry) -> str:
    return "; ".join(run.changes)


COLUMNS = (
    Column("", lambda _: "", lambda _: None, "Whether its curves are shown"),
    Column("State", lambda run: run.status, lambda run: run.status),
    Column(
        "Run",
        lambda run: run.title,
        _texts(lambda run: run.title),
        "What it trains, and in what it differs from its preset; or the name that you gave it",
    ),
    Column(
        "Steps",
        lambda run: "" if run.problem else steps_text(run, "/"),
        lambda run: None if run.problem else run.step,
        "Outer steps taken, of all",
        is_number=True,
    ),
    Column(
        "Best validation",
        lambda run: "" if run.best is None else run.best_text,
        lambda run: None if run.best is None else run.best.value,
        "The best score of a validation, with its 95 % interval: accuracy, or of regression the "
        "squared error, of which less is better",
        is_number=True,
    ),
    Column(
        "Validation",
        lambda _: "",
        lambda run: run.validation[-1] if run.validation else None,
        "The score of validations over training; sorted by the latest",
    ),
    Column(
        "Date",
        lambda run: format_moment(run.created) if run.created else "",
        lambda run: run.created or None,
        "When it was started, local time",
    ),
    Column(
        "Changes",
        _changes,
        _texts(_changes),
        "The settings in which it differs from its preset",
    ),
    Column("Tags", lambda run: ", ".join(run.tags), _texts(lambda run: ", ".join(run.tags))),
    Column("Task", task_name, _texts(task_name)),
    Column("Preset", lambda run: run.preset, _texts(lambda run: run.preset)),
    Column("Store", lambda run: run.store, _texts(lambda run: run.store)),
    Column("Device", lambda run: run.device, _texts(lambda run: run.device)),
    Column("Note", _one_line, _texts(_one_line)),
)
EYE, STATE, NAME, STEPS, BEST, TREND, DATE = 0, 1, 2, 3, 4, 5, 6


class RunModel(QAbstractTableModel):
    """All runs, one row each, and what training tells of the one under way.

    Rows are known by the run's id, so that a run that was renamed or validated keeps its row, and
    views keep what is selected.
    """

    eye_toggled = Signal(object, bool)  # `RunEntry`, and whether it is to be shown

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[RunEntry] = []
        self._keys: list[str] = []
        self.live = TrainingStatus()
        self._live_row = -1
        self._ended: Status | None = None  # until the disk says so too
        self._shown: frozenset[Path] = frozenset()

    # What panels ask and tell

    def is_live(self, entry: RunEntry) -> bool:
        """Whether it is the run under way."""
        return self._live_row >= 0 and self._entries[self._live_row].path == entry.path

    def entry(self, row: int) -> RunEntry:
        """Return a row's run as it stands at this moment."""
        entry = self._entries[row]
        if row != self._live_row:
            return entry
        live, status = self.live, self._ended
        if live.is_active:
            status = "paused" if live.state == "paused" else "running"
        if status is None:
            return entry
        return replace(
            entry,
            status=status,
            step=live.step if live.steps else entry.step,  # before it is prepared, nobody knows
            steps=live.steps or entry.steps,
            seconds=max(live.seconds, entry.seconds),
        )

    def entries(self) -> list[RunEntry]:
        """Return all runs as they stand at this moment."""
        return [self.entry(row) for row in range(len(self._entries))]

    def row_of(self, path: Path) -> int:
        """Return the row of a run's folder; -1 for none."""
        wanted = run_identity(path)
        places = (row for row, entry in enumerate(self._entries) if entry.path == wanted)
        return next(places, -1)

    def show(self, entries: Sequence[RunEntry]) -> None:
        """Show these runs; rows that stay keep their place."""
        self._ended = None
        keys = _keys(entries)
        wanted = dict(zip(keys, entries, strict=True))
        for row in reversed(range(len(self._keys))):
            if self._keys[row] not in wanted:
                self.beginRemoveRows(NO_PARENT, row, row)
                del self._keys[row], self._entries[row]
                self.endRemoveRows()
        for row, key in enumerate(self._keys):
            if self._entries[row] != (entry := wanted.pop(key)):
                self._entries[row] = entry
                self._tell(row)
        if wanted:
            first = len(self._keys)
            self.beginInsertRows(NO_PARENT, first, first + len(wanted) - 1)
            self._keys += wanted.keys()
            self._entries += wanted.values()
            self.endInsertRows()
        self._live_row = self.row_of(Path(self.live.run)) if self.live.run else -1

    def follow(self, status: TrainingStatus) -> None:
        """Show how the run under way stands, without reading anything."""
        before, self.live = self.live, status
        if status.state != before.state:
            is_over = status.state in ("finished", "stopped", "failed")
            self._ended = cast(Status, status.state) if is_over else None
        if status.run != before.run:
            old_row = self._live_row
            self._live_row = self.row_of(Path(status.run)) if status.run else -1
            if old_row >= 0:
                self._tell(old_row)
        if self._live_row >= 0:
            if (before.state, before.run) != (status.state, status.run):
                self._tell(self._live_row)
            elif (before.step, before.steps) != (status.step, status.steps):
                self._tell(self._live_row, STEPS, STEPS)

    def set_shown(self, paths: Sequence[Path]) -> None:
        """Say which runs' curves are shown."""
        shown = frozenset(map(run_identity, paths))
        if shown != self._shown:
            self._shown = shown
            last = len(self._entries) - 1
            if last >= 0:
                self.dataChanged.emit(self.index(0, EYE), self.index(last, EYE))

    def is_shown(self, entry: RunEntry) -> bool:
        """Whether a run's curves are shown."""
        return entry.path in self._shown

    def look(self, row: int) -> StateLook:
        """Return how a row's state looks, which may be a passing one."""
        if row == self._live_row and self.live.is_active:
            return STATE_LOOKS[self.live.state]
        entry = self.entry(row)
        return STATE_LOOKS[entry.state]

    # What Qt asks

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        """Return how many runs there are."""
        return 0 if parent.isValid() else len(self._entries)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(COLUMNS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let eyes be opened and closed."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        if index.column() == EYE and not self._entries[index.row()].problem:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's title or tooltip."""
        if orientation == Qt.Orientation.Vertical or not 0 <= section < len(COLUMNS):
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return COLUMNS[section].title
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return COLUMNS[section].tip or COLUMNS[section].title
            case _:
                return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        row, place = index.row(), index.column()
        if not index.isValid() or row >= len(self._entries):
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(row, place)
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._long_text(row, place)
            case Qt.ItemDataRole.ToolTipRole:
                return as_tip(self._long_text(row, place))
            case Qt.ItemDataRole.TextAlignmentRole if COLUMNS[place].is_number:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case Qt.ItemDataRole.ForegroundRole if self._entries[row].problem:
                return QGuiApplication.palette().brush(_GREYED, QPalette.ColorRole.Text)
            case Qt.ItemDataRole.CheckStateRole if place == EYE:
                is_shown = self.is_shown(self._entries[row])
                return Qt.CheckState.Checked if is_shown else Qt.CheckState.Unchecked
            case Role.ENTRY:
                return self.entry(row)
            case Role.LOOK:
                return self.look(row)
            case _:
                return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for a run's curves to be shown or hidden; the panel that shows them answers."""
        if role != Qt.ItemDataRole.CheckStateRole or index.column() != EYE:
            return False
        is_wanted = Qt.CheckState(value) == Qt.CheckState.Checked
        self.eye_toggled.emit(self.entry(index.row()), is_wanted)
        return True

    def _text(self, row: int, place: int) -> str:
        return self.look(row).word if place == STATE else COLUMNS[place].text(self.entry(row))

    def _long_text(self, row: int, place: int) -> str:
        entry = self.entry(row)
        if place == EYE:
            return "Its curves are shown" if self.is_shown(entry) else "Its curves are hidden"
        if place == STATE:
            return ": ".join(filter(None, (self.look(row).word, entry.problem or entry.error)))
        if place == TREND:
            return _trend(entry)
        if place == NAME:
            return f"{entry.title}\nFolder: {entry.path}"
        return self._text(row, place)

    def _tell(self, row: int, first: int = 0, last: int = len(COLUMNS) - 1) -> None:
        self.dataChanged.emit(self.index(row, first), self.index(row, last))


class RunOrder(QSortFilterProxyModel):
    """Sorts the runs, what is unknown last, and leaves out those that nobody looks for."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._query = Query()
        self._states: tuple[str, ...] = ()
        self.setDynamicSortFilter(True)

    def look_for(self, query: Query, states: tuple[str, ...]) -> None:
        """Show only runs that match, in one of some states (in any, where none is named)."""
        if not hasattr(QSortFilterProxyModel, "endFilterChange"):  # before Qt 6.10
            self._query, self._states = query, states
            self.invalidateRowsFilter()
            return
        self.beginFilterChange()
        self._query, self._states = query, states
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        """Whether a run is looked for."""
        entry = self._model().entry(row)
        return (not self._states or entry.state in self._states) and self._query.matches(entry)

    def lessThan(self, left: Index, right: Index) -> bool:
        """Compare two runs by the column that is sorted by."""
        key, model = COLUMNS[left.column()].key, self._model()
        one, other = key(model.entry(left.row())), key(model.entry(right.row()))
        is_rising = self.sortOrder() == Qt.SortOrder.AscendingOrder
        if one is None or other is None:
            return (other is None) == is_rising and one is not other
        return bool(one < other)

    def _model(self) -> RunModel:
        model = self.sourceModel()
        if not isinstance(model, RunModel):
            raise TypeError("these are no runs")
        return model


def _keys(entries: Sequence[RunEntry]) -> list[str]:
    """Return keys of runs: their ids, and the folders of those that have none or are copies."""
    keys: dict[str, None] = {}
    for entry in entries:
        is_new = entry.id and entry.id not in keys
        keys[entry.id if is_new else str(entry.path)] = None
    return list(keys)


def _trend(run: RunEntry) -> str:
    values, score = run.validation, run.score
    if not values or score is None:
        return "No validation yet"
    known = [value for value in values if math.isfinite(value)]
    best = score.text(max(known, key=score.goodness, default=None))
    last = score.text(values[-1])
    return f"{len(values):,} validations: best {best}, latest {last}"
