"""The division of pictures into splits by their classes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from engine.data.class_splits import SplitChoice, splits_by_chance, splits_by_file
from engine.data.splits import SPLITS
from engine.images.sources import PictureSource
from engine.io.listing import counted

LEAST = 2  # pictures of a class: one to learn from, one to ask about


@dataclass(frozen=True, slots=True)
class DividedPictures:
    """Which pictures go into which split.

    Attributes
    ----------
    rows
        Places of the pictures of each split, in the order of their classes.
    notes
        Sentences about what was left out and how the splits came about.
    """

    rows: Mapping[str, list[int]]
    notes: tuple[str, ...]


def divided(source: PictureSource, choice: SplitChoice) -> DividedPictures:
    """Divide pictures into splits by their classes.

    Raises
    ------
    BadInput
        If the splits and the classes do not fit each other.
    """
    classes = list(dict.fromkeys(picture.class_name for picture in source.pictures))
    notes = list(source.notes)
    split_of: dict[str, str | None]
    if choice.file is not None:
        split_of, more = splits_by_file(classes, choice.file)
        notes += more
    elif not choice.is_drawn and says_splits(source):
        split_of = {picture.class_name: picture.split for picture in source.pictures}
        notes.append("The splits are those that the pictures' places say.")
    else:
        drawn, note = splits_by_chance(classes, choice, source.name)
        split_of = dict(drawn)
        notes.append(note)
    sizes = Counter(picture.class_name for picture in source.pictures)
    small = [name for name, size in sizes.items() if size < LEAST and split_of[name]]
    if small:
        notes.append(f"{counted(small, 'class was', 'classes were')} left out: one picture alone.")
        split_of |= dict.fromkeys(small)
    rows: dict[str, list[int]] = {split: [] for split in SPLITS}
    for row, picture in enumerate(source.pictures):
        split = split_of[picture.class_name]
        if split is not None:
            rows[split].append(row)
    return DividedPictures({name: each for name, each in rows.items() if each}, tuple(notes))


def says_splits(source: PictureSource) -> bool:
    """Whether every picture's place says a split."""
    return all(picture.split for picture in source.pictures)
