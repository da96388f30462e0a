"""Where an imported store is put, and what becomes of one that is there already.

An import never replaces a store that it was not told to replace: a run can be evaluated and resumed
only with the store that it was trained on.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from engine.config.names import name_like
from engine.data.built_in import BUILT_IN_STORE
from engine.data.fingerprint import fingerprint
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.io.files import publish_new

_IMAGE_ROWS = 1024
# Moves a store out of the way, to where it can be found again, and returns where that is.
KeepOld = Callable[[Path], Path]


class StoreTaken(BadInput):
    """An import would take a name that a store has already.

    Attributes
    ----------
    paths
        The stores that are there; none may be yet for the name of the built-in one.
    may_replace
        Whether they may be replaced; the built-in store may not.
    """

    def __init__(self, sentence: str, paths: Sequence[Path], *, may_replace: bool = True) -> None:
        super().__init__(sentence)
        self.paths = tuple(paths)
        self.may_replace = may_replace


class Placement:
    """Puts one store at its place when it is whole.

    Parameters
    ----------
    path
        The store to be.
    keep_old
        What to do with another one at `path`; without it, that one stays and `StoreTaken` is
        raised.

    Attributes
    ----------
    old
        Where the store is that was replaced; None where there was none.
    is_unchanged
        Whether the very same store was there already, which was left as it was.
    """

    def __init__(self, path: Path, keep_old: KeepOld | None = None) -> None:
        self.path = path
        self.old: Path | None = None
        self.is_unchanged = False
        self._keep_old = keep_old

    def publish(self, draft: Path, path: Path) -> None:
        """Move a whole store to its place; see `engine.io.files.drafted`.

        Looked at only now, so that of two imports of one name at once the later finds the earlier.
        """
        while True:
            try:
                publish_new(draft, path)
                return
            except FileExistsError:
                if path.is_dir():
                    raise BadInput(f"{path} is a folder; move it away or rename it.") from None
            if have_same_contents(draft, path):
                self.is_unchanged = True
                draft.unlink()
                return
            if self._keep_old is None:
                raise taken([path])
            try:
                self.old = self._keep_old(path)
            except FileNotFoundError:
                continue  # somebody took it away meanwhile
            draft.replace(path)
            return


def taken(paths: Sequence[Path]) -> StoreTaken:
    """Say that stores are there already, hold something else, and what to do."""
    names = " and ".join(path.stem for path in paths)
    there, they, old = (
        ("is there already, with other contents", "it", "the old one goes")
        if len(paths) == 1
        else ("are there already, with other contents", "them", "the old ones go")
    )
    folder = paths[0].parent
    return StoreTaken(
        f"{names} {there} (in {folder}); give this import another name with --name NEW, or replace "
        f"{they} with --replace: {old} to the trash.",
        paths,
    )


def require_own_name(name: str, path: Path) -> None:
    """Raise `StoreTaken` where a store would be called as the built-in one is."""
    if BUILT_IN_STORE in (name.casefold(), path.stem.casefold()):
        raise StoreTaken(
            f'"{BUILT_IN_STORE}" is the name of the built-in store alone; give this import another '
            "name with --name NEW.",
            [path],
            may_replace=False,
        )


def free_name(path: Path) -> str:
    """Return a name like that of a store, beside it, which no store has: "features-2".

    A file may have a name that nobody can give by hand; what is proposed can be.
    """
    like, number = name_like(path.stem), 2
    while os.path.lexists(path.with_stem(f"{like}-{number}")):
        number += 1
    return f"{like}-{number}"


def have_same_contents(one: Path, other: Path) -> bool:
    """Whether two stores hold the same names, embeddings and images; not, where one is damaged."""
    try:
        first, second = EmbeddingStore(one), EmbeddingStore(other)
        if first.name != second.name or first.splits != second.splits:
            return False
        if fingerprint(first) != fingerprint(second):
            return False
        return all(_same_rows(first, second, split) for split in first.splits)
    except BadInput:
        return False


def _same_rows(first: EmbeddingStore, second: EmbeddingStore, split: str) -> bool:
    for one, other in zip(first.chunks(split), second.chunks(split), strict=True):
        if not np.array_equal(one, other):
            return False
    if not first.splits[split].has_images:
        return True
    for start in range(0, first.splits[split].examples, _IMAGE_ROWS):
        rows = range(start, min(start + _IMAGE_ROWS, first.splits[split].examples))
        one_part, other_part = first.images(split, rows), second.images(split, rows)
        if one_part is None or other_part is None or not np.array_equal(one_part, other_part):
            return False
    return True
