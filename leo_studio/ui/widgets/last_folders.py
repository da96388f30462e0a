"""The folders in which dialogs of files begin: where the last one of a kind was."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from PySide6.QtCore import QSettings, QStandardPaths

from engine.io.paths import is_folder

# Not window.ini: the window's arrangement is written there as a whole, whenever it closes.
EXPORTS_FILE: Final = "exports.ini"
_KEYS: Final = {"export": "panel_export/folder", "open": "open/folder"}


def export_settings(library: Path) -> QSettings:
    """Return what dialogs of exports keep in a library's folder, to read and to write."""
    return QSettings(str(library / EXPORTS_FILE), QSettings.Format.IniFormat)


@dataclass(frozen=True, slots=True)
class LastFolder:
    """The folder of the last file of a kind, which is kept in a library's folder.

    Attributes
    ----------
    library
        The library's folder.
    kind
        "export" for what leaves the studio, "open" for data and files that come in.
    """

    library: Path
    kind: Literal["export", "open"]

    def read(self) -> str:
        """Return where the last file was; the person's documents where that is gone."""
        folder = str(export_settings(self.library).value(_KEYS[self.kind], ""))
        if folder and is_folder(Path(folder)):
            return folder
        return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)

    def remember(self, file: Path) -> None:
        """Let the next dialog begin where a file is."""
        export_settings(self.library).setValue(_KEYS[self.kind], str(file.parent))

    def forget(self) -> None:
        """Let the next dialog begin anew."""
        export_settings(self.library).remove(_KEYS[self.kind])
