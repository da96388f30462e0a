"""What stores of many gigabytes are made of: archives, stores and pictures of noise."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from engine.data.encoder_record import EncoderRecord
from engine.data.store_writing import create_store
from engine.images.sources.source import Picture

SIDE = 32  # of pictures


def write_archive(path: Path, rows: int, classes: int, dim: int) -> None:
    """Write whole numbers of one byte, which an import turns into four, sorted by class."""
    embeddings = np.memmap(path.with_suffix(".bytes"), np.uint8, "w+", shape=(rows, dim))
    generator = np.random.default_rng(0)
    for start in range(0, rows, 8192):
        some = embeddings[start : start + 8192]
        some[:] = generator.integers(0, 256, some.shape, np.uint8)
    np.savez(path, embeddings=embeddings, labels=np.arange(rows) * classes // rows)
    path.with_suffix(".bytes").unlink()


def write_store(path: Path, rows: int, classes: int, dim: int) -> None:
    """Write a store of one split of noise, equally many rows for each class."""
    drawn = np.memmap(path.with_suffix(".rows"), np.float32, "w+", shape=(rows, dim))
    generator = np.random.default_rng(0)
    for start in range(0, rows, 8192):
        some = drawn[start : start + 8192]
        some[:] = generator.standard_normal(some.shape, np.float32)
    labels = np.arange(rows) * classes // rows
    names = [str(label) for label in range(classes)]
    with create_store(path, "drawn", "synthetic", dim) as writer:
        writer.add_split("train", drawn, labels, names, [str(row) for row in range(rows)])
    path.with_suffix(".rows").unlink()


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures that are drawn when they are read."""

    pictures: Sequence[Picture]
    name: str = "drawn"
    notes: Sequence[str] = ()

    def pixels(self, index: int, side: int = 0) -> NDArray[np.uint8]:
        """Return the same noise for the same picture."""
        return np.random.default_rng(index).integers(0, 256, (SIDE, SIDE, 3), np.uint8)


class WideEncoder:
    """Repeats pixels until an embedding is full; nothing depends on its size but how much it is.

    Parameters
    ----------
    dim
        D.
    """

    def __init__(self, dim: int) -> None:
        self.record = EncoderRecord(kind="pixels", name="pixels", side=SIDE, embedding_dim=dim)

    def encode(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return (B, D) numbers of pictures (B, 3, side, side)."""
        flat = pictures.flatten(1).float()
        return flat.repeat(1, -(-self.record.embedding_dim // flat.shape[1]))[
            :, : self.record.embedding_dim
        ].contiguous()
