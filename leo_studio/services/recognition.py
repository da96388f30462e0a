"""Recognises what a file or a folder is, and what there is in it, without importing anything."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from engine.config import load_experiment
from engine.data.class_splits import SplitChoice
from engine.data.importers.array_roles import ArrayNames, UnclearArrays
from engine.data.importers.arrays import look_at_arrays
from engine.data.importers.deepmind import look_at_released
from engine.data.importers.features.importing import look_at_features
from engine.data.importers.features.sources import FILE_SUFFIXES
from engine.data.importers.found import FoundStore
from engine.data.importers.kinds import TEXT, UNKNOWN, kind_of
from engine.data.importers.npz import no_npz
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.io.paths import expanded, is_file
from engine.runs.run import Run
from leo_studio.services.opening import (
    EXPECTED,
    KIND_OF_SUFFIX,
    Openable,
    are_pictures,
    find_openable,
    is_released_folder,
)
from leo_studio.services.picture_import import look_at_pictures
from leo_studio.services.recognised import Recognised, Wanted

if TYPE_CHECKING:
    from engine.config import Experiment
    from engine.runs.library import Library

# Told what is being read and how much of it has been; may end it all by raising.
Progress = Callable[[str, float], None]

_TEXTS_OF_NUMBERS = (".txt", ".tsv", ".dat")
_PICKLES = (".pkl", ".pickle")
_PICTURE_FILES = {
    ".zip": "zip archive",
    ".csv": "table (.csv)",
    ".parquet": "table (.parquet)",
    **dict.fromkeys(_PICKLES, "pickle"),
}


def recognise(
    library: "Library", text: str, wanted: Wanted, progress: Progress | None = None
) -> Recognised:
    """Say what a path, or a name in the library, stands for and what it holds.

    Parameters
    ----------
    library
        Where names are looked up.
    text
        A path or a name.
    wanted
        What a person has chosen.
    progress
        Called while files are read.

    Raises
    ------
    BadInput
        If it cannot be used; the one sentence says why and what to do.
    """
    path = expanded(text)
    if is_file(path) and path.suffix.lower() not in KIND_OF_SUFFIX:
        raise _other_file(path)
    openable = find_openable(library, text)
    match openable.kind:
        case "archive" if is_arrays(openable.path):
            return _arrays(openable, wanted.arrays)
        case "archive" if are_pictures(openable.path):
            return _pictures(openable, wanted.splits, progress)
        case "archive" if are_features(openable.path):
            return _features_or_pictures(openable, wanted, progress)
        case "archive":
            return _released(openable, progress)
        case "store":
            return _store(openable)
        case "preset":
            what = f"An experiment: {_experiment(load_experiment(openable.path))}."
            return Recognised(openable, what)
        case "bundle":
            return _bundle(openable)
        case "run":
            run = Run(openable.path)
            return Recognised(openable, f"A run: {_experiment(run.experiment)}; {run.status}.")


def _other_file(path: Path) -> BadInput:
    """Say what a file is that cannot be imported, and what to do; a text may be no data at all."""
    kind = kind_of(path)
    if kind == UNKNOWN or (kind == TEXT and path.suffix.lower() not in _TEXTS_OF_NUMBERS):
        return BadInput(f"{path.name} is {kind.noun}, and cannot be imported; choose {EXPECTED}.")
    return no_npz(path)


def is_arrays(archive: Path) -> bool:
    """Whether an archive holds NumPy's arrays; the others hold pickles of LEO's release."""
    return archive.suffix.lower() == ".npz"


def are_features(path: Path) -> bool:
    """Whether a file, or a folder, has features as papers and libraries of the field write them."""
    if path.is_dir():
        return not is_released_folder(path)
    return path.suffix.lower() in FILE_SUFFIXES


def _arrays(openable: Openable, wanted: ArrayNames) -> Recognised:
    what = "A NumPy archive (.npz) of embeddings."
    try:
        found = look_at_arrays(openable.path, wanted)
    except UnclearArrays as unclear:
        return Recognised(
            openable,
            what,
            choices=unclear.choices,
            arrays=unclear.known,
            question=unclear.question,
        )
    return Recognised(openable, what, (found.store,), found.choices, found.names)


def _released(openable: Openable, progress: Progress | None) -> Recognised:
    kind = "folder" if openable.path.is_dir() else "zip archive"
    stores = look_at_released(openable.path, progress)
    count = "one data set" if len(stores) == 1 else f"{len(stores)} data sets"
    what = f"A {kind} of embeddings as LEO's authors released them, with {count}."
    return Recognised(openable, what, tuple(stores))


def _features(openable: Openable, progress: Progress | None) -> Recognised:
    store = look_at_features([openable.path], progress=progress)
    kind = "folder" if openable.path.is_dir() else f"file ({openable.path.suffix.lower()})"
    return Recognised(openable, f"A {kind} of features.", (store,), are_features=True)


def _features_or_pictures(
    openable: Openable, wanted: Wanted, progress: Progress | None
) -> Recognised:
    """Look at features; a pickle of none may hold pictures in a way that a glance does not tell."""
    try:
        return _features(openable, progress)
    except BadInput:
        if openable.path.suffix.lower() not in _PICKLES:
            raise
        with suppress(BadInput):
            return _pictures(openable, wanted.splits, progress)
        raise


def _pictures(openable: Openable, splits: SplitChoice, progress: Progress | None) -> Recognised:
    path = openable.path

    def go_on() -> None:
        if progress is not None:
            progress(path.name, 1.0)

    store, found = look_at_pictures(path, splits, go_on)
    kind = "folder" if path.is_dir() else _PICTURE_FILES[path.suffix.lower()]
    seen = found.look
    what = f"A {kind} of pictures: {seen.classes:,} classes, {seen.pictures:,} pictures."
    return Recognised(openable, what, (store,), pictures=found)


def _store(openable: Openable) -> Recognised:
    store = EmbeddingStore(openable.path)
    found = FoundStore(store.name, store.embedding_dim, tuple(store.splits.values()))
    what = "An embedding store (.h5). It is used where it lies; nothing is copied."
    return Recognised(openable, what, (found,))


def _bundle(openable: Openable) -> Recognised:
    # Here, since it knows every kind of learner there is, which takes a while to load.
    from engine.export.bundle_reading import read_bundle

    bundle = read_bundle(openable.path)
    run = bundle.manifest.run
    what = f"A bundle (.leo) of the run {run.name}: {_experiment(bundle.experiment)}."
    return Recognised(openable, what)


def _experiment(experiment: "Experiment") -> str:
    return f"{experiment.learner.title}, {experiment.task.words} on {experiment.source}"
