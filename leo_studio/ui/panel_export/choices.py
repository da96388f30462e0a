"""How a figure is to look, as a person chose it last, kept in the library's window.ini."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSettings, QStandardPaths

from leo_studio.figures.drawing import Look
from leo_studio.figures.styles import PAPER, SCREEN, Style
from leo_studio.ui.theme import Theme

STYLES: Final = {"paper": "Paper", "screen": "Screen", "window": "As the window is now"}
SIZES: Final = {
    "Column of a paper, 3.25 in": (3.25, 2.4),
    "Text of a paper, 5.5 in": (5.5, 3.6),
    "Two columns, 6.75 in": (6.75, 4.4),
    "Slide, 10 in": (10.0, 5.6),
}
SMALLEST, LARGEST = 1.0, 40.0  # inches


@dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen.

    Attributes
    ----------
    ending
        Of the file, such as ".png".
    style
        One of `STYLES`.
    width, height
        In inches.
    scale
        Pixels of a PNG per hundredth of an inch.
    folder
        Where the last file went.
    """

    ending: str = ".png"
    style: str = "screen"
    width: float = 6.75
    height: float = 4.4
    scale: float = 2.0
    folder: str = ""

    def look(self, theme: Theme) -> Look:
        """Return how a figure looks."""
        styles = {"paper": PAPER, "screen": SCREEN, "window": style_of(theme)}
        return Look(styles[self.style], self.width, self.height, self.scale)


def style_of(theme: Theme) -> Style:
    """Return a style with a theme's colours."""
    return replace(
        SCREEN,
        background=theme.base,
        text=theme.text,
        muted=theme.muted,
        grid=theme.border,
        palette=theme.series,
    )


class KeptChoices:
    """Reads and keeps choices; what somebody wrote there by hand and makes no sense is left.

    Parameters
    ----------
    file
        The library's window.ini.
    """

    def __init__(self, file: Path) -> None:
        self._settings = QSettings(str(file), QSettings.Format.IniFormat)

    def read(self) -> Choices:
        """Return what was chosen last."""
        first = Choices()
        style = self._text("style")
        folder = self._text("folder")
        return Choices(
            ending=self._text("ending") or first.ending,
            style=style if style in STYLES else first.style,
            width=self._number("width", first.width, SMALLEST, LARGEST),
            height=self._number("height", first.height, SMALLEST, LARGEST),
            scale=self._number("scale", first.scale, 0.5, 8.0),
            folder=folder if folder and Path(folder).is_dir() else _documents(),
        )

    def write(self, choices: Choices) -> None:
        """Keep what was chosen."""
        for name in ("ending", "style", "width", "height", "scale", "folder"):
            self._settings.setValue(f"panel_export/{name}", getattr(choices, name))

    def _text(self, name: str) -> str:
        return str(self._settings.value(f"panel_export/{name}", ""))

    def _number(self, name: str, otherwise: float, low: float, high: float) -> float:
        try:
            number = float(self._text(name))
        except ValueError:
            return otherwise
        return number if low <= number <= high else otherwise


def _documents() -> str:
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
