"""Whether a path holds pictures that can be imported, as far as a glance tells."""

import csv
import os
from collections.abc import Sequence
from itertools import islice
from pathlib import Path, PurePosixPath

from engine.data.importers.features.columns import columns_of
from engine.data.importers.features.sources import is_feature_folder
from engine.data.importers.features.table_header import has_features, opened_table
from engine.data.importers.untrusted import member_name, opened_zip
from engine.errors import BadInput
from engine.images.sources.decoding import ENDINGS
from engine.images.sources.parquet import IMAGE_COLUMNS
from engine.images.sources.paths import is_picture
from engine.images.sources.tables import LABEL_COLUMNS, PATH_COLUMNS, tables_in

_MOST_FILES = 50_000  # of a folder, among which a picture is looked for
_GLANCE = 4 << 20  # bytes at the beginning and at the end of a pickle
# How a pickle writes the short words that are the types of arrays.
_WORDS = (b"X\x02\x00\x00\x00%s", b"\x8c\x02%s", b"U\x02%s", b"V%s\n", b"'%s'")


def holds_pictures(path: Path) -> bool:
    """Whether a path holds pictures, and not features; whether they can be imported is not said.

    Names, first lines and schemas are looked at; no picture is read. What a pickle holds is told by
    words in it: one that does not tell so may hold pictures all the same.
    """
    if path.is_dir():
        return _folder_holds(path)
    ending = path.suffix.lower()
    if ending == ".csv":
        return _lists_pictures(path)
    if ending == ".parquet":
        return _has_image_column(path)
    if ending in (".pkl", ".pickle"):
        return _has_words_of_pictures(path)
    return ending == ".zip" and _is_archive_of_pictures(path)


def _folder_holds(folder: Path) -> bool:
    """Look at what `opened_pictures` would take, in its order."""
    try:
        if tables := tables_in(folder):
            return any(_lists_pictures(table) for table in tables)
        if tables := sorted(folder.glob("*.parquet")):
            return any(_has_image_column(table) for table in tables)
        if pickles := sorted(folder.glob("*.pkl")) + sorted(folder.glob("*.pickle")):
            return any(_has_words_of_pictures(each) for each in pickles)
        return not is_feature_folder(folder) and _has_picture_below(folder)
    except OSError:
        return False  # which is said by whoever opens it


def _has_picture_below(folder: Path) -> bool:
    names = (
        PurePosixPath(Path(place, name).relative_to(folder).as_posix())
        for place, _, files in os.walk(folder)
        for name in files
    )
    return any(is_picture(name) for name in islice(names, _MOST_FILES))


def _is_archive_of_pictures(path: Path) -> bool:
    try:
        with opened_zip(path, "a zip archive of pictures") as archive:
            names = [PurePosixPath(member_name(member)) for member in archive.infolist()]
    except (BadInput, OSError):
        return False
    # Embeddings of LEO's release may have pictures beside them.
    is_release = any(name.name.endswith("_embeddings.pkl") for name in names)
    # Also names that lead out of the archive: whoever opens it says so.
    return not is_release and any(name.suffix.lower() in ENDINGS for name in names)


def _lists_pictures(table: Path) -> bool:
    if has_features(table):
        return False
    try:
        with opened_table(table, table.name) as file:
            names = _lowered(next(csv.reader([file.readline(_GLANCE)]), []))
    except (BadInput, OSError):
        return False
    return _has_both(names, PATH_COLUMNS)


def _has_image_column(table: Path) -> bool:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        return False
    try:
        names = list(parquet.read_schema(table).names)
    except (ArrowException, OSError):
        return False
    return _has_both(_lowered(names), IMAGE_COLUMNS) and not _are_features(names, table.name)


def _are_features(names: Sequence[str], where: str) -> bool:
    try:
        columns_of(names, where)
    except BadInput:
        return False
    return True


def _has_both(names: Sequence[str], wanted: Sequence[str]) -> bool:
    return any(name in names for name in wanted) and any(name in names for name in LABEL_COLUMNS)


def _lowered(names: Sequence[str]) -> list[str]:
    return [name.strip().lower() for name in names]


def _has_words_of_pictures(pickle: Path) -> bool:
    try:
        with pickle.open("rb") as file:
            glance = file.read(_GLANCE)
            file.seek(max(len(glance), pickle.stat().st_size - _GLANCE))
            glance += file.read(_GLANCE)
    except OSError:
        return False
    if b"image_data" in glance and b"class_dict" in glance:
        return True
    are_bytes = _has_type(glance, b"u1") and not any(
        _has_type(glance, each) for each in (b"f2", b"f4", b"f8")
    )
    return b"data" in glance and b"labels" in glance and are_bytes


def _has_type(glance: bytes, name: bytes) -> bool:
    return any(word % name in glance for word in _WORDS)
