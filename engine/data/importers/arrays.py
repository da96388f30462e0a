"""Import of embeddings that someone has extracted themselves, from one NumPy archive (.npz).

- `embeddings`, (n, D) floating point,
- `labels`, (n,) integers or text,
- `names`, (n,) text, optional: what the images are called,
- `split`, (n,) text, optional: "train", "val" or "test" for each example,
- `class_names`, (C,) text, optional: what integer labels 0 to C - 1 mean,
- `images`, (n, h, w) or (n, h, w, 1 or 3) uint8, optional: thumbnails.

Without `split` the classes are divided 64 : 16 : 20, as miniImageNet's are, by a hash of their
names, so that the same classes are divided in the same way anywhere and always.

Shapes: n examples, C classes, D embedding size.
"""

import hashlib
import re
import zipfile
from collections.abc import Mapping, Sequence, Sized
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.data.importers.checks import (
    ImportedStore,
    checked_embeddings,
    imported_store,
    named,
    require_finite,
    texts,
)
from engine.data.importers.untrusted import (
    BoundedStream,
    array_over,
    open_member,
    opened_zip,
    shown,
    unreadable_as_bad_input,
)
from engine.data.placement import KeepOld, Placement, require_own_name
from engine.data.splits import SPLITS
from engine.data.store import create_store
from engine.errors import BadInput

REQUIRED = ("embeddings", "labels")
OPTIONAL = ("names", "split", "class_names", "images")
SPLIT_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}
)
VAL_SHARE, TEST_SHARE = 0.16, 0.20
# The header of an array, as numpy.save writes it where the type is not a record.
HEADER = re.compile(
    r"\{'descr': '(?P<dtype>[<>|=]?[a-zA-Z]\d*)', 'fortran_order': (?P<fortran>True|False), "
    r"'shape': \((?P<shape>[\d, ]*)\),? ?\}\s*"
)
LONGEST_HEADER = 10_000


def import_arrays(
    source: Path, out: Path, name: str | None = None, keep_old: KeepOld | None = None
) -> ImportedStore:
    """Make an embedding store of a NumPy archive.

    Parameters
    ----------
    source
        The `.npz` file, as `numpy.savez` or `numpy.savez_compressed` writes it.
    out
        The store; it appears only when it is whole.
    name
        What the store is called; the name of `out` by default.
    keep_old
        Moves another store at `out` away; without it, that one is not replaced.

    Returns
    -------
    ImportedStore
        A note says so where classes were divided into splits here.

    Raises
    ------
    BadInput
        If an array is missing, of the wrong shape or type, or contradicts another; the sentence
        names it.
    StoreTaken
        If another store has that place, or would have the name of the built-in one.
    """
    if out.is_dir():
        raise BadInput(f"{out} is a folder; name the file of the store, such as {out.name}.h5.")
    require_own_name(name or out.stem, out)
    arrays, notes = _read_npz(source)
    embeddings = checked_embeddings(arrays["embeddings"], f"{source.name}: embeddings")
    images = _images(arrays.get("images"), source.name)
    labels, class_names = _classes(arrays, source.name)
    image_names = _image_names(arrays.get("names"), labels, class_names, source.name)
    given = texts(arrays["split"], f"{source.name}: split") if "split" in arrays else None
    rows: dict[str, Sized | None] = {
        "labels": labels,
        "names": image_names,
        "images": images,
        "split": given,
    }
    for array, values in rows.items():
        if values is not None and len(values) != len(embeddings):
            raise BadInput(
                f"{source.name}: {array} has {len(values)} entries for {len(embeddings)} "
                "embeddings; there must be one for each."
            )
    require_finite(embeddings, image_names, f"{source.name}: embeddings")
    if given is not None:
        split_of = _given_splits(given, labels, class_names, source.name)
    else:
        split_of = divide_classes(class_names, source.name)
        notes.append(
            f"{source.name} has no array named split, so its classes were divided by a hash of "
            f"their names: {', '.join(f'{split_of.count(s)} for {s}' for s in SPLITS)}."
        )
    notes += [f"{out.stem} has no {split} split." for split in SPLITS if split not in split_of]

    examples = _Examples(embeddings, labels, class_names, image_names, images)
    place = Placement(out, keep_old)
    size = embeddings.shape[1]
    with create_store(out, name or out.stem, source.name, size, place.publish) as writer:
        for split in SPLITS:
            classes = np.flatnonzero(np.array(split_of) == split)
            if len(classes):
                with named(source.name):
                    writer.add_split(split, *examples.of(classes))
    return imported_store(place, notes)


@dataclass(frozen=True, slots=True)
class _Examples:
    """All n examples, whatever their split."""

    embeddings: NDArray[Any]
    labels: NDArray[np.int64]
    class_names: list[str]
    image_names: list[str]
    images: NDArray[np.uint8] | None

    def of(
        self, classes: NDArray[np.int64]
    ) -> tuple[NDArray[Any], NDArray[np.int64], list[str], list[str], NDArray[np.uint8] | None]:
        """Return what `StoreWriter.add_split` wants to know of some classes."""
        indices = np.flatnonzero(np.isin(self.labels, classes))
        first, last = int(indices[0]), int(indices[-1])
        # A slice, where the examples follow each other, selects without copying.
        rows = slice(first, last + 1) if last - first + 1 == len(indices) else indices
        return (
            self.embeddings[rows],
            np.searchsorted(classes, self.labels[rows]),
            [self.class_names[index] for index in classes],
            [self.image_names[index] for index in indices],
            None if self.images is None else self.images[rows],
        )


def divide_classes(class_names: Sequence[str], where: str) -> list[str]:
    """Return the split of each class: 64, 16 and 20 per cent, in the order of a hash of the name.

    Raises
    ------
    BadInput
        If there are fewer classes than splits; the sentence begins with `where`.
    """
    count = len(class_names)
    if count < len(SPLITS):
        raise BadInput(
            f"{where} has {count} classes, too few to divide into train, val and test; it takes 3 "
            "at least, and for episodes many more."
        )
    val, test = (max(1, round(share * count)) for share in (VAL_SHARE, TEST_SHARE))
    splits = ["val"] * val + ["test"] * test + ["train"] * (count - val - test)
    order = sorted(range(count), key=lambda index: _hash(class_names[index]))
    split_of = dict(zip(order, splits, strict=True))
    return [split_of[index] for index in range(count)]


def _hash(class_name: str) -> bytes:
    return hashlib.sha256(class_name.encode("utf-8", "surrogatepass")).digest()


# What the archive holds


def _read_npz(source: Path) -> tuple[dict[str, NDArray[Any]], list[str]]:
    """Read the arrays that have a meaning, and note which others there are."""
    with opened_zip(source) as archive:
        members = {member.filename.removesuffix(".npy"): member for member in archive.infolist()}
        missing = [name for name in REQUIRED if name not in members]
        if missing:
            there = ", ".join(shown(name) for name in list(members)[:10]) or "none"
            raise BadInput(
                f"{source.name} lacks {' and '.join(missing)}; its arrays are {there}: save it "
                "with numpy.savez(file, embeddings=..., labels=...)."
            )
        wanted = [name for name in REQUIRED + OPTIONAL if name in members]
        arrays = {
            name: _read_npy(archive, members[name], f"{source.name}: {name}") for name in wanted
        }
    left_out = [shown(name) for name in members if name not in wanted]
    notes = [f"{source.name} also holds {', '.join(left_out)}, left out."] if left_out else []
    return arrays, notes


def _read_npy(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> NDArray[Any]:
    with unreadable_as_bad_input(name), open_member(archive, member, name) as stream:
        source = BoundedStream(stream, name, member.file_size)
        magic, major, _ = source.take(6), source.integer(1), source.integer(1)
        if magic != b"\x93NUMPY" or major not in (1, 2, 3):
            raise BadInput(f"{name} is not an array as numpy.savez writes it; save it again.")
        length = source.integer(2 if major == 1 else 4)
        if length > LONGEST_HEADER:
            raise source.damaged("its header is too long")
        text = source.take(length).decode("latin-1")
        header = HEADER.fullmatch(text)
        if header is None:
            raise BadInput(
                f"{name} is an array of records; convert it to numbers or text with "
                "numpy.asarray(..., dtype=...) before saving."
            )
        dtype = _dtype(header["dtype"], name)
        shape = tuple(int(n) for n in header["shape"].split(",") if n.strip())
        payload = source.take(member.file_size - source.position)
        source.require_end()
    fortran_order = header["fortran"] == "True"
    return array_over(payload, dtype, shape, fortran_order=fortran_order, name=name)


def _dtype(code: str, name: str) -> np.dtype[Any]:
    if code.lstrip("<>|=")[0] in "biufcSU":
        with suppress(TypeError):  # such as f3
            return np.dtype(code)
    raise BadInput(
        f"{name} is an array of type {code}; convert it to numbers or text with "
        "numpy.asarray(..., dtype=...) before saving."
    )


def _classes(arrays: Mapping[str, NDArray[Any]], where: str) -> tuple[NDArray[np.int64], list[str]]:
    """Return the class of each example, (n,), as an index into the names of classes."""
    labels = arrays["labels"]
    if labels.ndim != 1 or labels.dtype.kind not in "iuSU":
        raise BadInput(
            f"{where}: labels has shape {labels.shape} and type {labels.dtype}; it must be (n,) "
            "integers or text."
        )
    values, classes = np.unique(labels, return_inverse=True)
    if "class_names" not in arrays:
        names = texts(values, f"{where}: labels") if labels.dtype.kind in "SU" else None
        return classes, names or [str(value) for value in values]
    if labels.dtype.kind in "SU":
        raise BadInput(f"{where} names its classes twice; leave out class_names or use integers.")
    names = texts(arrays["class_names"], f"{where}: class_names")
    if len(values) and (values[0] < 0 or values[-1] >= len(names)):
        raise BadInput(
            f"{where}: labels run from {values[0]} to {values[-1]}, and class_names has "
            f"{len(names)} entries; labels must be 0 to {len(names) - 1}."
        )
    names = [names[value] for value in values]
    if len(set(names)) < len(names):
        raise BadInput(f"{where}: class_names has the same name twice; names must differ.")
    return classes, names


def _image_names(
    names: NDArray[Any] | None, labels: NDArray[np.int64], class_names: list[str], where: str
) -> list[str]:
    if names is not None:
        return texts(names, f"{where}: names")
    return [f"{class_names[label]}/{row}" for row, label in enumerate(labels)]


def _images(images: NDArray[Any] | None, where: str) -> NDArray[np.uint8] | None:
    """Return the images as (n, h, w, 1 or 3), if there are any."""
    if images is None:
        return None
    if images.dtype != np.uint8 or not (
        images.ndim == 3 or (images.ndim == 4 and images.shape[3] in (1, 3))
    ):
        raise BadInput(
            f"{where}: images has shape {images.shape} and type {images.dtype}; it must be uint8 "
            "of shape (n, h, w), (n, h, w, 1) or (n, h, w, 3)."
        )
    if 0 in images.shape:
        raise BadInput(f"{where}: images has shape {images.shape}, which holds no pixel.")
    return images.reshape(*images.shape[:3], -1)


def _given_splits(
    given: list[str], labels: NDArray[np.int64], class_names: list[str], where: str
) -> list[str]:
    """Return the split of each class from that of each example."""
    unknown = next((row for row, split in enumerate(given) if split not in SPLIT_NAMES), None)
    if unknown is not None:
        raise BadInput(
            f'{where}: split, row {unknown}, is "{shown(given[unknown])}"; it must be '
            "train, val or test."
        )
    split_of: dict[int, str] = {}
    for row, (label, split) in enumerate(zip(labels.tolist(), given, strict=True)):
        first = split_of.setdefault(label, SPLIT_NAMES[split])
        if first != SPLIT_NAMES[split]:
            raise BadInput(
                f'{where}: split, row {row}, puts class "{shown(class_names[label])}" into '
                f"{SPLIT_NAMES[split]}, and it is in {first} already; splits must not share "
                "classes."
            )
    return [split_of[index] for index in range(len(class_names))]
