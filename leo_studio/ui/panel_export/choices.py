"""Choices of style and size for figures, as last made, kept in the library's exports.ini."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from leo_studio.figures.drawing import Look
from leo_studio.figures.records import Figure
from leo_studio.figures.styles import PAPER, SCREEN, Style
from leo_studio.ui.widgets.last_folders import LastFolder, export_settings
from leo_studio.ui.widgets.theme import Theme

STYLES: Final = {"paper": "Paper", "screen": "Screen", "window": "As the window is now"}
WIDTHS: Final = {
    "Column of a paper, 3.25 in": 3.25,
    "Text of a paper, 5.5 in": 5.5,
    "Two columns, 6.75 in": 6.75,
    "Slide, 10 in": 10.0,
}
OWN_SIZE: Final = "Other"
SMALLEST, LARGEST = 1.0, 40.0  # inches
_SHAPE = 0.62  # height of a plot by its width
_KEYS = 0.3  # inches for what stands above all plots


@dataclass(frozen=True, slots=True)
class Choices:
    """Choices of format, style and size.

    Attributes
    ----------
    ending
        Of the file, such as ".png".
    style
        One of `STYLES`.
    size
        One of `WIDTHS`, and the height follows from the plots; or `OWN_SIZE`.
    width, height
        In inches, for `OWN_SIZE`.
    scale
        Pixels of a PNG per hundredth of an inch.
    folder
        Where the last file went.
    """

    ending: str = ".png"
    style: str = "screen"
    size: str = "Two columns, 6.75 in"
    width: float = 6.0
    height: float = 4.0
    scale: float = 2.0
    folder: str = ""

    def look(self, figure: Figure | None, theme: Theme) -> Look:
        """Return how a figure looks."""
        width, height = self.width, self.height
        if self.size in WIDTHS:
            width, height = size_of(figure, WIDTHS[self.size])
        styles = {"paper": PAPER, "screen": SCREEN, "window": style_of(theme)}
        return Look(styles[self.style], width, height, self.scale)


def size_of(figure: Figure | None, width: float) -> tuple[float, float]:
    """Return a width and the height at which a figure's plots have a usual shape, in inches."""
    plots = len(figure.plots) if figure is not None else 1
    columns = min(figure.columns, plots) if figure is not None else 1
    above = _KEYS if figure is not None and (figure.keys or figure.title) else 0.0
    height = above + -(-plots // columns) * _SHAPE * width / columns
    return width, round(height, 2)


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
    library
        The library's folder.
    """

    def __init__(self, library: Path) -> None:
        self._library = library
        self._settings = export_settings(library)

    def read(self) -> Choices:
        """Return the last choices."""
        first = Choices()
        style, size = self._text("style"), self._text("size")
        return Choices(
            ending=self._text("ending") or first.ending,
            style=style if style in STYLES else first.style,
            size=size if size in (*WIDTHS, OWN_SIZE) else first.size,
            width=self._number("width", first.width, SMALLEST, LARGEST),
            height=self._number("height", first.height, SMALLEST, LARGEST),
            scale=self._number("scale", first.scale, 0.5, 8.0),
            folder=LastFolder(self._library, "export").read(),
        )

    def write(self, choices: Choices) -> None:
        """Keep choices for the next time."""
        for name in ("ending", "style", "size", "width", "height", "scale", "folder"):
            self._settings.setValue(f"panel_export/{name}", getattr(choices, name))

    def _text(self, name: str) -> str:
        return str(self._settings.value(f"panel_export/{name}", ""))

    def _number(self, name: str, otherwise: float, low: float, high: float) -> float:
        try:
            number = float(self._text(name))
        except ValueError:
            return otherwise
        return number if low <= number <= high else otherwise
