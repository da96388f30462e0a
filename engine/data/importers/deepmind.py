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
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import IO, Any

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
from engine.data.importers.kinds import PICKLE, FileKind
from engine.data.importers.metering import Meter, Metered
from engine.data.importers.pickles import read_pickle
from engine.data.importers.untrusted import (
    PIECE,
    member_name,
    open_member,
    opened_zip,
    unreadable_as_bad_input,
)
from engine.data.placement import KeepOld, Placement, StoreTaken, require_own_name, taken
from engine.data.splits import SPLITS
from engine.data.store_writing import StoreWriter, create_store
from engine.errors import BadInput
from engine.io.listing import listed, shown

VIEWS = ("center", "multiview")
FIELDS = ("embeddings", "labels", "keys")
LONGEST_NAME = 300
# The class comes twice, so it is recognised even where its name holds "-" or "_": it is the
# shortest text that is followed by "-", itself and "_". The length keeps the search short.
KEY = re.compile(r"[^-]*-(?P<class>.{1,200}?)-(?P<image>(?P=class)_.*)")


def import_deepmind(
    source: Path,
    out: Path,
    progress: Callable[[str, float], None] | None = None,
    names: str | Mapping[str, str] = MappingProxyType({}),
    keep_old: KeepOld | None = None,
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
    with _pickles_in(source) as pickles:
        datasets = _renamed(_datasets(pickles, source), names, source.name)
        for dataset in datasets:
            require_own_name(dataset.name, dataset.path_in(out))
        meter = Meter(progress, sum(pickle.size for pickle in pickles))
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


# Where the pickles are


@dataclass(frozen=True, slots=True)
class _Pickle:
    """One pickle, in a folder or an archive."""

    path: PurePath  # its place, below folders with meaningful names
    name: str  # what to call it in an error
    size: int
    open: Callable[[], IO[bytes]]  # unbuffered


@dataclass(frozen=True, slots=True)
class _Dataset:
    """The pickles that make one store."""

    name: str
    source: str
    pickles: Mapping[str, _Pickle]  # split to pickle

    def path_in(self, folder: Path) -> Path:
        """Return where its store goes."""
        return folder / f"{self.name}.h5"


@contextmanager
def _pickles_in(source: Path) -> Iterator[list[_Pickle]]:
    """Find the pickles in a folder or an archive, which stays open in the meantime."""
    wanted = {f"{split}_embeddings.pkl" for split in SPLITS}
    if source.is_dir():
        root = source.resolve()
        yield [
            _Pickle(
                path,
                shown(path.relative_to(root.parent).as_posix(), LONGEST_NAME),
                path.stat().st_size,
                partial(io.FileIO, path),
            )
            for path in sorted(root.rglob("*.pkl"))
            if path.name in wanted and path.is_file()
        ]
        return
    with opened_zip(source, "the released zip archive or its folder", _how_to_name) as archive:
        pickles = []
        for member in archive.infolist():
            path = PurePath(source.stem, member_name(member))
            if path.name in wanted:
                name = shown(f"{source.name}/{member_name(member)}", LONGEST_NAME)
                opener = partial(open_member, archive, member, name)
                pickles.append(_Pickle(path, name, member.file_size, opener))
        yield pickles


def _how_to_name(kind: FileKind) -> str:
    if kind == PICKLE:
        return (
            "name the folder that holds it, with train_embeddings.pkl, and val and test beside it"
        )
    return "name the released archive, or the folder that it was unpacked to"


def _datasets(pickles: list[_Pickle], source: Path) -> list[_Dataset]:
    """Group pickles by folder and name the stores that they will be."""
    splits_of: dict[PurePath, dict[str, _Pickle]] = {}
    for pickle in pickles:
        split = pickle.path.name.removesuffix("_embeddings.pkl")
        first = splits_of.setdefault(pickle.path.parent, {}).setdefault(split, pickle)
        if first is not pickle:
            raise BadInput(f"{pickle.name} is there twice; pack the archive again with one.")
    if not splits_of:
        raise BadInput(
            f"{source.name} holds no embeddings in the layout of LEO's release; expected "
            "DATASET/center/train_embeddings.pkl, and val and test beside it."
        )
    folders: dict[str, PurePath] = {}
    for folder in splits_of:
        name = _store_name(folder)
        if name in folders:
            raise BadInput(
                f"{source.name} would make two stores named {name}, of {folders[name]} and of "
                f"{folder}; import one folder at a time."
            )
        folders[name] = folder
    return [
        _Dataset(name, f"{source.name}: {'/'.join(folder.parts[-2:])}", splits_of[folder])
        for name, folder in sorted(folders.items())
    ]


def _renamed(
    datasets: list[_Dataset], names: str | Mapping[str, str], source: str
) -> list[_Dataset]:
    """Return datasets with the names that somebody wants for their stores."""
    known = [dataset.name for dataset in datasets]
    if isinstance(names, str):
        if len(known) > 1:
            raise BadInput(
                f"{source} makes {len(known)} stores, {' and '.join(known)}; name them one by one, "
                f"as in --name {known[0]}=NEW."
            )
        names = {known[0]: names}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise BadInput(f"{source} makes no store named {unknown[0]}, but {' and '.join(known)}.")
    renamed = [replace(each, name=names.get(each.name, each.name)) for each in datasets]
    given = [dataset.name for dataset in renamed]
    twice = next((name for name in given if given.count(name) > 1), None)
    if twice is not None:
        raise BadInput(f"{source} would make two stores named {twice}; give them two names.")
    return renamed


def _store_name(folder: PurePath) -> str:
    """Return the store's name for a folder: the dataset's, with "-multiview" where it is that."""
    in_view = folder.name in VIEWS
    dataset = folder.parent.name if in_view else folder.name
    # The name becomes a file's, on any system.
    safe = re.sub(r"[^\w .+-]", "_", dataset)[:100].strip(" .") or "embeddings"
    return f"{safe}-multiview" if folder.name == "multiview" else safe


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
    dataset: _Dataset, out: Path, meter: Meter, keep_old: KeepOld | None
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


def _read_examples(pickle: _Pickle, meter: Meter) -> _Examples:
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
