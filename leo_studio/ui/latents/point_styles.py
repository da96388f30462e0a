"""Styles of the points: a colour and a shape for what they stand for, and the legend of them."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from engine.inspection.records import Latents
from leo_studio.analysis.formats import format_value
from leo_studio.analysis.latents.options import (
    SCALE_TITLES,
    ColorBy,
    Limits,
    Options,
    class_places,
    limits_of,
    quantity,
)
from leo_studio.ui.inspection.class_styles import SYMBOLS
from leo_studio.ui.widgets.colors import viridis
from leo_studio.ui.widgets.theme import Theme

LEVELS = 24  # colours of a continuous quantity
_ROUNDING = 1e-6
# Which part of the colours is used, in light and dark: both ends have to be seen on the plot.
_SHADES = {False: (0.0, 0.92), True: (0.28, 1.0)}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the legend."""

    text: str
    color: QColor
    symbol: str
    is_filled: bool = True
    is_class: bool = True  # else a position along the adaptation, or what a person has tried
    fill: QColor | None = None  # of a mark with an edge; None for its colour


@dataclass(frozen=True, slots=True)
class ColorBar:
    """The bar that explains a continuous colour; of one episode, its value instead."""

    title: str
    low: str
    high: str
    colors: tuple[QColor, ...]
    value: str = ""

    @property
    def words(self) -> str:
        """What it says, in one line."""
        return f"{self.title}: {self.value or f'{self.low} to {self.high}'}"

    @property
    def shortest(self) -> "ColorBar":
        """The same without what explains the quantity, such as "uncertainty (nats)"."""
        name, _, rest = self.title.partition(":")
        unit = rest[rest.rfind(" (") :] if " (" in rest else ""
        return replace(self, title=name + unit)


@dataclass(frozen=True, slots=True, eq=False)
class PointStyles:
    """Colours and shapes of n codes.

    Attributes
    ----------
    palette
        The colours that occur.
    before, after
        Places in it, (n,).
    shapes_before, shapes_after
        Places in `SYMBOLS`, (n,).
    entries
        The legend.
    note
        What the legend has to add; "" for nothing.
    bar
        The scale of a continuous quantity.
    """

    palette: tuple[QColor, ...]
    before: NDArray[np.int64]
    after: NDArray[np.int64]
    shapes_before: NDArray[np.int64]
    shapes_after: NDArray[np.int64]
    entries: tuple[Entry, ...]
    note: str
    bar: ColorBar | None


def point_styles(
    latents: Latents, options: Options, theme: Theme, after: str, limits: Limits | None = None
) -> PointStyles:
    """Return a colour and a shape for each code, and the legend of them.

    Parameters
    ----------
    latents
        The codes.
    options
        What colours and shapes stand for.
    theme
        Colours.
    after
        What the position is called whose codes are shown beside those before.
    limits
        What the scale of a continuous quantity spans; by default, what occurs.
    """
    count = latents.classes.size
    places = class_places(latents)
    zeros = np.zeros(count, np.int64)
    shapes = places % len(SYMBOLS) if options.shape == "class" else zeros
    is_by_stage = options.shape == "stage"
    shapes_after = zeros + SYMBOLS.index("t") if is_by_stage else shapes
    bar = None
    if options.color == "class":
        palette = tuple(QColor(color) for color in theme.series)
        before = colors = places % len(palette)
    elif options.color == "stage":
        palette = (QColor(theme.series_color(0)), QColor(theme.series_color(1)))
        before, colors = zeros, zeros + 1
    else:
        begin, end = _SHADES[theme.is_dark]
        steps = (begin + (end - begin) * level / (LEVELS - 1) for level in range(LEVELS))
        palette = tuple(map(viridis, steps))
        low, high = limits or limits_of(latents, options.color)
        shares = (quantity(latents, options.color) - low) / (high - low)
        levels = np.nan_to_num(shares, nan=0.0).clip(0, 1) * (LEVELS - 1)
        before = colors = levels.round().astype(np.int64).repeat(latents.classes.shape[1])
        is_one = len(shares) == 1  # a scale of one value says nothing
        if is_one:
            palette, before, colors = (QColor(theme.series_color(0)),), zeros, zeros
        bar = ColorBar(
            SCALE_TITLES[options.color],
            ("≤ " if shares.min() < -_ROUNDING else "") + _limit_text(low, options.color),
            ("≥ " if shares.max() > 1 + _ROUNDING else "") + _limit_text(high, options.color),
            palette,
            _value_text(latents, options.color) if is_one else "",
        )
    entries = (*_stages(options, theme, after), *_classes(latents, options, theme))
    classes = sum(entry.is_class for entry in entries)
    note = _note(classes, options) if options.shape == "class" else ""
    return PointStyles(palette, before, colors, shapes, shapes_after, entries, note, bar)


def _value_text(latents: Latents, color: ColorBy) -> str:
    """Return the value of the one episode that is shown."""
    return _limit_text(float(quantity(latents, color)[0]), color)


def _limit_text(value: float, color: ColorBy) -> str:
    return f"{100 * value:.0f}" if color == "accuracy" else format_value(value, 2)


def _stages(options: Options, theme: Theme, after: str) -> list[Entry]:
    """Return the legend of before and after, where colour or shape tells them apart."""
    if "stage" not in (options.color, options.shape):
        return []
    by_color = options.color == "stage"
    colors = [QColor(theme.series_color(place) if by_color else theme.text) for place in range(2)]
    last = "t" if options.shape == "stage" else "o"
    stages = []
    if options.shows_before or after == "before":
        stages.append(Entry("before", colors[0], "o", is_filled=False, is_class=False))
    if after != "before":
        stages.append(Entry(after, colors[1], last, is_class=False))
    return stages


def _classes(latents: Latents, options: Options, theme: Theme) -> list[Entry]:
    """Return the legend of classes, where colour or shape tells them apart."""
    if "class" not in (options.color, options.shape):
        return []
    classes = latents.classes.reshape(-1)
    places, first = np.unique(class_places(latents), return_index=True)
    return [
        Entry(
            latents.class_names[classes[index]],
            QColor(theme.series_color(place) if options.color == "class" else theme.text),
            SYMBOLS[place % len(SYMBOLS)] if options.shape == "class" else "o",
        )
        for place, index in zip(places.tolist(), first.tolist(), strict=True)
    ]


def _note(classes: int, options: Options) -> str:
    """Say that shapes come again, where there are more classes than shapes."""
    if classes <= len(SYMBOLS):
        return ""
    told = "in another colour" if options.color == "class" else "and cannot be told apart here"
    return f"{classes:,} classes have {len(SYMBOLS)} shapes: some share one, {told}."
