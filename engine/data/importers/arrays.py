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
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.importers.checks import (
    ImportedStore,
    checked_embeddings,
    imported_store,
    named,
    notes_of,
    require_finite,
    texts,
)
from engine.data.importers.kinds import PICKLE, ZIP, FileKind, kind_of_members
from engine.data.importers.labels import classes_of, given_splits, separated
from engine.data.importers.npy import read_npy
from engine.data.importers.untrusted import (
    member_name,
    open_member,
    opened_zip,
    unreadable_as_bad_input,
)
from engine.data.placement import KeepOld, Placement, require_own_name
from engine.data.splits import SPLITS
from engine.data.store_writing import create_store
from engine.errors import BadInput
from engine.io.listing import listed, shown

REQUIRED = ("embeddings", "labels")
OPTIONAL = ("names", "split", "class_names", "images")
VAL_SHARE, TEST_SHARE = 0.16, 0.20
_WANTED = "an .npz with the arrays embeddings and labels"
_ZIP_AGAIN = "save it with numpy.savez, or zip its arrays again with Deflate, the usual method"


def import_arrays(
    source: Path,
    out: Path,
    name: str | None = None,
    keep_old: KeepOld | None = None,
    *,
    labels_per_split: bool = False,
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
    labels_per_split
        The same label in two splits stands for two classes, as where labels begin at 0 in each.

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
    SharedLabels
        If splits share labels, and it was not said that they are different classes.
    """
    if out.is_dir():
        raise BadInput(f"{out} is a folder; name the file of the store, such as {out.name}.h5.")
    require_own_name(name or out.stem, out)
    arrays, notes = _read_npz(source)
    embeddings = checked_embeddings(arrays["embeddings"], f"{source.name}: embeddings")
    images = _images(arrays.get("images"), source.name)
    notes += notes_of(embeddings, f"{source.name}: embeddings")
    labels, class_names = classes_of(arrays["labels"], arrays.get("class_names"), source.name)
    given = texts(arrays["split"], f"{source.name}: split") if "split" in arrays else None
    for array in ("labels", "names", "images", "split"):
        if array in arrays and arrays[array].ndim and len(arrays[array]) != len(embeddings):
            raise BadInput(
                f"{source.name}: {array} has {len(arrays[array])} entries for {len(embeddings)} "
                "embeddings; there must be one for each."
            )
    if labels_per_split:
        labels, class_names, note = separated(given, labels, class_names, source.name)
        notes.append(note)
    image_names = _image_names(arrays.get("names"), labels, class_names, source.name)
    require_finite(embeddings, image_names, f"{source.name}: embeddings")
    if given is not None:
        split_of = given_splits(given, labels, class_names, source.name)
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
    with opened_zip(source, _WANTED, lambda kind: _how_to_make(source.name, kind)) as archive:
        members = _members(archive, source.name)
        missing = [name for name in REQUIRED if name not in members]
        if missing:
            raise _lacking(archive, source.name, members, missing)
        wanted = [name for name in REQUIRED + OPTIONAL if name in members]
        arrays = {
            name: _read_member(archive, members[name], f"{source.name}: {name}") for name in wanted
        }
    left_out = [shown(name) for name in members if name not in wanted]
    notes = [f"{source.name} also holds {listed(left_out)}, left out."] if left_out else []
    return arrays, notes


def _members(archive: zipfile.ZipFile, where: str) -> dict[str, zipfile.ZipInfo]:
    """Return the arrays by name; where all are in one folder, as after zipping it, without that."""
    members = [member for member in archive.infolist() if not member_name(member).endswith("/")]
    names = [member_name(member).removesuffix(".npy") for member in members]
    folders = {name.rpartition("/")[0] for name in names}
    if len(folders) == 1:
        names = [name.rpartition("/")[2] for name in names]
    twice = [shown(name) for name, count in Counter(names).items() if count > 1]
    if twice:
        raise BadInput(f"{where} holds {listed(twice)} twice; save it again with numpy.savez.")
    return dict(zip(names, members, strict=True))


def _lacking(
    archive: zipfile.ZipFile, where: str, members: Mapping[str, object], missing: list[str]
) -> BadInput:
    """Say which arrays there are, and of a file of another program what it is."""
    kind = kind_of_members(archive.namelist())
    if kind != ZIP:
        return BadInput(f"{where} is {kind.noun}, and not {_WANTED}; {_how_to_make(where, kind)}.")
    return BadInput(
        f"{where} lacks {' and '.join(missing)}; its arrays are "
        f"{listed([shown(name) for name in members]) or 'none'}: save it with "
        "numpy.savez(file, embeddings=..., labels=...)."
    )


def _how_to_make(name: str, kind: FileKind) -> str:
    """Say how an archive is made of a file of another kind."""
    load = kind.load.replace("FILE", ascii(name)) or "..."
    made = ascii(f"{PurePath(name).stem}.npz")
    how = f"make one in Python: numpy.savez({made}, embeddings={load}, labels=...)"
    if kind == PICKLE:
        released = "import the folder of one of LEO's release with leo-studio import deepmind"
        return f"{released}, or {how}"
    return how


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> NDArray[Any]:
    with unreadable_as_bad_input(name), open_member(archive, member, name, _ZIP_AGAIN) as stream:
        return read_npy(stream, name, member.file_size)


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
