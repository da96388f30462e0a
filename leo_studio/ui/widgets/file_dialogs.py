"""Dialogs that ask for a file; none of them blocks."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget


def ask_file(
    parent: QWidget,
    title: str,
    kinds: str,
    then: Callable[[str], object],
    *,
    folder: str = "",
    name: str = "",
) -> None:
    """Ask for a file that is there; `folder` is where the dialog begins, `name` its own."""
    dialog = QFileDialog(parent, title, folder, kinds)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    _open(dialog, name, then)


def ask_new_file(
    parent: QWidget,
    title: str,
    kinds: str,
    file: str,
    then: Callable[[str], object],
    *,
    folder: str = "",
    name: str = "",
) -> None:
    """Ask where to write a file, which has a name at first; one that is there is asked about."""
    dialog = QFileDialog(parent, title, folder, kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(file.rpartition(".")[2])
    dialog.selectFile(file)
    _open(dialog, name, then)


def _open(dialog: QFileDialog, name: str, then: Callable[[str], object]) -> None:
    dialog.setObjectName(name)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(then)
    dialog.open()
