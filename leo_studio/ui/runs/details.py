"""The details of the selected run: how it stands, and what was written beside it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from leo_studio.analysis.comparison.differences import differing_settings
from leo_studio.analysis.formats import format_accuracy, format_duration, format_moment
from leo_studio.analysis.runs.naming import remedy, steps_text, task_name
from leo_studio.services.records import RunEntry
from leo_studio.ui.runs.annotations import AnnotationEditors
from leo_studio.ui.runs.facts import FactsTable
from leo_studio.ui.widgets.eliding_line import ElidingLine
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

# With fewer letters beside them, facts would break after each word.
_LETTERS_BESIDE = 34
_FACTS = (
    "Task",
    "Best validation",
    "Steps",
    "Training time",
    "Started",
    "Store",
    "Device",
    "Checkpoints",
    "Versions",
)


class DetailsPane(QWidget):
    """Shows one run in full, or how many are selected.

    `compare_wanted` asks to compare those that are selected.
    """

    compare_wanted = Signal()

    def __init__(self, controller: "Controller", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.editors = AnnotationEditors(controller)
        self._hint = Label()
        self._hint.setObjectName("details-hint")
        self._hint.setProperty("role", "muted")
        self._hint.setWordWrap(True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setMargin(12)
        self._compare = QPushButton("Compare them")
        self._compare.setObjectName("compare-selected")
        self._compare.clicked.connect(self.compare_wanted)
        several = QWidget()
        column = QVBoxLayout(several)
        column.addStretch()
        column.addWidget(self._hint)
        column.addWidget(self._compare, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        self._stack = QStackedWidget(self)
        self._stack.addWidget(several)
        self._area = self._page()
        self._stack.addWidget(self._area)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        self.show_runs(())

    def show_runs(self, runs: Sequence[RunEntry]) -> None:
        """Show the runs that are selected."""
        one = runs[0] if len(runs) == 1 else None
        self._compare.setVisible(len(runs) > 1)
        self.editors.show_run(one if one and not one.problem else None)
        if one is None:
            count = f"{len(runs)} runs are selected."
            self._hint.setText(count if runs else "Select a run to see all about it.")
        elif one.problem:
            self._hint.setText(f"{one.problem}\n\n{one.path}")
        else:
            self._show(one)
        self._stack.setCurrentIndex(int(one is not None and not one.problem))

    def show_progress(self, run: RunEntry) -> None:
        """Show how far the run is that is shown and under way."""
        for title, text in _progress(run).items():
            self._show_fact(title, text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put each fact beside its title where there is room, else below it."""
        super().resizeEvent(event)
        self._use_room()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._use_room()

    def _use_room(self) -> None:
        letters = self.width() / self.fontMetrics().averageCharWidth()
        policies = QFormLayout.RowWrapPolicy
        is_wide = letters >= _LETTERS_BESIDE
        policy = policies.DontWrapRows if is_wide else policies.WrapAllRows
        if self._form.rowWrapPolicy() != policy:
            self._form.setRowWrapPolicy(policy)

    def reveal(self, editor: QWidget) -> None:
        """Scroll to one of the editors, and give it the keyboard."""
        self._area.ensureWidgetVisible(editor)
        editor.setFocus()

    def _page(self) -> QScrollArea:
        self._name = _line("Name")
        self._name.setObjectName("details-name")
        self._problem = Label()
        self._problem.setObjectName("details-problem")
        self._problem.setProperty("role", "error")
        self._problem.setWordWrap(True)
        self._problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._folder = _line("Folder")
        self._facts = {title: _value() for title in _FACTS}
        self._form = QFormLayout()
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for title, value in self._facts.items():
            self._form.addRow(_muted(title), value)
        folder = _muted("&Folder")
        folder.setBuddy(self._folder)
        self._form.addRow(folder, self._folder)
        self._evaluations_title = _title("Kept evaluations")
        self._evaluations = FactsTable(
            ("Split", "Step", "Episodes", "Accuracy"), "Kept evaluations"
        )
        self._settings_title = _title("")
        self._settings = FactsTable(("Setting", "Preset", "This run"), "Settings that differ")
        area = QScrollArea(self._stack)
        page = QWidget()
        area.setWidget(page)
        layout = QVBoxLayout(page)
        layout.addWidget(self._name)
        layout.addWidget(self._problem)
        layout.addLayout(self._form)
        layout.addWidget(self.editors)
        tables: tuple[QWidget, ...] = (
            self._evaluations_title,
            self._evaluations,
            self._settings_title,
            self._settings,
        )
        for table in tables:
            layout.addWidget(table)
        layout.addStretch()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return area

    def _show(self, run: RunEntry) -> None:
        _set_line(self._name, run.title)
        _set_line(self._folder, str(run.path))
        self._problem.setText("\n".join(filter(None, (run.error, remedy(run)))))
        self._problem.setVisible(bool(self._problem.text()))
        facts = {
            "Task": task_name(run),
            "Best validation": f"{run.named_best_text} at step {run.best.step:,}"
            if run.best
            else "",
            **_progress(run),
            "Started": format_moment(run.created),
            "Store": run.store,
            "Device": run.device,
            "Checkpoints": _steps(run.checkpoints),
            "Versions": ", ".join(f"{name} {version}" for name, version in run.versions.items()),
        }
        for title, text in facts.items():
            self._show_fact(title, text)
        self._show_evaluations(run)
        self._show_settings(run)

    def _show_fact(self, title: str, text: str) -> None:
        value = self._facts[title]
        if value.text() != text:
            value.setText(text)
        if self._form.isRowVisible(value) != bool(text):
            self._form.setRowVisible(value, bool(text))

    def _show_evaluations(self, run: RunEntry) -> None:
        self._evaluations.fill(
            [
                (
                    entry.split,
                    f"{entry.step:,}",
                    f"{entry.episodes:,}",
                    format_accuracy(entry.accuracy, entry.ci95),
                )
                for entry in run.evaluations
            ]
        )
        self._evaluations.setVisible(bool(run.evaluations))
        self._evaluations_title.setText(
            "Kept evaluations" if run.evaluations else "No evaluation yet. Evaluate makes one."
        )

    def _show_settings(self, run: RunEntry) -> None:
        presets = (preset for preset in self._controller.presets if preset.name == run.preset)
        preset = next(presets, None)
        if preset is None or preset.experiment is None:
            self._settings_title.setText(f"The preset {run.preset} is not in the library.")
            self._settings.hide()
            return
        rows = differing_settings((preset.experiment, run.experiment))
        self._settings_title.setText(
            f"Differs from {run.preset}" if rows else f"All settings are those of {run.preset}."
        )
        self._settings.fill([(row.label, *row.values) for row in rows])
        self._settings.setVisible(bool(rows))


def _best(run: RunEntry) -> str:
    return "" if run.best is None else f"{run.named_best_text} at step {run.best.step:,}"


def _progress(run: RunEntry) -> dict[str, str]:
    """Return the facts that change with every step."""
    return {
        "Steps": steps_text(run) if run.is_trained else "none; it needs no training",
        "Training time": format_duration(run.seconds) if run.seconds else "",
    }


def _steps(steps: Sequence[int], most: int = 6) -> str:
    """Return the last steps of some, and how many there are before them."""
    last = ", ".join(f"{step:,}" for step in steps[-most:])
    earlier = len(steps) - most
    return f"{earlier:,} earlier, {last}" if earlier > 0 else last


def _value() -> Label:
    label = Label()
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label


def _muted(text: str) -> Label:
    label = Label(text)
    label.setProperty("role", "muted")
    return label


def _title(text: str) -> Label:
    label = Label(text)
    label.setProperty("role", "title")
    label.setWordWrap(True)
    return label


def _line(name: str) -> QLineEdit:
    """Return a line that is read and copied; unlike a label it needs no room for all its text."""
    line = ElidingLine()
    line.setReadOnly(True)
    line.setAccessibleName(name)
    line.setMinimumWidth(0)
    return line


def _set_line(line: QLineEdit, text: str) -> None:
    if line.text() != text:
        line.setText(text)
        line.setCursorPosition(0)
        line.setToolTip(as_tip(text))
