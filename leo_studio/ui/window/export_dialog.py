"""Export of a trained model: what will be written, where and how large, and how its check went."""

import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, QSignalBlocker, QStandardPaths, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import Shiboken

from engine.errors import BadInput
from engine.export.formats import FORMATS, Check, Outcome, formats_of, require_target
from engine.io.paths import expanded, expanded_if_known, is_folder, is_there
from leo_studio.analysis.formats import format_bytes, format_number, format_percentage
from leo_studio.services.export_plan import ModelExport, planned
from leo_studio.services.records import Notice, RunEntry
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.number_boxes import WholeBox
from leo_studio.ui.widgets.people import as_tip

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller

_SPLITS = ("train", "val", "test")
_FOLDER, _FORMAT = "export/folder", "export/format"
_MOST_EPISODES = 100_000


class ExportDialog(QDialog):
    """Exports what a run has learned.

    The export goes on in the background when the dialog is closed; a toast then tells how it ended.

    Parameters
    ----------
    controller
        Exports, and remembers where to in the library's window.ini.
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
        settings = str(controller.library.root / "window.ini")
        self._settings = QSettings(settings, QSettings.Format.IniFormat)
        self._task: Task | None = None
        self._is_target_own = False  # typed or chosen, and so not ours to change
        self.run, self.weights, self.format = QComboBox(), QComboBox(), QComboBox()
        self.split, self.episodes = QComboBox(), WholeBox()
        self.target, self.browse = QLineEdit(), QPushButton("Browse...")
        self.purpose, self.problem, self.command = Label(), Label(), QLineEdit()
        self.files, self.bar = QTreeWidget(), QProgressBar()
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
    def request(self) -> ModelExport | None:
        """What is asked for; None where there is nothing to export."""
        entry, step = self.entry, self.weights.currentData()
        if entry is None or step is None:
            return None
        return ModelExport(
            run=entry.path,
            step=int(step),
            format=str(self.format.currentData()),
            out=expanded_if_known(self.target.text().strip()),
            split=self.split.currentText(),
            episodes=self.episodes.value(),
        )

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep what was chosen for the next time."""
        self._settings.setValue(_FORMAT, self.format.currentData())
        super().closeEvent(event)

    def _fill(self, run: RunEntry | None) -> None:
        self.run.addItems([each.name for each in self._runs])
        paths = [each.path for each in self._runs]
        newest = max(range(len(paths)), key=lambda place: self._runs[place].created, default=-1)
        chosen = run is not None and run.path in paths
        self.run.setCurrentIndex(paths.index(run.path) if run is not None and chosen else newest)
        self._offer_formats(str(self._settings.value(_FORMAT, "")))
        self.split.addItems(_SPLITS)
        self.split.setCurrentText("test")
        self.episodes.setRange(2, _MOST_EPISODES)
        self.episodes.setValue(1000)
        self.files.setHeaderLabels(["File", "Size", "Check"])
        self.files.setRootIsDecorated(False)
        self.files.setSelectionMode(QTreeWidget.SelectionMode.NoSelection)
        self.bar.setRange(0, 0)
        self.command.setReadOnly(True)
        names = ("run", "weights", "format", "split", "episodes", "target", "files", "command")
        for name in (*names, "problem", "start", "bar", "browse"):
            getattr(self, name).setObjectName(f"export_{name}")
        self.files.setAccessibleName("Files that will be written")
        self.split.setAccessibleName("Split that episodes are from")

    def _arrange(self) -> None:
        self.purpose.setProperty("role", "muted")
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
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.files, 1)
        layout.addWidget(self.problem)
        layout.addWidget(self.bar)
        layout.addWidget(self.buttons)
        keep = self.bar.sizePolicy()
        keep.setRetainSizeWhenHidden(True)  # nothing moves when it begins
        self.bar.setSizePolicy(keep)
        self.bar.hide()
        head = self.files.header()
        head.setStretchLastSection(False)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        character = self.fontMetrics().averageCharWidth()
        self.resize(100 * character, 30 * self.fontMetrics().height())

    def _connect(self) -> None:
        self.run.currentIndexChanged.connect(self._show_run)
        self.format.currentIndexChanged.connect(self._suggest_target)
        for changed in (
            self.weights.currentIndexChanged,
            self.format.currentIndexChanged,
            self.split.currentIndexChanged,
            self.episodes.valueChanged,
            self.target.textChanged,
        ):
            changed.connect(self._show_plan)
        self.target.textEdited.connect(self._note_own_target)
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
        entry, chosen = self.entry, FORMATS[str(self.format.currentData())]
        if entry is None:
            return
        old = Path(self.target.text())
        folder = old.parent if self._is_target_own and self.target.text() else self._folder()
        ending = chosen.endings[0] if chosen.endings else f"-{chosen.name}"
        self.target.setText(str(folder / f"{entry.name}{ending}"))

    def _note_own_target(self) -> None:
        self._is_target_own = True

    def _folder(self) -> Path:
        kept = str(self._settings.value(_FOLDER, ""))
        if kept and is_folder(Path(kept)):
            return Path(kept)
        documents = QStandardPaths.StandardLocation.DocumentsLocation
        return Path(QStandardPaths.writableLocation(documents))

    def _ask_target(self) -> None:
        chosen = FORMATS[str(self.format.currentData())]
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
        self._is_target_own = True
        self.target.setText(text)

    def _show_plan(self) -> None:
        """Show what will be written, or why nothing can be."""
        request, entry = self.request, self.entry
        chosen = FORMATS[str(self.format.currentData())]
        self.purpose.setText(chosen.purpose)
        self._episodes_row.setEnabled(chosen.name == "episodes")
        self.files.clear()
        if request is None or entry is None:
            self._show_problem("There is no run with a checkpoint yet; train one first.")
            self.start.setEnabled(False)
            return
        self.command.setText(shlex.join(["leo-studio", *request.words]))
        self.command.setCursorPosition(0)
        is_program = chosen.name in ("onnx", "torch-export")
        for file in planned(request, entry):
            about = "unknown yet" if file.about is None else f"about {format_bytes(file.about)}"
            remarks = ["is compared with the engine"] if is_program else []
            remarks += ["replaces what is there"] if is_there(file.path) else []
            self._add_file(file.path, about, ", ".join(remarks))
        self._show_problem(self._mistake(request))
        self.start.setEnabled(self._task is None and not self.problem.text().strip())

    def _mistake(self, request: ModelExport) -> str:
        if not self.target.text().strip():
            return "Say where to write to."
        try:
            require_target(expanded(request.out), request.format)
        except BadInput as error:
            return str(error)
        except OSError as error:
            return f"{request.out}: {error.strerror or error}; choose another place."
        return ""

    def _add_file(self, path: Path, size: str, check: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem([path.name, size, check])
        item.setToolTip(0, as_tip(str(path)))
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.files.addTopLevelItem(item)
        return item

    def _export(self) -> None:
        request = self.request
        if self._task is not None:
            self._task.cancel()
            self._end()
            return
        if request is None:
            return
        self._settings.setValue(_FOLDER, str(request.out.parent))
        self._settings.setValue(_FORMAT, request.format)
        self._show_problem("")
        self._task = self._controller.exports.export(
            request, partial(self._show_outcome, request), self._show_failure
        )
        self.bar.show()
        self.start.setText("Cancel export")
        self._set_form_enabled(False)

    def _show_outcome(self, request: ModelExport, outcome: Outcome) -> None:
        """Tell of the end, and show what was written, exactly, and how its check went."""
        words = f"Exported {request.run.name}, step {format_number(request.step)}: {request.out}."
        if outcome.accuracy is not None:
            words += f" The engine's accuracy there: {format_percentage(outcome.accuracy)}."
        self._controller.notified.emit(Notice("success", words))
        if not Shiboken.isValid(self):  # closed meanwhile
            return
        self._end()
        checks = {check.name: check for check in outcome.checks}
        self.files.clear()
        for file in outcome.files:
            check, digest = checks.get(file.path.name), f"SHA-256 {file.sha256}"
            verdict = f"{digest[:20]}..." if check is None else _verdict(check)
            item = self._add_file(file.path, f"{format_number(file.size)} bytes", verdict)
            item.setToolTip(2, as_tip(digest if check is None else f"{check}\n{digest}"))

    def _show_failure(self, error: BaseException) -> None:
        is_there = Shiboken.isValid(self)
        if is_there:
            self._end()
        if is_there and isinstance(error, BadInput):
            self._show_problem(str(error))
        else:
            self._controller.notify_failure(error, "Export")

    def _end(self) -> None:
        self._task = None
        self.bar.hide()
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


def _verdict(check: Check) -> str:
    return f"agrees with the engine, {check.difference:.1e} apart"
