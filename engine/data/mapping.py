"""Embeddings that are mapped, not loaded: their file is read where rows are asked for.

The system keeps in its page cache what was read, as long as nobody needs the memory more, so a
store may be larger than memory. Rows are copied out and normalised then, which gives the bits of
loaded ones: each row is normalised by itself either way.

The pages of a mapping count as memory of this process, and on Linux two megabytes may come with one
row. So of a large file rows are read one by one instead, where the system has a call for that: at
the cost of a microsecond each, and of no memory.

A mapping of a file that becomes shorter ends the process where it reads behind the end. So a file
is looked at before each reading: stores are never written where they lie, but replaced by a rename,
which leaves an open file what it was; whoever writes into one by other means is told.

Shapes: n examples, D embedding size.
"""

import os
import weakref
from collections.abc import Callable, Sequence
from itertools import repeat
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.normalizing import normalize_
from engine.errors import BadInput
from engine.io.memory import MOST_MAPPED, available_memory, map_file

# Rows that are copied to a device at a time.
_ROWS_AT_A_TIME = 8192
_BYTES_AT_A_TIME = 64 * 2**20
# How so many bytes at a place of an open file are read into a buffer; Windows has no such call.
_READ_AT: Any = getattr(os, "preadv", None)


class MappedFile:
    """A file that is mapped for reading, or read row by row where it is large.

    Parameters
    ----------
    file
        Open for reading; closed when nothing needs this any more.
    path
        What it is called in an error.
    remedy
        What can be done where it has changed, as the end of a sentence; "" where nobody can change
        it, as nobody else knows it.
    """

    def __init__(self, file: IO[bytes], path: Path, remedy: str) -> None:
        self._file, self._path, self._remedy = file, path, remedy
        weakref.finalize(self, file.close)
        status = os.fstat(file.fileno())
        self._state = status.st_size, status.st_mtime_ns
        self._mapping = None
        size, free = self._state[0], available_memory()
        if size <= MOST_MAPPED or _READ_AT is None:
            try:
                self._mapping = map_file(file)
            except (OSError, ValueError) as error:
                raise BadInput(
                    f"{path.name} cannot be mapped into memory ({error}); set data.access to load."
                ) from error
        elif hasattr(os, "posix_fadvise") and free is not None and size > free // 2:
            # What stands beside a row would be thrown away before anybody asks for it.
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_RANDOM)

    def require(self, end: int) -> None:
        """Raise `BadInput` if the file is shorter than so many bytes."""
        if end > self._state[0]:
            raise BadInput(f"{self._path.name} is shorter than it says; {self._remedy}.")

    def read(self, places: Sequence[int], rows: NDArray[np.uint8]) -> None:
        """Read each of some rows of bytes at its place; raises `BadInput` if the file changed."""
        if self._looked_at() != self._state:
            raise self._changed()
        if self._mapping is None:
            done = sum(map(_READ_AT, repeat(self._file.fileno()), zip(rows, strict=True), places))
            if done != rows.size:
                raise self._changed()
            return
        width = rows.shape[1]
        for place, row in zip(places, rows, strict=True):
            row[:] = np.frombuffer(self._mapping, np.uint8, width, place)

    def gather(self, offset: int, numbers: NDArray[np.int64], rows: NDArray[np.uint8]) -> None:
        """Read rows of bytes by their numbers, counted from `offset` on; see `read`."""
        width = rows.shape[1]
        if self._mapping is None:
            self.read((numbers * width + offset).tolist(), rows)
            return
        if self._looked_at() != self._state:
            raise self._changed()
        opaque = np.dtype((np.void, width))
        count = (self._state[0] - offset) // width
        every = np.frombuffer(self._mapping, opaque, count, offset)
        # Without a check of its own, for which it would copy them once more.
        np.take(every, numbers, out=rows.view(opaque)[:, 0], mode="clip")

    def _changed(self) -> BadInput:
        return BadInput(
            f"{self._path.name} was changed while it was used; {self._remedy}, and let a store be "
            "replaced by a rename, never be written where it lies."
        )

    def _looked_at(self) -> tuple[int, int]:
        if not self._remedy:
            return self._state
        status = os.fstat(self._file.fileno())
        return status.st_size, status.st_mtime_ns


class MappedPart:
    """Rows of D numbers in single precision that follow each other in a mapped file.

    Parameters
    ----------
    file
        The file.
    offset
        Where they begin, in bytes.
    count, size
        How many they are, and D.
    """

    def __init__(self, file: MappedFile, offset: int, count: int, size: int) -> None:
        self._file, self._offset, self._width, self._count = file, offset, 4 * size, count
        file.require(offset + count * self._width)

    def __len__(self) -> int:
        return self._count

    def gather(self, numbers: NDArray[np.int64], rows: NDArray[np.float32]) -> None:
        """Read rows by their numbers into `rows` (rows, D)."""
        self._file.gather(self._offset, numbers, rows.view(np.uint8))

    def copy(self, first: int, rows: NDArray[np.float32]) -> None:
        """Read the rows from `first` on into `rows` (rows, D)."""
        together = rows.reshape(1, -1).view(np.uint8)
        begin = self._offset + first * self._width
        for start in range(0, together.shape[1], _BYTES_AT_A_TIME):
            self._file.read([begin + start], together[:, start : start + _BYTES_AT_A_TIME])


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
        self._starts = np.cumsum([0, *map(len, parts)])
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
        found = torch.empty(end - begin, self.shape[1])
        array = found.numpy()
        for part, start in zip(self._parts, self._starts.tolist(), strict=False):
            first, last = max(begin, start), min(end, start + len(part))
            if first < last:
                part.copy(first - start, array[first - begin : last - begin])
        return self._seen(found)

    def _of(self, numbers: NDArray[np.int64]) -> Tensor:
        """Return some rows, (rows, D)."""
        if len(numbers) and not 0 <= numbers.min() <= numbers.max() < len(self):
            raise IndexError(f"a row is not one of 0 to {len(self) - 1}")
        found = torch.empty(len(numbers), self.shape[1])
        array = found.numpy()
        if len(self._parts) == 1:
            self._parts[0].gather(numbers, array)
            return self._seen(found)
        owners = np.searchsorted(self._starts, numbers, side="right") - 1
        for place, part in enumerate(self._parts):
            own = np.flatnonzero(owners == place)
            some = np.empty((len(own), self.shape[1]), np.float32)
            part.gather(numbers[own] - self._starts[place], some)
            array[own] = some
        return self._seen(found)

    def _seen(self, found: Tensor) -> Tensor:
        """Normalise rows where they lie, if that is asked for, and require that they are finite."""
        # Numbers that are not finite make a norm or a sum that is not either.
        is_suspect = normalize_(found) if self._normalize else not bool(found.sum().isfinite())
        if is_suspect and not bool(found.isfinite().all()):
            raise BadInput(self._not_finite())
        return found


Embeddings = Tensor | MappedEmbeddings
"""Embeddings (n, D): loaded, or mapped; rows are asked for in the same way."""
