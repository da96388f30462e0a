"""Pictures inside of Parquet tables, as the data sets of Hugging Face hold them."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from engine.data.class_splits import SPLIT_WORDS
from engine.errors import BadInput
from engine.images.sources.files import PictureFiles, no_pictures
from engine.images.sources.source import Picture
from engine.images.sources.tables import LABEL_COLUMNS
from engine.io.listing import listed, shown

IMAGE_COLUMNS = ("image", "img", "picture", "bytes", "image_bytes")


@contextmanager
def parquet_pictures(path: Path) -> Iterator[PictureFiles]:
    """Open Parquet tables with a column of pictures' bytes and one of labels.

    Parameters
    ----------
    path
        A table, or a folder of them; one whose name begins with train, val or test is that split.

    Raises
    ------
    BadInput
        If pyarrow is not installed, a table is damaged, or it lacks a column.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise BadInput(
            f"{path.name} is a Parquet table, which needs pyarrow; install it with: "
            "pip install 'leo-studio[parquet]'"
        ) from error
    tables = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    found: list[tuple[Picture, tuple[int, int, int]]] = []
    with ExitStack() as stack:
        files = []
        for number, table in enumerate(tables):
            try:
                file = stack.enter_context(parquet.ParquetFile(table))
                found += _listed_in(file, table, number)
            except (pyarrow.ArrowException, OSError) as error:
                raise BadInput(
                    f"{table.name} is no whole Parquet table; copy or download it again."
                ) from error
            files.append(file)
        if not found:
            raise no_pictures(path.name)
        found.sort(key=lambda each: (each[0].class_name, each[1]))
        reader = _Reader(files)
        yield PictureFiles(
            path.stem,
            [picture for picture, _ in found],
            [],
            lambda index: reader.read(*found[index][1]),
        )


class _Reader:
    """Reads one row's bytes; the last group of rows of each table is kept, as neighbours follow."""

    def __init__(self, files: list[Any]) -> None:
        self._files = files
        self._groups: dict[int, tuple[int, Any]] = {}
        self._lock = threading.Lock()

    def read(self, table: int, group: int, row: int) -> bytes:
        """Return the bytes of a picture; raises `BadInput` where there are none."""
        with self._lock:
            number, column = self._groups.get(table, (-1, None))
            if number != group:
                file = self._files[table]
                names = [file.schema_arrow.names[_image_column(file)]]
                column = file.read_row_group(group, columns=names).column(0)
                self._groups[table] = (group, column)
            value = column[row].as_py()
        data = value.get("bytes") if isinstance(value, dict) else value
        if not isinstance(data, bytes):
            raise BadInput(f"Row {row} of a Parquet table holds no bytes of a picture; remove it.")
        return data


def _listed_in(file: Any, table: Path, number: int) -> list[tuple[Picture, tuple[int, int, int]]]:
    names = file.schema_arrow.names
    label_at = next((at for at, name in enumerate(names) if name.lower() in LABEL_COLUMNS), None)
    if _image_column(file) < 0 or label_at is None:
        raise BadInput(
            f"{table.name} has the columns {listed([shown(name) for name in names])}; a table of "
            f"pictures needs one of {', '.join(IMAGE_COLUMNS)} and one of "
            f"{', '.join(LABEL_COLUMNS)}."
        )
    label_name = names[label_at]
    class_names = _class_names(file, label_name)
    split = _split_of(table)
    found = []
    for group in range(file.num_row_groups):
        labels = file.read_row_group(group, columns=[label_name]).column(0).to_pylist()
        for row, label in enumerate(labels):
            if label is None:
                raise BadInput(f"{table.name}, row {row}: the label is missing; remove the row.")
            known = isinstance(label, int) and 0 <= label < len(class_names)
            called = class_names[label] if known else str(label)
            picture = Picture(f"{called}/{table.stem}-{group}-{row}", called, split)
            found.append((picture, (number, group, row)))
    return found


def _image_column(file: Any) -> int:
    names = [name.lower() for name in file.schema_arrow.names]
    return next((names.index(name) for name in IMAGE_COLUMNS if name in names), -1)


def _class_names(file: Any, label: str) -> list[str]:
    """Return what Hugging Face's own notes in the table call its labels; none where it has none."""
    try:
        notes = json.loads((file.schema_arrow.metadata or {})[b"huggingface"])
        names = notes["info"]["features"][label]["names"]
        return [str(name) for name in names]
    except (KeyError, TypeError, ValueError):
        return []


def _split_of(table: Path) -> str:
    first = table.stem.lower().replace("_", "-").partition("-")[0]
    return SPLIT_WORDS.get(first, "")
