"""What the points look like: a colour and a shape for what they stand for, and what that means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from engine.inspection.records import Latents
from leo_studio.ui.colors import viridis
from leo_studio.ui.formats import format_value
from leo_studio.ui.inspection.looks import SYMBOLS
from leo_studio.ui.theme import Theme

ColorBy = Literal["class", "accuracy", "uncertainty", "stage"]
ShapeBy = Literal["class", "stage", "none"]
PathBy = Literal["arrows", "trajectories", "none"]

COLORS: Mapping[ColorBy, str] = {
    "class": "class",
    "accuracy": "episode accuracy",
    "uncertainty": "uncertainty",
    "stage": "before or after",
}
SHAPES: Mapping[ShapeBy, str] = {
    "class": "class",
    "stage": "before or after",
    "none": "all alike",
}
PATHS: Mapping[PathBy, str] = {
    "arrows": "arrows",
    "trajectories": "full trajectories",
    "none": "none",
}
LEVELS = 24  # colours of a continuous quantity
_BAR_TITLES = {
    "accuracy": "episode accuracy after fine-tuning (%)",
    "uncertainty": "uncertainty: mutual information of prediction and code (nats)",
}
_ROUNDING = 1e-6
_RARE = 0.02  # of the episodes, at either end of the scale of uncertainty
MOST_ENTRIES = 20  # of a legend

Limits = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Options:
    """What is drawn, and how."""

    color: ColorBy = "class"
    shape: ShapeBy = "class"
    paths: PathBy = "arrows"
    shows_before: bool = True
    shows_samples: bool = False
    shows_half: bool = False  # ellipses that hold 50 %
    shows_most: bool = False  # ellipses that hold 95 %


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the legend."""

    text: str
    color: QColor
    symbol: str
    is_filled: bool = True


@dataclass(frozen=True, slots=True)
class ColorBar:
    """What a continuous colour stands for."""

    title: str
    low: str
    high: str
    colors: tuple[QColor, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """Colours and shapes of n codes.

    Attributes
    ----------
    palette
        The colours that occur.
    before, after
        Places in it, (n,).
    shapes_before, shapes_after
        Places in `SYMBOLS`, (n,).
    entries, more
        The legend, and how many more classes there are.
    bar
        The scale of a continuous quantity.
    """

    palette: tuple[QColor, ...]
    before: NDArray[np.int64]
    after: NDArray[np.int64]
    shapes_before: NDArray[np.int64]
    shapes_after: NDArray[np.int64]
    entries: tuple[Entry, ...]
    more: int
    bar: ColorBar | None


# Codes as in the paper's figure; its colours are joined by shapes.
PAPER = Options(color="stage", shape="stage", paths="none")


def class_places(latents: Latents) -> NDArray[np.int64]:
    """Return what tells classes apart, (E · N,).

    In one episode it is the way, as wherever one episode is shown; else the class of the split,
    so that it looks the same whichever episodes are shown.
    """
    episodes, ways = latents.classes.shape
    if episodes == 1:
        return np.arange(ways)
    return latents.classes.reshape(-1)


def quantity(latents: Latents, color: ColorBy) -> NDArray[np.float64]:
    """Return a continuous quantity of each episode, (E,)."""
    values = latents.accuracies[:, 2] if color == "accuracy" else latents.uncertainties
    return np.asarray(values, np.float64)


def limits_of(latents: Latents, color: ColorBy) -> Limits:
    """Return what a quantity's scale spans; few uncertain episodes must not hide all others."""
    values = quantity(latents, color)
    values = values[np.isfinite(values)]
    if not len(values):
        return 0.0, 1.0
    ends = (0.0, 1.0) if color == "accuracy" else (_RARE, 1 - _RARE)
    low, high = (float(value) for value in np.quantile(values, ends))
    room = max(0.01, 0.1 * abs(low))
    return (low, high) if high > low else (low - room, high + room)


def looks_of(
    latents: Latents, options: Options, theme: Theme, after: str, limits: Limits | None = None
) -> Looks:
    """Say what each code looks like.

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
        palette = tuple(viridis(level / (LEVELS - 1)) for level in range(LEVELS))
        low, high = limits or limits_of(latents, options.color)
        shares = (quantity(latents, options.color) - low) / (high - low)
        levels = np.nan_to_num(shares, nan=0.0).clip(0, 1) * (LEVELS - 1)
        before = colors = levels.round().astype(np.int64).repeat(latents.classes.shape[1])
        bar = ColorBar(
            _BAR_TITLES[options.color],
            ("≤ " if shares.min() < -_ROUNDING else "") + _limit_text(low, options.color),
            ("≥ " if shares.max() > 1 + _ROUNDING else "") + _limit_text(high, options.color),
            palette,
        )
    entries, more = _legend(latents, options, theme, after)
    return Looks(palette, before, colors, shapes, shapes_after, entries, more, bar)


def _limit_text(value: float, color: ColorBy) -> str:
    return f"{100 * value:.0f}" if color == "accuracy" else format_value(value, 2)


def _legend(
    latents: Latents, options: Options, theme: Theme, after: str
) -> tuple[tuple[Entry, ...], int]:
    text = QColor(theme.text)
    by_stage = options.color == "stage"
    colors = [QColor(theme.series_color(place)) for place in range(2)] if by_stage else [text, text]
    last = "t" if options.shape == "stage" else "o"
    stages = [Entry("before", colors[0], "o", False)] if options.shows_before else []
    if after != "before":
        stages.append(Entry(after, colors[1], last))
    if "class" not in (options.color, options.shape):
        return tuple(stages), 0
    classes = latents.classes.reshape(-1)
    places, first = np.unique(class_places(latents), return_index=True)
    entries = [
        Entry(
            latents.class_names[classes[index]],
            QColor(theme.series_color(place)) if options.color == "class" else text,
            SYMBOLS[place % len(SYMBOLS)] if options.shape == "class" else "o",
        )
        for place, index in zip(places.tolist(), first.tolist(), strict=True)
    ]
    return tuple(stages + entries[:MOST_ENTRIES]), max(0, len(entries) - MOST_ENTRIES)
