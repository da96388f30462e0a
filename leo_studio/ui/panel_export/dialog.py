"""The export dialog of a panel: a preview of what it shows, then a file or the clipboard."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import Shiboken

from engine.errors import BadInput
from engine.io.paths import expanded, expanded_if_known, is_there
from leo_studio.figures.drawing import draw
from leo_studio.figures.records import Exported
from leo_studio.figures.saving import PICTURES, files_of, formats_of, save
from leo_studio.figures.script import script_of
from leo_studio.figures.tables import require_parquet
from leo_studio.services.background import Task
from leo_studio.services.records import Notice
from leo_studio.ui.panel_export.choices import Choices, KeptChoices
from leo_studio.ui.panel_export.copying import copy, copy_words
from leo_studio.ui.panel_export.form import ChoicesForm
from leo_studio.ui.panel_export.preview import Preview
from leo_studio.ui.widgets.eliding_line import ElidingLine
from leo_studio.ui.widgets.folders import show_in_folder
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import Theme

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

_REST_MILLISECONDS = 150  # after the last change, before the preview is made anew
_SHARPEST = 4.0  # pixels of a preview per hundredth of an inch


class PanelExportDialog(QDialog):
    """Saves or copies what a panel has to give.

    It is drawn and written in the background; a toast tells how that ended, also when the dialog
    was closed meanwhile.

    Parameters
    ----------
    controller
        Does the work, and has the library that keeps the choices.
    exported
        What the panel gave.
    theme
        The window's colours now.
    parent
        The window.
    """

    def __init__(
        self, controller: "Controller", exported: Exported, theme: Theme, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel_export_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Export")
        self._controller = controller
        self._exported = exported
        self._kept = KeptChoices(controller.library.root)
        self._formats = formats_of(exported)
        self._making: Task | None = None  # the preview
        self._is_target_own = False  # typed or chosen, and so not ours to change
        kept = self._kept.read()
        self._folder = kept.folder
        self.title = Label(exported.title)
        self.preview = Preview()
        self.form = ChoicesForm(self._formats, exported.figure, theme, kept)
        self.target, self.browse = ElidingLine(), QPushButton("Browse...")
        self.files, self.problem = Label(), Label(" ")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy_button = self.buttons.addButton("Copy", QDialogButtonBox.ButtonRole.ActionRole)
        self.save_button = self.buttons.addButton("Save", QDialogButtonBox.ButtonRole.ActionRole)
        self._rest = QTimer(self, singleShot=True, interval=_REST_MILLISECONDS)
        self._lay_out()
        self._connect()
        self._change()

    @property
    def path(self) -> Path:
        """Where to; as it was typed while nobody knows what its ~ stands for."""
        return expanded_if_known(self.target.text().strip())

    def done(self, result: int) -> None:
        """Keep what was chosen for the next time, however the dialog is closed."""
        self._rest.stop()
        self._end_preview()
        self._keep()
        super().done(result)

    # What is asked for

    def _keep(self) -> None:
        choices: Choices = replace(self.form.choices, folder=self._folder)
        # A panel that is a table only leaves open how a figure is wanted next time.
        if self._exported.figure is None:
            choices = replace(choices, ending=self._kept.read().ending)
        self._kept.write(choices)

    def _change(self) -> None:
        """Follow a change of anything that is chosen."""
        if not self._is_target_own:
            name = self._exported.name.replace("/", "-").replace("\\", "-")
            self.target.setText(str(Path(self._folder) / f"{name}{self.form.ending}"))
        self.copy_button.setText(copy_words(self.form.ending))
        self._rest.start()
        self._plan()

    def _plan(self) -> None:
        """Say which files will be written, and what stands in the way."""
        self.target.setToolTip(as_tip(str(self.path)))
        problem = self._mistake()
        self.problem.setText(problem or " ")
        self.save_button.setEnabled(not problem)
        if problem:
            self.files.setText(" ")
            return
        files = files_of(self.path, self._exported)
        names = ", ".join(file.name for file in files)
        there = [file.name for file in files if is_there(file)]
        taken = f"; takes the place of {', '.join(there)}" if there else ""
        self.files.setText(f"Writes {names}{taken}")

    def _mistake(self) -> str:
        ending = self.path.suffix.lower()
        if not self.target.text().strip():
            return "Say where to write to."
        try:
            is_folder = expanded(self.target.text().strip()).is_dir()
        except BadInput as error:
            return str(error)
        except OSError as error:  # a name that is too long, a folder of somebody else's
            return f"{self.path}: {error.strerror or error}; choose another place."
        if is_folder:
            return f"{self.path} is a folder; add a file's name."
        if ending != self.form.ending:
            return f"The file's name must end with {self.form.ending}."
        if ending == ".parquet":
            try:
                require_parquet()
            except BadInput as error:
                return str(error)
        return ""

    def _rename(self) -> None:
        """Give a target that a person chose the new format's ending too."""
        if self._is_target_own and self.path.suffix.lower() in self._formats:
            self.target.setText(str(self.path.with_suffix(self.form.ending)))

    # The preview

    def _show(self) -> None:
        self._end_preview()
        exported, ending, look = self._exported, self.form.ending, self.form.look
        figure, is_script = exported.figure, ending == ".py"
        if figure is None or not (is_script or ending in PICTURES):
            self.preview.show_tables(tuple(exported.tables))
            return
        # As sharp as this screen shows it, whatever the file will have.
        room = self.preview.width() * self.preview.devicePixelRatioF()
        sharp = replace(look, scale=min(_SHARPEST, max(1.0, room / (100 * look.width))))

        def make(task: Task) -> str | bytes:
            task.report()  # which ends it where nobody wants it any more
            if is_script:
                return script_of(figure, look, exported.title, exported.name)
            return draw(figure, sharp, "png")

        def show(made: str | bytes) -> None:
            if not Shiboken.isValid(self):
                return
            self._making = None
            if isinstance(made, str):
                self.preview.show_script(made)
            else:
                self.preview.show_picture(made, exported.title)

        def tell(error: BaseException) -> None:
            if Shiboken.isValid(self):
                self._making = None
                self.preview.show_problem(_why_no_preview(error))
            if not isinstance(error, BadInput):  # of the program itself: it keeps its traceback
                self._controller.notify_failure(error, "Preview")

        self.preview.show_waiting()
        self._making = self._controller.start(
            "Drawing a preview", make, show, is_shown=False, failed=tell
        )

    def _end_preview(self) -> None:
        if self._making is not None:
            self._making.cancel()
            self._making = None

    # Out

    def _save(self) -> None:
        path, exported, look = self.path, self._exported, self.form.look
        self._folder = str(path.parent)
        self._keep()

        def tell(_: None) -> None:
            files = files_of(path, exported)
            beside = f" and {len(files) - 1} more beside it" if len(files) > 1 else ""
            where = (show_in_folder(path, self._controller.notified.emit),)
            self._controller.notified.emit(
                Notice("success", f"Saved {path}{beside}.", actions=where)
            )
            if Shiboken.isValid(self):
                self.accept()

        self.save_button.setEnabled(False)
        self._controller.start(
            f"Writing {path.name}",
            lambda task: save(path, exported, look, task.report),
            tell,
            failed=self._show_failure,
        )

    def _copy(self) -> None:
        ending, look = self.form.ending, self.form.look
        copy(self._controller, self._exported, ending, look, self._show_failure)

    def _show_failure(self, error: BaseException) -> None:
        if Shiboken.isValid(self) and isinstance(error, BadInput):
            self._plan()
            self.problem.setText(str(error))
        else:
            self._controller.notify_failure(error, "Export")

    def _ask_target(self) -> None:
        ending = self.form.ending
        kinds = f"{self._formats[ending]} (*{ending})"
        dialog = QFileDialog(self, "Export", str(self.path.parent), kinds)
        dialog.setObjectName("panel_export_file")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(ending.removeprefix("."))
        dialog.selectFile(self.path.name)
        dialog.fileSelected.connect(self._take_target)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _take_target(self, text: str) -> None:
        self._is_target_own = True
        self.target.setText(text)

    def _take_typed(self, text: str) -> None:
        self._is_target_own = True
        self.form.take_name(text)

    # How it is made

    def _lay_out(self) -> None:
        names = ("target", "browse", "files", "problem", "title", "copy_button", "save_button")
        for name in names:
            getattr(self, name).setObjectName(f"panel_export_{name}")
        for label, role in ((self.files, "muted"), (self.problem, "error"), (self.title, "muted")):
            label.setProperty("role", role)
            label.setWordWrap(True)
        self.save_button.setProperty("role", "primary")
        self.save_button.setDefault(True)
        self.save_button.style().polish(self.save_button)  # it had a look before it had its role
        write_to = Label("Write &to")
        write_to.setBuddy(self.target)
        above = QHBoxLayout()
        above.addWidget(write_to, 1)
        above.addWidget(self.browse)
        character = self.fontMetrics().averageCharWidth()
        side = QWidget()
        side.setFixedWidth(52 * character)
        right = QVBoxLayout(side)
        right.setContentsMargins(0, 0, 0, 0)
        right.addWidget(self.form)
        right.addStretch()
        right.addLayout(above)
        right.addWidget(self.target)
        right.addWidget(self.files)
        right.addWidget(self.problem)
        self.preview.setMinimumSize(40 * character, 12 * self.fontMetrics().height())
        halves = QHBoxLayout()
        halves.addWidget(self.preview, 1)
        halves.addSpacing(character)
        halves.addWidget(side)
        layout = QVBoxLayout(self)
        layout.addWidget(self.title)
        layout.addLayout(halves, 1)
        layout.addWidget(self.buttons)
        self.resize(150 * character, 34 * self.fontMetrics().height())
        self.form.format.setFocus()

    def _connect(self) -> None:
        self.form.format_changed.connect(self._rename)
        self.form.changed.connect(self._change)
        self.target.textEdited.connect(self._take_typed)
        self.target.textChanged.connect(self._plan)
        self.browse.clicked.connect(self._ask_target)
        self.save_button.clicked.connect(self._save)
        self.copy_button.clicked.connect(self._copy)
        self.buttons.rejected.connect(self.reject)
        self._rest.timeout.connect(self._show)


def _why_no_preview(error: BaseException) -> str:
    if isinstance(error, BadInput):
        return f"There is no preview: {error}"
    return (
        "The preview cannot be drawn; choose another format, or see the message for what went "
        "wrong."
    )
