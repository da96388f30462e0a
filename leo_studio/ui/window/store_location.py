"""Asks where the store of a run is, which is not where it was."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QWidget

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

_KINDS = "Embedding stores (*.h5 *.hdf5)"


def ask_for_store(controller: "Controller", parent: QWidget, run: Path) -> None:
    """Ask for the file, and have the run remember it if its contents are those."""
    folder = str(controller.library.stores)
    dialog = QFileDialog(parent, f"The store of {controller.title_of(run)}", folder, _KINDS)
    dialog.setObjectName("store_file")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(lambda text: controller.run_stores.locate(run, Path(text)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
