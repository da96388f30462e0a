"""Embeddings that are mapped, not loaded: their file is read where rows are asked for.

The system keeps in its page cache what was read, as long as nobody needs the memory more, so a
store may be larger than memory. Rows are copied out of the mapping and normalised then, which gives
the bits of loaded ones: each row is normalised by itself either way.

A mapping of a file that becomes shorter ends the process where it reads behind the end. So a file
is looked at before each reading: stores are never written where they lie, but replaced by a rename,
which leaves a mapping what it was; whoever writes into one by other means is told.

Shapes: n examples, D embedding size.
"""

import mmap
import os
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.normalizing import normalize_
from engine.errors import BadInput
from engine.io.memory import MOST_MAPPED, available_memory, give_back_mapped, map_file

# Rows that are copied to a device at a time.
_ROWS_AT_A_TIME = 8192
# What one row brings into memory at most: the pages around it, which Linux maps together.
_PAGES_AROUND = 64 * 2**10


class MappedFile:
    """A file that is mapped for reading.

    Parameters
    ----------
    file
        Open for reading; closed when nothing needs this any more.
    path
        What it is called in an error.
    remedy
        What can be done where it has changed, as the end of a sentence.
    """

    def __init__(self, file: IO[bytes], path: Path, remedy: str) -> None:
        self._file, self._path, self._remedy = file, path, remedy
        weakref.finalize(self, file.close)
        self._state = self._looked_at()
        try:
            self._mapping = map_file(file)
        except (OSError, ValueError) as error:
            raise BadInput(
                f"{path.name} cannot be mapped into memory ({error}); set data.access to load."
            ) from error
        self._unknown = 0  # bytes that may have come into memory since it was looked at
        free = available_memory()
        if hasattr(mmap, "MADV_RANDOM") and free is not None and self._state[0] > free // 2:
            # What stands beside a row would be thrown away before anybody asks for it.
            self._mapping.madvise(mmap.MADV_RANDOM)

    def rows(self, offset: int, count: int, size: int) -> NDArray[np.void]:
        """Return `count` rows of `size` single-precision numbers as opaque items, (count,)."""
        row = np.dtype((np.void, size * 4))
        if offset + count * row.itemsize > self._state[0]:
            raise BadInput(f"{self._path.name} is shorter than it says; {self._remedy}.")
        return np.frombuffer(self._mapping, row, count, offset)

    def require_unchanged(self) -> None:
        """Raise `BadInput` if somebody has written into the file since it was opened."""
        if self._looked_at() != self._state:
            raise BadInput(
                f"{self._path.name} was changed while it was used; {self._remedy}, and let a store "
                "be replaced by a rename, never be written where it lies."
            )

    def count(self, rows: int) -> None:
        """Count rows that were read; gives the memory back that they brought, if it is much."""
        self._unknown += rows * _PAGES_AROUND
        if self._unknown > MOST_MAPPED:
            self._unknown = 0
            give_back_mapped()

    def _looked_at(self) -> tuple[int, int]:
        status = os.fstat(self._file.fileno())
        return status.st_size, status.st_mtime_ns


class MappedPart(NamedTuple):
    """Rows that follow each other in a mapped file."""

    file: MappedFile
    rows: NDArray[np.void]  # (n,), each of D numbers in single precision


class MappedEmbeddings:
    """Embeddings (n, D) in mapped files; what is asked for is a tensor of its own, on the CPU.

    Parameters
    ----------
    parts
        Where they are, one part after the other.
    size
        D.
    normalize
        Whether each is divided by its Euclidean norm when it is read.
    not_finite
        Returns the sentence of an error about rows that are not finite.
    """

    device = torch.device("cpu")

    def __init__(
        self,
        parts: Sequence[MappedPart],
        size: int,
        *,
        normalize: bool,
        not_finite: Callable[[], str],
    ) -> None:
        self._parts, self._normalize, self._not_finite = parts, normalize, not_finite
        self._starts = np.cumsum([0, *(len(part.rows) for part in parts)])
        self.shape = torch.Size([int(self._starts[-1]), size])

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def nbytes(self) -> int:
        """What they would take in memory."""
        return 4 * self.shape[0] * self.shape[1]

    def __getitem__(self, which: "Tensor | slice") -> Tensor:
        """Return rows: (..., D) for int64 numbers (...), or those of a slice.

        Raises
        ------
        BadInput
            If one of them is not finite, or the file was changed meanwhile.
        """
        if isinstance(which, slice):
            numbers = range(*which.indices(len(self)))
            found = self._between(numbers.start, max(numbers.start, numbers.stop))
            return found if numbers.step == 1 else found[:: numbers.step]
        if which.dtype != torch.int64:
            raise TypeError(f"rows are chosen by int64 numbers, not by {which.dtype}")
        return self._of(which.flatten().numpy()).view(*which.shape, self.shape[1])

    def to(self, device: torch.device) -> "Tensor | MappedEmbeddings":
        """Return them on a device: a tensor that is filled some rows at a time, or themselves."""
        if device.type == "cpu":
            return self
        moved = torch.empty(self.shape, device=device)
        for start in range(0, len(self), _ROWS_AT_A_TIME):
            some = self[start : start + _ROWS_AT_A_TIME]
            moved[start : start + len(some)] = some
        return moved

    def _between(self, begin: int, end: int) -> Tensor:
        """Return rows that follow each other."""
        found, opaque = self._room(end - begin)
        for (file, rows), start in zip(self._parts, self._starts.tolist(), strict=False):
            first, last = max(begin, start), min(end, start + len(rows))
            for some in range(first, last, _ROWS_AT_A_TIME):
                stop = min(some + _ROWS_AT_A_TIME, last)
                file.require_unchanged()
                opaque[some - begin : stop - begin] = rows[some - start : stop - start]
                file.count((stop - some) * rows.itemsize // _PAGES_AROUND + 1)
        return self._seen(found)

    def _of(self, numbers: NDArray[np.int64]) -> Tensor:
        """Return some rows, (rows, D)."""
        if len(numbers) and not 0 <= numbers.min() <= numbers.max() < len(self):
            raise IndexError(f"a row is not one of 0 to {len(self) - 1}")
        found, opaque = self._room(len(numbers))
        owners = np.searchsorted(self._starts, numbers, side="right") - 1
        for part, (file, rows) in enumerate(self._parts):
            file.require_unchanged()
            if len(self._parts) == 1:
                # Without a check of its own, for which it would copy them once more.
                np.take(rows, numbers, out=opaque, mode="clip")
                file.count(len(numbers))
                continue
            own = np.flatnonzero(owners == part)
            opaque[own] = rows[numbers[own] - self._starts[part]]
            file.count(len(own))
        return self._seen(found)

    def _room(self, count: int) -> tuple[Tensor, NDArray[np.void]]:
        """Return a tensor (count, D), and the same memory as opaque rows, (count,)."""
        size = self.shape[1]
        found = torch.empty(count, size)
        return found, found.numpy().view(np.dtype((np.void, 4 * size))).reshape(count)

    def _seen(self, found: Tensor) -> Tensor:
        """Normalise rows where they lie, if that is asked for, and require that they are finite."""
        # Numbers that are not finite make a norm or a sum that is not either.
        is_suspect = normalize_(found) if self._normalize else not bool(found.sum().isfinite())
        if is_suspect and not bool(found.isfinite().all()):
            raise BadInput(self._not_finite())
        return found


Embeddings = Tensor | MappedEmbeddings
"""Embeddings (n, D): loaded, or mapped; rows are asked for in the same way."""
