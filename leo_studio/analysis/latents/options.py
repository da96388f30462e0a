"""Options of drawing latent codes: the meanings of colours, shapes and lines."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.inspection.records import Latents

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
SCALE_TITLES = {
    "accuracy": "episode accuracy after fine-tuning (%)",
    "uncertainty": ("uncertainty of the episode: mutual information of prediction and code (nats)"),
}
# Options that show how far codes are spread: seen where few codes are, clutter where many are.
SPREAD = ("shows_samples", "shows_most")
MOST_WITH_SPREAD = 3  # episodes
MOST_WITH_PATHS = 30  # episodes; arrows of more of them hide the codes
_LEAST_UNCERTAINTY = 1e-3  # nats; of the scale where no episode has any
_NEARLY_ALL, _MANY = 0.95, 20  # of the episodes, where there are so many

Limits = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Options:
    """Options of drawing codes."""

    color: ColorBy = "class"
    shape: ShapeBy = "class"
    paths: PathBy = "arrows"
    shows_before: bool = True
    shows_samples: bool = False
    shows_half: bool = False  # ellipses that hold 50 %
    shows_most: bool = False  # ellipses that hold 95 %
    shows_tried: bool = True  # what a person has shown the run in "Try it"


# Codes as in the paper's figure; its colours are joined by shapes.
PAPER = Options(color="stage", shape="stage", paths="none")


def with_defaults(options: Options, episodes: int, picked: Collection[str]) -> Options:
    """Return options in which spread and paths are shown where episodes are few.

    Parameters
    ----------
    options
        What is chosen.
    episodes
        How many are shown.
    picked
        Names of options that a person picked: they stay as they are.
    """
    is_few = episodes <= MOST_WITH_SPREAD
    changed: dict[str, Any] = {name: is_few for name in SPREAD if name not in picked}
    if "paths" not in picked:
        changed["paths"] = "arrows" if episodes <= MOST_WITH_PATHS else "none"
    return replace(options, **changed)


def class_places(latents: Latents) -> NDArray[np.int64]:
    """Return a number for each class that tells it from others, (E · N,).

    In one episode it is the way, as wherever one episode is shown; else the class of the split,
    so that it looks the same whichever episodes are shown.
    """
    episodes, ways = latents.classes.shape
    if episodes == 1:
        return np.arange(ways)
    return latents.classes.reshape(-1)


def hidden_codes(latents: Latents, hidden: Collection[str]) -> NDArray[np.bool_]:
    """Return which codes are of classes, given by their names, that are hidden, (E · N,)."""
    labels = [label for label, name in enumerate(latents.class_names) if name in hidden]
    return np.isin(latents.classes.reshape(-1), labels)


def quantity(latents: Latents, color: ColorBy) -> NDArray[np.float64]:
    """Return a continuous quantity of each episode, (E,)."""
    values = latents.accuracies[:, 2] if color == "accuracy" else latents.uncertainties
    return np.asarray(values, np.float64)


def limits_of(latents: Latents, color: ColorBy) -> Limits:
    """Return the limits of a quantity's scale, from the episodes that are shown.

    Mutual information begins at 0. Of many episodes its scale ends where nearly all of them lie:
    up to the one extreme episode, all others would have one colour. Accuracies are told apart where
    they lie.
    """
    values = quantity(latents, color)
    values = values[np.isfinite(values)]
    if color == "uncertainty":
        most = np.quantile(values, _NEARLY_ALL) if len(values) >= _MANY else values.max(initial=0.0)
        return 0.0, max(_LEAST_UNCERTAINTY, float(most))
    if not len(values):
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    room = max(0.01, 0.1 * abs(low))
    return (low, high) if high > low else (low - room, high + room)
