"""Writing of embedding stores, whose layout `engine.data.store` describes and reads.

Shapes: n examples, C classes, D embedding size.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar, overload

import h5py
import numpy as np
from numpy.typing import NDArray

from engine.data.encoder_record import EncoderRecord
from engine.data.store import chunk_rows
from engine.data.store_layout import SCHEMA
from engine.errors import BadInput
from engine.io.hdf5 import set_text, write_texts
from engine.io.hdf5_writing import HDF5Draft, new_hdf5
from engine.io.listing import counted
from engine.io.memory import give_back_mapped

_IMAGES_AT_A_TIME = 64  # as many as are packed together

Number = TypeVar("Number", bound=np.generic, covariant=True)


class Rows(Protocol[Number]):
    """An array whose rows are asked for some at a time, such as a memory map or a part of one."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Its lengths, the number of rows first."""

    def __len__(self) -> int:
        """Return the number of rows."""

    def __getitem__(self, rows: NDArray[np.int64], /) -> NDArray[Number]:
        """Return some rows."""


class ChosenRows:
    """Some rows of an array, which may be on disk, read when they are asked for."""

    def __init__(self, array: Rows[Any], places: NDArray[np.int64]) -> None:
        self._array = array
        self._places = places

    @property
    def shape(self) -> tuple[int, ...]:
        """Its lengths, the number of rows first."""
        return (len(self._places), *self._array.shape[1:])

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, rows: NDArray[np.int64], /) -> NDArray[Any]:
        return np.asarray(self._array[self._places[rows]])


class ChosenTexts(Sequence[str]):
    """Some of many texts, without a list of their own."""

    def __init__(self, texts: Sequence[str], places: NDArray[np.int64]) -> None:
        self._texts = texts
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int, /) -> str: ...

    @overload
    def __getitem__(self, place: slice, /) -> "ChosenTexts": ...

    def __getitem__(self, place: int | slice, /) -> "str | ChosenTexts":
        if isinstance(place, slice):
            return ChosenTexts(self._texts, self._places[place])
        return self._texts[int(self._places[place])]


class StoreWriter:
    """Adds splits to a store that is being created; made by `create_store`."""

    def __init__(self, draft: HDF5Draft, embedding_dim: int) -> None:
        self._draft = draft
        self._embedding_dim = embedding_dim

    def add_split(
        self,
        split: str,
        embeddings: Rows[Any],
        labels: NDArray[Any],
        class_names: Sequence[str],
        image_names: Sequence[str],
        images: Rows[np.uint8] | None = None,
    ) -> None:
        """Write one split, sorting its examples by class (the order within a class is kept).

        Rows are gathered a chunk at a time, so nothing the size of `embeddings` is copied.

        Parameters
        ----------
        split
            "train", "val" or "test".
        embeddings
            (n, D) of any float type, in any order; a memory map will do.
        labels
            (n,) integers; label c means class `class_names[c]`.
        class_names
            C names; every one must have an example.
        image_names
            n names.
        images
            (n, h, w, 1 or 3), optional.

        Raises
        ------
        BadInput
            If a shape does not fit, a class is empty or named twice, a row is not finite, or a
            name is not text that HDF5 can hold.
        OSError
            If the disk is full; `create_store` says so in a sentence.
        """
        where, n = f"The {split} split", len(embeddings)
        if len(embeddings.shape) != 2 or embeddings.shape[1] != self._embedding_dim or n == 0:
            raise BadInput(
                f"{where} has embeddings of shape {tuple(embeddings.shape)}; "
                f"expected (n, {self._embedding_dim}) with n at least 1."
            )
        for what, values in {"labels": labels, "names": image_names, "images": images}.items():
            if values is not None and len(values) != n:
                raise BadInput(
                    f"{where} has {n:,} embeddings and {len(values):,} {what}; there must be as "
                    "many of one as of the other."
                )
        sizes = _checked_sizes(where, labels, class_names)
        _require_storable(where, class_names)
        _require_storable(where, image_names)
        order = np.argsort(labels, kind="stable")
        group = self._draft.file.create_group(split)
        target = group.create_dataset("embeddings", (n, self._embedding_dim), np.float32)
        count = chunk_rows(self._embedding_dim)
        for start in range(0, n, count):
            rows = order[start : start + count]
            chunk = np.asarray(embeddings[rows], np.float32)
            finite = np.isfinite(chunk).all(axis=1)
            if not finite.all():
                row = int(rows[~finite][0])
                raise BadInput(
                    f'{where}, row {row} ("{image_names[row]}"), has an embedding that is not '
                    "finite; remove or re-extract it."
                )
            target[start : start + len(rows)] = chunk
            give_back_mapped()  # where what is read lies on disk
            self._draft.check()  # rather than at the end of gigabytes
        group["class_offsets"] = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        write_texts(group, "class_names", class_names)
        write_texts(group, "image_names", ChosenTexts(image_names, order))
        if images is not None:
            self._write_images(group, images, order)

    def _write_images(
        self, group: h5py.Group, images: Rows[np.uint8], order: NDArray[np.int64]
    ) -> None:
        chunk = (min(len(order), _IMAGES_AT_A_TIME), *images.shape[1:])
        target = group.create_dataset(
            "images", images.shape, np.uint8, chunks=chunk, compression="gzip"
        )
        for start in range(0, len(order), _IMAGES_AT_A_TIME):
            rows = order[start : start + _IMAGES_AT_A_TIME]
            target[start : start + len(rows)] = images[rows]
            give_back_mapped()
            self._draft.check()


@contextmanager
def create_store(
    path: Path,
    name: str,
    source: str,
    embedding_dim: int,
    publish: Callable[[Path, Path], None] = os.replace,
    encoder: EncoderRecord | None = None,
    left_out: Sequence[str] = (),
) -> Iterator[StoreWriter]:
    """Create a store; `path` appears, or is replaced, only when the block ends without an error.

    Parameters
    ----------
    path
        The HDF5 file to be.
    name
        What the store is called in the library, e.g. "miniImageNet".
    source
        Where the embeddings come from, in words.
    embedding_dim
        D.
    publish
        Moves the whole file to `path`: importers give `engine.data.placement.Placement.publish`.
    encoder
        How the embeddings were made of pictures, where they were made here.
    left_out
        Sentences about what could not become an example.
    """
    with new_hdf5(path, publish) as draft:
        file = draft.file
        file.attrs["schema"] = SCHEMA
        set_text(file, "name", name)
        set_text(file, "source", source)
        file.attrs["embedding_dim"] = embedding_dim
        if encoder is not None:
            set_text(file, "encoder", encoder.to_text())
        if left_out:
            write_texts(file, "left_out", left_out)
        yield StoreWriter(draft, embedding_dim)


def _checked_sizes(
    where: str, labels: NDArray[Any], class_names: Sequence[str]
) -> NDArray[np.int64]:
    """Return how many examples each class has, (C,); raises `BadInput` unless each has some."""
    sizes = np.bincount(labels, minlength=len(class_names))
    if len(sizes) > len(class_names):
        row = int(np.flatnonzero(labels >= len(class_names))[0])
        raise BadInput(
            f"{where} has labels up to {len(sizes) - 1} (first: row {row}, {labels[row]}) for "
            f"its {len(class_names)} classes, which are numbered from 0."
        )
    empty = [class_names[index] for index in np.flatnonzero(sizes == 0).tolist()]
    if empty:
        which = counted(empty, "class has", "classes have")
        raise BadInput(f"{where}: {which} no example; leave each out.")
    twice = [name for name, count in Counter(class_names).items() if count > 1]
    if twice:
        which = counted(twice, "name stands", "names stand")
        raise BadInput(f"{where}: {which} for several classes; class names must differ.")
    return sizes


def _require_storable(where: str, names: Sequence[str]) -> None:
    """Require names that HDF5 can hold: Unicode, as undecodable file names are not, without NUL."""
    bad = [
        name
        for name in names
        if "\0" in name or any("\ud800" <= letter <= "\udfff" for letter in name)
    ]
    if bad:
        more = f", and {len(bad) - 1:,} more" if len(bad) > 1 else ""
        raise BadInput(
            f"{where} has the name {bad[0]!a}{more}, which cannot be stored; rename what has it."
        )
