"""Figures and values out of the plots: to files and to the clipboard."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, QStandardPaths
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from engine.errors import BadInput
from leo_studio.background import Task
from leo_studio.records import Notice
from leo_studio.ui.curves.figure import Figure
from leo_studio.ui.curves.runs_shown import ShownRun
from leo_studio.ui.curves.values import save_values, validation_path, values_of
from leo_studio.ui.figures import render_image, save_figure

if TYPE_CHECKING:
    from leo_studio.controller import Controller

FORMATS = {".png": "PNG image", ".svg": "SVG drawing", ".pdf": "PDF document"}
_FOLDER_KEY = "curves/folder"


@dataclass(frozen=True, slots=True)
class FigureOptions:
    """How a figure looks.

    Attributes
    ----------
    suffix
        One of `FORMATS`.
    scale
        Pixels of a PNG per pixel on the screen.
    is_light
        Whether it is light whatever the window is, as paper is.
    """

    suffix: str = ".png"
    scale: float = 2.0
    is_light: bool = True


Painted = Callable[[bool, float, Callable[[Figure], None]], None]
"""Hands a figure on while the plots have its colours: is it light, and its points' density."""


class FigureDialog(QDialog):
    """Asks how a figure is to look."""

    def __init__(self, options: FigureOptions, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("figure_dialog")
        self.setWindowTitle("Export figure")
        self.format = QComboBox(self)
        self.format.setObjectName("figure_format")
        for suffix, name in FORMATS.items():
            self.format.addItem(f"{name} ({suffix})", suffix)
        self.format.setCurrentIndex(list(FORMATS).index(options.suffix))
        self.scale = QDoubleSpinBox(self)
        self.scale.setObjectName("figure_scale")
        self.scale.setRange(1.0, 8.0)
        self.scale.setDecimals(1)
        self.scale.setSingleStep(0.5)
        self.scale.setValue(options.scale)
        self.scale.setSuffix(" ×")
        self.colors = QComboBox(self)
        self.colors.setObjectName("figure_colors")
        self.colors.addItems(["Light, for paper", "As in the window"])
        self.colors.setCurrentIndex(0 if options.is_light else 1)
        hint = QLabel("The plots that are visible now, as large as they are on the screen.", self)
        hint.setProperty("role", "muted")
        form = QFormLayout()
        form.addRow("&Format", self.format)
        form.addRow("PNG &scale", self.scale)
        form.addRow("&Colours", self.colors)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        save = buttons.addButton("Choose file...", QDialogButtonBox.ButtonRole.AcceptRole)
        save.setProperty("role", "primary")
        self.style().polish(save)  # the box gave it a look before it had its role
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(hint)
        layout.addLayout(form)
        layout.addWidget(buttons)
        self.format.currentIndexChanged.connect(self._enable)
        self._enable()

    @property
    def options(self) -> FigureOptions:
        """What was chosen."""
        suffix = str(self.format.currentData())
        return FigureOptions(suffix, self.scale.value(), self.colors.currentIndex() == 0)

    def _enable(self) -> None:
        self.scale.setEnabled(self.format.currentData() == ".png")


class Exporter(QObject):
    """Asks for files and writes them; what goes wrong is told as a toast.

    Parameters
    ----------
    controller
        Tells of errors and writes long files in the background.
    painted
        Gives the figure.
    parent
        The panel.
    """

    def __init__(self, controller: "Controller", painted: Painted, parent: QWidget) -> None:
        super().__init__(parent)
        self._controller = controller
        self._painted = painted
        self._window = parent
        self._options = FigureOptions()
        self._settings = QSettings(
            str(controller.library.root / "window.ini"), QSettings.Format.IniFormat
        )

    def ask_for_figure(self, name: str) -> None:
        """Ask how a figure is to look and where it goes, and save it there."""
        dialog = FigureDialog(self._options, self._window)
        dialog.accepted.connect(lambda: self._ask_for_figure_file(dialog.options, name))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_figure(self, path: Path, options: FigureOptions) -> None:
        """Save a figure; the format is that of the file's name."""
        scale = options.scale if path.suffix.lower() == ".png" else 1.0

        def save(figure: Figure) -> None:
            save_figure(path, figure.paint, figure.size, scale)

        try:
            # Vector graphics are zoomed into: they get more points than the screen has pixels.
            density = scale if path.suffix.lower() == ".png" else 4.0
            self._painted(options.is_light, density, save)
        except BadInput as error:
            self._controller.notify_failure(error)
        else:
            self._controller.notified.emit(Notice("success", f"Saved the figure as {path}."))

    def copy_figure(self) -> None:
        """Put a figure on the clipboard, with twice as many pixels as on the screen."""

        def copy(figure: Figure) -> None:
            QGuiApplication.clipboard().setImage(render_image(figure.paint, figure.size, 2.0))

        self._painted(True, 2.0, copy)
        self._controller.notified.emit(Notice("success", "The figure is on the clipboard."))

    def ask_for_values(self, name: str, runs: tuple[ShownRun, ...]) -> None:
        """Ask for a file and write the runs' values to it and the one beside it."""
        title = "Export values: validations go to a second file, NAME.validation.csv"
        self._ask_for_file(
            title, f"{name}.csv", "CSV (*.csv)", ".csv", lambda path: self.save_values(path, runs)
        )

    def save_values(self, path: Path, runs: tuple[ShownRun, ...]) -> None:
        """Write the runs' values in the background."""
        copied = [values_of(run.name, run.series) for run in runs]
        steps = sum(len(run.training["step"]) for run in copied)
        validations = sum(len(run.validation["step"]) for run in copied)

        def work(task: Task) -> None:
            save_values(path, copied, task.report)

        def tell(_: None) -> None:
            text = (
                f"Saved {steps:,} outer steps as {path} and {validations:,} validations as "
                f"{validation_path(path).name} beside it."
            )
            self._controller.notified.emit(Notice("success", text))

        self._controller.start(f"Writing {path.name}", work, tell)

    def _ask_for_figure_file(self, options: FigureOptions, name: str) -> None:
        self._options = options
        suffix = options.suffix
        self._ask_for_file(
            "Export figure",
            f"{name}{suffix}",
            f"{FORMATS[suffix]} (*{suffix})",
            suffix,
            lambda path: self.save_figure(path, options),
        )

    def _ask_for_file(
        self, title: str, name: str, kinds: str, suffix: str, then: Callable[[Path], None]
    ) -> None:
        dialog = QFileDialog(self._window, title, self._folder(), kinds)
        dialog.setObjectName("export_file")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix.removeprefix("."))
        dialog.selectFile(name)

        def chosen(text: str) -> None:
            path = Path(text)
            self._settings.setValue(_FOLDER_KEY, str(path.parent))
            then(path)

        dialog.fileSelected.connect(chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _folder(self) -> str:
        documents = QStandardPaths.StandardLocation.DocumentsLocation
        folder = str(self._settings.value(_FOLDER_KEY, ""))
        return (
            folder
            if Path(folder).is_dir() and folder
            else QStandardPaths.writableLocation(documents)
        )
