"""The splits of an embedding store: their names, and what each holds; no torch."""

from dataclasses import dataclass

SPLITS = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class SplitSummary:
    """What one split of a store holds.

    `smallest` is the name of a smallest class, "" where nobody knows; `image_side` the height of
    its images where they are square, 0 where they are not, or nobody knows.
    """

    name: str
    classes: int
    examples: int
    smallest_class: int
    largest_class: int
    has_images: bool
    smallest: str = ""
    image_side: int = 0
