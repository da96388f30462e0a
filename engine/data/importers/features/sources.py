"""Which files hold the features that a person names, and which split each is by its name."""

import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from engine.data.class_splits import SPLIT_WORDS
from engine.data.importers.features.table_header import has_features
from engine.errors import BadInput
from engine.io.listing import listed, shown

Kind = Literal["pickle", "pytorch", "csv", "parquet", "arrays"]

KIND_OF_SUFFIX: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        ".plk": "pickle",
        ".pkl": "pickle",
        ".pickle": "pickle",
        ".pt": "pytorch",
        ".pth": "pytorch",
        ".csv": "csv",
        ".tsv": "csv",
        ".parquet": "parquet",
        ".npy": "arrays",
    }
)
# Of files that hold features on their own; an array holds one class alone.
FILE_SUFFIXES: Final = tuple(each for each, kind in KIND_OF_SUFFIX.items() if kind != "arrays")
FORMS = (
    "features are a pickle (.plk, .pkl), a file of PyTorch (.pt, .pth), a table (.csv, .parquet), "
    "or a folder of arrays (.npy), one for each class"
)


@dataclass(frozen=True, slots=True)
class FeatureSource:
    """What is read as one: a file, or the arrays of a folder.

    Attributes
    ----------
    where
        What it is called in an error.
    kind
        How it is read.
    paths
        Its file, or the arrays, of which each is a class.
    split
        The split that its name says; "" for none.
    """

    where: str
    kind: Kind
    paths: tuple[Path, ...]
    split: str

    @property
    def size(self) -> int:
        """How many bytes are to be read."""
        return sum(path.stat().st_size for path in self.paths)


def sources_of(paths: Sequence[Path]) -> list[FeatureSource]:
    """Return what there is to read in some files and folders.

    Raises
    ------
    BadInput
        If one is not there, or is nothing that features are in.
    """
    files = [path for path in paths if not path.is_dir()]
    sources = [source for path in paths if path.is_dir() for source in sources_in(path)]
    for path in files:
        if not path.exists():
            raise BadInput(f"There is no file at {path}; check the path.")
        if path.suffix.lower() not in KIND_OF_SUFFIX:
            raise BadInput(f"{path.name} is of no kind that is known here: {FORMS}.")
    arrays = [path for path in files if _kind(path) == "arrays"]
    if len(arrays) == len(paths) == 1:
        raise BadInput(
            f"{arrays[0].name} is one array, of one class alone; import the folder that has one "
            "for each class, or embeddings and labels as one .npz: numpy.savez(file, "
            "embeddings=..., labels=...)."
        )
    folders = dict.fromkeys(path.parent for path in arrays)
    sources += [
        _arrays(folder, [path for path in arrays if path.parent == folder]) for folder in folders
    ]
    sources += [_file(path) for path in files if _kind(path) != "arrays"]
    twice = [
        name for name, count in Counter(source.where for source in sources).items() if count > 1
    ]
    if twice:
        raise BadInput(f"Two files are called {twice[0]}; rename one, so that they can be told.")
    return sources


def sources_in(folder: Path) -> list[FeatureSource]:
    """Return what there is to read in a folder.

    Files named as splits come first, such as base_features.plk and novel_features.plk; then
    folders of arrays named as splits, then arrays, then a file that is alone.

    Raises
    ------
    BadInput
        If there is nothing, or nobody can tell what is meant.
    """
    try:
        there = sorted(folder.iterdir())
        files = [path for path in there if _may_be_features(path)]
        folders = [path for path in there if path.name.lower() in SPLIT_WORDS and path.is_dir()]
        arrays_of = {each: _arrays_in(each) for each in folders}
    except OSError as error:
        raise BadInput(f"{folder} cannot be read: {error.strerror or error}.") from error
    alone = [_file(path) for path in files if _kind(path) != "arrays"]
    named = [source for source in alone if source.split]
    if named:
        counts = Counter(source.split for source in named)
        for split, count in counts.items():
            if count > 1:
                which = listed([source.where for source in named if source.split == split])
                raise BadInput(
                    f"{folder.name} has several files for the split {split}: {which}; name the "
                    "files that you mean instead of the folder."
                )
        return named
    of_splits = [_arrays(each, arrays, of=folder) for each, arrays in arrays_of.items() if arrays]
    if of_splits:
        return of_splits
    arrays = [path for path in files if _kind(path) == "arrays"]
    if arrays:
        return [_arrays(folder, arrays)]
    if len(alone) > 1:
        raise BadInput(
            f"{folder.name} has {len(alone)} files, {listed([source.where for source in alone])}, "
            "whose names do not say which is which; name the files that you mean, or call them "
            "base, val and novel."
        )
    if not alone:
        raise BadInput(f"{folder} holds no features: {FORMS}.")
    return alone


def is_feature_folder(folder: Path) -> bool:
    """Whether a folder has features in it, as far as the names of its files tell."""
    try:
        return bool(sources_in(folder))
    except BadInput:
        return False


def store_name_of(paths: Sequence[Path]) -> str:
    """Return what a store of these files is called: the file, or the folder that holds all."""
    if len(paths) == 1:
        path = paths[0].absolute()
        return path.name if path.is_dir() else path.stem
    folders = [str(path.absolute() if path.is_dir() else path.absolute().parent) for path in paths]
    try:
        return Path(os.path.commonpath(folders)).name or "features"
    except ValueError:  # on several drives
        return "features"


def split_of_name(name: str) -> str:
    """Return the split that a file's name says, "" for none: "novel_features" is test.

    Networks are called base too: "vit_base_novel" is test.
    """
    words = [word for word in re.split(r"[^a-z0-9]+", name.lower()) if word in SPLIT_WORDS]
    splits = {SPLIT_WORDS[word] for word in words if word != "base"}
    if not splits and words:
        return SPLIT_WORDS["base"]
    return splits.pop() if len(splits) == 1 else ""


def _kind(path: Path) -> Kind:
    return KIND_OF_SUFFIX[path.suffix.lower()]


def _may_be_features(path: Path) -> bool:
    if path.suffix.lower() not in KIND_OF_SUFFIX or path.name.startswith(".") or not path.is_file():
        return False
    return _kind(path) != "csv" or has_features(path)  # there are tables of anything


def _arrays_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.npy") if path.is_file())


def _file(path: Path) -> FeatureSource:
    return FeatureSource(shown(path.name), _kind(path), (path,), split_of_name(path.stem))


def _arrays(folder: Path, paths: Sequence[Path], of: Path | None = None) -> FeatureSource:
    """Return the arrays of a folder as one; those of folders `of` one that are splits say so."""
    name = folder.absolute().name
    where = name if of is None else f"{of.absolute().name}/{name}"
    split = SPLIT_WORDS[name.lower()] if of is not None else ""
    return FeatureSource(shown(where), "arrays", tuple(paths), split)
