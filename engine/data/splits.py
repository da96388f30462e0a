"""The splits of an embedding store: their names, and what each holds; no torch."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from engine.io.memory import is_large

SPLITS = ("train", "val", "test")

Sampling = Literal[1, 2]
"""How episodes are drawn: 1 looks at all classes, and at all examples of those that it takes, and
2 at what it takes alone, so that it costs as little in a split of millions."""
# With more classes, or examples of a class, episodes of new runs are drawn in the second way. Each
# episode looks at the classes once, and at the examples of N of them.
MOST_CLASSES, MOST_EXAMPLES = 1 << 14, 1 << 11


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

    @property
    def sampling(self) -> Sampling:
        """How a new run draws its episodes."""
        is_large = self.classes > MOST_CLASSES or self.largest_class > MOST_EXAMPLES
        return 2 if is_large else 1


def embeddings_size(splits: Iterable[SplitSummary], numbers: int) -> int:
    """Return how many bytes the embeddings of splits take in memory, at so many numbers each."""
    return 4 * numbers * sum(split.examples for split in splits)


def is_mapped(access: str, size: int) -> bool:
    """Whether embeddings of so many bytes are mapped rather than loaded, by `data.access`."""
    return access == "map" or (access == "auto" and is_large(size))
