"""Names of stores as people read them."""

from pathlib import Path

from engine.data.built_in import BUILT_IN_STORE
from engine.io.paths import is_path


def store_title(name_or_path: str) -> str:
    """Return what people call a store, by its name in the library or its path.

    The built-in one is said to be that; a file elsewhere has its own name and its folder's, since
    a whole path hides both.
    """
    if name_or_path == BUILT_IN_STORE:
        return "Built-in glyphs"
    if not is_path(name_or_path, (".h5", ".hdf5")):
        return name_or_path
    path = Path(name_or_path)
    folder = path.absolute().parent.name
    return f"{path.stem} (in {folder})" if folder else path.stem
