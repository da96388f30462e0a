"""Reading of NumPy's own format of arrays (.npy, also inside of an .npz), without trusting it.

Whatever header `numpy.load` reads is read: versions 1 to 3, of Python 2 too, in any spelling of a
Python dictionary. Types that cannot be embeddings, labels or images are refused by their own names.
Arrays of objects are pickles, and are read by a reader that can execute nothing.
"""

import ast
import re
import warnings
from collections.abc import Callable, Mapping
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from engine.data.importers.pickles import read_pickle
from engine.data.importers.untrusted import BoundedStream, Payload, array_over
from engine.errors import BadInput
from engine.io.listing import listed, shown

MAGIC = b"\x93NUMPY"
VERSIONS = (1, 2, 3)
# As numpy.load: a longer one is one of thousands of fields, or made to do harm.
LONGEST_HEADER = 10_000
_KEYS = {"descr", "fortran_order", "shape"}
_LONG = re.compile(r"(?<=\d)L\b")  # how Python 2 wrote whole numbers
_CONVERT = "convert it to numbers or text with numpy.asarray(..., dtype=...) before saving."
_NOUNS: Mapping[str, str] = {
    "V": "raw bytes",
    "M": "dates",
    "m": "spans of time",
    "T": "text of any length",
}


def read_npy_header(
    stream: IO[bytes], name: str, size: int
) -> tuple[np.dtype[Any], tuple[int, ...]]:
    """Read the type and the shape of an array, and nothing else; see `read_npy`."""
    dtype, shape, _ = _header(_began(stream, name, size))
    return dtype, shape


def read_npy(
    stream: IO[bytes],
    name: str,
    size: int,
    keep: Callable[[BoundedStream, int], Payload] = BoundedStream.take,
) -> NDArray[Any]:
    """Read an array of numbers, truth values or text.

    Parameters
    ----------
    stream
        Buffered: `read(n)` returns fewer than n bytes only at the end.
    name
        What to call it in an error.
    size
        How many bytes it has.
    keep
        Reads so many bytes of numbers to the end, and returns where they are kept; by default in
        memory.

    Raises
    ------
    BadInput
        If it is none, is damaged, or holds something else.
    """
    source = _began(stream, name, size)
    dtype, shape, fortran_order = _header(source)
    left = source.size - source.position
    if dtype.hasobject:
        return _of_objects(read_pickle(stream, name, left), shape, name)
    payload = keep(source, left)
    source.require_end()
    return array_over(payload, dtype, shape, fortran_order=fortran_order, name=name)


def _began(stream: IO[bytes], name: str, size: int) -> BoundedStream:
    """Return the stream after the mark with which every array begins."""
    source = BoundedStream(stream, name, size)
    if source.take(min(len(MAGIC), size)) != MAGIC:
        raise BadInput(f"{name} is not an array as numpy.savez writes it; save it again.")
    return source


def _header(source: BoundedStream) -> tuple[np.dtype[Any], tuple[int, ...], bool]:
    major, minor = source.integer(1), source.integer(1)
    if major not in VERSIONS or minor != 0:
        raise BadInput(
            f"{source.name} is in version {major}.{minor} of NumPy's format, and versions "
            f"{VERSIONS[0]} to {VERSIONS[-1]} can be read; save it again with numpy.savez."
        )
    length = source.integer(2 if major == 1 else 4)
    if length > LONGEST_HEADER:
        raise BadInput(
            f"{source.name} has a header of {length:,} bytes, as no array of numbers or text has; "
            f"{_CONVERT}"
        )
    content = source.take(length)
    try:
        text = content.decode("utf-8" if major == 3 else "latin-1")
    except UnicodeDecodeError as error:
        raise source.damaged("its header is no text") from error
    header = _literal(text)
    if header is None and major < 3:
        header = _literal(_LONG.sub("", text))
    if not isinstance(header, dict) or header.keys() != _KEYS:
        raise source.damaged("its header is none of NumPy's")
    shape, fortran_order = header["shape"], header["fortran_order"]
    if not (isinstance(shape, tuple) and all(isinstance(n, int) for n in shape)):
        raise source.damaged("its header has no shape")
    if not isinstance(fortran_order, bool):
        raise source.damaged("its header does not say in which order its numbers are")
    return _dtype(header["descr"], source), tuple(map(int, shape)), fortran_order


def _literal(text: str) -> object:
    """Return what a header says, or None; nothing in it is executed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd escapes
            return ast.literal_eval(text)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        return None


def _dtype(description: object, source: BoundedStream) -> np.dtype[Any]:
    """Return the type that a header describes, if it is one of numbers or text, or of objects."""
    name = source.name
    if isinstance(description, list):
        fields = [field[0] for field in description if isinstance(field, tuple) and field]
        names = listed([shown(str(field)) for field in fields])
        raise BadInput(
            f"{name} is an array of records with the fields {names}; save each field as an array "
            "of its own, or all as one with numpy.lib.recfunctions.structured_to_unstructured."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of names of types that NumPy gives up
            dtype = np.dtype(description) if isinstance(description, str) else None
    except (TypeError, ValueError, SyntaxError, OverflowError, MemoryError, RecursionError):
        dtype = None
    if dtype is None:
        raise BadInput(f"{name} is an array of type {shown(str(description))}; {_CONVERT}")
    if dtype.names is not None or dtype.subdtype is not None:
        raise BadInput(f"{name} is an array of records, {shown(str(description))}; {_CONVERT}")
    if dtype.kind in _NOUNS:
        raise BadInput(
            f"{name} is an array of {_NOUNS[dtype.kind]} (type {shown(str(description))}); "
            f"{_CONVERT}"
        )
    return dtype


def _of_objects(content: object, shape: tuple[int, ...], name: str) -> NDArray[Any]:
    """Return an array of texts or whole numbers that was saved as one of Python's objects."""
    if not (isinstance(content, np.ndarray) and content.dtype.hasobject):
        raise BadInput(f"{name} is no array; save it again with numpy.savez.")
    if content.shape != shape:
        raise BadInput(
            f"{name} says that its shape is {shape}, and it is {content.shape}; save it again."
        )
    return content
