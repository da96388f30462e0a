"""Opens pictures of any kind, told by what a path holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import BadInput
from engine.images.sources.arrays import array_pictures
from engine.images.sources.files import archived_pictures, folder_pictures
from engine.images.sources.parquet import parquet_pictures
from engine.images.sources.source import PictureSource
from engine.images.sources.tables import table_pictures, tables_in

WANTED = (
    "a folder or a .zip with a folder for each class, a .csv of paths and labels, a .parquet table "
    "or a pickled miniImageNet"
)


@contextmanager
def opened_pictures(path: Path) -> Iterator[PictureSource]:
    """Open the pictures at a path.

    Parameters
    ----------
    path
        A folder with a folder for each class at any depth, the same in a zip archive, a table
        (CSV) of paths and labels or a folder with train.csv, val.csv and test.csv, Parquet with
        the pictures' bytes (a file or a folder of them), or a pickled miniImageNet.

    Raises
    ------
    BadInput
        If there are no pictures, or nobody can tell their classes.
    """
    if not path.exists():
        raise BadInput(f"There is nothing at {path}; name {WANTED}.")
    ending = path.suffix.lower()
    if path.is_dir():
        if tables := tables_in(path):
            yield table_pictures(tables)
        elif any(path.glob("*.parquet")):
            with parquet_pictures(path) as source:
                yield source
        elif found := sorted(path.glob("*.pkl")) + sorted(path.glob("*.pickle")):
            yield array_pictures(found, path.name)
        else:
            yield folder_pictures(path)
    elif ending == ".csv":
        yield table_pictures([path])
    elif ending == ".parquet":
        with parquet_pictures(path) as source:
            yield source
    elif ending in (".pkl", ".pickle"):
        yield array_pictures([path], path.stem)
    elif ending == ".zip":
        with archived_pictures(path) as source:
            yield source
    else:
        raise BadInput(f"{path.name} is of no kind that holds pictures here; name {WANTED}.")
