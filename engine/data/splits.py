"""The splits of an embedding store: their names, and what each holds; no torch."""

from dataclasses import dataclass

SPLITS = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class SplitSummary:
    """What one split of a store holds.

    `smallest` is the name of a smallest class, "" where nobody knows.
    """

    name: str
    classes: int
    examples: int
    smallest_class: int
    largest_class: int
    has_images: bool
    smallest: str = ""
