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

from engine.data.importers.untrusted import shown
from engine.data.placement import Placement
from engine.data.store import CHUNK_ROWS
from engine.errors import BadInput


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


def checked_embeddings(array: object, where: str) -> NDArray[np.floating[Any]]:
    """Return `array` if it can be embeddings: (n, D) floating-point numbers, n and D at least 1.

    Raises
    ------
    BadInput
        If it cannot; the sentence begins with `where`.
    """
    if not isinstance(array, np.ndarray):
        raise BadInput(f"{where} is a {type(array).__name__}; it must be an array (n, D).")
    if array.dtype.kind != "f":
        raise BadInput(f"{where} is of type {array.dtype}; it must be floating-point numbers.")
    if array.ndim != 2 or 0 in array.shape:
        raise BadInput(
            f"{where} has shape {array.shape}; it must be (n, D), an embedding of D numbers for "
            "each of n examples."
        )
    return array


def texts(values: object, where: str) -> list[str]:
    """Return an array, a list or a tuple of text or bytes as a list of text.

    Bytes are UTF-8, or Latin-1 where they are no UTF-8.

    Raises
    ------
    BadInput
        If there is anything else among them; the sentence begins with `where`.
    """
    if isinstance(values, np.ndarray) and values.ndim == 1 and values.dtype.kind in "SU":
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
    with np.errstate(over="ignore"):
        for start in range(0, len(embeddings), CHUNK_ROWS):
            chunk = np.asarray(embeddings[start : start + CHUNK_ROWS], np.float32)
            rows += (start + np.flatnonzero(~np.isfinite(chunk).all(axis=1))).tolist()
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
    for name in names:
        if name in split_of:
            raise BadInput(
                f'{where}: class "{shown(name)}" is in both {split_of[name]} and {split}; '
                "few-shot splits must not share classes, so move it to one of them."
            )
        split_of[name] = split


@contextmanager
def named(where: str) -> Iterator[None]:
    """Begin the sentence of any `BadInput` with where it happened."""
    try:
        yield
    except BadInput as error:
        raise BadInput(f"{where}: {error}") from error
