"""A look at pictures before they are imported: their classes, their splits, and some of them.

It needs no torch.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.data.class_splits import DRAWN, SplitChoice
from engine.data.importers.found import FoundStore
from engine.data.splits import SplitSummary
from engine.images.dividing import divided, says_splits
from engine.images.framing import center_view
from engine.images.sources import BrokenPicture, PictureSource, opened_pictures

_MOST_TRIES = 3  # of a class, whose first pictures may be broken


@dataclass(frozen=True, slots=True)
class Sample:
    """A small picture of one class, (side, side, 3) uint8."""

    class_name: str
    pixels: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class PictureLook:
    """What a look at pictures finds.

    Attributes
    ----------
    classes, pictures
        How many there are.
    says_splits
        Whether their places say which split they belong to.
    samples
        Pictures of different classes; those that cannot be read are not among them.
    """

    classes: int
    pictures: int
    says_splits: bool
    samples: tuple[Sample, ...]


def look_at_pictures(path: Path, splits: SplitChoice = DRAWN) -> FoundStore:
    """Say what store the pictures at a path would become; raises `BadInput` if there are none."""
    with opened_pictures(path) as source:
        return store_of(source, splits)


def store_of(source: PictureSource, splits: SplitChoice) -> FoundStore:
    """Return the store that pictures would become; raises `BadInput` if splits do not fit them."""
    parts = divided(source, splits)
    summaries = []
    for split, rows in parts.rows.items():
        names = [source.pictures[row].class_name for row in rows]
        sizes = np.unique(names, return_counts=True)[1]
        summaries.append(
            SplitSummary(split, len(sizes), len(rows), int(sizes.min()), int(sizes.max()), True)
        )
    return FoundStore(source.name, splits=tuple(summaries), notes=parts.notes)


def seen_in(
    source: PictureSource, side: int, most: int, progress: Callable[[], None] | None = None
) -> PictureLook:
    """Look at pictures themselves.

    Parameters
    ----------
    source
        The pictures.
    side
        Height and width of the samples in pixels.
    most
        How many samples are wanted; their classes are spread evenly over all.
    progress
        Called before each sample; may end it all by raising.
    """
    rows_of: dict[str, list[int]] = {}
    for row, picture in enumerate(source.pictures):
        rows_of.setdefault(picture.class_name, []).append(row)
    names = list(rows_of)
    places = np.linspace(0, len(names) - 1, min(most, len(names))).round().astype(int)
    samples = []
    for place in places.tolist():
        if progress is not None:
            progress()
        name = names[place]
        sample = _first_readable(source, rows_of[name], side)
        if sample is not None:
            samples.append(Sample(name, sample))
    return PictureLook(len(names), len(source.pictures), says_splits(source), tuple(samples))


def _first_readable(source: PictureSource, rows: list[int], side: int) -> NDArray[np.uint8] | None:
    for row in rows[:_MOST_TRIES]:
        try:
            return center_view(source.pixels(row, side), side, 1.0)
        except BrokenPicture:
            continue
    return None
