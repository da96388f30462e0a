"""The place of the built-in presets."""

from functools import cache
from pathlib import Path


@cache
def built_in_presets() -> Path:
    """Return where the built-in presets are: inside the installed package, or in the checkout."""
    engine = Path(__file__).parents[1]
    installed = engine / "presets"
    return installed if installed.is_dir() else engine.parent / "presets"
