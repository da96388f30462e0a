"""The pickles of LEO's release, in a folder or an archive, and the stores that they make."""

import io
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePath
from typing import IO

from engine.data.importers.kinds import PICKLE, FileKind
from engine.data.importers.untrusted import member_name, open_member, opened_zip
from engine.data.splits import SPLITS
from engine.errors import BadInput
from engine.io.listing import shown

VIEWS = ("center", "multiview")
LONGEST_NAME = 300


@dataclass(frozen=True, slots=True)
class ReleasedPickle:
    """One pickle, in a folder or an archive."""

    path: PurePath  # its place, below folders with meaningful names
    name: str  # what to call it in an error
    size: int
    open: Callable[[], IO[bytes]]  # unbuffered


@dataclass(frozen=True, slots=True)
class ReleasedDataset:
    """The pickles that make one store."""

    name: str
    source: str
    pickles: Mapping[str, ReleasedPickle]  # split to pickle

    def path_in(self, folder: Path) -> Path:
        """Return where its store goes."""
        return folder / f"{self.name}.h5"


@contextmanager
def pickles_in(source: Path) -> Iterator[list[ReleasedPickle]]:
    """Find the pickles in a folder or an archive, which stays open in the meantime."""
    wanted = {f"{split}_embeddings.pkl" for split in SPLITS}
    if source.is_dir():
        root = source.resolve()
        yield [
            ReleasedPickle(
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
                pickles.append(ReleasedPickle(path, name, member.file_size, opener))
        yield pickles


def _how_to_name(kind: FileKind) -> str:
    if kind == PICKLE:
        return (
            "name the folder that holds it, with train_embeddings.pkl, and val and test beside it"
        )
    return "name the released archive, or the folder that it was unpacked to"


def datasets_of(pickles: list[ReleasedPickle], source: Path) -> list[ReleasedDataset]:
    """Group pickles by folder and name the stores that they will be; raises `BadInput` for none."""
    splits_of: dict[PurePath, dict[str, ReleasedPickle]] = {}
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
        ReleasedDataset(name, f"{source.name}: {'/'.join(folder.parts[-2:])}", splits_of[folder])
        for name, folder in sorted(folders.items())
    ]


def renamed(
    datasets: list[ReleasedDataset],
    names: str | Mapping[str, str],
    source: str,
    only: Collection[str] | None = None,
) -> list[ReleasedDataset]:
    """Return datasets with the names that somebody wants for their stores; some, or all.

    Raises
    ------
    BadInput
        If there is none of a name, or two stores would have one name.
    """
    known = [dataset.name for dataset in datasets]
    if isinstance(names, str):
        if len(known) > 1:
            raise BadInput(
                f"{source} makes {len(known)} stores, {' and '.join(known)}; name them one by one, "
                f"as in --name {known[0]}=NEW."
            )
        names = {known[0]: names}
    unknown = [name for name in (*names, *(only or ())) if name not in known]
    if unknown:
        raise BadInput(f"{source} makes no store named {unknown[0]}, but {' and '.join(known)}.")
    chosen = [each for each in datasets if only is None or each.name in only]
    named = [replace(each, name=names.get(each.name, each.name)) for each in chosen]
    given = [dataset.name for dataset in named]
    twice = next((name for name in given if given.count(name) > 1), None)
    if twice is not None:
        raise BadInput(f"{source} would make two stores named {twice}; give them two names.")
    return named


def _store_name(folder: PurePath) -> str:
    """Return the store's name for a folder: the dataset's, with "-multiview" where it is that."""
    in_view = folder.name in VIEWS
    dataset = folder.parent.name if in_view else folder.name
    # The name becomes a file's, on any system.
    safe = re.sub(r"[^\w .+-]", "_", dataset)[:100].strip(" .") or "embeddings"
    return f"{safe}-multiview" if folder.name == "multiview" else safe
