"""Figures drawn by matplotlib: as PNG images, and as SVG and PDF with real text."""

import io
import threading
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from leo_studio.figures.records import Figure
from leo_studio.figures.source import source_of
from leo_studio.figures.styles import SCREEN, Style

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Sheet

Picture = Literal["png", "svg", "pdf"]
DOTS_PER_INCH: Final = 100  # at scale 1
# Matplotlib's settings are those of the whole program.
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Look:
    """How a figure is drawn.

    Attributes
    ----------
    width, height
        In inches.
    scale
        Pixels of a PNG per hundredth of an inch.
    """

    style: Style = SCREEN
    width: float = 6.0
    height: float = 4.0
    scale: float = 2.0

    @property
    def pixels(self) -> tuple[int, int]:
        """How large a PNG is."""
        dots = DOTS_PER_INCH * self.scale
        return int(self.width * dots), int(self.height * dots)


def draw(
    figure: Figure, look: Look, kind: Picture, *, salt: str = "", is_transparent: bool = False
) -> bytes:
    """Return a figure as a file's contents.

    The same figure gives the same bytes: no date is in it. Matplotlib is imported here, since it
    takes half a second.

    Parameters
    ----------
    figure
        What is drawn.
    look
        How.
    kind
        The format.
    salt
        What names inside an SVG begin from; two SVGs in one page need different ones.
    is_transparent
        Whether the background is left out.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure as Sheet

    source = source_of(figure, look.style, look.width)
    settings: dict[Any, Any] = {**look.style.settings, "svg.hashsalt": salt or "leo-studio"}
    buffer = io.BytesIO()
    with _LOCK, mpl.rc_context(settings), warnings.catch_warnings():
        # Letters that a font lacks are boxes in an image; in an SVG, the reader's fonts have them.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        # Where there is no room for what a figure says, it is drawn without care for overlaps.
        warnings.filterwarnings("ignore", "constrained_layout not applied")
        sheet = Sheet(
            figsize=(look.width, look.height),
            dpi=DOTS_PER_INCH * look.scale,
            layout="constrained",
        )
        names: dict[str, Any] = {"figure": sheet, "np": np, **source.values}
        # The statements are ours; what users wrote is in them as quoted text alone.
        exec("\n".join((*source.imports, *source.statements)), names)
        if is_transparent:
            for patch in (sheet.patch, *(ax.patch for ax in sheet.axes)):
                patch.set(facecolor="none", edgecolor="none")
        _write(sheet, kind, buffer)
    return buffer.getvalue()


def _write(sheet: "Sheet", kind: Picture, buffer: io.BytesIO) -> None:
    """Write a matplotlib figure as a file of a kind, without its date.

    `savefig` would draw it twice, the first time for its layout alone; but whatever draws a figure
    lays it out first, so once is enough.
    """
    from matplotlib.backend_bases import get_registered_canvas_class

    metadata = {"svg": {"Date": None, "Creator": None}, "pdf": {"CreationDate": None}}
    canvas: Any = get_registered_canvas_class(kind)(sheet)
    getattr(canvas, f"print_{kind}")(buffer, metadata=metadata.get(kind))
