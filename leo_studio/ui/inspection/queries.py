"""The model of the queries of an episode: rows, filters and order; no painting."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from engine.inspection.records import Inspection, taken_for
from leo_studio.analysis.formats import format_percentage, format_value
from leo_studio.analysis.inspection.findings import class_names
from leo_studio.analysis.inspection.positions import carried_over, stage_at
from leo_studio.ui.inspection.thumbnails import Thumbnails
from leo_studio.ui.widgets.people import as_tip

Index = QModelIndex | QPersistentModelIndex
NO_PARENT = QModelIndex()
HEADERS = ("Query", "True class", "Prediction", "Probabilities", "Doubt (nats)", "Δ")
TIPS = (
    "The example, and its name in the store",
    "The class that it is of",
    "The most probable class at this position",
    "Of every class at this position, in the order of their labels; the line spans the 5th to the "
    "95th percentile over sampled codes, at the three stages alone; the true class has a frame",
    "Entropy of the prediction averaged over sampled codes, at the last stage that was reached: "
    "what is expected of a single code, and behind it, in another colour, the mutual information "
    "between prediction and code; a full bar is no knowledge at all",
    "Probability of the true class less that on the other side, at the same stage",
)
PICTURE, TRUE, PREDICTED, BARS, DOUBT, DELTA = range(len(HEADERS))
FILTERS = ("All", "Wrong", "Right to wrong", "Wrong to right")
_MOST_NAMES = 200  # of queries that are measured: all are named alike
ORDERS = ("Wrong first", "Least sure first", "Most changed first", "By class")


class Role(IntEnum):
    """Data roles that the delegate asks for."""

    QUERY = Qt.ItemDataRole.UserRole


class Cell(NamedTuple):
    """A cell of the confusion matrix: a true class and a predicted one, at a position."""

    true: int
    taken: int
    position: int


@dataclass(frozen=True, slots=True)
class QueryRow:
    """Facts about one query at the current position.

    Attributes
    ----------
    row
        Of the split.
    true, predicted
        Labels.
    probabilities
        (N,).
    low, high
        5th and 95th percentile over samples, (N,); None between stages.
    expected, information
        The two parts of the entropy.
    """

    row: int
    true: int
    predicted: int
    probabilities: NDArray[np.float32]
    low: NDArray[np.float32] | None
    high: NDArray[np.float32] | None
    expected: float
    information: float

    @property
    def is_right(self) -> bool:
        """Whether the prediction is the true class."""
        return self.true == self.predicted


class QueryModel(QAbstractTableModel):
    """The queries of an inspection at one position."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.inspection: Inspection | None = None
        self.thumbnails = Thumbnails()
        self.position = 0
        self.shown = FILTERS[0]
        self.order = ORDERS[0]
        self.cell: Cell | None = None  # only what is in this cell of the confusion matrix
        self._names: list[str] = []
        self._predictions: NDArray[np.int64] = np.zeros((0, 0, 0), np.int64)  # (P, N, Q)
        self._places: NDArray[np.int64] = np.zeros((0, 2), np.int64)  # class and query
        self._made: dict[int, QueryRow] = {}  # at this position: a row is painted cell by cell
        self._shared: frozenset[int] | None = None  # rows that the other side has too
        self._led: dict[int, int] | None = None  # places that the other side gives to rows
        self._other: Inspection | None = None
        self._reference: dict[int, NDArray[np.float32]] = {}

    def show(self, inspection: Inspection | None, thumbnails: Thumbnails, position: int) -> None:
        """Show an episode's queries."""
        before = self.inspection
        if before is None or inspection is None or not _are_alike(before, inspection):
            self.cell = None
        self.inspection, self.thumbnails, self.position = inspection, thumbnails, position
        self._names = class_names(inspection) if inspection else []
        if inspection is not None:
            self._predictions = inspection.predictions[0]
        self.arrange()

    def names_in(self, column: int) -> list[str]:
        """Return names that a column shows: of classes all, of queries the first ones."""
        if column in (TRUE, PREDICTED):
            return self._names
        rows = range(min(_MOST_NAMES, self.rowCount()))
        return [str(self.index(row, PICTURE).data()) for row in rows]

    def set_reference(self, reference: Inspection | None) -> None:
        """Compare with the same queries on the other side."""
        self._other, self._reference = reference, {}
        if reference is not None:
            for n, q in np.argwhere(reference.query[0] >= 0).tolist():
                row = int(reference.query[0, n, q])
                self._reference[row] = reference.probabilities[0, :, n, q, n]
        self._tell()

    def stand_beside(self, other: "QueryModel | None", *, follows: bool) -> None:
        """Keep the queries that another table has too above all others; alone without one.

        Parameters
        ----------
        other
            The table of the other side.
        follows
            Whether rows stand as they do there, so that a query is at the same height on both
            sides; the other table then chooses which are shown.
        """
        self._shared = self._led = None
        if other is not None:
            seen = other.inspection
            rows = [] if seen is None else seen.query[seen.query >= 0].tolist()
            self._shared = frozenset(rows)
            if follows:
                self._led = {row: place for place, row in enumerate(other.rows)}
        self.arrange()

    @property
    def rows(self) -> list[int]:
        """The rows of the split that are shown, in their order."""
        if self.inspection is None:
            return []
        n, q = self._places.T
        rows: list[int] = self.inspection.query[0, n, q].tolist()
        return rows

    def set_position(self, position: int) -> None:
        """Show another position; rows stay where they are."""
        self.position = position
        self._made.clear()
        self._tell()

    def arrange(self) -> None:
        """Filter and order anew: by what is true after fine-tuning."""
        self.beginResetModel()
        self._made.clear()
        self._places = self._arranged()
        self.endResetModel()

    def query(self, place: int) -> QueryRow:
        """Return the facts about a row's query."""
        if place not in self._made:
            self._made[place] = self._query(place)
        return self._made[place]

    def _query(self, place: int) -> QueryRow:
        seen = self.inspection
        assert seen is not None
        n, q = self._places[place].tolist()
        position = min(self.position, seen.probabilities.shape[1] - 1)
        stage = stage_at(seen, position)
        low = high = None
        if stage is not None:
            sampled = seen.sampled_probabilities[0, :, stage, n, q]
            low, high = np.percentile(sampled, (5, 95), axis=0)
        reached = max(each for each in range(3) if seen.stages[each] <= position)
        return QueryRow(
            row=int(seen.query[0, n, q]),
            true=n,
            predicted=int(self._predictions[position, n, q]),
            probabilities=seen.probabilities[0, position, n, q],
            low=low,
            high=high,
            expected=float(seen.expected_entropy[0, reached, n, q]),
            information=float(seen.mutual_information[0, reached, n, q]),
        )

    def place_in_episode(self, row: int) -> tuple[int, int]:
        """Return class and query of a row."""
        n, q = self._places[row].tolist()
        return n, q

    def place_of(self, row: int) -> int | None:
        """Return where a row of the split is shown; None where it is not."""
        seen = self.inspection
        if seen is None:
            return None
        rows = self.rows
        return rows.index(row) if row in rows else None

    @property
    def most_entropy(self) -> float:
        """The largest possible entropy, against which bars are drawn."""
        return float(np.log(max(2, len(self._names))))

    def _arranged(self) -> NDArray[np.int64]:
        seen = self.inspection
        if seen is None:
            return np.zeros((0, 2), np.int64)
        labels = np.arange(seen.query.shape[1])[:, None]
        first = self._predictions[0] == labels
        last = self._predictions[-1] == labels
        is_shown = {
            "All": np.ones_like(last),
            "Wrong": ~last,
            "Right to wrong": first & ~last,
            "Wrong to right": ~first & last,
        }[self.shown] & (seen.query[0] >= 0)
        if self.cell is not None:
            is_taken = self._predictions[self.cell.position] == self.cell.taken
            is_shown &= is_taken & (labels == self.cell.true)
        places = np.argwhere(is_shown)
        n, q = places.T
        true = seen.probabilities[0, :, n, q, n]
        key = {
            "Wrong first": last[n, q] + true[:, -1],
            "Least sure first": seen.probabilities[0, -1][n, q].max(-1),
            "Most changed first": -np.abs(true[:, -1] - true[:, 0]),
            "By class": n.astype(float),
        }[self.order]
        ordered: NDArray[np.int64] = places[np.argsort(key, kind="stable")]
        return ordered if self._shared is None else self._beside(seen, ordered)

    def _beside(self, seen: Inspection, ordered: NDArray[np.int64]) -> NDArray[np.int64]:
        """Put the queries that both sides have first; where they are led, as they stand there."""
        shared, led = self._shared or frozenset(), self._led
        everything = np.argwhere(seen.query[0] >= 0) if led is not None else ordered
        common = [each for each in everything.tolist() if int(seen.query[0][tuple(each)]) in shared]
        if led is not None:
            row_of = {tuple(each): int(seen.query[0][tuple(each)]) for each in common}
            common = [each for each in common if row_of[tuple(each)] in led]
            common.sort(key=lambda each: led[row_of[tuple(each)]])
        own = [each for each in ordered.tolist() if int(seen.query[0][tuple(each)]) not in shared]
        return np.array([*common, *own], np.int64).reshape(-1, 2)

    def _tell(self) -> None:
        if len(self._places):
            last = self.index(len(self._places) - 1, len(HEADERS) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    # What Qt asks

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        """Return how many queries are shown."""
        return 0 if parent.isValid() else len(self._places)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(HEADERS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, tip, or the whole query for painting."""
        if role == Role.QUERY:
            return self.query(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(self.query(index.row()), index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(self._tip(self.query(index.row())))
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's name, and what it means."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[section]
        return TIPS[section] if role == Qt.ItemDataRole.ToolTipRole else None

    def delta(self, query: QueryRow) -> float | None:
        """Return how much more probable the true class is than on the other side."""
        other = self._reference.get(query.row)
        if other is None or self._other is None or self.inspection is None:
            return None
        place = round(carried_over([self.position], self.inspection, self._other)[0])
        return float(query.probabilities[query.true] - other[place])

    def predicted(self, query: QueryRow) -> tuple[str, str]:
        """Return the class that a query is taken for, and how probable that is."""
        share = format_percentage(float(query.probabilities[query.predicted]), 0)
        return taken_for(self._names, query.predicted), share

    def _text(self, query: QueryRow, column: int) -> str:
        if column == PICTURE:
            return self.thumbnails.name(query.row)
        if column == TRUE:
            return self._names[query.true]
        if column == PREDICTED:
            return " ".join(self.predicted(query))
        if column == DELTA:
            delta = self.delta(query)
            # What rounds to nothing is not below it.
            return "" if delta is None else f"{round(delta, 2) + 0.0:+.2f}".replace("-", "−")
        return ""

    def _tip(self, query: QueryRow) -> str:
        lines = [f"{self.thumbnails.name(query.row)} (row {query.row} of the split)"]
        for place, name in enumerate(self._names):
            text = f"{name}: {format_percentage(float(query.probabilities[place]), 1)}"
            if query.low is not None and query.high is not None:
                low, high = float(query.low[place]), float(query.high[place])
                text += f" ({format_percentage(low, 1)} to {format_percentage(high, 1)})"
            lines.append(text)
        lines.append(
            f"Expected entropy {format_value(query.expected, 3)} + mutual information "
            f"{format_value(query.information, 3)} nats"
        )
        return "\n".join(lines)


def _are_alike(one: Inspection, other: Inspection) -> bool:
    """Say whether classes and positions are the same, so that a cell stays what it is."""
    return np.array_equal(one.classes, other.classes) and one.stages == other.stages
