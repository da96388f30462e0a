"""The dialog that takes what a panel shows elsewhere: with a preview, into a file or by copying."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import Shiboken

from engine.errors import BadInput
from leo_studio.background import Task
from leo_studio.figures.drawing import Look, draw
from leo_studio.figures.records import Exported
from leo_studio.figures.saving import PICTURES, files_of, formats_of, save
from leo_studio.figures.script import script_of
from leo_studio.figures.tables import require_parquet
from leo_studio.records import Notice
from leo_studio.ui.panel_export.choices import (
    LARGEST,
    OWN_SIZE,
    SMALLEST,
    STYLES,
    WIDTHS,
    Choices,
    KeptChoices,
    size_of,
)
from leo_studio.ui.panel_export.copying import copy, copy_words
from leo_studio.ui.panel_export.preview import Preview
from leo_studio.ui.theme import Theme

if TYPE_CHECKING:
    from leo_studio.controller import Controller

_REST_MILLISECONDS = 150  # after the last change, before the preview is drawn anew


class PanelExportDialog(QDialog):
    """Saves or copies what a panel has to give.

    It is drawn and written in the background; a toast tells how that ended, also when the dialog
    was closed meanwhile.

    Parameters
    ----------
    controller
        Does the work, and has the library whose window.ini keeps the choices.
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
        self._theme = theme
        self._kept = KeptChoices(controller.library.root / "window.ini")
        self._choices = self._kept.read()
        self._formats = formats_of(exported)
        self._drawing: Task | None = None
        self._is_target_own = False  # typed or chosen, and so not ours to change
        self.title = QLabel(exported.title)
        self.preview = Preview()
        self.format, self.style_box, self.size_box = QComboBox(), QComboBox(), QComboBox()
        self.width_box, self.height_box = QDoubleSpinBox(), QDoubleSpinBox()
        self.scale_box, self.pixels = QDoubleSpinBox(), QLabel()
        self.target, self.browse = QLineEdit(), QPushButton("Browse...")
        self.files, self.problem = QLabel(), QLabel(" ")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy_button = self.buttons.addButton("Copy", QDialogButtonBox.ButtonRole.ActionRole)
        self.save_button = self.buttons.addButton("Save", QDialogButtonBox.ButtonRole.ActionRole)
        self._rest = QTimer(self, singleShot=True, interval=_REST_MILLISECONDS)
        self._fill()
        self._lay_out()
        self._connect()
        self._choose_size()

    @property
    def choices(self) -> Choices:
        """What is chosen."""
        return replace(
            self._choices,
            ending=str(self.format.currentData()),
            style=str(self.style_box.currentData()),
            size=self.size_box.currentText(),
            width=self.width_box.value(),
            height=self.height_box.value(),
            scale=self.scale_box.value(),
        )

    @property
    def look(self) -> Look:
        """How a figure looks."""
        return self.choices.look(self._exported.figure, self._theme)

    @property
    def path(self) -> Path:
        """Where to."""
        return Path(self.target.text().strip()).expanduser()

    def done(self, result: int) -> None:
        """Keep what was chosen for the next time, however the dialog is closed."""
        self._rest.stop()
        if self._drawing is not None:
            self._drawing.cancel()
        self._keep(self.choices)
        super().done(result)

    def _keep(self, choices: Choices) -> None:
        # A panel that is a table only leaves open how a figure is wanted next time.
        if self._exported.figure is None:
            choices = replace(choices, ending=self._kept.read().ending)
        self._kept.write(choices)

    # What is asked for

    def _change(self) -> None:
        """Follow a change of anything that is chosen."""
        choices = self.choices
        is_figure = choices.ending in PICTURES or choices.ending == ".py"
        for widget in (self.style_box, self.size_box, self.width_box, self.height_box):
            widget.setEnabled(is_figure)
        self.scale_box.setEnabled(choices.ending == ".png")
        width, height = self.look.pixels
        self.pixels.setText(f"{width:,} × {height:,} pixels" if choices.ending == ".png" else "")
        if not self._is_target_own:
            name = f"{_file_name(self._exported.name)}{choices.ending}"
            self.target.setText(str(Path(choices.folder) / name))
        self.copy_button.setText(copy_words(choices.ending))
        self._rest.start()
        self._plan()

    def _plan(self) -> None:
        """Say which files will be written, and what stands in the way."""
        problem = self._mistake()
        self.problem.setText(problem or " ")
        self.save_button.setEnabled(not problem)
        if problem:
            self.files.setText(" ")
            return
        files = files_of(self.path, self._exported)
        names = ", ".join(file.name for file in files)
        there = [file.name for file in files if file.exists()]
        taken = f"; takes the place of {', '.join(there)}" if there else ""
        self.files.setText(f"Writes {names}{taken}")

    def _mistake(self) -> str:
        ending = self.path.suffix.lower()
        if not self.target.text().strip():
            return "Say where to write to."
        if self.path.is_dir():
            return f"{self.path} is a folder; add a file's name."
        if ending != self.format.currentData():
            return f"The file's name must end with {self.format.currentData()}."
        if ending == ".parquet":
            try:
                require_parquet()
            except BadInput as error:
                return str(error)
        return ""

    def _choose_size(self) -> None:
        """Show how large a figure of the chosen width is."""
        width = WIDTHS.get(self.size_box.currentText())
        if width is not None:
            for box, value in zip(
                (self.width_box, self.height_box),
                size_of(self._exported.figure, width),
                strict=True,
            ):
                with QSignalBlocker(box):
                    box.setValue(value)
        self._change()

    def _take_own_size(self) -> None:
        self.size_box.setCurrentText(OWN_SIZE)
        self._change()

    def _choose_format(self) -> None:
        """Give a target that a person chose the new ending too."""
        if self._is_target_own and self.path.suffix.lower() in self._formats:
            path = self.path.with_suffix(str(self.format.currentData()))
            self.target.setText(str(path))
        self._change()

    # The preview

    def _show(self) -> None:
        exported, ending, look = self._exported, self.choices.ending, self.look
        if self._drawing is not None:
            self._drawing.cancel()
            self._drawing = None
        if exported.figure is None or (ending not in PICTURES and ending != ".py"):
            self.preview.show_tables(tuple(exported.tables))
            return
        figure = exported.figure
        if ending == ".py":
            self.preview.show_script(script_of(figure, look, exported.title, exported.name))
            return
        # As sharp as this screen shows it, whatever the file will have.
        room = self.preview.width() * self.preview.devicePixelRatioF()
        sharp = replace(look, scale=min(4.0, max(1.0, room / (100 * look.width))))

        def show(png: bytes) -> None:
            if Shiboken.isValid(self):
                self._drawing = None
                self.preview.show_picture(png, exported.title)

        self._drawing = self._controller.start(
            "Drawing a preview",
            lambda task: _drawn(task, exported, sharp),
            show,
            is_shown=False,
            failed=self._show_failure,
        )

    # Out

    def _save(self) -> None:
        path, exported, look = self.path, self._exported, self.look
        self._choices = replace(self.choices, folder=str(path.parent))
        self._keep(self._choices)

        def tell(_: None) -> None:
            files = files_of(path, exported)
            beside = f" and {len(files) - 1} more beside it" if len(files) > 1 else ""
            self._controller.notified.emit(Notice("success", f"Saved {path}{beside}."))
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
        copy(self._controller, self._exported, self.choices.ending, self.look, self._show_failure)

    def _show_failure(self, error: BaseException) -> None:
        if Shiboken.isValid(self) and isinstance(error, BadInput):
            self._plan()
            self.problem.setText(str(error))
        else:
            self._controller.notify_failure(error, "Export")

    def _ask_target(self) -> None:
        ending = str(self.format.currentData())
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

    def _note_own_target(self) -> None:
        self._is_target_own = True

    # How it is made

    def _fill(self) -> None:
        kept = self._choices
        for ending, name in self._formats.items():
            self.format.addItem(f"{name} ({ending})", ending)
        self.format.setCurrentIndex(max(0, self.format.findData(kept.ending)))
        for style, name in STYLES.items():
            self.style_box.addItem(name, style)
        self.style_box.setCurrentIndex(self.style_box.findData(kept.style))
        self.style_box.setToolTip(
            "Paper: serif and small, in colours that colour-blind people tell apart; Screen: as "
            "for slides and pages"
        )
        self.size_box.addItems([*WIDTHS, OWN_SIZE])
        self.size_box.setCurrentText(kept.size)
        for box, value in ((self.width_box, kept.width), (self.height_box, kept.height)):
            box.setRange(SMALLEST, LARGEST)
            box.setSingleStep(0.25)
            box.setSuffix(" in")
            box.setKeyboardTracking(False)
            box.setValue(value)
        self.scale_box.setRange(0.5, 8.0)
        self.scale_box.setSingleStep(0.5)
        self.scale_box.setDecimals(1)
        self.scale_box.setSuffix(" ×")
        self.scale_box.setValue(kept.scale)
        self.width_box.setAccessibleName("Width")
        self.height_box.setAccessibleName("Height")
        names = ("format", "target", "browse", "files", "problem", "title", "pixels")
        boxes = ("style_box", "size_box", "width_box", "height_box", "scale_box")
        for name in (*names, *boxes, "copy_button", "save_button"):
            getattr(self, name).setObjectName(f"panel_export_{name.removesuffix('_box')}")

    def _lay_out(self) -> None:
        for label, role in ((self.files, "muted"), (self.problem, "error"), (self.title, "muted")):
            label.setProperty("role", role)
            label.setWordWrap(True)
        self.pixels.setProperty("role", "muted")
        self.save_button.setProperty("role", "primary")
        self.save_button.setDefault(True)
        self.save_button.style().polish(self.save_button)  # it had a look before it had its role
        form = QFormLayout()
        form.addRow("&Format", self.format)
        form.addRow("&Style", self.style_box)
        form.addRow("Si&ze", self.size_box)
        form.addRow("", _row(self.width_box, QLabel("×"), self.height_box))
        form.addRow("PNG scal&e", _row(self.scale_box))
        form.addRow("", self.pixels)
        target = QWidget()
        row = QHBoxLayout(target)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.target, 1)
        row.addWidget(self.browse)
        write_to = QLabel("Write &to")
        write_to.setBuddy(self.target)
        choices = QWidget()
        right = QVBoxLayout(choices)
        right.setContentsMargins(0, 0, 0, 0)
        right.addLayout(form)
        right.addStretch()
        right.addWidget(write_to)
        right.addWidget(target)
        right.addWidget(self.files)
        right.addWidget(self.problem)
        character = self.fontMetrics().averageCharWidth()
        choices.setFixedWidth(48 * character)
        self.preview.setMinimumSize(40 * character, 12 * self.fontMetrics().height())
        halves = QHBoxLayout()
        halves.addWidget(self.preview, 1)
        halves.addSpacing(character)
        halves.addWidget(choices)
        layout = QVBoxLayout(self)
        layout.addWidget(self.title)
        layout.addLayout(halves, 1)
        layout.addWidget(self.buttons)
        self.resize(150 * character, 34 * self.fontMetrics().height())

    def _connect(self) -> None:
        self.format.currentIndexChanged.connect(self._choose_format)
        self.style_box.currentIndexChanged.connect(self._change)
        self.size_box.activated.connect(self._choose_size)
        for box in (self.width_box, self.height_box):
            box.valueChanged.connect(self._take_own_size)
        self.scale_box.valueChanged.connect(self._change)
        self.target.textEdited.connect(self._note_own_target)
        self.target.textChanged.connect(self._plan)
        self.browse.clicked.connect(self._ask_target)
        self.save_button.clicked.connect(self._save)
        self.copy_button.clicked.connect(self._copy)
        self.buttons.rejected.connect(self.reject)
        self._rest.timeout.connect(self._show)


def _drawn(task: Task, exported: Exported, look: Look) -> bytes:
    assert exported.figure is not None
    task.report()  # which ends it where nobody wants it any more
    return draw(exported.figure, look, "png")


def _row(*widgets: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch()
    return row


def _file_name(name: str) -> str:
    return name.replace("/", "-").replace("\\", "-")
