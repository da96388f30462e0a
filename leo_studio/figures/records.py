"""What a figure shows, as data: nothing here draws, so every reader draws the same.

Positions and sizes are in the units of the axes; numbers are float arrays, with NaN where there is
nothing to draw.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]
Column: TypeAlias = NDArray[np.floating] | NDArray[np.integer] | NDArray[np.bool_] | Sequence[str]
Facts: TypeAlias = Mapping[str, str | int | float]
Color: TypeAlias = int | Literal["text", "muted"]
"""A place in the colour-blind-safe palette (counted round), or a colour of the figure's style."""
LineStyle = Literal["solid", "dashed", "dotted", "dashdot", "dashdotdot", "longdash"]
Marker = Literal[
    "circle",
    "square",
    "down",
    "diamond",
    "plus",
    "cross",
    "star",
    "triangle",
    "pentagon",
    "right",
    "left",
]
"""In the order in which classes and runs take them, which is that of the window."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points x, y (n,)."""

    x: Numbers
    y: Numbers
    label: str = ""  # in the legend; "" leaves it out
    color: Color = 0
    style: LineStyle = "solid"
    width: float = 1.0  # times the style's usual width
    opacity: float = 1.0
    marker: Marker | None = None
    is_hollow: bool = False  # of the markers
    is_stepped: bool = False  # holds y[i] from x[i] on


@dataclass(frozen=True, slots=True)
class Band:
    """The area between low and high over x, all (n,)."""

    x: Numbers
    low: Numbers
    high: Numbers
    label: str = ""
    color: Color = 0
    opacity: float = 0.2


@dataclass(frozen=True, slots=True)
class Points:
    """Points x, y (n,), in one colour or coloured by a value each."""

    x: Numbers
    y: Numbers
    label: str = ""
    color: Color = 0
    marker: Marker = "circle"
    is_hollow: bool = False
    size: float = 1.0  # times the style's usual size
    opacity: float = 1.0
    values: Numbers | None = None  # (n,): colours by a scale, which `value_label` names if any
    value_label: str = ""
    limits: tuple[float, float] | None = None  # values of the first and the last colour


@dataclass(frozen=True, slots=True)
class Arrows:
    """Arrows from x, y (n,) to to_x, to_y (n,)."""

    x: Numbers
    y: Numbers
    to_x: Numbers
    to_y: Numbers
    label: str = ""
    color: Color = "muted"
    opacity: float = 0.5


@dataclass(frozen=True, slots=True)
class Ellipses:
    """Ellipses around x, y (n,) with whole axes width and height (n,), turned by degrees (n,)."""

    x: Numbers
    y: Numbers
    width: Numbers
    height: Numbers
    degrees: Numbers
    label: str = ""
    color: Color = 0
    opacity: float = 0.5


@dataclass(frozen=True, slots=True)
class Bars:
    """One bar for each name, with the half widths of its error bars where there are any."""

    names: Sequence[str]
    lengths: Numbers
    errors: Numbers | None = None
    label: str = ""
    color: Color = 0
    is_horizontal: bool = True


@dataclass(frozen=True, slots=True)
class Boxes:
    """One box at each x (n,), upright: whiskers, edges and line by `values` (n, 5), rising."""

    x: Numbers
    values: Numbers
    label: str = ""
    color: Color = 0
    width: float = 0.3
    is_hollow: bool = False  # tells two kinds of box apart without colour


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts (n,) between edges (n + 1,)."""

    edges: Numbers
    counts: Numbers
    label: str = ""
    color: Color = 0
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the whole plot, at `x` or at `y`."""

    x: float | None = None
    y: float | None = None
    label: str = ""
    color: Color = "muted"
    style: LineStyle = "dashed"


@dataclass(frozen=True, slots=True)
class Matrix:
    """Cells (rows, columns) by colour, with their numbers where `number_format` says how.

    `limits` are the values of the first and the last colour; by default the smallest and the
    largest. A diverging scale has a neutral middle.
    """

    values: Numbers
    row_names: Sequence[str]
    column_names: Sequence[str]
    number_format: str = ""  # such as ".0%"
    limits: tuple[float, float] | None = None
    is_diverging: bool = False
    value_label: str = ""


@dataclass(frozen=True, slots=True)
class Texts:
    """Words at points x, y (n,), each beside its point."""

    x: Numbers
    y: Numbers
    words: Sequence[str]
    color: Color = "text"
    right: float = 0.0  # how much farther to the right than usual, in heights of letters


Layer: TypeAlias = (
    Line | Band | Points | Arrows | Ellipses | Bars | Boxes | Histogram | Rule | Matrix | Texts
)
LegendPlace = Literal["inside", "beside", "nowhere"]
"""Nowhere where the figure's keys say it for all of its plots."""


@dataclass(frozen=True, slots=True)
class Plot:
    """One pair of axes; layers are drawn in their order."""

    layers: Sequence[Layer]
    title: str = ""
    x_label: str = ""
    y_label: str = ""
    is_x_logarithmic: bool = False
    is_y_logarithmic: bool = False
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    is_equal: bool = False  # a unit is as long in y as in x
    has_percent: bool = False  # y is a share of 1 and is labelled in percent
    is_x_percent: bool = False
    legend: LegendPlace = "inside"
    x_names: Sequence[str] = ()  # at 0, 1, 2 ... instead of numbers


@dataclass(frozen=True, slots=True)
class Figure:
    """Plots row by row, `columns` beside each other.

    `keys` are explained above all plots: lines of which only the looks and the label count.
    """

    plots: Sequence[Plot]
    title: str = ""
    columns: int = 1
    keys: Sequence[Line] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers behind a figure: columns of one length by name.

    Attributes
    ----------
    name
        A word for the file or the group: "training", "validation", "codes".
    columns
        By name, with the unit in it where there is one ("seconds"); shares are 0 to 1. A column of
        vectors is (n, L): in formats without such, it becomes L columns "name_0" and so on.
    facts
        What holds for all of it: run, step, split, seed, how it was projected.
    """

    name: str
    columns: Mapping[str, Column]
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exported:
    """What a panel has to give: what is seen, and the numbers behind it.

    Attributes
    ----------
    name
        What a file is called unless a person says otherwise, without its ending.
    figure
        None for a panel that is a table only.
    tables
        At least one.
    title
        A line about where the numbers are from.
    """

    name: str
    figure: Figure | None
    tables: Sequence[Table]
    title: str = ""
