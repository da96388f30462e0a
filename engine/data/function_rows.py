"""Reading of the rows of a table of measured functions (task, x, y); no torch.

Commas, semicolons and tabs may separate columns; numbers have a decimal point.
"""

import array
import csv
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from engine.data.importers.features.table_header import (
    FUNCTION_COLUMNS,
    header_of,
    opened_table,
)
from engine.data.splits import SPLITS
from engine.errors import BadInput
from engine.io.listing import listed, shown
from engine.io.paths import is_file

_NEEDED = _TASK, _X, _Y = FUNCTION_COLUMNS
_SPLIT = "split"


class FunctionRows(NamedTuple):
    """The rows of a table, n of them, and what is said of its tasks, in their order of appearance.

    Attributes
    ----------
    names, first_lines, splits
        Of the tasks, and the line at which each begins; no splits where no column names them.
    tasks, x, y
        The place of each row's task among the names, int64, and its numbers, double.
    """

    names: list[str]
    first_lines: list[int]
    splits: list[str]
    tasks: "array.array[int]"
    x: "array.array[float]"
    y: "array.array[float]"


def read_rows(path: Path) -> FunctionRows:
    """Read a table.

    Raises
    ------
    BadInput
        If it is missing or no such table; the sentence names the line and the column.
    """
    if not is_file(path):
        raise BadInput(no_functions_at(path))
    with opened_table(path, path.name) as file:
        header, separator = header_of(file, path.name)
        table = _Table(path.name, header, separator)
        reader = csv.reader(file, delimiter=separator)
        for row in reader:
            if any(cell.strip() for cell in row):
                table.add(row, 1 + reader.line_num)
    if not table.rows.names:
        raise BadInput(f"{path.name} has no rows below its first line; add points: task, x, y.")
    return table.rows


def no_functions_at(path: Path) -> str:
    """Return the sentence that there is no file at a path."""
    return f"There is no file of functions at {path}; check task.functions."


class _Table:
    """The rows that were read so far."""

    def __init__(self, where: str, header: Sequence[str], separator: str) -> None:
        self._where, self._width, self._separator = where, len(header), separator
        columns = [name.strip().casefold() for name in header]
        self._require_columns(columns)
        self._places = {name: columns.index(name) for name in _NEEDED}
        self._split = columns.index(_SPLIT) if _SPLIT in columns else None
        self._known: dict[str, int] = {}
        self.rows = FunctionRows([], [], [], array.array("q"), array.array("d"), array.array("d"))

    def add(self, row: Sequence[str], line: int) -> None:
        """Take a row that ends at a line."""
        if len(row) < self._width or any(cell.strip() for cell in row[self._width :]):
            comma = (
                "; numbers need a decimal point, and names with a comma in them quotes"
                if self._separator == "," and len(row) > self._width
                else ""
            )
            raise BadInput(
                f"{self._where}, line {line}, has {len(row):,} columns, and the first line "
                f"{self._width:,}{comma}."
            )
        name = row[self._places[_TASK]].strip()
        if not name:
            raise BadInput(
                f"{self._where}, line {line}: column task is empty; say which function the point "
                "is of, or remove the row."
            )
        x, y = (self._number(row, column, line) for column in (_X, _Y))
        place = self._known.setdefault(name, len(self._known))
        if place == len(self.rows.names):
            self.rows.names.append(name)
            self.rows.first_lines.append(line)
        self._take_split(row, place, line)
        self.rows.tasks.append(place)
        self.rows.x.append(x)
        self.rows.y.append(y)

    def _number(self, row: Sequence[str], column: str, line: int) -> float:
        text = row[self._places[column]].strip()
        number = _number_of(text)
        if number is not None and math.isfinite(number):
            return number
        where = f"{self._where}, line {line}: column {column}"
        if not text:
            raise BadInput(f"{where} is empty; fill it in, or remove the row.")
        if number is not None:
            raise BadInput(f'{where} is "{shown(text)}", no finite number; remove the row.')
        if _number_of(text.replace(",", ".")) is not None:
            raise BadInput(
                f'{where} is "{shown(text)}", with a decimal comma; save the numbers with a '
                "decimal point."
            )
        raise BadInput(f'{where} is "{shown(text)}", no number; mend it, or remove the row.')

    def _take_split(self, row: Sequence[str], place: int, line: int) -> None:
        """Take the split that a row names, which is that of all rows of its task."""
        if self._split is None:
            return
        split = row[self._split].strip().casefold()
        if split not in SPLITS:
            raise BadInput(
                f'{self._where}, line {line}: column split is "{shown(row[self._split])}"; it must '
                "be train, val or test."
            )
        splits = self.rows.splits
        if place == len(splits):
            splits.append(split)
        elif splits[place] != split:
            raise BadInput(
                f'{self._where}, line {line}: task "{shown(self.rows.names[place])}" is in split '
                f"{split} here, and in {splits[place]} above; put all its rows into one."
            )

    def _require_columns(self, columns: Sequence[str]) -> None:
        twice = [name for name, count in Counter(columns).items() if count > 1]
        several = [name for name in (*_NEEDED, _SPLIT) if name in twice]
        if several:
            raise BadInput(
                f"{self._where}, line 1: there are several columns {several[0]}; leave one."
            )
        missing = [name for name in _NEEDED if name not in columns]
        if missing:
            there = listed([f'"{shown(name)}"' for name in columns], 6)
            raise BadInput(
                f"{self._where}, line 1: there is no column {missing[0]}, but {there}; the first "
                "line must name the columns task, x and y."
            )


def _number_of(text: str) -> float | None:
    """Return a number as tables write them; None for what is none."""
    if "_" in text:  # which Python would read
        return None
    try:
        return float(text)
    except ValueError:
        return None
