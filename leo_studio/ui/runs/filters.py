"""The search line, the quick filters beside or under it, and what they find in words."""

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QToolButton,
    QWidget,
)

from engine.errors import BadInput
from leo_studio.analysis.runs.search import FILTERS, Query, parse_query
from leo_studio.services.records import RunEntry
from leo_studio.ui.widgets.eliding_label import ElidingLabel
from leo_studio.ui.widgets.flow_layout import FlowLayout
from leo_studio.ui.widgets.people import as_tip

_CHIPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("All", ()),
    ("Running", ("running", "paused")),
    ("Finished", ("finished",)),
    ("Stopped", ("stopped",)),
    ("Interrupted", ("interrupted",)),
    ("Failed", ("failed", "unreadable", "newer")),
)
_GAP = 6  # pixels between quick filters
_BESIDE_CHIPS = 66  # letters of search and summary, where the quick filters are beside them
_EXAMPLES = (
    "Words are looked for in name, preset, store, note and tags. Narrow it down with filters:\n"
    "state:finished  tag:paper  preset:mini  best>0.6  way:5  shot:1  seed:1  -tag:old\n"
    f"Filters: {', '.join(FILTERS)}.\n"
    "A number alone is a word as well: seed 1 also finds 1-shot of other seeds; seed:1 does not."
)


class _Chips(QWidget):
    """Quick filters, which would like to stand in one line."""

    def __init__(self) -> None:
        super().__init__()
        self.flow = FlowLayout(self)
        self.flow.setContentsMargins(0, 0, 0, 0)
        self.flow.set_spacings(_GAP)

    def sizeHint(self) -> QSize:
        items = [self.flow.itemAt(place) for place in range(self.flow.count())]
        widths = [item.sizeHint().width() + _GAP for item in items if item is not None]
        return QSize(sum(widths), self.flow.sizeHint().height())


class FilterBar(QWidget):
    """Chooses which runs are shown."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.query = Query()
        self.states: tuple[str, ...] = ()
        self.line = QLineEdit()
        self.line.setObjectName("run-search")
        self.line.setAccessibleName("Search runs")
        self.line.setPlaceholderText("Search, or state:finished seed:1 best>0.6")
        self.line.setToolTip(as_tip(_EXAMPLES))
        self.line.setClearButtonEnabled(True)
        self.line.textChanged.connect(self._read)
        self.summary = ElidingLabel()
        self.summary.setObjectName("run-summary")
        self.summary.setProperty("role", "muted")
        self._chips: dict[str, QToolButton] = {}
        self._group = QButtonGroup(self)
        self._box = _Chips()
        for name, _ in _CHIPS:
            chip = QToolButton()
            chip.setObjectName(f"chip-{name.lower()}")
            chip.setText(name)
            chip.setCheckable(True)
            self._group.addButton(chip)
            self._chips[name] = chip
            self._box.flow.addWidget(chip)
        self._chips["All"].setChecked(True)
        self._group.buttonToggled.connect(self._choose)
        self._rows = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.addWidget(self.line, 3)
        row.addWidget(self.summary, 2)
        self._rows.addLayout(row, 1)
        self._rows.addWidget(self._box)
        escape = QShortcut(QKeySequence("Escape"), self.line)
        escape.setContext(Qt.ShortcutContext.WidgetShortcut)
        escape.activated.connect(self.line.clear)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the quick filters beside the search where there is room: rows of runs gain it."""
        super().resizeEvent(event)
        letters = _BESIDE_CHIPS * self.fontMetrics().averageCharWidth()
        is_wide = self.width() >= self._box.sizeHint().width() + letters
        direction = QBoxLayout.Direction
        self._rows.setDirection(direction.LeftToRight if is_wide else direction.TopToBottom)

    def clear(self) -> None:
        """Look for all runs."""
        self._chips["All"].setChecked(True)
        self.line.clear()

    def choose(self, chip: str) -> None:
        """Press one of the quick filters, by its name."""
        self.line.clear()
        self._chips[chip].setChecked(True)

    def count(self, runs: Sequence[RunEntry], found: int) -> None:
        """Say how many runs there are in each state, and how many are found."""
        counts = Counter(run.state for run in runs)
        for name, states in _CHIPS:
            number = sum(counts[state] for state in states) if states else len(runs)
            self._chips[name].setText(f"{name} {number:,}" if number else name)
        if self.summary.property("role") == "error":
            return  # what is wrong with the search matters more
        noun = "run" if len(runs) == 1 else "runs"
        total = f"{len(runs):,} {noun}"
        self.summary.setText(total if found == len(runs) else f"{found:,} of {total}")

    def _choose(self, chip: QToolButton, is_chosen: bool) -> None:
        if is_chosen:
            self.states = next(states for name, states in _CHIPS if self._chips[name] is chip)
            self.changed.emit()

    def _read(self, text: str) -> None:
        try:
            self.query = parse_query(text)
        except BadInput as error:
            # What was found before stays meanwhile: most such lines are still being written.
            self._show(str(error), "error")
            return
        self._show("", "muted")
        self.changed.emit()

    def _show(self, text: str, role: str) -> None:
        is_bad = role == "error"
        self.summary.setText(text)
        self.summary.setToolTip(as_tip(text))
        for widget, its_role in ((self.summary, role), (self.line, "error" if is_bad else "")):
            widget.setProperty("role", its_role)
            widget.style().polish(widget)
