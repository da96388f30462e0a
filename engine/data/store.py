"""The embedding store: one HDF5 file with the embeddings of every split, sorted by class.

Root attributes `schema`, `name`, `embedding_dim`, `source`; one group per split with

- `embeddings` float32 (n, D), sorted by class,
- `class_names` (C,),
- `class_offsets` int64 (C + 1,): class c owns rows offsets[c]:offsets[c + 1],
- `image_names` (n,),
- optionally `images` uint8 (n, h, w, 1 or 3), for thumbnails.

Shapes: n examples, C classes, D embedding size.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.requirements import no_such_split
from engine.data.splits import SPLITS, SplitSummary
from engine.errors import BadInput
from engine.io.hdf5_writing import HDF5Draft, new_hdf5
from engine.io.listing import counted

SCHEMA = 1
# Rows that are read, checked and written at a time: 20 MB at 640 numbers each.
CHUNK_ROWS = 8192


@dataclass(frozen=True, slots=True)
class Split:
    """One split, or several joined, in memory.

    Attributes
    ----------
    name
        The split's name; joined splits are named "train+val".
    embeddings
        (n, D) float32, sorted by class.
    class_offsets
        (C + 1,) int64; class c owns rows `class_offsets[c]:class_offsets[c + 1]`.
    class_names
        C names.
    smallest_class, largest_class
        Examples in the smallest and in the largest class: plain numbers, so that nothing has to
        wait for a device to know them.
    """

    name: str
    embeddings: Tensor
    class_offsets: Tensor
    class_names: tuple[str, ...]
    smallest_class: int
    largest_class: int

    @classmethod
    def of(
        cls, name: str, embeddings: Tensor, class_offsets: Tensor, class_names: Sequence[str]
    ) -> "Split":
        """Make a split from tensors in memory."""
        sizes = class_offsets.diff()
        return cls(
            name,
            embeddings,
            class_offsets,
            tuple(class_names),
            int(sizes.min()),
            int(sizes.max()),
        )

    @property
    def class_sizes(self) -> Tensor:
        """Examples in each class, (C,) int64."""
        return self.class_offsets.diff()

    def to(self, device: torch.device) -> "Split":
        """Return the same split on `device`."""
        return replace(
            self,
            embeddings=self.embeddings.to(device),
            class_offsets=self.class_offsets.to(device),
        )


class EmbeddingStore:
    """An embedding store on disk, its layout checked on opening.

    Parameters
    ----------
    path
        The HDF5 file.

    Raises
    ------
    BadInput
        If the file is missing, is no HDF5 file, or breaks a rule of the layout; the sentence names
        the dataset and the rule.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._file() as file:
            attributes = _root_attributes(path, file)
            self.name: str = attributes["name"]
            self.source: str = attributes["source"]
            self.embedding_dim: int = attributes["embedding_dim"]
            self.splits: Mapping[str, SplitSummary] = {
                split: _checked_summary(path, file[split], self.embedding_dim)
                for split in SPLITS
                if split in file
            }
        if not self.splits:
            raise BadInput(f"{path.name} holds no split; one of {', '.join(SPLITS)} must be there.")

    def load(self, names: Sequence[str], *, normalize: bool = True) -> Split:
        """Read splits into memory, joined in the order given.

        No copy of the embeddings is made: the file is read straight into the tensor that is
        returned, and normalised there.

        Parameters
        ----------
        names
            Splits of this store.
        normalize
            Divide each embedding by its Euclidean norm, as the released code does. An embedding
            of zeros stays zero.

        Raises
        ------
        BadInput
            If a split is not in the store, or a row is not finite.
        """
        summaries = [self._summary(name) for name in names]
        embeddings = torch.empty(sum(s.examples for s in summaries), self.embedding_dim)
        offsets, class_names, start = [np.zeros(1, np.int64)], [], 0
        with self._file() as file:
            for summary in summaries:
                group = file[summary.name]
                target = embeddings[start : start + summary.examples]
                self._read_embeddings(group, target, normalize)
                offsets.append(group["class_offsets"][1:] + start)
                class_names += group["class_names"].asstr()[:].tolist()
                start += summary.examples
        return Split.of(
            "+".join(names), embeddings, torch.from_numpy(np.concatenate(offsets)), class_names
        )

    def chunks(self, split: str) -> Iterator[NDArray[np.float32]]:
        """Iterate over the raw embeddings of a split, some thousand rows at a time."""
        summary = self._summary(split)
        with self._file() as file:
            for start in range(0, summary.examples, CHUNK_ROWS):
                yield file[split]["embeddings"][start : start + CHUNK_ROWS]

    def class_offsets(self, split: str) -> NDArray[np.int64]:
        """Return where each class of a split begins, (C + 1,)."""
        self._summary(split)
        with self._file() as file:
            return np.asarray(file[split]["class_offsets"][:], np.int64)

    def class_names(self, split: str) -> list[str]:
        """Return the names of a split's classes."""
        self._summary(split)
        with self._file() as file:
            names: list[str] = file[split]["class_names"].asstr()[:].tolist()
            return names

    def image_names(self, split: str, rows: slice = slice(None)) -> list[str]:
        """Return the names of a split's examples."""
        self._summary(split)
        with self._file() as file:
            names: list[str] = file[split]["image_names"].asstr()[rows].tolist()
            return names

    def embeddings(self, split: str, rows: Sequence[int]) -> NDArray[np.float32]:
        """Return the raw embeddings of some rows, rising and distinct, (rows, D)."""
        self._summary(split)
        with self._file() as file:
            return np.asarray(file[split]["embeddings"][rows], np.float32)

    def images(self, split: str, rows: Sequence[int]) -> NDArray[np.uint8] | None:
        """Return the images of some rows, (rows, h, w, 1 or 3), or None where none are kept."""
        if not self._summary(split).has_images:
            return None
        with self._file() as file:
            # HDF5 wants rising, distinct rows; the caller's order is put back afterwards.
            distinct, back = np.unique(np.asarray(rows, np.int64), return_inverse=True)
            return np.asarray(file[split]["images"][distinct], np.uint8)[back]

    def _read_embeddings(self, group: h5py.Group, target: Tensor, normalize: bool) -> None:
        source, array = group["embeddings"], target.numpy()
        for start in range(0, len(target), CHUNK_ROWS):
            stop = min(start + CHUNK_ROWS, len(target))
            source.read_direct(array, np.s_[start:stop], np.s_[start:stop])
            chunk = target[start:stop]
            finite = chunk.isfinite().all(dim=1)
            if not finite.all():
                raise BadInput(self._not_finite(group))
            if normalize:
                norms = chunk.norm(dim=1, keepdim=True)
                chunk.div_(norms.masked_fill_(norms == 0, 1))

    def _not_finite(self, group: h5py.Group) -> str:
        split = group.name.strip("/")
        rows = np.concatenate([~np.isfinite(chunk).all(axis=1) for chunk in self.chunks(split)])
        first = int(np.flatnonzero(rows)[0])
        name = group["image_names"].asstr()[first]
        return (
            f"{self.path.name}: {split}/embeddings has {int(rows.sum())} rows that are not finite "
            f'(first: row {first}, "{name}"); remove or re-extract them.'
        )

    def _summary(self, split: str) -> SplitSummary:
        try:
            return self.splits[split]
        except KeyError:
            raise BadInput(no_such_split(self.path.name, split, self.splits)) from None

    @contextmanager
    def _file(self) -> Iterator[h5py.File]:
        if not self.path.is_file():
            raise BadInput(f"There is no store at {self.path}; check the path or import it again.")
        try:
            # Never locked: a store is written once, and many runs on one disk read it at a time.
            file = h5py.File(self.path, "r", locking=False)
        except OSError as error:
            raise BadInput(
                f"{self.path.name} is not a readable HDF5 file ({error}); import it again."
            ) from error
        with file:
            try:
                yield file
            except OSError as error:
                raise BadInput(
                    f"{self.path.name} cannot be read any more ({error}); look at the disk that it "
                    "is on, or import it again."
                ) from error


class StoreWriter:
    """Adds splits to a store that is being created; made by `create_store`."""

    def __init__(self, draft: HDF5Draft, embedding_dim: int) -> None:
        self._draft = draft
        self._embedding_dim = embedding_dim

    def add_split(
        self,
        split: str,
        embeddings: NDArray[Any],
        labels: NDArray[Any],
        class_names: Sequence[str],
        image_names: Sequence[str],
        images: NDArray[np.uint8] | None = None,
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
        n = len(embeddings)
        where = f"The {split} split"
        if embeddings.ndim != 2 or embeddings.shape[1] != self._embedding_dim or n == 0:
            raise BadInput(
                f"{where} has embeddings of shape {tuple(embeddings.shape)}; "
                f"expected (n, {self._embedding_dim}) with n at least 1."
            )
        rest = {"labels": labels, "names": image_names, "images": images}
        for what, values in rest.items():
            if values is not None and len(values) != n:
                raise BadInput(
                    f"{where} has {n:,} embeddings and {len(values):,} {what}; there must be as "
                    "many of one as of the other."
                )
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
        _require_storable(where, class_names)
        _require_storable(where, image_names)

        order = np.argsort(labels, kind="stable")
        group = self._draft.file.create_group(split)
        target = group.create_dataset("embeddings", (n, self._embedding_dim), np.float32)
        for start in range(0, n, CHUNK_ROWS):
            rows = order[start : start + CHUNK_ROWS]
            chunk = np.asarray(embeddings[rows], np.float32)
            finite = np.isfinite(chunk).all(axis=1)
            if not finite.all():
                row = int(rows[~finite][0])
                raise BadInput(
                    f'{where}, row {row} ("{image_names[row]}"), has an embedding that is not '
                    "finite; remove or re-extract it."
                )
            target[start : start + len(rows)] = chunk
            self._draft.check()  # rather than at the end of gigabytes
        group["class_offsets"] = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        text = h5py.string_dtype()
        group.create_dataset("class_names", data=list(class_names), dtype=text)
        group.create_dataset("image_names", data=[image_names[row] for row in order], dtype=text)
        if images is not None:
            group.create_dataset(
                "images",
                data=images[order],
                chunks=(min(n, 64), *images.shape[1:]),
                compression="gzip",
            )


@contextmanager
def create_store(
    path: Path,
    name: str,
    source: str,
    embedding_dim: int,
    publish: Callable[[Path, Path], None] = os.replace,
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
    """
    with new_hdf5(path, publish) as draft:
        file = draft.file
        file.attrs["schema"] = SCHEMA
        file.attrs["name"] = name
        file.attrs["source"] = source
        file.attrs["embedding_dim"] = embedding_dim
        yield StoreWriter(draft, embedding_dim)


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


def _root_attributes(path: Path, file: h5py.File) -> dict[str, Any]:
    attributes = dict(file.attrs)
    missing = {"schema", "name", "embedding_dim", "source"} - attributes.keys()
    if missing:
        raise BadInput(
            f"{path.name} is not an embedding store: it lacks the attribute "
            f"{min(missing)}; make one with leo-studio import."
        )
    if attributes["schema"] != SCHEMA:
        raise BadInput(
            f"{path.name} has schema {attributes['schema']}; this version of LEO Studio reads "
            f"schema {SCHEMA}: update LEO Studio or import the data again."
        )
    return {
        "name": str(attributes["name"]),
        "source": str(attributes["source"]),
        "embedding_dim": int(attributes["embedding_dim"]),
    }


def _checked_summary(path: Path, group: h5py.Group, embedding_dim: int) -> SplitSummary:
    """Check the layout of one split, all but the numbers inside `embeddings`."""
    split = group.name.strip("/")

    def require(holds: bool, dataset: str, rule: str) -> None:
        if not holds:
            raise BadInput(f"{path.name}: {split}/{dataset} {rule}; import the data again.")

    for dataset in ("embeddings", "class_names", "class_offsets", "image_names"):
        require(isinstance(group.get(dataset), h5py.Dataset), dataset, "is missing")
    embeddings, offsets = group["embeddings"], group["class_offsets"][:]
    require(embeddings.dtype == np.float32, "embeddings", f"is {embeddings.dtype}, not float32")
    require(
        embeddings.ndim == 2 and embeddings.shape[1] == embedding_dim and len(embeddings) > 0,
        "embeddings",
        f"has shape {embeddings.shape}, not (n, {embedding_dim}) with n at least 1",
    )
    n, classes = len(embeddings), len(group["class_names"])
    require(offsets.shape == (classes + 1,), "class_offsets", f"must have {classes + 1} entries")
    sizes = np.diff(offsets)
    require(
        offsets[0] == 0 and offsets[-1] == n and bool((sizes > 0).all()),
        "class_offsets",
        f"must rise from 0 to {n}",
    )
    require(len(group["image_names"]) == n, "image_names", f"must have {n} entries")
    images = group.get("images")
    require(
        images is None
        or (
            (images.dtype == np.uint8 and images.ndim == 4 and len(images) == n)
            and images.shape[3] in (1, 3)
        ),
        "images",
        "must be uint8 of shape (n, h, w, 1 or 3)",
    )
    smallest = int(sizes.argmin())
    name = str(group["class_names"].asstr(errors="replace")[smallest])
    has_images = images is not None
    return SplitSummary(split, classes, n, int(sizes.min()), int(sizes.max()), has_images, name)
