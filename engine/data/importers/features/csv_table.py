"""Reading of tables of features as text (.csv, .tsv).

Shapes: n rows, D embedding size.
"""

import array
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

import numpy as np

from engine.data.importers.features.columns import Columns, columns_of
from engine.data.importers.features.feature_set import FeatureSet, feature_set
from engine.data.importers.features.table_header import (
    FUNCTION_COLUMNS,
    LONGEST_LINE,
    header_of,
    opened_table,
)
from engine.data.importers.metering import Meter
from engine.errors import BadInput
from engine.io.listing import shown

_ROWS_A_REPORT = 256
_MARKS = str.maketrans("[](),;\n", "       ")  # around and between the numbers of a vector


def read_csv(path: Path, where: str, meter: Meter) -> FeatureSet:
    """Read a table of features.

    Raises
    ------
    BadInput
        If it is no table, or lacks vectors or labels; the sentence names the line.
    """
    with opened_table(path, where) as file:
        names, separator = header_of(file, where)
        columns = columns_of(names, where)
        if _are_of_functions(names, columns):
            raise BadInput(
                f"{where} has points of functions (columns task, x, y), which need no import: "
                "choose it as the file of functions (task.functions) of an experiment that learns "
                "regression."
            )
        table = _Table(columns, names, where)
        lines = _Lines(file, where)
        done = 0
        for count, row in enumerate(csv.reader(lines, delimiter=separator)):
            if row:
                table.add(row, lines.number)
            if count % _ROWS_A_REPORT == 0:
                meter.add(where, lines.letters - done)
                done = lines.letters
    return table.features()


def _are_of_functions(names: Sequence[str], columns: Columns) -> bool:
    """Whether a table is one of measured functions: task, x and y in any order, and perhaps others.

    A table of features may have such columns beside its vectors.
    """
    folded = {name.strip().casefold() for name in names}
    vectors = [name.strip().casefold() for name in columns.vectors]
    return folded.issuperset(FUNCTION_COLUMNS) and vectors == ["x"]


class _Lines:
    """The lines of a table, none too long for memory."""

    def __init__(self, file: TextIO, where: str) -> None:
        self._file = file
        self._where = where
        self.number = 1  # of the line that was read last; the first has the names
        self.letters = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._file.readline(LONGEST_LINE):
            self.number += 1
            self.letters += len(line)
            if len(line) == LONGEST_LINE:
                raise BadInput(
                    f"{self._where}, line {self.number}, is longer than {LONGEST_LINE:,} letters, "
                    "as no row of features is; save it again."
                )
            yield line


class _Table:
    """The rows that were read so far."""

    def __init__(self, columns: Columns, names: Sequence[str], where: str) -> None:
        self._columns = columns
        self._width = len(names)
        self._where = where
        self._vector_places = [names.index(name) for name in columns.vectors]
        self._label_place = names.index(columns.label)
        self._name_place = names.index(columns.name) if columns.name else None
        self._split_place = names.index(columns.split) if columns.split else None
        self._numbers = array.array("d")
        self._dim = 0
        self._labels: list[str] = []
        self._names: list[str] = []
        self._splits: list[str] = []

    def add(self, row: Sequence[str], line: int) -> None:
        """Take a row, which ends in a line of this number."""
        place = f"{self._where}, line {line}"
        if len(row) != self._width:
            raise BadInput(
                f"{place}, has {len(row):,} columns, and the first line {self._width:,}."
            )
        if len(self._vector_places) == 1:
            parts = row[self._vector_places[0]].removeprefix("tensor").translate(_MARKS).split()
        else:
            parts = [row[at] for at in self._vector_places]
        try:
            self._numbers.extend(map(float, parts))
        except ValueError:
            raise BadInput(f"{place}: {self._what_is_no_number(parts)}") from None
        self._dim = self._dim or len(parts)
        if len(parts) != self._dim or not parts:
            raise BadInput(
                f"{place}, has a vector of {len(parts):,} numbers, and the first has "
                f"{self._dim:,}; all must be of one size."
            )
        self._labels.append(row[self._label_place])
        if self._name_place is not None:
            self._names.append(row[self._name_place])
        if self._split_place is not None:
            self._splits.append(row[self._split_place])

    def features(self) -> FeatureSet:
        """Return all rows."""
        if not self._labels:
            raise BadInput(f"{self._where} has no rows; save it again.")
        vectors, label = self._columns.vectors, self._columns.label
        return feature_set(
            self._where,
            np.frombuffer(self._numbers, np.float64).reshape(-1, self._dim),
            numbers_if_all(self._labels),
            called=(vectors[0] if len(vectors) == 1 else "the numbers", label),
            image_names=self._names if self._name_place is not None else None,
            splits=self._splits if self._split_place is not None else None,
            notes=self._columns.notes(self._where),
        )

    def _what_is_no_number(self, parts: Sequence[str]) -> str:
        wrong = next(part for part in parts if not _is_number(part))
        if "..." in wrong:
            return (
                "the vector is cut with ..., as NumPy prints long ones; save it with "
                "vector.tolist(), or the table as Parquet."
            )
        return f'"{shown(wrong)}" is no number, and stands where the vector is.'


def numbers_if_all(labels: list[str]) -> list[int] | list[str]:
    """Return labels as whole numbers where all are, so that 10 comes after 9."""
    known = set(labels)
    if all(label.isascii() and label.isdecimal() and len(label) < 16 for label in known):
        return [int(label) for label in labels]
    return labels


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
