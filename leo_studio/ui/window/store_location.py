"""Asks where the store of a run is, or its file of functions, which is not where it was."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QWidget

from leo_studio.ui.experiment.file_field import KINDS

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

_STORES = "Embedding stores (*.h5 *.hdf5)"


def ask_for_store(controller: "Controller", parent: QWidget, run: Path) -> None:
    """Ask for the file, and have the run remember it if its contents are those."""
    folder, what, kinds = str(controller.library.stores), "store", _STORES
    if controller.run_stores.is_of_functions(run):
        folder, what, kinds = "", "file of functions", KINDS
    dialog = QFileDialog(parent, f"The {what} of {controller.title_of(run)}", folder, kinds)
    dialog.setObjectName("store_file")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(lambda text: controller.run_stores.locate(run, Path(text)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
