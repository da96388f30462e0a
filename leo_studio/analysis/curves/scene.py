"""The common state of all plots: the runs, the x axis, the smoothing."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from leo_studio.analysis.curves.aggregation import Drawable
from leo_studio.analysis.curves.quantities import XAxis
from leo_studio.services.run_colors import COLORS

Range = tuple[float, float]

_MINUTE, _HOUR = 60.0, 3600.0
_ROOM = 0.03  # beyond the last point, for the marks on it and the run's number


@dataclass(frozen=True, slots=True)
class Shown:
    """One run in the plots, or the mean of several.

    Attributes
    ----------
    key
        Tells it from the others.
    name
        As in the legend of runs.
    color
        Number of its colour; see `RunColors`.
    number
        Written at the ends of its curves; colour is never the only sign.
    """

    key: str
    name: str
    color: int
    number: int
    drawable: Drawable
    is_dimmed: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """All that plots need to draw themselves.

    Attributes
    ----------
    shown
        What is drawn.
    axis
        What x is.
    x_range
        Visible x; exponents of ten if `is_log_x`.
    x_whole
        The range of x that shows everything, likewise.
    y_ranges
        Ranges of y that a person chose, by the plot's name; all others fit what is seen.
    x_extent
        From the first point to the last, in the axis' own unit.
    decay
        Of the smoothing.
    is_growing
        Whether points are still coming, and ranges should rest between them.
    """

    shown: tuple[Shown, ...] = ()
    axis: XAxis = "step"
    is_log_x: bool = False
    x_range: Range = (0.0, 1.0)
    x_extent: Range = (0.0, 1.0)
    decay: float = 0.9
    is_growing: bool = False
    x_whole: Range = (0.0, 1.0)
    y_ranges: Mapping[str, Range] = field(default_factory=dict)

    @property
    def has_many(self) -> bool:
        """Whether colours tell runs, and not quantities."""
        return len(self.shown) > 1

    def color_of(self, shown: Shown, row: int) -> int:
        """Return the number of the colour of a run's curve in a row of the legend.

        Of a run alone the first row has the run's own colour, and the others those that follow.
        """
        return (shown.color if self.has_many else shown.color + row) % COLORS


def x_label(scene: Scene) -> tuple[str, float]:
    """Return the x axis' name with its unit, and what to multiply places with for that unit."""
    if scene.axis == "step":
        return "outer step", 1.0
    if scene.axis == "episodes":
        return "episodes seen", 1.0
    longest = scene.x_extent[1]
    if longest < 3 * _MINUTE:
        return "training time (s)", 1.0
    if longest < 3 * _HOUR:
        return "training time (min)", 1 / _MINUTE
    return "training time (h)", 1 / _HOUR


def whole_range(extent: Range, *, is_log: bool, is_growing: bool) -> Range:
    """Return the x range that shows everything.

    While curves grow it ends at a multiple of an eighth of a power of two, so that the axis moves
    now and then and not at every point.
    """
    first, last = extent
    if not last > 0:
        return (0.0, 1.0)
    if not is_growing:
        last *= 1 + _ROOM
    else:
        unit = 2.0 ** math.floor(math.log2(last)) / 8
        last = (math.floor(last / unit) + 1) * unit
    if is_log:
        low = math.log10(first) if first > 0 else math.log10(last) - 6
        return (low, max(math.log10(last), low + 0.1))
    return (0.0, last)
