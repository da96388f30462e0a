"""Files of later versions of LEO Studio: known before anything else of them is looked at."""

from collections.abc import Mapping
from pathlib import Path

from engine.errors import BadInput

SCHEMA_KEY = "schema"


class NewerVersion(BadInput):
    """A file that a later version of LEO Studio wrote, and this one cannot read."""


def require_known_version(values: object, path: Path | str, known: int) -> None:
    """Raise `NewerVersion` if what was read from a file says that it is of a later version.

    Parameters
    ----------
    values
        What the file holds, or its attributes; what is no mapping, or says no version, is left to
        other rules.
    path
        The file, as the sentence names it.
    known
        The latest version that can be read.
    """
    found = values.get(SCHEMA_KEY) if isinstance(values, Mapping) else None
    try:
        number = int(found)  # type: ignore[arg-type,call-overload,unused-ignore]
    except (TypeError, ValueError, OverflowError):
        return
    if number > known:
        raise NewerVersion(
            f"{path} has schema {number}; this version of LEO Studio reads up to {known}: update "
            "LEO Studio."
        )
