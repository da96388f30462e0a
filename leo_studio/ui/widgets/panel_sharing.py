"""What commands have in common that keep, export or open what a panel shows."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QInputDialog, QWidget

from engine.errors import BadInput
from leo_studio.services.records import Notice, NoticeAction
from leo_studio.ui.widgets.file_dialogs import ask_file, ask_new_file
from leo_studio.ui.widgets.folders import show_in_folder
from leo_studio.ui.widgets.last_folders import LastFolder

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

_FRAME_LETTERS = 8  # buttons of a window's frame, beside its title
_NAME_LETTERS = 64


class PanelSharing(QObject):
    """Asks for names and files, beginning where the last file went, and tells of what was written.

    Parameters
    ----------
    controller
        As panels have it.
    parent
        The panel, above which dialogs open.
    """

    def __init__(self, controller: "Controller", parent: QWidget) -> None:
        super().__init__(parent)
        self._controller = controller
        self._parent = parent

    def ask_name(
        self,
        title: str,
        name: str,
        then: Callable[[str], object],
        *,
        button: str = "Keep",
        text: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """Ask what to call something: a line, in which Enter takes it.

        Parameters
        ----------
        title, name
            The dialog's title, and what it is called by programs.
        then
            Gets the line, which may be empty.
        button
            What the button says that takes it.
        text
            The line to begin with.
        parent
            Above which it opens; the panel by default.
        """
        dialog = QInputDialog(parent or self._parent)
        dialog.setObjectName(name)
        dialog.setWindowTitle(title)
        dialog.setLabelText("&Name, which may be empty:")
        dialog.setTextValue(text)
        dialog.setOkButtonText(button)
        # As wide as its title, which the window's frame would cut, and as a usual name.
        letters = max(2 * (len(title) + _FRAME_LETTERS), _NAME_LETTERS)
        width = letters * dialog.fontMetrics().averageCharWidth()
        dialog.resize(max(dialog.sizeHint().width(), width), dialog.sizeHint().height())
        dialog.textValueSelected.connect(then)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def ask_new_file(
        self,
        title: str,
        kinds: str,
        file: str,
        name: str,
        then: Callable[[Path], object],
        parent: QWidget | None = None,
    ) -> None:
        """Ask where to write a file, in a dialog with a title and a name of its own.

        It opens above `parent`, which is the panel by default.
        """
        take, last = _with_path(then), self._last_folder
        ask_new_file(parent or self._parent, title, kinds, file, take, last, name=name)

    def ask_file(
        self,
        title: str,
        kinds: str,
        name: str,
        then: Callable[[Path], object],
        parent: QWidget | None = None,
    ) -> None:
        """Ask for a file that is there; see `ask_new_file`."""
        take, last = _with_path(then), self._last_folder
        ask_file(parent or self._parent, title, kinds, take, last, name=name)

    def tell_written(self, text: str, path: Path, *actions: NoticeAction) -> None:
        """Tell of a file that was written, and offer to show its folder, after other offers."""
        say = self._controller.notified.emit
        say(Notice("success", text, actions=(*actions, show_in_folder(path, say))))

    def copy_table(self, text: str) -> None:
        """Put a table on the clipboard, and say so."""
        QGuiApplication.clipboard().setText(text)
        self._controller.notified.emit(Notice("success", "The table is on the clipboard."))

    def write_table(self, path: Path, write: Callable[[Path], object]) -> None:
        """Have a table written, and tell of the file, or why there is none."""
        try:
            write(path)
        except BadInput as error:
            self._controller.notify_failure(error)
        else:
            self.tell_written(f"The table is in {path.name}.", path)

    @property
    def _last_folder(self) -> LastFolder:
        """Where files of panels go, and come from again."""
        return LastFolder(self._controller.library.root, "export")


def _with_path(then: Callable[[Path], object]) -> Callable[[str], object]:
    return lambda text: then(Path(text))
