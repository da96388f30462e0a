"""HDF5 files: careful reading, where whatever is wrong is one sentence, and texts that last.

HDF5 raises many kinds of errors for files that are damaged, cut off or of other programs, and its
words help nobody; here each becomes a `BadInput` that names the file, the part and the remedy.

Texts are written with a fixed length. Those of any length lie in a heap, which a single changed bit
turns into a loop without end inside of HDF5 (2.0.0), where nobody can stop it.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from engine.errors import BadInput
from engine.io.versions import SCHEMA_KEY, require_known_version

# What h5py raises for files that are not whole, beside errors of the system.
_DAMAGE = (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError, OverflowError)
_TEXTS_AT_A_TIME = 4096
_KINDS = {"f": "floating-point numbers", "iu": "whole numbers", "O": "texts"}


@dataclass(frozen=True, slots=True)
class Contents:
    """What an open HDF5 file holds.

    Attributes
    ----------
    path
        The file.
    file
        The same, open.
    remedy
        What a person can do about a damaged one, as the end of a sentence.
    """

    path: Path
    file: h5py.File
    remedy: str

    def bad(self, part: str, rule: str) -> BadInput:
        """Return the error that some part breaks a rule."""
        return BadInput(f"{self.path.name}: {part} {rule}; {self.remedy}.")

    def attribute(self, name: str) -> Any:
        """Return an attribute of the file; None where there is none. Raises `BadInput`."""
        with self._part(f"the attribute {name}"):
            return self.file.attrs.get(name)

    def text(self, name: str) -> str:
        """Return an attribute that is a text; raises `BadInput`."""
        value = self.attribute(name)
        with self._part(f"the attribute {name}"):
            text = value.decode() if isinstance(value, bytes) else value
            if isinstance(text, str):
                text.encode()  # h5py lets bytes that are no UTF-8 pass, as half of a letter
                return text
        raise self.bad(f"the attribute {name}", "is no text")

    def whole(self, name: str) -> int:
        """Return an attribute that is a whole number; raises `BadInput`."""
        value = self.attribute(name)
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise self.bad(f"the attribute {name}", "is no whole number")
        return int(value)

    def require_known_version(self, latest: int) -> None:
        """Raise `NewerVersion` if its layout is later than the latest that can be read."""
        require_known_version({SCHEMA_KEY: self.attribute(SCHEMA_KEY)}, self.path, latest)

    def holds(self, name: str) -> bool:
        """Whether there is something of a name, whatever it is."""
        with self._part(name):
            return name in self.file

    def require_group(self, name: str) -> None:
        """Raise `BadInput` unless there is a group of a name."""
        with self._part(name):
            is_group = isinstance(self.file.get(name), h5py.Group)
        if not is_group:
            raise self.bad(name, "is no group")

    def dataset(self, name: str, kind: str, dimensions: int) -> h5py.Dataset:
        """Return a dataset, its numbers not yet read.

        Parameters
        ----------
        name
            Its path in the file.
        kind
            "f" for floating-point numbers, "iu" for whole numbers, "O" for texts.
        dimensions
            How many it must have.

        Raises
        ------
        BadInput
            If there is none, or it is of another kind.
        """
        with self._part(name):
            found = self.file.get(name)
        if not isinstance(found, h5py.Dataset):
            raise self.bad(name, "is missing" if found is None else "is no dataset")
        with self._part(name):
            shape, dtype = found.shape, found.dtype
        is_text = h5py.check_string_dtype(dtype) is not None
        if is_text != (kind == "O") or (not is_text and dtype.kind not in kind):
            raise self.bad(name, f"holds {dtype}, not {_KINDS[kind]}")
        if shape is None or len(shape) != dimensions:
            raise self.bad(name, f"has shape {shape}; it must have {dimensions} dimensions")
        return found

    def array(self, name: str, kind: str, dimensions: int) -> NDArray[Any]:
        """Read a whole dataset of numbers; see `dataset`."""
        dataset = self.dataset(name, kind, dimensions)
        with self._part(name):
            return np.asarray(dataset[()])

    def texts(self, name: str, rows: slice = slice(None)) -> list[str]:
        """Read texts, of some rows or all; raises `BadInput` if there are none of that name."""
        dataset = self.dataset(name, "O", 1)
        with self._part(name):
            texts: list[str] = dataset.asstr()[rows].tolist()
            return texts

    @contextmanager
    def _part(self, part: str) -> Iterator[None]:
        try:
            yield
        except _DAMAGE as error:
            raise self.bad(part, "cannot be read") from error


@contextmanager
def opened(path: Path, noun: str, remedy: str) -> Iterator[Contents]:
    """Open a file for reading.

    Parameters
    ----------
    path
        The file.
    noun
        What it should be: "store".
    remedy
        What can be done about a damaged one, as the end of a sentence: "import it again".

    Raises
    ------
    BadInput
        If it is missing or no whole HDF5 file, or the disk fails while it is read.
    """
    if not path.is_file():
        raise BadInput(f"There is no {noun} at {path}; check the path.")
    try:
        # Never locked: such files are written once, and many runs on one disk read them at a time.
        file = h5py.File(path, "r", locking=False)
    except (OSError, RuntimeError) as error:
        why = _why_not_opened(path, error)
        raise BadInput(f"{path.name} is not a readable HDF5 file: {why}; {remedy}.") from error
    with file:
        try:
            yield Contents(path, file, remedy)
        except (OSError, RuntimeError) as error:
            if not isinstance(error, OSError) and not _is_of_hdf5(error):
                raise
            raise BadInput(
                f"{path.name} cannot be read any more: a part of it is damaged, or the disk that "
                f"it is on fails; {remedy}."
            ) from error


def _why_not_opened(path: Path, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)
    try:
        is_hdf5 = h5py.is_hdf5(path)
    except (OSError, RuntimeError):
        is_hdf5 = False
    if is_hdf5:
        return "it is damaged, or only a part of one"
    return "it is none, or its beginning is damaged"


def _is_of_hdf5(error: Exception) -> bool:
    """Whether HDF5 raised it: its errors come out of h5py's compiled modules, ours do not."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return frame is not None and "h5py" in frame.tb_frame.f_code.co_filename


def set_text(file: h5py.File, name: str, text: str) -> None:
    """Set an attribute of a file that is a text; see `Contents.text`."""
    encoded = _encoded([text])
    file.attrs.create(name, encoded[0], dtype=encoded.dtype)


def write_texts(group: h5py.Group, name: str, texts: Sequence[str]) -> None:
    """Write a dataset of texts, which are asked for twice, one by one; see `Contents.texts`."""
    count = len(texts)
    # Packed, since each takes the room of the longest.
    chunks, packing = ((min(count, _TEXTS_AT_A_TIME),), "gzip") if count else (None, None)
    length = max((len(text.encode()) for text in texts), default=0) or 1
    dtype = h5py.string_dtype("utf-8", length)
    target = group.create_dataset(name, (count,), dtype, chunks=chunks, compression=packing)
    for start in range(0, count, _TEXTS_AT_A_TIME):
        some = range(start, min(start + _TEXTS_AT_A_TIME, count))
        target[start : some.stop] = np.array([texts[row].encode() for row in some], dtype)


def _encoded(texts: Sequence[str]) -> NDArray[np.bytes_]:
    """Return texts as UTF-8 of one length, of a type that says so to HDF5."""
    encoded = [text.encode() for text in texts]
    return np.array(encoded, h5py.string_dtype("utf-8", max([1, *map(len, encoded)])))
