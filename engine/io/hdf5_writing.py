"""Writing of HDF5 files that are whole or absent, also where the disk is full.

HDF5 does not survive a write that fails: it goes on to write from where nobody catches it, and the
process may crash. So it writes through a file of ours, which never fails, remembers what the
system refused, and is asked afterwards.
"""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py

from engine.io.files import drafted


@contextmanager
def new_hdf5(
    path: Path, publish: Callable[[Path, Path], None] = os.replace
) -> Iterator["HDF5Draft"]:
    """Yield an HDF5 file that is written; it is moved to `path` when the block ends well.

    See `engine.io.files.drafted`, also for `publish`.

    Raises
    ------
    BadInput
        If the system does not let the file be written.
    """
    with drafted(path, publish) as draft, io.FileIO(draft, "w+") as raw:
        target = _Target(raw)
        try:
            with h5py.File(target, "w") as file:
                yield HDF5Draft(file, target)
        finally:
            # It is what an error of HDF5's comes from, if there is one.
            target.require_written()


class HDF5Draft:
    """A file that is being written: `file` is h5py's; `check` ends early what cannot be written."""

    def __init__(self, file: h5py.File, target: "_Target") -> None:
        self.file = file
        self._target = target

    def check(self) -> None:
        """Raise `OSError` if the system has refused to write something; after large parts."""
        self._target.require_written()


class _Target:
    """A file for h5py, which writes nothing more once a write was refused."""

    def __init__(self, raw: io.FileIO) -> None:
        self._raw = raw
        self._error: OSError | None = None

    def require_written(self) -> None:
        """Raise what the system said when it refused."""
        if self._error is not None:
            raise self._error

    def write(self, data: Any) -> int:  # a buffer; its type has a name from Python 3.12 on
        """Write all of `data`, if everything before could be written."""
        left = memoryview(data).cast("B")
        count = len(left)
        while left and self._error is None:
            try:
                left = left[self._raw.write(left) :]
            except OSError as error:
                self._error = error
        return count

    def read(self, count: int = -1) -> bytes:
        """Read what was written: h5py tells by it that this is a file."""
        return self._raw.read(count) or b""

    def readinto(self, buffer: Any, /) -> int:
        """Read what was written; zeros where nothing could be."""
        count = self._raw.readinto(buffer) or 0
        buffer[count:] = bytes(len(buffer) - count)
        return len(buffer)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place."""
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        """Return the place."""
        return self._raw.tell()

    def truncate(self, size: int | None = None) -> int:
        """Let the file end somewhere."""
        if self._error is None:
            try:
                return self._raw.truncate(size)
            except OSError as error:
                self._error = error
        return size or 0

    def flush(self) -> None:
        """Do nothing: `drafted` brings everything to the disk at the end."""
