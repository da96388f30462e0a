"""Figures and values out of the latent space."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from engine.errors import BadInput
from leo_studio.records import Notice
from leo_studio.ui.curves.export import FORMATS, FigureDialog, FigureOptions
from leo_studio.ui.figures import save_figure
from leo_studio.ui.latents.figure import LatentFigure, figure_title
from leo_studio.ui.latents.values import save_csv, save_hdf5
from leo_studio.ui.theme import LIGHT, ThemeManager

if TYPE_CHECKING:
    from leo_studio.controller import Controller
    from leo_studio.ui.latents.panel import LatentsPanel

_VALUES = {".csv": "CSV (*.csv)", ".h5": "HDF5 (*.h5)"}


class Exporter(QObject):
    """Asks for files and writes them; what goes wrong is told as a toast.

    Parameters
    ----------
    controller
        Tells of errors and writes values in the background.
    themes
        The window's colours.
    panel
        What is exported.
    """

    def __init__(
        self, controller: "Controller", themes: ThemeManager, panel: "LatentsPanel"
    ) -> None:
        super().__init__(panel)
        self._controller = controller
        self._themes = themes
        self._panel = panel
        self.options = FigureOptions()
        self._folder = ""

    def ask_for_figure(self) -> None:
        """Ask how a figure is to look and where it goes, and save it there."""
        dialog = FigureDialog(self.options, self._panel)
        dialog.accepted.connect(lambda: self._ask_for_figure_file(dialog.options))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_figure(self, path: Path, options: FigureOptions) -> None:
        """Save a figure; the format is that of the file's name."""
        plot = self._panel.plot
        theme = LIGHT if options.is_light else self._themes.current
        plot.recolor(theme)
        try:
            figure = LatentFigure(plot, figure_title(plot), theme)
            save_figure(path, figure.paint, figure.size, options.scale)
        except BadInput as error:
            self._controller.notify_failure(error)
        else:
            self._controller.notified.emit(Notice("success", f"Saved the figure as {path}."))
        finally:
            plot.recolor(self._themes.current)

    def ask_for_values(self, suffix: str) -> None:
        """Ask for a file and write the points that are shown."""
        title = "Export latent codes"
        self._ask_for_file(title, suffix, _VALUES[suffix], self.save_values)

    def save_values(self, path: Path) -> None:
        """Write the points that are shown, as CSV or HDF5, in the background."""
        shown, plot = self._panel.shown, self._panel.plot
        if shown is None:
            return
        places = plot.drawn_places
        selected = plot.selected

        def work(_: object) -> str:
            if path.suffix == ".csv":
                count = save_csv(path, shown, places, selected)
                return f"Saved {count:,} points as {path}."
            save_hdf5(path, shown)
            return f"Saved {shown.count:,} codes, all positions, as {path}."

        self._controller.start(
            f"Writing {path.name}",
            work,
            lambda text: self._controller.notified.emit(Notice("success", text)),
        )

    def _ask_for_figure_file(self, options: FigureOptions) -> None:
        self.options = options
        suffix = options.suffix
        kinds = f"{FORMATS[suffix]} (*{suffix})"
        self._ask_for_file(
            "Export figure", suffix, kinds, lambda path: self.save_figure(path, options)
        )

    def _ask_for_file(
        self, title: str, suffix: str, kinds: str, then: Callable[[Path], None]
    ) -> None:
        dialog = QFileDialog(self._panel, title, self._folder, kinds)
        dialog.setObjectName("latent-file")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix.removeprefix("."))
        dialog.selectFile(f"latents{suffix}")

        def chosen(text: str) -> None:
            self._folder = str(Path(text).parent)
            then(Path(text))

        dialog.fileSelected.connect(chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
