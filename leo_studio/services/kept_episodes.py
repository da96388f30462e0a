"""Files of episodes that were kept: moved to the trash, and taken back."""

import secrets
import shutil
from pathlib import Path

from engine.errors import BadInput
from engine.io.files import not_written
from engine.io.times import stamp
from engine.runs.library import Library


def throw_away_inspection(library: Library, path: Path) -> Path:
    """Move a kept episode to the library's trash and return where it is now.

    Raises
    ------
    BadInput
        If it is gone, or the system does not let it be moved.
    """
    run = path.parent.parent.name
    target = library.trash / f"{run}--{path.stem}--{stamp()}-{secrets.token_hex(2)}{path.suffix}"
    try:
        library.trash.mkdir(parents=True, exist_ok=True)
        shutil.move(path, target)
    except FileNotFoundError:
        raise BadInput(f"{path.name} is no longer there; open the list again.") from None
    except OSError as error:
        raise not_written(target, error) from error
    return target


def restore_inspection(thrown_away: Path, path: Path) -> None:
    """Take a kept episode out of the trash to where it was.

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
