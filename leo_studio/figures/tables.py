"""Numbers behind figures in files: CSV and Parquet, a file for each table, and HDF5, all in one."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import h5py
import numpy as np

from engine.errors import BadInput
from engine.io.files import replacing
from engine.io.hdf5_writing import HDF5Draft, new_hdf5
from leo_studio.figures.records import Column, Table

Report = Callable[[float], None]
"""Told how much is done, 0 to 1; may raise to end it, and then no file is changed."""

SCHEMA: Final = 1
_ROWS_AT_ONCE = 20_000


def table_files(path: Path, tables: Sequence[Table]) -> tuple[Path, ...]:
    """Return the files that tables go to: `path`, and for each further table one beside it."""
    if path.suffix.lower() in (".h5", ".hdf5"):
        return (path,)
    rest = (path.with_name(f"{path.stem}.{table.name}{path.suffix}") for table in tables[1:])
    return (path, *rest)


def write_tables(path: Path, tables: Sequence[Table], report: Report = lambda _: None) -> None:
    """Write tables in the format that the file's name ends with.

    In CSV and Parquet, what holds for a whole table is a column of its own, so that every row says
    where it is from; in HDF5 it is a group's attributes. Numbers are written so that they are read
    back as the same.

    Parameters
    ----------
    path
        Ends with .csv, .parquet, .h5 or .hdf5; every file is whole or absent.
    tables
        At least one.
    report
        Called with how much is done.

    Raises
    ------
    BadInput
        For another ending, without pyarrow for Parquet, or where a file cannot be written.
    """
    ending = path.suffix.lower()
    if ending in (".h5", ".hdf5"):
        with new_hdf5(path) as hdf5:
            _write_hdf5(hdf5, tables)
        return
    if ending not in (".csv", ".parquet"):
        raise BadInput(f"{path.name} must end with .csv, .parquet or .h5; choose one of these.")
    write = _write_csv
    if ending == ".parquet":
        require_parquet()
        write = _write_parquet
    total = sum(length_of(table) for table in tables) or 1
    done = 0
    with ExitStack() as files:
        drafts = [files.enter_context(replacing(each)) for each in table_files(path, tables)]
        for draft, table in zip(drafts, tables, strict=True):

            def tell(rows: int, before: int = done) -> None:
                report((before + rows) / total)

            write(draft, table, tell)
            done += length_of(table)


def require_parquet() -> None:
    """Raise `BadInput` where pyarrow is not installed."""
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise BadInput(
            "Parquet needs pyarrow; install it with: pip install 'leo-studio[parquet]', or choose "
            "CSV or HDF5."
        ) from None


def rows_of(table: Table, first: int, last: int) -> list[list[str]]:
    """Return some rows of a table as text, in the order of `titles_of`; not-a-number is empty."""
    columns = [_texts(column[first:last]) for column in flat_columns(table).values()]
    facts = [str(value) for value in table.facts.values()]
    return [[*facts, *row] for row in zip(*columns, strict=True)]


def titles_of(table: Table) -> list[str]:
    """Return the names of a table's columns: what holds for all of it, then what does not."""
    return [*table.facts, *flat_columns(table)]


def flat_columns(table: Table) -> Mapping[str, Column]:
    """Return the columns with vectors taken apart."""
    columns: dict[str, Column] = {}
    for name, column in table.columns.items():
        if isinstance(column, np.ndarray) and column.ndim == 2:
            columns |= {f"{name}_{place}": each for place, each in enumerate(column.T)}
        else:
            columns[name] = column
    return columns


def length_of(table: Table) -> int:
    """Return how many rows a table has."""
    return len(next(iter(table.columns.values()), ()))


def tab_separated(table: Table) -> str:
    """Return a table as a spreadsheet takes it from the clipboard."""
    return pasteable([titles_of(table), *rows_of(table, 0, length_of(table))])


def pasteable(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as a spreadsheet takes them from the clipboard."""
    text = io.StringIO()
    csv.writer(text, delimiter="\t", lineterminator="\n").writerows(rows)
    return text.getvalue()


def _texts(values: Column) -> Sequence[str]:
    if not isinstance(values, np.ndarray):
        return list(values)
    if values.dtype.kind != "f":
        return [str(int(value)) for value in values.tolist()]
    # As many digits as tell any two numbers of that size apart.
    digits = 9 if values.dtype.itemsize == 4 else 17
    return [_text(value, digits) for value in values.tolist()]


def _text(value: float, digits: int) -> str:
    if value != value:
        return ""
    if value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return repr(value) if digits == 17 else f"{value:.{digits}g}"


def _write_csv(path: Path, table: Table, tell: Callable[[int], None]) -> None:
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(titles_of(table))
        for first in range(0, length_of(table), _ROWS_AT_ONCE):
            last = min(length_of(table), first + _ROWS_AT_ONCE)
            writer.writerows(rows_of(table, first, last))
            tell(last)


def _write_parquet(path: Path, table: Table, tell: Callable[[int], None]) -> None:
    import pyarrow
    import pyarrow.parquet

    facts = {
        name: pyarrow.array([value] * length_of(table)).dictionary_encode()
        for name, value in table.facts.items()
    }
    columns = {name: pyarrow.array(column) for name, column in flat_columns(table).items()}
    pyarrow.parquet.write_table(pyarrow.table({**facts, **columns}), path)
    tell(length_of(table))


def _write_hdf5(draft: HDF5Draft, tables: Sequence[Table]) -> None:
    draft.file.attrs["schema"] = SCHEMA
    for table in tables:
        group = draft.file.create_group(table.name, track_order=True)
        for name, value in table.facts.items():
            group.attrs[name] = value
        for name, column in table.columns.items():
            is_text = not isinstance(column, np.ndarray)
            kind = h5py.string_dtype() if is_text else None
            group.create_dataset(name, data=column, dtype=kind)
        draft.check()
