"""Opens runs, stores, presets, archives and bundles, and imports data of one's own."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from engine.config import load_experiment
from engine.errors import BadInput
from leo_studio.services.opening import Openable, find_openable
from leo_studio.services.records import Notice, RunEntry
from leo_studio.ui.experiment import ExperimentPanel
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.data_import_dialog import DataImportDialog
from leo_studio.ui.window.docks import Docks

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller


class Opener(QObject):
    """Brings what was opened or imported to where it is shown or set up.

    Parameters
    ----------
    controller
        The way to the engine.
    themes
        Colours and text size, for the dialog that imports.
    experiment
        The form that presets and stores go into.
    docks
        Where a panel is brought to the front.
    show_run
        Makes a run the current one and shows it.
    remember
        Keeps a path that was opened, for the recent files.
    window
        Above which the dialog opens.
    """

    def __init__(
        self,
        controller: "Controller",
        themes: ThemeManager,
        experiment: ExperimentPanel,
        docks: Docks,
        show_run: Callable[[Path], None],
        remember: Callable[[Path], None],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._controller = controller
        self._themes = themes
        self._experiment = experiment
        self._docks = docks
        self._show_run = show_run
        self._remember = remember
        self._window = window
        experiment.import_wanted.connect(self.import_data)

    def open(self, openable: Openable) -> None:
        """Open a run, a store, a preset or an archive."""
        try:
            match openable.kind:
                case "run":
                    self._controller.include_run(openable.path)
                    self._show_run(openable.path)
                case "store":
                    self._use_store(str(openable.path))
                case "preset":
                    self._experiment.load(load_experiment(openable.path), title=openable.name)
                    self._docks.show("experiment")
                case "archive":
                    self.import_data(str(openable.path))
                    return  # it is remembered once it is imported
                case "bundle":
                    self._controller.exports.import_bundle(openable.path, self._show_imported)
        except (BadInput, OSError) as error:  # a name that is too long, a closed folder
            self._controller.notify_failure(error)
            return
        self._remember(openable.path)

    def open_path(self, path: str) -> None:
        """Open what a path, or a name in the library, stands for."""
        try:
            openable = find_openable(self._controller.library, path)
        except (BadInput, OSError) as error:
            self._controller.notify_failure(error)
            return
        self.open(openable)

    def embed_with(self, run: RunEntry) -> None:
        """Ask for pictures, to be embedded with what a pre-training run has learned."""
        self.import_data(encoder=str(run.path))

    def import_data(self, path: str = "", encoder: str = "") -> None:
        """Ask for data of one's own: a file or a folder, which is looked at and imported.

        Of pictures the encoder is proposed, by its name; the usual one by default.
        """
        dialog = DataImportDialog(self._controller, self._themes, self._use_store, self._window)
        dialog.opened.connect(self.open)
        dialog.began.connect(self._remember)
        dialog.propose_encoder(encoder)
        dialog.open()
        if path:
            dialog.look_at(path)

    def _show_imported(self, run: Path) -> None:
        self._controller.notified.emit(Notice("success", f"Imported {run.name}."))
        self._controller.include_run(run)
        self._show_run(run)

    def _use_store(self, store: str, preset: str = "", *, is_asked_for: bool = False) -> bool:
        """Train on a store, by a preset that fits it unless the form has edits to be kept."""
        is_set_up = bool(preset) and (is_asked_for or not self._experiment.is_edited)
        if is_set_up:
            self._experiment.load_preset(preset)
        else:
            self._experiment.use_store(store)
        self._docks.show("experiment")
        return is_set_up
