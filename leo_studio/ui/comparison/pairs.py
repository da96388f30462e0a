"""Each two runs of a comparison on the same episodes, and what is missing for that."""

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from leo_studio.analysis.comparison.differences import (
    are_comparable,
    missing_evaluations,
    paired,
    pairs,
)
from leo_studio.analysis.comparison.on_functions import (
    PairedOnFunctions,
    difference_rows,
    verdict_on_functions,
)
from leo_studio.analysis.comparison.short_names import short_names
from leo_studio.analysis.comparison.verdict import differ_in, verdict
from leo_studio.services.records import (
    EvaluationRequest,
    RunEntry,
)
from leo_studio.ui.widgets.labels import Label, MarkupLabel
from leo_studio.ui.widgets.people import as_tip, without_keys
from leo_studio.ui.widgets.task_progress import TaskProgress
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.widgets.wheel import ComboBox

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller

_SPLITS = ("test", "val", "train")


class PairedDifferences(QWidget):
    """Says how much better one run is than another, with the interval of the difference."""

    split_changed = Signal()

    def __init__(
        self, controller: "Controller", themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._controller = controller
        self._themes = themes
        self._runs: tuple[RunEntry, ...] = ()
        self._missing: tuple[EvaluationRequest, ...] = ()
        self._names: dict[Path, str] = {}  # short ones, by the folders of the runs
        self._tasks: list[Task] = []
        self.splits = ComboBox()
        self.splits.setObjectName("comparison-split")
        self.splits.addItems(list(_SPLITS))
        self.button = QPushButton()
        self.button.setObjectName("evaluate-missing")
        self._progress = TaskProgress(controller, self._evaluates)
        self.text = MarkupLabel()
        self.text.setObjectName("paired-differences")
        self.text.setWordWrap(True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.text.setMargin(8)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._lay_out()
        self.splits.currentTextChanged.connect(self._choose)
        self.button.clicked.connect(self._evaluate)
        controller.tasks_changed.connect(self._forget_ended)
        themes.changed.connect(self._write)

    @property
    def split(self) -> str:
        """The split whose episodes are looked at."""
        return self.splits.currentText()

    def show_runs(self, runs: Sequence[RunEntry]) -> None:
        """Show these runs."""
        self._runs = tuple(runs)
        self._write()

    def _lay_out(self) -> None:
        title = Label("Paired differences")
        title.setProperty("role", "title")
        label = Label("&Split")
        label.setBuddy(self.splits)
        row = QHBoxLayout()
        row.addWidget(label)
        row.addWidget(self.splits)
        row.addWidget(self.button)
        row.addStretch()
        area = QScrollArea()
        area.setWidget(self.text)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(title)
        layout.addLayout(row)
        layout.addWidget(self._progress)
        layout.addWidget(area, 1)

    def _choose(self, _split: str) -> None:
        self._write()
        self.split_changed.emit()

    def _write(self) -> None:
        self._missing = missing_evaluations(self._runs, self.split)
        names = short_names([run.title for run in self._runs])
        self._names = {run.path: name for run, name in zip(self._runs, names, strict=True)}
        parts = [self._part(one, other) for one, other in pairs(self._runs)]
        text = "".join(parts) or "Two runs or more have a difference."
        if text != self.text.text():
            self.text.setText(text)
        self._label_button()

    def _part(self, one: RunEntry, other: RunEntry) -> str:
        """Return what is said of two runs, which are called by short names."""
        names = self._names[one.path], self._names[other.path]
        found = paired(one, other, self.split)
        theme = self._themes.current
        first, second = (f"<b>{_breakable(name)}</b>" for name in names)
        if isinstance(found, str):
            why = f'<span style="color:{theme.muted}">{_breakable(found)}</span>'
            return f"<p>{first} and {second}<br>{why}</p>"
        differing = escape(differ_in(one, other))
        if isinstance(found, PairedOnFunctions):
            said = verdict_on_functions(found, first, second, self.split)
            return f"<p>{said} {differing}</p>{self._table(found, *names)}"
        return f"<p>{verdict(found, first, second, self.split)} {differing}</p>"

    def _table(self, found: PairedOnFunctions, one: str, other: str) -> str:
        """Return the paired differences of all scores as a table."""
        muted = self._themes.current.muted
        heads = ("score", one, other, f"{one} is better by", "interval")
        lines = ["".join(f'<td style="color:{muted}">{_breakable(head)}</td>' for head in heads)]
        for row in difference_rows(found.scores):
            cells = (escape(cell).replace("-", "−").replace(" ± ", "&nbsp;± ") for cell in row)
            lines.append("".join(f"<td>{cell}</td>" for cell in cells))
        rows = "".join(f"<tr>{line}</tr>" for line in lines)
        return f'<table cellpadding="2">{rows}</table>'

    def _label_button(self) -> None:
        count = len(self._missing)
        who = "both" if count == len(self._runs) == 2 else f"{count} runs"
        if count == 1:
            who = self._names[self._missing[0].run]
        is_busy = bool(self._tasks)
        text = "Evaluating..." if is_busy else f"Evaluate {who} on {self.split}"
        if not count and not is_busy:
            text = f"Evaluated on {self.split}"
        self.button.setText(without_keys(text))
        # No evaluation makes runs comparable that meet other episodes.
        self.button.setVisible(is_busy or len(self._runs) < 2 or are_comparable(self._runs))
        self.button.setEnabled(bool(count) and not is_busy)
        episodes = self._missing[0].episodes if count else 0
        what = "tasks" if self._learns_functions(self._missing) else "episodes"
        tip = f"On {episodes:,} {what}, the same for every run; the results are kept with them"
        self.button.setToolTip(as_tip(tip if count else "Nothing is missing here"))

    def _evaluate(self) -> None:
        self._tasks = [self._begun(request) for request in self._missing]
        self._label_button()
        self._progress.follow()

    def _evaluates(self, task: "Task") -> bool:
        """Whether a task is an evaluation that was asked for here."""
        return task in self._tasks

    def _begun(self, request: EvaluationRequest) -> "Task":
        if not self._learns_functions((request,)):
            return self._controller.evaluate(request, lambda _: None)
        title = self._controller.title_of(request.run)
        return self._controller.functions.evaluate(request, title, lambda _: None)

    def _learns_functions(self, requests: Sequence[EvaluationRequest]) -> bool:
        on_functions = {run.path for run in self._runs if run.learns_functions}
        return bool(requests) and all(request.run in on_functions for request in requests)

    def _forget_ended(self) -> None:
        if self._tasks:
            under_way = self._controller.tasks
            # Also those that failed or were cancelled, of which nothing else is told here.
            self._tasks = [task for task in self._tasks if task in under_way]
            if not self._tasks:
                self._label_button()


def _breakable(text: str) -> str:
    """Return text for HTML that may go on in the next line after a hyphen in a name."""
    return re.sub(r"([-_.])(?=\w)", "\\1\u200b", escape(text))
