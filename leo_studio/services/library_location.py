"""The place of the library folder on this machine."""

import os
from pathlib import Path

import platformdirs

from engine.runs.library import Library


def default_library() -> Library:
    """Return the library at LEO_STUDIO_HOME, or where the platform keeps user data."""
    home = os.environ.get("LEO_STUDIO_HOME")
    if home:
        return Library(Path(home).expanduser().resolve())
    return Library(Path(platformdirs.user_data_dir("leo-studio", appauthor=False)).resolve())
