"""The place of the library folder on this machine."""

import os
from pathlib import Path

import platformdirs

from engine.io.paths import expanded
from engine.runs.library import Library


def default_library() -> Library:
    """Return the library at LEO_STUDIO_HOME, or where the platform keeps user data.

    A user without a home folder, as in some containers, has a library without a place.
    """
    home = os.environ.get("LEO_STUDIO_HOME")
    if home:
        return Library(expanded(home).resolve())
    try:
        place = Path(platformdirs.user_data_dir("leo-studio", appauthor=False))
    except RuntimeError:
        return Library(None)
    # Older versions of platformdirs leave a ~ that they cannot expand.
    return Library(place.resolve() if place.is_absolute() else None)
