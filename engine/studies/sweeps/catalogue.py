"""The spaces that come with the program, and a person's own in the library."""

from collections.abc import Mapping
from pathlib import Path

from engine.config.built_in import built_in_presets
from engine.errors import BadInput
from engine.io.names import nearest_name
from engine.io.paths import expanded, is_path
from engine.runs.library import EXPERIMENT_ENDINGS


def space_files(own: Path | None = None) -> Mapping[str, Path]:
    """Return the files of spaces by their names: of the built-in ones, and of those in `own`.

    A built-in one comes before one of the same name.
    """
    folders = [*([] if own is None else [own]), built_in_presets() / "sweeps"]
    files = {path.stem: path for each in folders for path in each.glob("*.yaml")}
    return dict(sorted(files.items()))


def space_path(name_or_file: str, own: Path | None = None) -> Path:
    """Find a space by its name, see `space_files`, or a file by its path; raises `BadInput`."""
    if is_path(name_or_file, EXPERIMENT_ENDINGS):
        return expanded(name_or_file)
    files = space_files(own)
    if name_or_file not in files:
        meant = nearest_name(name_or_file, files)
        others = f"there are {', '.join(files)}." if meant is None else f"did you mean {meant}?"
        raise BadInput(
            f'There is no space "{name_or_file}"; {others} A file of your own is given by its '
            "path, ending in .yaml."
        )
    return files[name_or_file]
