"""What a look at something finds before it is imported; no torch.

Shapes: n examples.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.splits import SPLITS, SplitSummary


@dataclass(frozen=True, slots=True)
class FoundStore:
    """A store that an import would make, as far as a quick look tells.

    Attributes
    ----------
    name
        What it would be called.
    embedding_dim
        The embedding size D; 0 where only the import tells.
    splits
        What each split would hold; empty where only the import tells.
    split_names
        The splits that there would be, where it is not known what they hold.
    notes
        Sentences about what the person may not expect.
    """

    name: str
    embedding_dim: int = 0
    splits: tuple[SplitSummary, ...] = ()
    split_names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def summary_of(
    labels: NDArray[np.int64],
    class_names: Sequence[str],
    split_of: Sequence[str],
    *,
    has_images: bool = False,
) -> tuple[SplitSummary, ...]:
    """Count classes and examples of each split, from the class of each example, (n,)."""
    sizes = np.bincount(labels, minlength=len(class_names))
    summaries = []
    for split in SPLITS:
        classes = np.flatnonzero(np.array(split_of) == split)
        if len(classes):
            own = sizes[classes]
            smallest, largest = int(own.min()), int(own.max())
            summaries.append(
                SplitSummary(split, len(classes), int(own.sum()), smallest, largest, has_images)
            )
    return tuple(summaries)
