"""What a test asks of a store that was imported."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.class_splits import DRAWN, SplitChoice
from engine.data.importers.features.importing import import_features
from engine.data.splits import SPLITS
from engine.data.store import EmbeddingStore

Rows = dict[str, NDArray[np.float32]]


class Imported:
    """A store made of files, with the vectors of each class of each split."""

    def __init__(self, *paths: Path, splits: SplitChoice = DRAWN, **options: Any) -> None:
        out = paths[0].absolute().parent / "out" / "features.h5"
        self.result = import_features(paths, out, splits=splits, **options)
        self.store = EmbeddingStore(self.result.path)

    def of(self, split: str) -> Rows:
        """Return the vectors of each class of a split."""
        if split not in self.store.splits:
            return {}
        rows = np.concatenate(list(self.store.chunks(split)))
        offsets = self.store.class_offsets(split)
        names = self.store.class_names(split)
        return {
            name: rows[start:end]
            for name, start, end in zip(names, offsets[:-1], offsets[1:], strict=True)
        }

    @property
    def all(self) -> Rows:
        """The vectors of each class, whatever its split."""
        return {name: rows for split in SPLITS for name, rows in self.of(split).items()}

    @property
    def classes(self) -> dict[str, set[str]]:
        """The classes of each split."""
        return {split: set(self.of(split)) for split in self.store.splits}

    @property
    def notes(self) -> str:
        """What the import said."""
        return " ".join(self.result.notes)


def vectors(count: int, dim: int = 4, seed: int = 0) -> NDArray[np.float32]:
    """Return vectors that are unlike any others of another seed."""
    return np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)


def classes(labels: Any, count: int = 3, dim: int = 4) -> dict[Any, NDArray[np.float32]]:
    """Return vectors for each label, of each class one more than of the one before."""
    return {
        label: vectors(count + place, dim, seed=place + 100 * len(str(label)))
        for place, label in enumerate(labels)
    }


def assert_same(found: Rows, expected: dict[Any, Any]) -> None:
    assert set(found) == {str(label) for label in expected}
    for label, rows in expected.items():
        np.testing.assert_array_equal(found[str(label)], np.asarray(rows, np.float32))
