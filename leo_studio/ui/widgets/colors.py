"""Colour scales for numbers, told apart with any kind of colour vision.

`viridis` (van der Walt and Smith 2015) rises evenly in lightness; it comes with pyqtgraph.
"""

from functools import cache

import pyqtgraph
from PySide6.QtGui import QColor

from leo_studio.ui.widgets.theme import Theme

_STEPS = 256


@cache
def _table(name: str) -> list[tuple[int, int, int]]:
    found = pyqtgraph.colormap.get(name).getLookupTable(0.0, 1.0, _STEPS, alpha=False)
    return [(int(red), int(green), int(blue)) for red, green, blue in found]


def viridis(value: float) -> QColor:
    """Return the colour of a number from 0 to 1."""
    return QColor(*_table("viridis")[round(min(max(value, 0.0), 1.0) * (_STEPS - 1))])


def readable_viridis(theme: Theme, value: float) -> QColor:
    """Return the colour of a number from 0 to 1 for lines on the background of plots.

    The greatest has the most contrast: the dark end in the light theme, the bright one in the dark.
    """
    share = min(max(value, 0.0), 1.0)
    least, most = (0.25, 1.0) if theme.is_dark else (0.82, 0.0)
    return viridis(least + share * (most - least))


def sequential_color(theme: Theme, value: float) -> QColor:
    """Return a colour between the background, for 0, and the accent, for 1."""
    return _between(theme.base, theme.accent, value)


def diverging_color(theme: Theme, value: float) -> QColor:
    """Return a colour for a number from -1, danger, over 0, the background, to 1, the accent."""
    return _between(theme.base, theme.accent if value > 0 else theme.danger, abs(value))


def _between(low: str, high: str, share: float) -> QColor:
    one, other, share = QColor(low), QColor(high), min(max(share, 0.0), 1.0)

    def mixed(start: float, end: float) -> float:
        return start + share * (end - start)

    return QColor.fromRgbF(
        mixed(one.redF(), other.redF()),
        mixed(one.greenF(), other.greenF()),
        mixed(one.blueF(), other.blueF()),
    )
