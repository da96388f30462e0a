"""Finds what a typed name or a dropped file is: a run, a store, a preset, an archive, a bundle."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, Protocol

from engine.data.importers.features.sources import FILE_SUFFIXES, is_feature_folder
from engine.data.splits import SPLITS
from engine.errors import BadInput
from engine.io.paths import expanded, is_path
from engine.runs.folders import listed_identity

Kind = Literal["run", "store", "preset", "archive", "bundle"]

KIND_OF_SUFFIX: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        ".h5": "store",
        ".hdf5": "store",
        ".yaml": "preset",
        ".yml": "preset",
        ".zip": "archive",
        ".npz": "archive",
        **dict.fromkeys(FILE_SUFFIXES, "archive"),
        ".leo": "bundle",
    }
)
_RELEASED = tuple(f"{split}_embeddings.pkl" for split in SPLITS)
EXPECTED = (
    "a run, a store (.h5), a preset (its name, or a .yaml file), a bundle (.leo), or an archive to "
    "import: LEO's released .zip or the folder it unpacks to, an .npz file, features (.plk, .pt, "
    ".csv, .parquet, or a folder of them or of .npy), or pictures (a folder or a .zip with a "
    "folder for each class, a .csv of paths and labels, a .parquet, or a pickled miniImageNet)"
)


class Folder(Protocol):
    """Something in a folder of its own."""

    @property
    def path(self) -> Path:
        """The folder."""


class Names(Protocol):
    """The part of the library in which names are looked up."""

    @property
    def stores(self) -> Path:
        """The folder of the stores."""

    @property
    def runs(self) -> Path:
        """The folder of the runs."""

    def preset_files(self) -> Mapping[str, Path]:
        """Return every preset's file by its name."""

    def run(self, name: str) -> Folder:
        """Return a run by the beginning of its name."""


@dataclass(frozen=True, slots=True)
class Openable:
    """Something that exists and can be opened.

    Attributes
    ----------
    kind
        What it is; archives and bundles are something to import.
    path
        The run's folder, the store, the preset's YAML file, or the archive; absolute.
    """

    kind: Kind
    path: Path

    @property
    def name(self) -> str:
        """The name by which people call it."""
        return self.path.name if self.path.is_dir() else self.path.stem


def find_openable(library: Names, text: str) -> Openable:
    """Find what a path, or a name in the library, stands for; nothing is read yet.

    Parameters
    ----------
    library
        Where names are looked up: presets first, then stores, then runs by the beginning of
        their names; what the current folder holds comes after them.
    text
        A path or a name.

    Raises
    ------
    BadInput
        If there is no such thing, or nothing that can be opened.
    """
    if is_path(text, tuple(KIND_OF_SUFFIX)):
        path = expanded(text)
        if not path.exists():
            raise BadInput(f"There is nothing at {path.absolute()}; check the path of {EXPECTED}.")
        return _found(library, path)
    presets = library.preset_files()
    if text in presets:
        return Openable("preset", presets[text].absolute())
    store = library.stores / f"{text}.h5"
    if store.is_file():
        return Openable("store", store)
    if text and any(folder.name.startswith(text) for folder in library.runs.glob("*")):
        return Openable("run", library.run(text).path)
    if text and Path(text).exists():
        return _found(library, Path(text))
    raise BadInput(f'There is no preset, store or run named "{text}"; give {EXPECTED}.')


def is_released_folder(path: Path) -> bool:
    """Whether a folder holds embeddings of LEO's release."""
    # The released archive unpacks to embeddings/DATASET/VIEW/; deeper is somebody's home.
    folders = ("", "*/", "*/*/", "*/*/*/")
    return any(any(path.glob(f"{folder}*_embeddings.pkl")) for folder in folders)


def are_pictures(path: Path) -> bool:
    """Whether a file or a folder holds pictures to be embedded, as far as a glance tells."""
    # Here, since what reads pictures takes a while to load.
    from engine.images.sources import holds_pictures

    return not (path.is_dir() and is_released_folder(path)) and holds_pictures(path)


def _found(library: Names, path: Path) -> Openable:
    if path.name in _RELEASED:  # one of a set, which makes a store together
        path = path.parent
    kind = _kind_of(path)
    return Openable(kind, listed_identity(path, library.runs) if kind == "run" else path.resolve())


def _kind_of(path: Path) -> Kind:
    if path.is_dir():
        if (path / "run.json").is_file():
            return "run"
        if is_released_folder(path) or is_feature_folder(path) or are_pictures(path):
            return "archive"
        raise BadInput(
            f"{path} is a folder with neither a run.json nor embeddings of LEO's release nor "
            f"features nor pictures; give {EXPECTED}."
        )
    kind = KIND_OF_SUFFIX.get(path.suffix.lower())
    if kind is None:
        raise BadInput(f"{path} is of no kind that can be opened; give {EXPECTED}.")
    return kind
