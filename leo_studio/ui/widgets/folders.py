"""Opens files and folders with the programs of the system, or says that there is none."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from leo_studio.services.records import Notice, NoticeAction

Say = Callable[[Notice], object]
"""Shows a notice, such as `Controller.notified.emit`."""


def open_path(path: Path, say: Say) -> None:
    """Open a file or a folder, or say where it is, if the system has no program for it."""
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
        what = "folder" if path.is_dir() else "file"
        say(Notice("warning", f"This system has no program that opens the {what} {path}."))


def show_in_folder(path: Path, say: Say) -> NoticeAction:
    """Return a toast's button that opens the folder with a file that was written."""
    return NoticeAction("Show in folder", lambda: open_path(path.parent, say), tip=str(path))
