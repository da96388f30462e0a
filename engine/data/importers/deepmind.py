"""Import of the embeddings that were released with LEO, and of any in the same layout.

The released archive holds `DATASET/VIEW/{train,val,test}_embeddings.pkl` at some depth, where a
view is `center`, the embedding of the centre crop, or `multiview`, averaged over several crops.
Each pickle is a dict of

- `embeddings`, (n, D) floating point,
- `keys`, n of the form `INDEX-CLASS-CLASS_IMAGE`, as bytes or text, from which the released code
  takes the classes, and so does this,
- `labels`, n, which the released code never reads: here they are checked against the classes.

Shapes: n examples, C classes, D embedding size.
"""

import io
import os
import re
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.importers.checks import (
    ImportedStore,
    checked_embeddings,
    imported_store,
    named,
    notes_of,
    require_disjoint,
    require_finite,
    texts,
)
from engine.data.importers.found import FoundStore, summary_of
from engine.data.importers.metering import Meter, Metered
from engine.data.importers.pickles import read_pickle
from engine.data.importers.released_files import (
    ReleasedDataset,
    ReleasedPickle,
    datasets_of,
    pickles_in,
    renamed,
)
from engine.data.importers.untrusted import PIECE, unreadable_as_bad_input
from engine.data.placement import KeepOld, Placement, StoreTaken, require_own_name, taken
from engine.data.splits import SPLITS, SplitSummary
from engine.data.store_writing import StoreWriter, create_store
from engine.errors import BadInput
from engine.io.listing import listed, shown

FIELDS = ("embeddings", "labels", "keys")
# Pickles up to this size, all together, are read by a look: a second or two.
QUICK_SIZE = 32 << 20
# The class comes twice, so it is recognised even where its name holds "-" or "_": it is the
# shortest text that is followed by "-", itself and "_". The length keeps the search short.
KEY = re.compile(r"[^-]*-(?P<class>.{1,200}?)-(?P<image>(?P=class)_.*)")


def import_deepmind(
    source: Path,
    out: Path,
    progress: Callable[[str, float], None] | None = None,
    names: str | Mapping[str, str] = MappingProxyType({}),
    keep_old: KeepOld | None = None,
    only: Collection[str] | None = None,
) -> list[ImportedStore]:
    """Make an embedding store of every dataset and view in the layout of LEO's released archive.

    A store appears only when it is whole; those that were finished before an error stay, and the
    error names them. What is there already is compared before anything is written. Nothing is
    unpacked to disk, and memory peaks at little more than the embeddings of the largest split, as
    the file has them.

    Parameters
    ----------
    source
        The released zip archive, or a folder: the unpacked archive, or any part of it down to the
        folder that holds the pickles.
    out
        The folder for the stores: `DATASET.h5`, or `DATASET-multiview.h5`.
    progress
        Called with what is being read and the fraction, 0 to 1, of all bytes that has been; an
        exception that it raises ends the import.
    names
        Other names for some stores, by the names that they would have; or the name of the only one.
    keep_old
        Moves other stores of these names away; without it, none is replaced.
    only
        Which stores to make, by the names that they would have; all by default.

    Returns
    -------
    list of ImportedStore
        In the order of their names.

    Raises
    ------
    BadInput
        If no pickle is found, or one cannot be used: it asks for anything but arrays, is damaged,
        or its parts contradict each other; or two splits share a class.
    StoreTaken
        If other stores have these names, or one would have that of the built-in store.
    """
    if out.exists() and not out.is_dir():
        raise BadInput(f"{out} is a file; name a folder for the stores.")
    with pickles_in(source) as pickles:
        datasets = renamed(datasets_of(pickles, source), names, source.name, only)
        for dataset in datasets:
            require_own_name(dataset.name, dataset.path_in(out))
        wanted = [pickle for dataset in datasets for pickle in dataset.pickles.values()]
        meter = Meter(progress, sum(pickle.size for pickle in wanted))
        # Those that are there first: where one may not be replaced, nothing new is written.
        there = [each for each in datasets if os.path.lexists(each.path_in(out))]
        stores, refused = [], list[Path]()
        for dataset in there + [each for each in datasets if each not in there]:
            if refused and dataset not in there:
                break
            try:
                stores.append(_import_dataset(dataset, out, meter, keep_old))
            except StoreTaken as error:
                refused += error.paths
            except BadInput as error:
                if not stores:
                    raise
                finished = listed([store.path.stem for store in stores])
                raise BadInput(f"{error} Imported before that, and whole: {finished}.") from error
        if refused:
            raise taken(refused)
        return sorted(stores, key=lambda store: store.path.stem)


def look_at_released(
    source: Path, progress: Callable[[str, float], None] | None = None
) -> list[FoundStore]:
    """Say which stores a source would become; what they hold only where that is read quickly.

    Parameters
    ----------
    source, progress
        As `import_deepmind` takes them.

    Raises
    ------
    BadInput
        If it cannot be imported, as far as a quick look tells.
    """
    with pickles_in(source) as pickles:
        datasets = datasets_of(pickles, source)
        size = sum(pickle.size for pickle in pickles)
        if size > QUICK_SIZE:
            return [FoundStore(each.name, split_names=_splits_of(each)) for each in datasets]
        meter = Meter(progress, size)
        return [_look_at(dataset, meter) for dataset in datasets]


def _splits_of(dataset: ReleasedDataset) -> tuple[str, ...]:
    return tuple(split for split in SPLITS if split in dataset.pickles)


def _look_at(dataset: ReleasedDataset, meter: Meter) -> FoundStore:
    splits: list[SplitSummary] = []
    split_of: dict[str, str] = {}
    notes: list[str] = []
    size = 0
    for split in _splits_of(dataset):
        pickle = dataset.pickles[split]
        examples = _read_examples(pickle, meter)
        require_disjoint(split, examples.class_names, split_of, pickle.name)
        splits += summary_of(
            examples.labels, examples.class_names, [split] * len(examples.class_names)
        )
        notes += examples.notes
        size = examples.embeddings.shape[1]
    return FoundStore(dataset.name, size, tuple(splits), notes=tuple(notes))


# What the pickles hold


@dataclass(frozen=True, slots=True)
class _Examples:
    """One split: n embeddings, the class of each as an index, the names of classes and images."""

    embeddings: NDArray[np.floating[Any]]
    labels: NDArray[np.int64]
    class_names: list[str]
    image_names: list[str]
    notes: list[str]


def _import_dataset(
    dataset: ReleasedDataset, out: Path, meter: Meter, keep_old: KeepOld | None
) -> ImportedStore:
    place = Placement(dataset.path_in(out), keep_old)
    notes: list[str] = []
    split_of: dict[str, str] = {}
    with ExitStack() as stack:
        writer: StoreWriter | None = None
        for split in SPLITS:
            if split not in dataset.pickles:
                notes.append(f"{dataset.name} has no {split} split: there is no such pickle.")
                continue
            pickle = dataset.pickles[split]
            examples = _read_examples(pickle, meter)
            notes += examples.notes
            require_disjoint(split, examples.class_names, split_of, pickle.name)
            if writer is None:
                size = examples.embeddings.shape[1]
                store = create_store(place.path, dataset.name, dataset.source, size, place.publish)
                writer = stack.enter_context(store)
            with named(pickle.name):
                writer.add_split(
                    split,
                    examples.embeddings,
                    examples.labels,
                    examples.class_names,
                    examples.image_names,
                )
            # Before the next split is read: together they would need twice the memory.
            del examples
    return imported_store(place, notes)


def _read_examples(pickle: ReleasedPickle, meter: Meter) -> _Examples:
    with (
        unreadable_as_bad_input(pickle.name),
        pickle.open() as raw,
        io.BufferedReader(Metered(raw, pickle.name, meter), PIECE) as stream,
    ):
        content = read_pickle(stream, pickle.name, pickle.size)
    fields, notes = _fields(content, pickle.name)
    embeddings = checked_embeddings(fields["embeddings"], f"{pickle.name}: embeddings")
    notes += notes_of(embeddings, f"{pickle.name}: embeddings")
    keys = texts(fields["keys"], f"{pickle.name}: keys")
    if len(keys) != len(embeddings):
        raise BadInput(
            f"{pickle.name} has {len(embeddings)} embeddings and {len(keys)} keys; there must be "
            "as many of one as of the other, so get it from its authors again."
        )
    classes, class_names, image_names = _classes_of(keys, pickle.name)
    notes += _check_labels(fields["labels"], classes, class_names, pickle.name)
    require_finite(embeddings, image_names, f"{pickle.name}: embeddings")
    return _Examples(embeddings, classes, class_names, image_names, notes)


def _fields(content: object, name: str) -> tuple[dict[Any, Any], list[str]]:
    """Return the dict that a pickle must hold, and a note where it holds more than it must."""
    if not isinstance(content, dict):
        raise BadInput(
            f"{name} holds a {type(content).__name__}; expected a dict of {', '.join(FIELDS)}."
        )
    there = [shown(field) for field in list(content)[:10] if isinstance(field, str)]
    missing = [field for field in FIELDS if field not in content]
    if missing:
        raise BadInput(
            f"{name} lacks {' and '.join(missing)}: a dict of {', '.join(FIELDS)} was expected, "
            f"and its fields are {', '.join(there) or 'not named'}; export it again."
        )
    if len(content) > len(FIELDS):
        return content, [f"{name} holds more than {', '.join(FIELDS)}; the rest was left out."]
    return content, []


def _classes_of(keys: list[str], name: str) -> tuple[NDArray[np.int64], list[str], list[str]]:
    """Return the class of each key as an index, the classes as they first appear, the images."""
    index_of: dict[str, int] = {}
    classes = np.empty(len(keys), np.int64)
    image_names = []
    for row, key in enumerate(keys):
        parts = KEY.fullmatch(key)
        if parts is None:
            raise BadInput(
                f'{name}: keys, row {row}, is "{shown(key)}"; expected INDEX-CLASS-CLASS_IMAGE, as '
                "in 0-n01532829-n01532829_5.jpg."
            )
        classes[row] = index_of.setdefault(parts["class"], len(index_of))
        image_names.append(parts["image"])
    return classes, list(index_of), image_names


def _check_labels(
    labels: object, classes: NDArray[np.int64], class_names: list[str], name: str
) -> list[str]:
    """Require that every class has one label; note where classes share one.

    The classes are those of the keys. A second label within a class means that rows of `labels`
    and `keys` do not belong together; one label for several classes may be a coarser grouping.
    """
    if isinstance(labels, np.ndarray) and labels.ndim == 1:
        labels = labels.tolist()
    kinds = (int, float, str, bytes, np.generic)
    if not isinstance(labels, (list, tuple)) or not all(isinstance(x, kinds) for x in labels):
        raise BadInput(f"{name}: labels must be a one-dimensional array of numbers or text.")
    if len(labels) != len(classes):
        raise BadInput(
            f"{name} has {len(classes)} embeddings and {len(labels)} labels; there must be as "
            "many of one as of the other, so get it from its authors again."
        )
    label_of: dict[int, object] = {}
    for row, (index, label) in enumerate(zip(classes.tolist(), labels, strict=True)):
        if label_of.setdefault(index, label) != label:
            raise BadInput(
                f"{name}: labels and keys disagree: row {row} has another label than the rows "
                f'before it of its class "{shown(class_names[index])}"; get it from its authors '
                "again."
            )
    distinct = len(set(label_of.values()))
    if distinct < len(class_names):
        return [
            f"{name} has {len(class_names)} classes by its keys and {distinct} by its labels; the "
            "keys were followed."
        ]
    return []
