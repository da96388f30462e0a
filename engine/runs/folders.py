"""Folders of runs: which there are, and the one path that a run is known by everywhere.

A run is known by its folder's name in the folder around it, and that one without links: a symbolic
link among the runs has the name that people see and type, while a library that lies behind a link
shows each run once.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from engine.errors import BadInput

# How names end that `Run.create` gives, after the experiment's: the time, and four digits for a
# second folder.
MOMENT = re.compile(r"-\d{8}-\d{6}(-[0-9a-f]{4})?\Z")


def run_identity(path: Path) -> Path:
    """Return the one path by which a run's folder is known; the folder need not exist.

    Parameters
    ----------
    path
        The folder, however it was reached: relative, or by way of links.
    """
    if path.name in ("", ".."):
        return path.resolve()
    return path.parent.resolve() / path.name


def link_target(folder: Path) -> Path | None:
    """Return where a run lies whose folder is a symbolic link to it; None if it is no link."""
    return folder.resolve() if folder.is_symlink() else None


def listed_identity(path: Path, folder: Path) -> Path:
    """Return the path by which the runs of `folder` show a run: a link's, if one leads to it."""
    own, real = run_identity(path), path.resolve()
    if own.parent == folder.resolve():
        return own
    return next((known for known in run_folders(folder) if known.resolve() == real), own)


def run_folders(folder: Path) -> list[Path]:
    """Return the runs in a folder by name; a run that a link leads to as well is there once."""
    found = (path.parent for path in folder.glob("*/run.json"))
    return without_aliases(path for path in found if not path.name.startswith("."))  # of drafts


def without_aliases(folders: Iterable[Path]) -> list[Path]:
    """Return folders of runs, each run once, by path: links only where the run is not among them.

    Of several links to one run the first by name stays.
    """
    known: dict[Path, Path] = {}
    identities = sorted(set(map(run_identity, folders)))
    for path in sorted(identities, key=lambda path: (path.is_symlink(), path)):
        known.setdefault(path.resolve(), path)
    return sorted(known.values())


def require_no_folder(files: Iterable[Path]) -> None:
    """Raise `BadInput` where a folder is in the place of one of a run's files."""
    for path in files:
        if path.is_dir():
            raise BadInput(f"{path} is a folder where a file belongs; move it away.")
