"""Offers to show where a file was written."""

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from leo_studio.services.records import NoticeAction


def show_in_folder(path: Path) -> NoticeAction:
    """Return a toast's button that opens the folder with a file that was written."""

    def show() -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))

    return NoticeAction("Show in folder", show, tip=str(path))
