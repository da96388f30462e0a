"""Dialogs that ask for a file; they begin where the last one was, and none of them blocks."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from leo_studio.ui.widgets.last_folders import LastFolder


def ask_file(
    parent: QWidget,
    title: str,
    kinds: str,
    then: Callable[[str], object],
    last: LastFolder,
    *,
    folder: str = "",
    name: str = "",
) -> None:
    """Ask for a file that is there.

    Parameters
    ----------
    parent
        Above which the dialog opens.
    title, name
        The dialog's title, and what it is called by programs.
    kinds
        Of files that may be chosen, as Qt writes them.
    then
        Gets the path.
    last
        Where the dialog begins, and where the next one will.
    folder
        Where it begins instead.
    """
    dialog = QFileDialog(parent, title, folder or last.read(), kinds)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    _open(dialog, name, then, last)


def ask_folder(
    parent: QWidget, title: str, then: Callable[[str], object], last: LastFolder, *, name: str = ""
) -> None:
    """Ask for a folder that is there; see `ask_file`."""
    dialog = QFileDialog(parent, title, last.read())
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    _open(dialog, name, then, last)


def ask_new_file(
    parent: QWidget,
    title: str,
    kinds: str,
    file: str,
    then: Callable[[str], object],
    last: LastFolder,
    *,
    name: str = "",
) -> None:
    """Ask where to write a file, which has a name at first; one that is there is asked about."""
    dialog = QFileDialog(parent, title, last.read(), kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(file.rpartition(".")[2])
    dialog.selectFile(file)
    _open(dialog, name, then, last)


def _open(dialog: QFileDialog, name: str, then: Callable[[str], object], last: LastFolder) -> None:
    def take(path: str) -> None:
        last.remember(Path(path))
        then(path)

    dialog.setObjectName(name)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(take)
    dialog.open()
