"""Checks that all importers share, and the record of an imported store.

Shapes: n examples, D embedding size.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.placement import Placement
from engine.data.store import chunk_rows
from engine.errors import BadInput
from engine.io.listing import counted, listed, shown
from engine.io.memory import give_back_mapped

_MOST_EXACT = 2**24  # single precision holds every whole number up to this one


@dataclass(frozen=True, slots=True)
class ImportedStore:
    """A store that an import has written.

    Attributes
    ----------
    path
        The store.
    notes
        Sentences about what the person may not expect, such as a split that was not there.
    old
        Where the store is now that it replaced; None where it replaced none.
    is_unchanged
        Whether the very same store was there already, and nothing was written.
    """

    path: Path
    notes: tuple[str, ...]
    old: Path | None = None
    is_unchanged: bool = False


def imported_store(place: Placement, notes: Sequence[str]) -> ImportedStore:
    """Return the record of a store that was put at its place."""
    if place.is_unchanged:
        notes = [*notes, f"{place.path.stem} was there already, unchanged; nothing was written."]
    return ImportedStore(place.path, tuple(notes), place.old, place.is_unchanged)


def checked_embeddings(array: object, where: str) -> NDArray[Any]:
    """Return `array` if it can be embeddings: (n, D) numbers, n and D at least 1.

    Whole numbers and truth values are as good as floats where single precision holds them exactly;
    `notes_of` says that they were read so.

    Raises
    ------
    BadInput
        If it cannot; the sentence begins with `where`.
    """
    if not isinstance(array, np.ndarray):
        raise BadInput(f"{where} is a {type(array).__name__}; it must be an array (n, D).")
    if array.dtype.kind not in "fiub":
        kind = {"c": "complex numbers", "O": "objects"}.get(array.dtype.kind, "text")
        raise BadInput(
            f"{where} is an array of {kind} (type {array.dtype}); it must be floating-point "
            "numbers: numpy.asarray(..., dtype=numpy.float32)."
        )
    if array.ndim != 2 or 0 in array.shape:
        raise BadInput(
            f"{where} has shape {array.shape}; it must be (n, D), an embedding of D numbers for "
            "each of n examples."
        )
    if array.dtype.kind in "iu" and array.dtype.itemsize > 2:
        _require_exact(array, where)
    return array


def _require_exact(array: NDArray[Any], where: str) -> None:
    """Require whole numbers that single precision holds exactly."""
    count = chunk_rows(array.shape[1])
    for start in range(0, len(array), count):
        chunk = array[start : start + count]
        # Not abs(): the smallest integer has no opposite.
        wrong = (chunk > _MOST_EXACT) | (chunk < -_MOST_EXACT)
        give_back_mapped()
        if wrong.any():
            row, column = (int(place) for place in np.argwhere(wrong)[0])
            raise BadInput(
                f"{where}, row {start + row}, holds {chunk[row, column]}: whole numbers beyond "
                f"{_MOST_EXACT:,} are not exact as floats; convert them to floating-point numbers."
            )


def notes_of(embeddings: NDArray[Any], where: str) -> list[str]:
    """Return a note where embeddings are no floating-point numbers."""
    if embeddings.dtype.kind == "f":
        return []
    kind = "truth values" if embeddings.dtype.kind == "b" else f"whole numbers ({embeddings.dtype})"
    return [f"{where} are {kind}; they were read as floating-point numbers."]


def texts(values: object, where: str) -> list[str]:
    """Return an array, a list or a tuple of text or bytes as a list of text.

    Bytes are UTF-8, or Latin-1 where they are no UTF-8.

    Raises
    ------
    BadInput
        If there is anything else among them; the sentence begins with `where`.
    """
    if isinstance(values, np.ndarray) and values.ndim == 1 and values.dtype.kind in "SUO":
        values = values.tolist()
    if not isinstance(values, (list, tuple)):
        raise BadInput(
            f"{where} is not a list of names; it must be a one-dimensional array of text."
        )
    return [_text(value, f"{where}, row {row},") for row, value in enumerate(values)]


def _text(value: object, where: str) -> str:
    if isinstance(value, str):
        return str(value)  # not NumPy's own kind of text
    if not isinstance(value, bytes):
        raise BadInput(f"{where} is a {type(value).__name__}; it must be text.")
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def require_finite(embeddings: NDArray[Any], names: Sequence[str], where: str) -> None:
    """Require that every embedding is finite in single precision.

    Raises
    ------
    BadInput
        If one is not; the sentence begins with `where` and names the first row.
    """
    rows: list[int] = []
    count = chunk_rows(embeddings.shape[1])
    with np.errstate(over="ignore"):
        for start in range(0, len(embeddings), count):
            chunk = np.asarray(embeddings[start : start + count], np.float32)
            rows += (start + np.flatnonzero(~np.isfinite(chunk).all(axis=1))).tolist()
            give_back_mapped()
    if rows:
        raise BadInput(
            f"{where} has {len(rows)} rows that are not finite "
            f'(first: row {rows[0]}, "{shown(names[rows[0]])}"); remove or re-extract them.'
        )


def require_disjoint(
    split: str, names: Sequence[str], split_of: dict[str, str], where: str
) -> None:
    """Require that no class of `split` is in `split_of`, class to earlier split; then add them.

    Few-shot learning tests on classes that training never saw, so a class in two splits is a
    mistake, and one that no later number would show.
    """
    shared = [name for name in names if name in split_of]
    if shared:
        others = listed(sorted({split_of[name] for name in shared}))
        raise BadInput(
            f"{where}: {counted(shared, 'class is', 'classes are')} in both {others} and {split}; "
            "few-shot splits must not share classes, so move each to one of them."
        )
    split_of.update(dict.fromkeys(names, split))


@contextmanager
def named(where: str) -> Iterator[None]:
    """Begin the sentence of any `BadInput` with where it happened."""
    try:
        yield
    except BadInput as error:
        raise BadInput(f"{where}: {error}") from error
