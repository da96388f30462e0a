"""Export of a trained model: what will be written, where and how large, and how its check went."""

import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import Shiboken

from engine.errors import BadInput
from engine.export.formats import FORMATS, Format, Outcome, formats_of
from leo_studio.analysis.formats import format_number, format_percentage
from leo_studio.services.export_plan import (
    ModelExport,
    ending_of,
    file_stem,
    format_named,
    mistake_in,
    planned,
    purpose_of,
    renamed,
    target_of,
)
from leo_studio.services.records import Notice, RunEntry
from leo_studio.ui.widgets.eliding_box import ElidingBox
from leo_studio.ui.widgets.eliding_line import ElidingLine
from leo_studio.ui.widgets.folders import show_in_folder
from leo_studio.ui.widgets.kept_place import keep_place
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.last_folders import LastFolder, export_settings
from leo_studio.ui.widgets.number_boxes import WholeBox
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.wheel import ComboBox
from leo_studio.ui.window.export_files import FileList

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller

_SPLITS = ("train", "val", "test")
_FORMAT = "export/format"
_MOST_EPISODES = 100_000
_LETTERS = 96  # of its width, as far as the screen has room
_MOST_OF_SCREEN = 0.9


class ExportDialog(QDialog):
    """Exports what a run has learned.

    The export goes on in the background when the dialog is closed; a toast then tells how it ended.

    Parameters
    ----------
    controller
        Exports, and remembers where to in the library's exports.ini.
    run
        The run that is chosen first; any other with a checkpoint can be chosen instead.
    parent
        The window.
    """

    def __init__(self, controller: "Controller", run: RunEntry | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("export_dialog")
        self.setWindowTitle("Export model")
        self._controller = controller
        self._runs = [each for each in controller.runs if each.checkpoints and not each.problem]
        self._settings = export_settings(controller.library.root)
        self._last = LastFolder(controller.library.root, "export")
        self._task: Task | None = None
        self._is_target_own = False  # typed or chosen, and so not ours to change
        self.title = Label()
        self.run, self.weights, self.format = ElidingBox(), ElidingBox(), ComboBox()
        self.split, self.episodes = ComboBox(), WholeBox()
        self.target, self.browse = ElidingLine(), QPushButton("Browse...")
        self._old_format = FORMATS["bundle"]  # the one before another is chosen
        self.purpose, self.problem, self.command = Label(), Label(), QLineEdit()
        self.stage = Label()
        self.files, self.bar = FileList(), QProgressBar()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.start = self.buttons.addButton("Export", QDialogButtonBox.ButtonRole.ActionRole)
        self._fill(run)
        self._arrange()
        self._connect()
        self._show_weights()
        self._show_plan()

    @property
    def entry(self) -> RunEntry | None:
        """The chosen run."""
        place = self.run.currentIndex()
        return self._runs[place] if 0 <= place < len(self._runs) else None

    @property
    def chosen(self) -> Format:
        """The chosen format."""
        return FORMATS[str(self.format.currentData())]

    @property
    def request(self) -> ModelExport | None:
        """What is asked for; None where there is nothing to export."""
        entry, step = self.entry, self.weights.currentData()
        if entry is None or step is None:
            return None
        return ModelExport(
            run=entry.path,
            step=int(step),
            format=str(self.format.currentData()),
            out=target_of(self.target.text(), self.chosen),
            split=self.split.currentText(),
            episodes=self.episodes.value(),
        )

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep what was chosen for the next time."""
        self._settings.setValue(_FORMAT, self.format.currentData())
        super().closeEvent(event)

    def _fill(self, run: RunEntry | None) -> None:
        self.run.addItems([each.title for each in self._runs])
        paths = [each.path for each in self._runs]
        newest = max(range(len(paths)), key=lambda place: self._runs[place].created, default=-1)
        chosen = run is not None and run.path in paths
        self.run.setCurrentIndex(paths.index(run.path) if run is not None and chosen else newest)
        self._offer_formats(str(self._settings.value(_FORMAT, "")))
        self.split.addItems(_SPLITS)
        self.split.setCurrentText("test")
        self.episodes.setRange(2, _MOST_EPISODES)
        self.episodes.setValue(1000)
        self.bar.setRange(0, 100)
        self.bar.setTextVisible(False)
        self.command.setReadOnly(True)
        names = ("run", "weights", "format", "split", "episodes", "target", "files", "command")
        for name in (*names, "problem", "start", "bar", "browse", "title", "stage"):
            getattr(self, name).setObjectName(f"export_{name}")
        self.split.setAccessibleName("Split that episodes are from")

    def _arrange(self) -> None:
        self.title.setProperty("role", "title")
        self.title.setWordWrap(True)
        for label in (self.purpose, self.stage):
            label.setProperty("role", "muted")
        self.purpose.setWordWrap(True)
        # Room for two lines, so that nothing moves where another format is chosen.
        self.purpose.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.problem.setProperty("role", "error")
        self.problem.setWordWrap(True)
        self.start.setProperty("role", "primary")
        self.start.setDefault(True)
        self.start.style().polish(self.start)  # the box gave it a look before it had its role
        self._episodes_row = QWidget()
        row = QHBoxLayout(self._episodes_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.episodes)
        row.addWidget(Label("of split"))
        row.addWidget(self.split)
        row.addStretch()
        target = QHBoxLayout()
        target.addWidget(self.target, 1)
        target.addWidget(self.browse)
        form = QFormLayout()
        form.addRow("&Run", self.run)
        form.addRow("&Weights of step", self.weights)
        form.addRow("&Format", self.format)
        form.addRow("", self.purpose)
        form.addRow("&Episodes", self._episodes_row)
        write_to = Label("Write &to")
        write_to.setBuddy(self.target)
        form.addRow(write_to, target)
        form.addRow("Command", self.command)
        for combo in (self.run, self.weights, self.format):
            combo.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            combo.setMinimumContentsLength(20)
        layout = QVBoxLayout(self)
        layout.addWidget(self.title)
        layout.addLayout(form)
        layout.addWidget(self.files, 1)
        layout.addWidget(self.problem)
        layout.addWidget(self.stage)
        layout.addWidget(self.bar)
        layout.addWidget(self.buttons)
        keep_place(self.bar)  # nothing moves when it begins
        self._show_stage()
        room, metrics = (
            self.screen().availableGeometry().size() * _MOST_OF_SCREEN,
            self.fontMetrics(),
        )
        width = min(_LETTERS * metrics.averageCharWidth(), room.width())
        self.resize(width, min(layout.totalHeightForWidth(width), room.height()))

    def _connect(self) -> None:
        self.run.currentIndexChanged.connect(self._show_run)
        self.format.currentIndexChanged.connect(self._take_format)
        for changed in (
            self.weights.currentIndexChanged,
            self.format.currentIndexChanged,
            self.split.currentIndexChanged,
            self.episodes.valueChanged,
            self.target.textChanged,
        ):
            changed.connect(self._show_plan)
        self.target.textEdited.connect(self._take_typed)
        self._controller.tasks_changed.connect(self._show_stage)
        self.browse.clicked.connect(self._ask_target)
        self.start.clicked.connect(self._export)
        self.buttons.rejected.connect(self.close)

    def _show_run(self) -> None:
        """Offer what the chosen run has to export."""
        self._offer_formats(str(self.format.currentData()))
        self._show_weights()

    def _offer_formats(self, wanted: str) -> None:
        """List the formats that the chosen run's learner can leave the studio in."""
        experiment = None if self.entry is None else self.entry.experiment
        with QSignalBlocker(self.format):  # what follows from another format is shown with the rest
            self.format.clear()
            for name, each in (FORMATS if experiment is None else formats_of(experiment)).items():
                self.format.addItem(each.title, name)
            self.format.setCurrentIndex(max(0, self.format.findData(wanted)))

    def _show_weights(self) -> None:
        entry = self.entry
        self.weights.clear()
        if entry is not None:
            for step in reversed(entry.checkpoints):
                words = format_number(step)
                if step == entry.best_step:
                    words += " (best validation)"
                elif step == entry.checkpoints[-1]:
                    words += " (last)"
                self.weights.addItem(words, step)
            trains_on_val = entry.experiment is not None and "val" in (
                entry.experiment.data.train_splits
            )
            best = -1 if trains_on_val else self.weights.findData(entry.kept_best_step)
            self.weights.setCurrentIndex(max(0, best))
        self._suggest_target()

    def _suggest_target(self) -> None:
        entry, chosen = self.entry, self.chosen
        self._old_format = chosen
        if entry is None:
            return
        old = Path(self.target.text())
        folder = (
            old.parent if self._is_target_own and self.target.text() else Path(self._last.read())
        )
        self.target.setText(str(folder / f"{file_stem(entry.title)}{ending_of(chosen)}"))

    def _take_format(self) -> None:
        """Give the target the ending of the format that was chosen."""
        if not self._is_target_own or not self.target.text().strip():
            self._suggest_target()
            return
        old, self._old_format = self._old_format, self.chosen
        self.target.setText(renamed(self.target.text(), old, self.chosen))

    def _take_typed(self, text: str) -> None:
        """Choose the format that the typed ending is of; what was typed stays as it is."""
        self._is_target_own = True
        possible = [str(self.format.itemData(place)) for place in range(self.format.count())]
        named = format_named(text, possible, self.chosen.name)
        if named != self.chosen.name:
            with QSignalBlocker(self.format):
                self.format.setCurrentIndex(self.format.findData(named))
            self._old_format = self.chosen
            self._show_plan()

    def _ask_target(self) -> None:
        chosen = self.chosen
        dialog = QFileDialog(self, "Export to", self.target.text())
        dialog.setObjectName("export_file")
        if chosen.endings:
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setNameFilter(f"{chosen.title} ({' '.join('*' + e for e in chosen.endings)})")
            dialog.setDefaultSuffix(chosen.endings[0].removeprefix("."))
            dialog.selectFile(Path(self.target.text()).name)
        else:
            dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._take_target)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _take_target(self, text: str) -> None:
        self.target.setText(text)
        self._take_typed(text)

    def _show_plan(self) -> None:
        """Show what will be written, or why nothing can be."""
        request, entry = self.request, self.entry
        chosen = self.chosen
        self.purpose.setText(purpose_of(chosen, request))
        self.title.setText("" if entry is None else f"{entry.title} · {self._weights_words()}")
        self._episodes_row.setEnabled(chosen.name == "episodes")
        if request is None or entry is None:
            self._show_problem("There is no run with a checkpoint yet; train one first.")
            self.start.setEnabled(False)
            return
        self.command.setText(shlex.join(["leo-studio", *request.words]))
        self.command.setCursorPosition(0)
        self.target.setToolTip(as_tip(str(request.out)))
        self.files.show_plan(planned(request, entry), is_checked=chosen.takes == "programs")
        is_named = self.target.text().strip()
        self._show_problem(mistake_in(request) if is_named else "Say where to write to.")
        self.start.setEnabled(self._task is None and not self.problem.text().strip())

    def _weights_words(self) -> str:
        return f"step {self.weights.currentText()}"

    def _export(self) -> None:
        request = self.request
        if self._task is not None:
            self._task.cancel()
            self._end()
            return
        if request is None:
            return
        self._last.remember(request.out)
        self._settings.setValue(_FORMAT, request.format)
        self._show_problem("")
        self._task = self._controller.exports.export(
            request, partial(self._show_outcome, request), self._show_failure
        )
        self._show_stage()
        self.start.setText("Cancel export")
        self._set_form_enabled(False)

    def _show_outcome(self, request: ModelExport, outcome: Outcome) -> None:
        """Tell of the end, and show what was written, exactly, and how its check went."""
        title = self._controller.title_of(request.run)
        words = f"Exported {title}, step {format_number(request.step)}: {request.out}."
        if outcome.accuracy is not None:
            words += f" The engine's accuracy there: {format_percentage(outcome.accuracy)}."
        where = (show_in_folder(request.out, self._controller.notified.emit),)
        self._controller.notified.emit(Notice("success", words, actions=where))
        if not Shiboken.isValid(self):  # closed meanwhile
            return
        self._end()
        self.files.show_outcome(outcome)

    def _show_failure(self, error: BaseException) -> None:
        is_there = Shiboken.isValid(self)
        if is_there:
            self._end()
        if is_there and isinstance(error, BadInput):
            self._show_problem(str(error))
        else:
            self._controller.notify_failure(error, "Export")

    def _show_stage(self) -> None:
        """Show what is being done, and how much is done."""
        task = self._task
        self.bar.setVisible(task is not None)
        fraction = None if task is None else task.fraction
        self.bar.setRange(0, 0 if fraction is None else 100)
        self.bar.setValue(0 if fraction is None else round(100 * fraction))
        # Its line is always there, so that nothing moves.
        self.stage.setText(" " if task is None else f"{task.note or 'Starting'}...")

    def _end(self) -> None:
        self._task = None
        self._show_stage()
        self.start.setText("Export")
        self._set_form_enabled(True)
        self.start.setFocus()

    def _set_form_enabled(self, is_enabled: bool) -> None:
        for widget in (self.run, self.weights, self.format, self.target, self.browse):
            widget.setEnabled(is_enabled)
        is_asked = is_enabled and self.format.currentData() == "episodes"
        self._episodes_row.setEnabled(is_asked)

    def _show_problem(self, sentence: str) -> None:
        # Its line is always there, so that nothing moves when it is needed.
        self.problem.setText(sentence or " ")
