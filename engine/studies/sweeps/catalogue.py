"""The spaces that come with the program."""

from collections.abc import Mapping
from pathlib import Path

from engine.config.built_in import built_in_presets
from engine.errors import BadInput
from engine.io.names import nearest_name
from engine.io.paths import expanded, is_path
from engine.runs.library import EXPERIMENT_ENDINGS


def space_files() -> Mapping[str, Path]:
    """Return the files of the built-in spaces by their names."""
    return {path.stem: path for path in sorted((built_in_presets() / "sweeps").glob("*.yaml"))}


def space_path(name_or_file: str) -> Path:
    """Find a built-in space by its name, or a space's file by its path; raises `BadInput`."""
    if is_path(name_or_file, EXPERIMENT_ENDINGS):
        return expanded(name_or_file)
    files = space_files()
    if name_or_file not in files:
        meant = nearest_name(name_or_file, files)
        others = f"there are {', '.join(files)}." if meant is None else f"did you mean {meant}?"
        raise BadInput(
            f'There is no space "{name_or_file}"; {others} A file of your own is given by its '
            "path, ending in .yaml."
        )
    return files[name_or_file]
