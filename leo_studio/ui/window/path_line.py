"""A line for the path of a file or a folder, with buttons that ask for one."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget


class PathLine(QWidget):
    """A path that is typed, or chosen in a dialog.

    `chosen` has a path that a dialog returned; it stands in the field then.

    Parameters
    ----------
    files
        The kinds of files that may be chosen, as a dialog takes them; "" for none.
    folder
        Where a dialog begins.
    takes_folders
        Whether folders may be chosen.
    has_keys
        Whether Alt and a letter press its buttons; of several lines, those of one alone.
    """

    chosen = Signal(str)

    def __init__(
        self, files: str, folder: str = "", *, takes_folders: bool = True, has_keys: bool = False
    ) -> None:
        super().__init__()
        self._files, self._folder = files, folder
        self.field = QLineEdit()
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.field, 1)
        if files:
            text = "Browse &file..." if takes_folders else "Browse..."
            line.addWidget(self._button(text, self._ask_for_file, has_keys=has_keys))
        if takes_folders:
            text = "Browse f&older..." if files else "Browse..."
            line.addWidget(self._button(text, self._ask_for_folder, has_keys=has_keys))

    def _button(self, text: str, ask: Callable[[], None], *, has_keys: bool) -> QPushButton:
        button = QPushButton(text if has_keys else text.replace("&", ""))
        button.setAutoDefault(False)
        button.clicked.connect(ask)
        return button

    def _ask_for_file(self) -> None:
        dialog = QFileDialog(self.window(), "Choose a file", self._folder, self._files)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._ask(dialog)

    def _ask_for_folder(self) -> None:
        dialog = QFileDialog(self.window(), "Choose a folder", self._folder)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        self._ask(dialog)

    def _ask(self, dialog: QFileDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._take)
        dialog.open()

    def _take(self, path: str) -> None:
        self.field.setText(path)
        self.chosen.emit(path)
