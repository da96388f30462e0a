"""A line for the path of a file or a folder, with buttons that ask for one."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from leo_studio.ui.widgets.file_dialogs import ask_file, ask_folder
from leo_studio.ui.widgets.last_folders import LastFolder


class PathLine(QWidget):
    """A path that is typed, or chosen in a dialog.

    `chosen` has a path that a dialog returned; it stands in the field then.

    Parameters
    ----------
    files
        The kinds of files that may be chosen, as a dialog takes them; "" for none.
    last
        Where a dialog begins.
    takes_folders
        Whether folders may be chosen.
    has_keys
        Whether Alt and a letter press its buttons; of several lines, those of one alone.
    """

    chosen = Signal(str)

    def __init__(
        self, files: str, last: LastFolder, *, takes_folders: bool = True, has_keys: bool = False
    ) -> None:
        super().__init__()
        self._files, self._last = files, last
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
        ask_file(self.window(), "Choose a file", self._files, self._take, self._last)

    def _ask_for_folder(self) -> None:
        ask_folder(self.window(), "Choose a folder", self._take, self._last)

    def _take(self, path: str) -> None:
        self.field.setText(path)
        self.chosen.emit(path)
