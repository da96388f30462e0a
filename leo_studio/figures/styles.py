"""How figures look: letters, lines, and colours that colour-blind people tell apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Okabe and Ito's colours, in an order in which neighbours differ most: that of the window's, too.
OKABE_ITO = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#e69f00",
    "#56b4e9",
    "#000000",
    "#f0e442",
)


@dataclass(frozen=True, slots=True)
class Style:
    """How a figure looks.

    Attributes
    ----------
    is_serif
        Whether letters are those of a paper set in Times.
    text_size
        In points.
    line_width
        Of a curve, in points.
    background, text, muted, grid
        Colours as "#rrggbb".
    palette
        What numbered colours are, counted round.
    """

    is_serif: bool = False
    text_size: float = 9.0
    line_width: float = 1.4
    background: str = "#ffffff"
    text: str = "#1a1d23"
    muted: str = "#5c6371"
    grid: str = "#e6e8ec"
    palette: tuple[str, ...] = OKABE_ITO

    @property
    def settings(self) -> Mapping[str, Any]:
        """Matplotlib's settings by name; a script can take them as they are."""
        small = self.text_size - 0.5
        fonts: dict[str, Any] = {"font.family": "sans-serif"}
        if self.is_serif:
            # TrueType alone: matplotlib embeds other outlines in a PDF as what they are not.
            names = ["Times New Roman", "STIXGeneral", "DejaVu Serif"]
            fonts = {"font.family": "serif", "font.serif": names}
        return {
            **fonts,
            "font.size": self.text_size,
            "text.color": self.text,
            "text.parse_math": False,  # a name with two dollar signs is no formula
            "figure.facecolor": self.background,
            "axes.facecolor": self.background,
            "axes.prop_cycle": f"cycler('color', {list(self.palette)})",
            "axes.titlesize": self.text_size + 1,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.labelcolor": self.text,
            "axes.edgecolor": self.muted,
            "axes.linewidth": self.line_width / 2,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": self.grid,
            "xtick.color": self.muted,
            "ytick.color": self.muted,
            "xtick.labelcolor": self.text,
            "ytick.labelcolor": self.text,
            "legend.frameon": False,
            "legend.fontsize": small,
            "figure.titlesize": self.text_size + 1,
            "lines.linewidth": self.line_width,
            "lines.markersize": 2.9 * self.line_width,
            "svg.fonttype": "none",  # texts stay texts
            "pdf.fonttype": 42,  # whole TrueType letters, which every journal takes
        }


PAPER = Style(
    is_serif=True,
    text_size=8.0,
    line_width=1.0,
    text="#000000",
    muted="#4d4d4d",
    grid="#e5e5e5",
)
SCREEN = Style()
