"""Import of embeddings that someone has extracted themselves, from one NumPy archive (.npz).

- `embeddings`, (n, D) floating point,
- `labels`, (n,) integers or text,
- `names`, (n,) text, optional: what the images are called,
- `split`, (n,) text, optional: "train", "val" or "test" for each example,
- `class_names`, (C,) text, optional: what integer labels 0 to C - 1 mean,
- `images`, (n, h, w) or (n, h, w, 1 or 3) uint8, optional: thumbnails.

Embeddings and labels may have other names, such as `X` and `y`; see `array_roles`.

Without `split` the classes are divided 64 : 16 : 20, as miniImageNet's are, by a hash of their
names, so that the same classes are divided in the same way anywhere and always.

Shapes: n examples, C classes, D embedding size.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from engine.data.importers.array_roles import (
    CLASS_NAMES_ELSEWHERE,
    EMBEDDINGS,
    LABELS,
    OPTIONAL,
    UNNAMED,
    ArrayChoices,
    ArrayInfo,
    ArrayNames,
    choices_of,
    chosen_arrays,
)
from engine.data.importers.checks import (
    ImportedStore,
    checked_embeddings,
    imported_store,
    named,
    notes_of,
    require_finite,
    texts,
)
from engine.data.importers.found import FoundStore, summary_of
from engine.data.importers.labels import SharedLabels, classes_of, given_splits, separated
from engine.data.importers.metering import Meter
from engine.data.importers.npz import Npz, opened_npz
from engine.data.placement import KeepOld, Placement, require_own_name
from engine.data.splits import SPLITS
from engine.data.store_writing import ChosenRows, ChosenTexts, Rows, create_store
from engine.errors import BadInput
from engine.io.listing import listed, shown

VAL_SHARE, TEST_SHARE = 0.16, 0.20


def import_arrays(
    source: Path,
    out: Path,
    name: str | None = None,
    keep_old: KeepOld | None = None,
    *,
    labels_per_split: bool = False,
    wanted: ArrayNames = UNNAMED,
    progress: Callable[[str, float], None] | None = None,
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
    wanted
        Which arrays are the embeddings and the labels, where names and shapes do not tell.
    progress
        Called with what is being read and the fraction, 0 to 1, of all bytes that has been; an
        exception that it raises ends the import.

    Returns
    -------
    ImportedStore
        A note says so where classes were divided into splits here.

    Raises
    ------
    BadInput
        If an array is missing, of the wrong shape or type, or contradicts another; the sentence
        names it.
    UnclearArrays
        If several arrays may be the embeddings, or the labels.
    StoreTaken
        If another store has that place, or would have the name of the built-in one.
    SharedLabels
        If splits share labels, and it was not said that they are different classes.
    """
    if out.is_dir():
        raise BadInput(f"{out} is a folder; name the file of the store, such as {out.name}.h5.")
    require_own_name(name or out.stem, out)
    with opened_npz(source) as archive:
        arrays = _read(archive, _called(archive, wanted), progress)
    where = f"{source.name}: {arrays.called[EMBEDDINGS]}"
    embeddings = checked_embeddings(arrays[EMBEDDINGS], where)
    images = _images(arrays.get("images"), source.name)
    notes = [*arrays.notes, *notes_of(embeddings, where)]
    _require_one_each(arrays, len(embeddings), source.name)
    classes = _classes(arrays, source.name, labels_per_split=labels_per_split)
    labels, class_names, split_of = classes.labels, classes.names, classes.split_of
    image_names = _image_names(arrays.get("names"), labels, class_names, source.name)
    require_finite(embeddings, image_names, where)
    notes += classes.notes
    notes += [f"{out.stem} has no {split} split." for split in SPLITS if split not in split_of]

    examples = _Examples(embeddings, labels, class_names, image_names, images)
    place = Placement(out, keep_old)
    size = embeddings.shape[1]
    with create_store(out, name or out.stem, source.name, size, place.publish) as writer:
        for split in SPLITS:
            if progress is not None:
                progress(f"writing {split}", 1.0)
            rows = np.flatnonzero(np.array(split_of) == split)
            if len(rows):
                with named(source.name):
                    writer.add_split(split, *examples.of(rows))
    return imported_store(place, notes)


@dataclass(frozen=True, slots=True)
class FoundArrays:
    """What an archive of arrays holds, as far as a quick look tells.

    Attributes
    ----------
    names
        The arrays that are its embeddings and labels.
    choices
        All that may be.
    store
        What an import would make of it.
    """

    names: ArrayNames
    choices: ArrayChoices
    store: FoundStore


def look_at_arrays(source: Path, wanted: ArrayNames = UNNAMED) -> FoundArrays:
    """Say what an archive would become, without reading its embeddings.

    Raises
    ------
    BadInput
        If it cannot be imported, as far as its labels and the shapes of its arrays tell.
    UnclearArrays
        If several arrays may be the embeddings, or the labels.
    """
    with opened_npz(source) as archive:
        headers = archive.headers()
        called = _called(archive, wanted, headers)
        choices = choices_of(headers, ArrayNames(called[EMBEDDINGS]))
        small = {role: name for role, name in called.items() if role in (LABELS, *_OF_CLASSES)}
        arrays = _read(archive, small)
        shape = {each.name: each.shape for each in headers}.get(called[EMBEDDINGS])
        if shape is None:  # its header cannot be read: this says why
            raise archive.problems[called[EMBEDDINGS]]
    if len(shape) != 2:
        raise BadInput(
            f"{source.name}: {called[EMBEDDINGS]} has shape {shape}; it must be (n, D), an "
            "embedding of D numbers for each of n examples."
        )
    _require_one_each(arrays, shape[0], source.name)
    names = ArrayNames(called[EMBEDDINGS], called[LABELS])
    try:
        classes = _classes(arrays, source.name)
    except SharedLabels as shared:  # the import asks what they mean
        store = FoundStore(source.stem, shape[1], notes=(shared.question,))
        return FoundArrays(names, choices, store)
    has_images = "images" in called
    splits = summary_of(classes.labels, classes.names, classes.split_of, has_images=has_images)
    store = FoundStore(source.stem, shape[1], splits, notes=tuple(classes.notes))
    return FoundArrays(names, choices, store)


@dataclass(frozen=True, slots=True)
class _Classes:
    """The class of each example, (n,), and the name and the split of each class."""

    labels: NDArray[np.int64]
    names: list[str]
    split_of: list[str]
    notes: list[str]


def _classes(arrays: "_Arrays", where: str, *, labels_per_split: bool = False) -> _Classes:
    labels, class_names = classes_of(
        arrays[LABELS], arrays.get("class_names"), where, arrays.called[LABELS]
    )
    given = texts(arrays["split"], f"{where}: split") if "split" in arrays.called else None
    notes = []
    if labels_per_split:
        labels, class_names, note = separated(given, labels, class_names, where)
        notes.append(note)
    if given is not None:
        return _Classes(labels, class_names, given_splits(given, labels, class_names, where), notes)
    split_of = divide_classes(class_names, where)
    notes.append(
        f"{where} has no array named split, so its classes were divided by a hash of "
        f"their names: {', '.join(f'{split_of.count(s)} for {s}' for s in SPLITS)}."
    )
    return _Classes(labels, class_names, split_of, notes)


def _require_one_each(arrays: "_Arrays", count: int, where: str) -> None:
    for role in (LABELS, "names", "images", "split"):
        array = arrays.get(role)
        if array is not None and array.ndim and len(array) != count:
            raise BadInput(
                f"{where}: {arrays.called[role]} has {len(array)} entries for {count} "
                "embeddings; there must be one for each."
            )


@dataclass(frozen=True, slots=True)
class _Examples:
    """All n examples, whatever their split."""

    embeddings: NDArray[Any]
    labels: NDArray[np.int64]
    class_names: list[str]
    image_names: Sequence[str]
    images: NDArray[np.uint8] | None

    def of(
        self, classes: NDArray[np.int64]
    ) -> tuple[Rows[Any], NDArray[np.int64], list[str], Sequence[str], Rows[np.uint8] | None]:
        """Return what `StoreWriter.add_split` wants to know of some classes; copies no example."""
        rows = np.flatnonzero(np.isin(self.labels, classes))
        return (
            ChosenRows(self.embeddings, rows),
            np.searchsorted(classes, self.labels[rows]),
            [self.class_names[index] for index in classes],
            ChosenTexts(self.image_names, rows),
            None if self.images is None else ChosenRows(self.images, rows),
        )


class _NamesByClass(Sequence[str]):
    """Names of examples that have none: their class and their row, "3/17"; made when asked for."""

    def __init__(self, labels: NDArray[np.int64], class_names: Sequence[str]) -> None:
        self._labels = labels
        self._class_names = class_names

    def __len__(self) -> int:
        return len(self._labels)

    @overload
    def __getitem__(self, row: int, /) -> str: ...

    @overload
    def __getitem__(self, row: slice, /) -> list[str]: ...

    def __getitem__(self, row: int | slice, /) -> str | list[str]:
        if isinstance(row, slice):
            return [self[each] for each in range(*row.indices(len(self)))]
        return f"{self._class_names[self._labels[row]]}/{row}"


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

# Besides the labels, what says which classes there are and in which splits.
_OF_CLASSES = ("split", "class_names")


@dataclass(frozen=True, slots=True)
class _Arrays:
    """The arrays that have a meaning, by what they mean; `called` says what they are called."""

    called: Mapping[str, str]
    arrays: Mapping[str, NDArray[Any]]
    notes: list[str]

    def __getitem__(self, role: str) -> NDArray[Any]:
        return self.arrays[role]

    def get(self, role: str) -> NDArray[Any] | None:
        """Return an array, or None where there is none that means this."""
        return self.arrays.get(role)


def _called(
    archive: Npz, wanted: ArrayNames, headers: Sequence[ArrayInfo] | None = None
) -> dict[str, str]:
    """Return the names of the arrays that have a meaning, by what they mean."""
    headers = archive.headers() if headers is None else headers
    chosen = chosen_arrays(headers, archive.members, wanted, archive.where)
    called = {EMBEDDINGS: chosen.embeddings, LABELS: chosen.labels}
    missing = [role for role, name in called.items() if not name]
    if missing:
        raise archive.lacks(missing)
    others = [name for name in archive.members if name not in called.values()]
    called |= {role: role for role in OPTIONAL if role in others}
    if CLASS_NAMES_ELSEWHERE in others:
        called.setdefault("class_names", CLASS_NAMES_ELSEWHERE)
    return called


def _read(
    archive: Npz,
    called: Mapping[str, str],
    progress: Callable[[str, float], None] | None = None,
) -> _Arrays:
    """Read arrays, and note which others there are, and which was taken for what."""
    meter = Meter(progress, sum(archive.size(name) for name in called.values()) or 1)
    arrays = {role: archive.read(name, meter) for role, name in called.items()}
    others = [shown(name) for name in archive.members if name not in called.values()]
    taken = [
        f"{shown(name)} as {role}"
        for role, name in called.items()
        if role in (EMBEDDINGS, LABELS) and name != role
    ]
    notes = [f"{archive.where}: {' and '.join(taken)}."] if taken else []
    notes += [f"{archive.where} also holds {listed(others)}, left out."] if others else []
    return _Arrays(called, arrays, notes)


def _image_names(
    names: NDArray[Any] | None, labels: NDArray[np.int64], class_names: list[str], where: str
) -> Sequence[str]:
    if names is not None:
        return texts(names, f"{where}: names")
    return _NamesByClass(labels, class_names)


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
