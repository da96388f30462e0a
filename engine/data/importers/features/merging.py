"""One set of classes out of several files of features.

A name that is text stands for one class, in whichever file. Numbers begin anew in each file: where
two files share some, their classes are named after the file too, "train/3".

Shapes: n examples of a file, C classes of all.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from engine.data.importers.features.feature_set import FeatureSet
from engine.data.importers.features.sources import FeatureSource
from engine.errors import BadInput
from engine.io.listing import listed


@dataclass(frozen=True, slots=True)
class Part:
    """One file, with the classes of all.

    Attributes
    ----------
    features
        What it holds.
    labels
        The class of each example, (n,), an index into the names of all classes.
    split
        The split that its name says; "" for none.
    """

    features: FeatureSet
    labels: NDArray[np.int64]
    split: str


@dataclass(frozen=True, slots=True)
class MergedFeatures:
    """All files: `class_names` has the C classes of all `parts`."""

    parts: list[Part]
    class_names: list[str]
    notes: list[str] = field(default_factory=list)

    @property
    def embedding_dim(self) -> int:
        """The embedding size D."""
        return int(self.parts[0].features.embeddings.shape[1])

    @property
    def labels(self) -> NDArray[np.int64]:
        """The class of each example of all parts, one part after the other."""
        return np.concatenate([part.labels for part in self.parts])


def merged(sources: Sequence[FeatureSource], sets: Sequence[FeatureSet]) -> MergedFeatures:
    """Put the classes of several files together; `sets` has what each of the sources holds.

    Raises
    ------
    BadInput
        If their embeddings are of different sizes.
    """
    first = sets[0]
    for other in sets[1:]:
        if other.embeddings.shape[1] != first.embeddings.shape[1]:
            raise BadInput(
                f"{other.where} has embeddings of {other.embeddings.shape[1]:,} numbers, and "
                f"{first.where} has {first.embeddings.shape[1]:,}; take files of one network."
            )
    numbered = [each for each in sets if each.are_numbered]
    counts = Counter(name for each in numbered for name in each.class_names)
    shared = [name for name, count in counts.items() if count > 1]
    index_of: dict[str, int] = {}
    parts = []
    for source, features in zip(sources, sets, strict=True):
        names = features.class_names
        if shared and features.are_numbered:
            names = [f"{_prefix(source, sources)}/{name}" for name in names]
        own = np.array([index_of.setdefault(name, len(index_of)) for name in names], np.int64)
        parts.append(Part(features, own[features.labels], source.split))
    notes = [note for features in sets for note in features.notes]
    if shared:
        notes.append(
            f"Several files have the same numbers as labels ({len(shared):,} of them), which were "
            f"read as different classes, named {listed(list(index_of), 2)}."
        )
    return MergedFeatures(parts, list(index_of), notes)


def _prefix(source: FeatureSource, sources: Sequence[FeatureSource]) -> str:
    is_only_one = sum(other.split == source.split for other in sources) == 1
    return source.split if source.split and is_only_one else PurePath(source.where).stem
