"""Files that a person kept: moved to the trash, and taken back."""

import secrets
import shutil
from pathlib import Path

from engine.errors import BadInput
from engine.io.files import not_written
from engine.io.times import stamp


def run_folder(path: Path) -> Path:
    """Return the folder of the run that a kept episode is kept with."""
    return path.parent.parent


def throw_away_kept(trash: Path, path: Path, owner: str) -> Path:
    """Move a kept file to the library's trash and return where it is now.

    Parameters
    ----------
    trash
        The folder of the trash.
    path
        The file.
    owner
        What it is of, such as a run's name; the name in the trash begins with that.

    Raises
    ------
    BadInput
        If it is gone, or the system does not let it be moved.
    """
    target = trash / f"{owner}--{path.stem}--{stamp()}-{secrets.token_hex(2)}{path.suffix}"
    try:
        trash.mkdir(parents=True, exist_ok=True)
        shutil.move(path, target)
    except FileNotFoundError:
        raise BadInput(f"{path.name} is no longer there; open the list again.") from None
    except OSError as error:
        raise not_written(target, error) from error
    return target


def restore_kept(thrown_away: Path, path: Path) -> None:
    """Take a kept file out of the trash to where it was.

    Raises
    ------
    BadInput
        If it is no longer in the trash, another one has its place, or it cannot be moved.
    """
    if path.exists():
        raise BadInput(f"There is another file at {path}; move that one first.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(thrown_away, path)
    except FileNotFoundError:
        raise BadInput(f"{path.name} is no longer in the trash at {thrown_away}.") from None
    except OSError as error:
        raise not_written(path, error) from error
