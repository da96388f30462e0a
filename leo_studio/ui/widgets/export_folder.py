"""The folder in which dialogs of exports begin: where the last file went."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QSettings, QStandardPaths

from engine.io.paths import is_folder

# Not window.ini: the window's arrangement is written there as a whole, whenever it closes.
EXPORTS_FILE: Final = "exports.ini"
_KEY: Final = "panel_export/folder"


def export_settings(library: Path) -> QSettings:
    """Return what dialogs of exports keep in a library's folder, to read and to write."""
    return QSettings(str(library / EXPORTS_FILE), QSettings.Format.IniFormat)


def export_folder(library: Path) -> str:
    """Return where the last file went; the person's documents where that is gone."""
    folder = str(export_settings(library).value(_KEY, ""))
    if folder and is_folder(Path(folder)):
        return folder
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)


def remember_export(library: Path, file: Path) -> None:
    """Let the next dialog begin where a file is."""
    export_settings(library).setValue(_KEY, str(file.parent))
