"""The class and the split of a picture, by the folders that it lies in."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from engine.data.class_splits import SPLIT_WORDS
from engine.errors import BadInput
from engine.images.sources.decoding import ENDINGS
from engine.images.sources.source import Picture
from engine.io.listing import counted, shown


def is_picture(path: PurePosixPath) -> bool:
    """Whether a file seems to be a picture that a person put there, by its name."""
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return path.suffix.lower() in ENDINGS and not hidden


def pictures_at(paths: Sequence[PurePosixPath], where: str) -> tuple[list[Picture], list[str]]:
    """Tell the class of each picture by its folder, at any depth.

    Folders that all pictures share are no part of a class's name. Where the first folder below
    them is called train, val or test for every picture, it is the split. Where those hold the same
    classes, as for ordinary classification, the classes are joined and no split is told.

    Parameters
    ----------
    paths
        Where the pictures lie, below what was chosen.
    where
        What was chosen, for errors.

    Returns
    -------
    tuple
        The pictures in the same order, and notes.

    Raises
    ------
    BadInput
        If pictures lie in no folder of a class.
    """
    folders = [path.parent.parts for path in paths]
    shared = _shared(folders)
    # A folder that holds pictures itself is a class, also where it is the only one.
    depth = min(len(shared), min(len(parts) for parts in folders) - 1)
    loose = [path for path, parts in zip(paths, folders, strict=True) if len(parts) <= depth]
    if depth < 0 or loose:
        first = loose[0] if loose else paths[0]
        raise BadInput(
            f"{where}: {first} lies in no folder of a class; put each picture into a folder that "
            "is named after its class."
        )
    below = [parts[depth:] for parts in folders]
    splits = [SPLIT_WORDS.get(parts[0].lower(), "") for parts in below]
    if not all(splits) or any(len(parts) < 2 for parts in below):
        return _pictures(below, [""] * len(below), paths), _collections(below, where)
    classes = [parts[1:] for parts in below]
    split_of: dict[tuple[str, ...], set[str]] = {}
    for parts, split in zip(classes, splits, strict=True):
        split_of.setdefault(parts, set()).add(split)
    if all(len(each) == 1 for each in split_of.values()):
        return _pictures(classes, splits, paths), []
    note = (
        f"{where} holds the same classes in its folders "
        f"{' and '.join(sorted(set(splits)))}, as ordinary classification does; few-shot splits "
        "must not share classes, so the folders were joined."
    )
    # With their folders in the names, since both may hold an image of one name.
    joined = _pictures(below, [""] * len(below), paths)
    return [
        replace(picture, class_name="/".join(parts))
        for picture, parts in zip(joined, classes, strict=True)
    ], [note]


def _collections(folders: Sequence[tuple[str, ...]], where: str) -> list[str]:
    """Note that folders of classes lie in folders of their own: one of those may be meant."""
    names = sorted({parts[0] for parts in folders})
    if len(names) < 2 or any(len(parts) < 2 for parts in folders):
        return []
    collections = counted(names, "collection is", "collections are")
    first = shown("/".join(min(folders)))
    return [
        f"In {where}, {collections} imported together; the names of classes begin with the "
        f'collection, such as "{first}". To import one collection alone, choose its folder.'
    ]


def _shared(folders: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the folders that all begin with."""
    low, high = min(folders), max(folders)
    count = 0
    while count < min(len(low), len(high)) and low[count] == high[count]:
        count += 1
    return low[:count]


def _pictures(
    classes: Sequence[tuple[str, ...]], splits: Sequence[str], paths: Sequence[PurePosixPath]
) -> list[Picture]:
    return [
        Picture(f"{'/'.join(parts)}/{path.name}", "/".join(parts), split)
        for parts, split, path in zip(classes, splits, paths, strict=True)
    ]
