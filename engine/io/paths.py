"""Paths that a person types: what is one, and what ~ stands for in it."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.errors import BadInput


def is_path(text: str, endings: Sequence[str] = ()) -> bool:
    """Whether what was typed is a path; if not, it is a name, looked for in the library first.

    A path has a separator, begins with ~, is . or .., or ends as files of its kind do.

    Parameters
    ----------
    text
        What was typed.
    endings
        Those of files of its kind, such as .h5.
    """
    has_separator = os.sep in text or bool(os.altsep and os.altsep in text)
    is_special = text.startswith("~") or text in (os.curdir, os.pardir)
    return has_separator or is_special or text.lower().endswith(tuple(endings))


def expanded(text: str | Path) -> Path:
    """Return a path that a person typed, with a home folder in the place of ~.

    Raises
    ------
    BadInput
        If that folder is not known: there is no such user, or no HOME.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError:
        user = Path(text).parts[0]
        raise BadInput(
            f"{text}: no home folder is known for {user}; write the path in full, or set HOME."
        ) from None


def is_file(path: Path) -> bool:
    """Whether there is a file; False too where nobody can look, or the name is too long."""
    return _asked(path.is_file)


def is_there(path: Path) -> bool:
    """Whether there is anything; False too where nobody can look, or the name is too long."""
    return _asked(path.exists)


def is_folder(path: Path) -> bool:
    """Whether there is a folder; False too where nobody can look, or the name is too long."""
    return _asked(path.is_dir)


def expanded_if_known(text: str) -> Path:
    """Return a path that is being typed, with ~ as it is while nobody knows what it stands for."""
    try:
        return expanded(text)
    except BadInput:
        return Path(text)


def _asked(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except OSError:
        return False
