"""Asks where the store of a run is, or its file of functions, which is not where it was."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from leo_studio.ui.experiment.file_field import KINDS
from leo_studio.ui.widgets.file_dialogs import ask_file
from leo_studio.ui.widgets.last_folders import LastFolder

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

_STORES = "Embedding stores (*.h5 *.hdf5)"


def ask_for_store(controller: "Controller", parent: QWidget, run: Path) -> None:
    """Ask for the file, and have the run remember it if its contents are those."""
    folder, what, kinds = str(controller.library.stores), "store", _STORES
    if controller.run_stores.is_of_functions(run):
        folder, what, kinds = "", "file of functions", KINDS
    ask_file(
        parent,
        f"The {what} of {controller.title_of(run)}",
        kinds,
        lambda text: controller.run_stores.locate(run, Path(text)),
        LastFolder(controller.library.root, "open"),
        folder=folder,
        name="store_file",
    )
