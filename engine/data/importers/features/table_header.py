"""The first line of a table of text, which names its columns; no torch."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from engine.data.importers.features.columns import columns_of
from engine.errors import BadInput
from engine.io.text import open_text

_SEPARATORS = (",", "\t", ";")
LONGEST_LINE = 4 << 20  # letters: a vector of a hundred thousand numbers


FUNCTION_COLUMNS = ("task", "x", "y")
"""The columns of a table of measured functions, which is no table of features."""


def has_features(path: Path) -> bool:
    """Whether the first line of a table names vectors and labels."""
    try:
        with opened_table(path, path.name) as file:
            columns_of(header_of(file, path.name)[0], path.name)
    except BadInput:
        return False
    return True


@contextmanager
def opened_table(path: Path, where: str) -> Iterator[TextIO]:
    """Open a table, and say in a sentence what is wrong with it while it is read."""
    csv.field_size_limit(LONGEST_LINE)
    try:
        with open_text(path) as file:
            yield file
    except OSError as error:
        raise BadInput(f"{where} cannot be read: {error.strerror or error}.") from error
    except (csv.Error, UnicodeError) as error:
        raise BadInput(
            f"{where} is no table of text that can be read; save it again as CSV in UTF-8."
        ) from error


def header_of(file: TextIO, where: str) -> tuple[list[str], str]:
    """Return the names of the columns, and what separates them."""
    line = file.readline(LONGEST_LINE)
    separator = max(_SEPARATORS, key=line.count)
    names = next(csv.reader([line], delimiter=separator), [])
    if not names:
        raise BadInput(f"{where} is empty; save it again with a first line that names its columns.")
    return names, separator
