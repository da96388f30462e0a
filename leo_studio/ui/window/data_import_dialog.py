"""The dialog that imports data: a file or a folder is chosen, looked at, named and imported."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import Shiboken

from engine.errors import BadInput
from leo_studio.analysis.experiment.form_layout import breakable
from leo_studio.analysis.runs.own_encoders import with_own_encoders
from leo_studio.services.opening import KIND_OF_SUFFIX
from leo_studio.services.recognised import Recognised, Use, Wanted
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.last_folders import LastFolder
from leo_studio.ui.widgets.roles import set_role
from leo_studio.ui.widgets.task_progress import TaskProgress
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.array_boxes import ArrayBoxes
from leo_studio.ui.window.drop import local_path
from leo_studio.ui.window.found_stores import FoundStores
from leo_studio.ui.window.path_line import PathLine
from leo_studio.ui.window.picture_choices import PictureChoices
from leo_studio.ui.window.picture_strip import PictureStrip

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller

_FILES = f"Data ({' '.join(f'*{suffix}' for suffix in KIND_OF_SUFFIX)});;All files (*)"
_INTRODUCTION = (
    "Choose a file or a folder, or drop it here. It is looked at first; nothing is imported before "
    "you say so."
)
_KINDS = (
    "Pictures (a folder or a .zip with a folder for each class, a .csv of paths and labels, a "
    ".parquet, a pickled miniImageNet), LEO's released embeddings (the .zip, or the folder that it "
    "unpacks to), features of your own (an .npz with embeddings and labels, or X and y; .plk, .pt, "
    ".csv, .parquet, or a folder of them or of .npy), a store (.h5), a trained run (.leo, or its "
    "folder), or a preset (.yaml)."
)
_CANCELLED = "The import was cancelled."
_CANCELS = {False: "Cancel the import", True: "Ending..."}
_KEPT = " What was done is kept: another import of the same goes on from there."
_FRAME = 48  # pixels around a dialog that its screen has to have room for too
_PAUSE_MILLISECONDS = 300  # in typing, after which a path is looked at
_BUTTONS = {
    "archive": "Import",
    "store": "Use this store",
    "preset": "Load this preset",
    "bundle": "Import",
    "run": "Show this run",
}


class DataImportDialog(QDialog):
    """Imports stores, and hands on what is opened as it is.

    `opened` has the `Openable` that is no archive, and `began` the path of the archive whose import
    has begun.

    Parameters
    ----------
    controller
        Looks and imports.
    themes
        Gives the colours.
    use
        Gets the name of the store that was imported, or was chosen of several, and of a preset that
        fits it.
    parent
        The window.
    """

    opened = Signal(object)
    began = Signal(object)

    def __init__(
        self,
        controller: "Controller",
        themes: ThemeManager,
        use: Use,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("data import")
        self.setWindowTitle("Import data")
        self.setAcceptDrops(True)
        self._controller = controller
        self._themes = themes
        self._use = use
        self._found: Recognised | None = None
        self._looking: Task | None = None
        self._looked_at = ""  # or is being looked at
        self._importing: Task | None = None
        last = LastFolder(controller.library.root, "open")
        self._line = PathLine(_FILES, last, has_keys=True)
        self.source = self._line.field
        self._what, self._problem = Label(), Label()
        self._arrays = ArrayBoxes(self)
        self._samples = PictureStrip(self)
        self._choices = PictureChoices(last, self)
        self._stores = FoundStores(controller.imports.remark_on, self)
        self._inside, self._body = QWidget(), QScrollArea()
        self._progress = TaskProgress(
            controller, lambda task: task is self._importing, has_cancel=False
        )
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._cancel = self._buttons.button(QDialogButtonBox.StandardButton.Cancel)
        self._cancel.setObjectName("cancel")
        self._import = QPushButton("Import")
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MILLISECONDS)
        self._arrange()
        self._connect()
        self._show_nothing()

    def look_at(self, path: str) -> None:
        """Choose a file or a folder, and say what it is."""
        self.source.setText(path)
        self._forget()
        self._look()

    def propose_encoder(self, name: str) -> None:
        """Let an encoder be chosen at first where pictures are found; "" for the usual one."""
        self._choices.proposed = name

    # How it looks

    def _arrange(self) -> None:
        self.source.setObjectName("source")
        self.source.setAccessibleName("File or folder")
        self.source.setPlaceholderText("A file or a folder")
        introduction = Label(_INTRODUCTION)
        self._what.setObjectName("what it is")
        self._problem.setObjectName("problem")
        set_role(self._problem, "error")
        for label in (introduction, self._what, self._problem):
            label.setWordWrap(True)
        self._import.setObjectName("import")
        set_role(self._import, "primary")
        self._import.setDefault(True)
        self._buttons.addButton(self._import, QDialogButtonBox.ButtonRole.AcceptRole)
        self._arrange_body()
        layout = QVBoxLayout(self)
        layout.addWidget(introduction)
        layout.addWidget(self._line)
        layout.addWidget(self._what)
        layout.addWidget(self._problem)
        layout.addWidget(self._body, 1)
        layout.addWidget(self._progress)
        layout.addWidget(self._buttons)
        metrics = self.fontMetrics()
        # Room for what is found, so that the dialog does not jump when something is.
        self.resize(metrics.averageCharWidth() * 92, metrics.lineSpacing() * 22)

    def _arrange_body(self) -> None:
        """Put what is found into an area that scrolls where a screen has no room for all of it."""
        inside = QVBoxLayout(self._inside)
        inside.setContentsMargins(0, 0, 0, 0)
        for widget in (self._samples, self._arrays, self._choices, self._stores):
            inside.addWidget(widget)
        inside.addStretch(1)
        self._body.setWidget(self._inside)
        self._body.setWidgetResizable(True)
        self._body.setFrameShape(QFrame.Shape.NoFrame)
        self._body.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._body.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def _connect(self) -> None:
        self.source.textEdited.connect(self._wait_for_more)
        self._line.chosen.connect(self.look_at)
        self.source.returnPressed.connect(self._look_at_once)
        self._pause.timeout.connect(self._look)
        self._arrays.chosen.connect(self._look)
        self._choices.divided.connect(self._look)
        self._choices.changed.connect(self._judge)
        self._stores.changed.connect(self._judge)
        self._buttons.accepted.connect(self._go)
        self._buttons.rejected.connect(self.reject)
        self._controller.tasks_changed.connect(self._follow)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Import nothing by the key that ends the path: the dialog would press its button."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and self.source.hasFocus():
            event.accept()
        else:
            super().keyPressEvent(event)

    # Drops

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if event.mimeData().hasUrls() and self._importing is None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Look at the first of the files that are dropped."""
        event.acceptProposedAction()
        try:
            self.look_at(local_path(event.mimeData().urls()[0]))
        except BadInput as error:
            self._show_nothing(str(error))

    # Looking

    def _forget(self) -> None:
        """Forget what was chosen of something else."""
        self._arrays.forget()
        self._choices.forget()
        self._stores.forget()
        self._samples.show_samples(())

    def _wait_for_more(self) -> None:
        self._forget()
        self._show_nothing()
        self._pause.start()

    def _look_at_once(self) -> None:
        """Look at what was just typed; nothing is imported before the button is pressed."""
        is_known = self._found is not None or self._looking is not None
        if self.source.text().strip() != self._looked_at or not is_known:
            self._look()

    def _look(self) -> None:
        self._pause.stop()
        text = self._looked_at = self.source.text().strip()
        self._show_nothing()
        if text:
            self._what.setText("Looking at it ...")
            wanted = Wanted(self._arrays.names, self._choices.splits)
            self._looking = self._controller.imports.look(
                text, wanted, self._show_found, self._show_failure
            )

    def _show_nothing(self, problem: str = "") -> None:
        if self._looking is not None:
            self._looking.cancel()
        self._looking = None
        self._found = None
        self._what.setText("" if self.source.text().strip() else _KINDS)
        set_role(self._what, "muted")
        self._stores.show_stores((), "", is_import=False)
        self._show_problem(problem)
        self._judge()

    def _show_found(self, found: Recognised) -> None:
        if not Shiboken.isValid(self):
            return
        self._found = found
        self._what.setText(breakable(found.what))
        set_role(self._what, "title")
        self._import.setText(_BUTTONS[found.openable.kind])
        self._show_problem(found.question)
        self._arrays.show_arrays(found)
        if found.pictures is None:
            self._choices.forget()
        else:
            entries = self._controller.runs, self._controller.presets
            self._choices.show_pictures(with_own_encoders(found.pictures, *entries))
        self._samples.show_samples(found.pictures.look.samples if found.pictures else ())
        muted = self._themes.current.muted
        self._stores.show_stores(found.stores, muted, is_import=found.is_import)
        self._stores.come_after(self._choices.last)
        self._judge()

    def _grow(self) -> None:
        """Make room for all of what was found: text that wraps asks for no height of its own."""
        layout, inside = self.layout(), self._inside.layout()
        if layout is not None and inside is not None:
            layout.activate()
            seen = self._body.viewport().size()
            missing = inside.totalHeightForWidth(seen.width()) - seen.height()
            most = self.screen().availableGeometry().height() - _FRAME
            self.resize(self.width(), max(self.height(), min(self.height() + missing, most)))

    def _show_failure(self, error: BaseException) -> None:
        """Say in a sentence what is wrong; a bug is told of as bugs are."""
        if not Shiboken.isValid(self) or not isinstance(error, BadInput | OSError):
            self._controller.notify_failure(error, "Import")
        if Shiboken.isValid(self):
            self._importing = None
            if self._found is None:
                self._what.setText("")
            self._judge()
            self._show_problem(_sentence(error))

    def _show_problem(self, sentence: str, role: str = "error") -> None:
        set_role(self._problem, role)
        self._problem.setText(breakable(sentence))
        self._problem.setVisible(bool(sentence))

    def _judge(self) -> None:
        """Let what was found be imported, where nothing is in the way."""
        found, is_free = self._found, self._importing is None
        problem = ""
        if found is not None and found.is_import:
            problem = self._choices.problem or self._stores.problem
        is_clear = found is not None and not found.question and not problem
        if problem or (found is not None and not found.question and is_free):
            self._show_problem(problem)
        self._import.setEnabled(is_clear and is_free)
        is_ending = self._importing is not None and self._importing.is_cancelled
        self._cancel.setEnabled(not is_ending)
        self._cancel.setText(_CANCELS[is_ending] if self._importing is not None else "Cancel")
        for widget in (self._line, self._arrays, self._choices, self._stores):
            widget.setEnabled(is_free)
        if found is not None:
            self._grow()

    # Importing

    def _go(self) -> None:
        found = self._found
        if found is None:
            return
        path = found.openable.path
        if not found.is_import:
            self.accept()
            self.opened.emit(found.openable)
            return
        self._importing = self._begin(found, path)
        self.began.emit(path)
        self._progress.follow()
        self._judge()

    def _begin(self, found: Recognised, path: Path) -> "Task":
        imports, names = self._controller.imports, self._stores.names
        if found.choices is not None:
            name = next(iter(names.values()))
            return imports.arrays(path, self._use, name, found.arrays, self._show_failure)
        if found.pictures is not None:
            name = next(iter(names.values()))
            seen = [note for store in found.stores for note in store.notes]
            choice, failed = self._choices.choice, self._show_failure
            return imports.pictures(path, self._use, name, choice, seen, failed)
        if found.are_features:
            return imports.features(path, self._use, next(iter(names.values())), self._show_failure)
        renamed = {old: new for old, new in names.items() if old != new}
        return imports.released(path, self._use, renamed, tuple(names), self._show_failure)

    def _follow(self) -> None:
        """Close when the import has ended; stay where it was cancelled, or did not succeed."""
        task = self._importing
        if task is None or task in self._controller.tasks:
            return
        self._importing = None
        if task.is_cancelled:
            self._judge()
            is_kept = self._found is not None and self._found.pictures is not None
            self._show_problem(_CANCELLED + (_KEPT if is_kept else ""), role="muted")
            self._controller.refresh_stores()  # of several, the first may be there
        else:
            self.accept()

    def reject(self) -> None:
        """Cancel the import that is under way; close where there is none."""
        if self._importing is not None:
            self._importing.cancel()
            self._progress.follow()
            self._judge()
            return
        if self._looking is not None:
            self._looking.cancel()
        super().reject()


def _sentence(error: BaseException) -> str:
    if isinstance(error, BadInput):
        return str(error)
    if isinstance(error, OSError):
        return (
            f"{error.filename or 'It'} cannot be read: {error.strerror or error}; check the file."
        )
    return "An error of LEO Studio itself; the message at the window's corner has the details."
