"""The list of evaluations that were kept with a run."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QHeaderView,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from engine.evaluation.record import Evaluation
from leo_studio.analysis.formats import format_accuracy
from leo_studio.ui.widgets.labels import Label

_COLUMNS = ("Split", "Step", "Episodes", "Accuracy")
EMPTY = (
    "No evaluation is kept with this run yet. Press Evaluate to make one. Those on other ways and "
    "shots are behind the tab of that name."
)


class KeptEvaluations(QStackedWidget):
    """A list to choose from; which one is chosen outlasts a change of the others."""

    chosen = Signal(object)  # `Evaluation`: a person chose it
    shown = Signal(object)  # `Evaluation`: another one, or the same with another result

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[Evaluation, ...] = ()
        self._empty = Label(EMPTY)
        self._empty.setObjectName("no-evaluation")
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.list = QTreeWidget()
        self.list.setObjectName("kept")
        self.list.setAccessibleName("Kept evaluations")
        self.list.setHeaderLabels(list(_COLUMNS))
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAllColumnsShowFocus(True)
        self.list.setAlternatingRowColors(True)
        header = self.list.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        for column in range(1, len(_COLUMNS)):
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            self.list.headerItem().setTextAlignment(column, right)
        self.list.setMinimumHeight(5 * self.fontMetrics().height())
        self.list.currentItemChanged.connect(lambda _new, _old: self._choose())
        self.addWidget(self._empty)
        self.addWidget(self.list)

    def show_entries(self, entries: Sequence[Evaluation], chosen: Path | None) -> None:
        """List evaluations; the one at a path is shown, or the first."""
        before = self.current()
        blocker = QSignalBlocker(self.list)
        if self._entries != tuple(entries):
            self._entries = tuple(entries)
            self.list.clear()
            self.list.addTopLevelItems([_row(entry) for entry in entries])
        paths = [entry.path for entry in entries]
        place = paths.index(chosen) if chosen in paths else 0
        if entries:
            self.list.setCurrentIndex(self.list.model().index(place, 0))
        blocker.unblock()
        self.setCurrentIndex(1 if entries else 0)
        current = self.current()
        if current is not None and current != before:
            self.shown.emit(current)

    def current(self) -> Evaluation | None:
        """Return the evaluation that is chosen."""
        row = self.list.currentIndex().row()
        return self._entries[row] if 0 <= row < len(self._entries) else None

    def _choose(self) -> None:
        current = self.current()
        if current is not None:
            self.chosen.emit(current)
            self.shown.emit(current)


def _row(entry: Evaluation) -> QTreeWidgetItem:
    texts = (
        entry.split,
        f"{entry.step:,}",
        f"{entry.episodes:,}",
        format_accuracy(entry.accuracy, entry.ci95),
    )
    row = QTreeWidgetItem(list(texts))
    for column in range(1, len(texts)):
        row.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return row
