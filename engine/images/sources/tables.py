"""Pictures that a table (CSV) lists by path and label, such as Ravi and Larochelle's splits."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from engine.data.class_splits import SPLIT_WORDS
from engine.errors import BadInput
from engine.images.sources.files import PictureFiles, no_pictures, read_file
from engine.images.sources.source import Picture
from engine.io.listing import listed, shown
from engine.io.text import open_text

PATH_COLUMNS = ("path", "filename", "file", "file_name", "image", "image_path")
LABEL_COLUMNS = ("label", "class", "class_name", "category", "target")
SPLIT_COLUMNS = ("split", "subset", "partition")
# Where the files of a table may lie, seen from the table itself.
_FOLDERS = (".", "images", "../images", "..")


def tables_in(folder: Path) -> list[Path]:
    """Return the tables of a folder that are named after splits: train.csv, val.csv, test.csv."""
    return [path for path in sorted(folder.glob("*.csv")) if _split_named(path)]


def table_pictures(tables: Sequence[Path]) -> PictureFiles:
    """Return the pictures that tables list.

    Parameters
    ----------
    tables
        CSV files with a header, one column of paths (path, filename, image ...), one of labels
        (label, class ...) and perhaps one of splits. A table that is named train, val or test is
        that split, where it has no such column. Paths are seen from the table's folder, from the
        folder images in it or beside it, or from the one above it; none may lead out of there.

    Raises
    ------
    BadInput
        If a table lacks a column, lists nothing, or its files are not there.
    """
    rows = [row for table in tables for row in _rows(table)]
    name = tables[0].parent.resolve().name if len(tables) > 1 else tables[0].stem
    if not rows:
        raise no_pictures(name)
    rows.sort(key=lambda row: (row[0].class_name, row[0].name))
    files = [path for _, path in rows]
    return PictureFiles(name, [each for each, _ in rows], [], lambda at: read_file(files[at]))


def _rows(table: Path) -> list[tuple[Picture, Path]]:
    """Read the pictures of one table, and where their files are."""
    try:
        with open_text(table) as file:
            return list(_rows_in(csv.DictReader(file), table))
    except OSError as error:
        raise BadInput(f"{table.name} cannot be read: {error.strerror or error}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{table.name} is no table; save it as CSV in UTF-8.") from error


def _rows_in(reader: "csv.DictReader[str]", table: Path) -> Iterator[tuple[Picture, Path]]:
    columns = {name.strip().lower(): name for name in reader.fieldnames or ()}
    path_column = _column(columns, PATH_COLUMNS, table, "paths")
    label_column = _column(columns, LABEL_COLUMNS, table, "labels")
    split_column = next((columns[name] for name in SPLIT_COLUMNS if name in columns), None)
    folder: Path | None = None
    for number, row in enumerate(reader, 2):
        where = f"{table.name}, line {number}"
        path, label = (row[path_column] or "").strip(), (row[label_column] or "").strip()
        if not path or not label:
            raise BadInput(f"{where}: a path or a label is missing; fill it in or remove it.")
        relative = PurePosixPath(path.replace("\\", "/"))
        if relative.is_absolute() or ".." in relative.parts or ":" in relative.parts[0]:
            raise BadInput(
                f'{where}: the path "{shown(path)}" leads out of the folder; write it as seen '
                "from the table."
            )
        folder = folder or _folder_with(relative, table, where)
        split = _split_named(table)
        if split_column is not None:
            split = _split(row[split_column] or "", where)
        yield Picture(f"{label}/{relative.name}", label, split), folder / relative


def _column(columns: dict[str, str], known: Sequence[str], table: Path, what: str) -> str:
    for name in known:
        if name in columns:
            return columns[name]
    has = listed([f'"{shown(name)}"' for name in columns.values()]) or "none"
    raise BadInput(
        f"{table.name} has no column of {what}; its first line must name one of "
        f"{', '.join(known)} (it has {has})."
    )


def _folder_with(relative: PurePosixPath, table: Path, where: str) -> Path:
    for folder in _FOLDERS:
        if (table.parent / folder / relative).is_file():
            return table.parent / folder
    raise BadInput(
        f'{where}: there is no file "{shown(str(relative))}" beside {table.name}, nor in a folder '
        "images; put the pictures there."
    )


def _split(text: str, where: str) -> str:
    split = SPLIT_WORDS.get(text.strip().lower())
    if split is None:
        raise BadInput(f'{where}: the split is "{shown(text)}"; write train, val or test.')
    return split


def _split_named(table: Path) -> str:
    """Return the split that a table is named after, or ""."""
    return SPLIT_WORDS.get(table.stem.lower(), "")
