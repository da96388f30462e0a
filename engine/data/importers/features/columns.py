"""Which columns of a table are vectors, labels, names and splits.

easyfsl writes `embedding`, `label` and `class_name`; others have one column for each number, such
as 0 to D - 1, and one called `label`.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from engine.data.importers.features.field_names import (
    EMBEDDING_NAMES,
    IMAGE_NAMES,
    LABEL_NAMES,
    SPLIT_NAMES,
)
from engine.errors import BadInput
from engine.io.listing import listed, shown

# The name of a class goes before its number, where a table has both.
_LABEL_COLUMNS = ("class_name", "class", "label_name", *LABEL_NAMES)
_INDEX_COLUMNS = ("", "index", "unnamed: 0", "__index_level_0__")
_NUMBERED = re.compile(r"(\D*)(\d{1,6})")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table that have a meaning, by their names.

    Attributes
    ----------
    vectors
        The one column of vectors, or the D columns of their numbers in order.
    label
        The class of each row.
    name, split
        What each row is called, and its split; "" where no column says so.
    others
        The rest, which is left out.
    """

    vectors: tuple[str, ...]
    label: str
    name: str
    split: str
    others: tuple[str, ...]

    def notes(self, where: str) -> list[str]:
        """Return a note about what is left out."""
        if not self.others:
            return []
        return [f"{where} also has {listed([shown(name) for name in self.others])}, left out."]


def columns_of(names: Sequence[str], where: str) -> Columns:
    """Return what the columns of a table mean.

    Raises
    ------
    BadInput
        If there are no vectors, no labels, or two columns of one name.
    """
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise BadInput(f'{where} has two columns named "{shown(twice[0])}"; rename one.')
    vectors = _vectors(names)
    label = _first_of(names, _LABEL_COLUMNS, vectors)
    missing = [
        what
        for what, is_there in (
            ('a column of vectors such as "embedding", or columns numbered from 0', bool(vectors)),
            ('a column of classes such as "label" or "class_name"', bool(label)),
        )
        if not is_there
    ]
    if missing:
        there = listed([shown(name) for name in names]) or "none"
        raise BadInput(f"{where} lacks {' and '.join(missing)}; its columns are {there}.")
    name = _first_of(names, IMAGE_NAMES, (*vectors, label))
    split = _first_of(names, SPLIT_NAMES, (*vectors, label))
    known = {*vectors, label, name, split}
    numbers_of_classes = LABEL_NAMES if label.casefold() not in LABEL_NAMES else ()
    others = tuple(
        each
        for each in names
        if each not in known
        and each.strip().casefold() not in (*_INDEX_COLUMNS, *numbers_of_classes)
    )
    return Columns(vectors, label, name, split, others)


def _vectors(names: Sequence[str]) -> tuple[str, ...]:
    one = _first_of(names, EMBEDDING_NAMES, ())
    if one:
        return (one,)
    groups: dict[str, dict[int, str]] = {}
    for name in names:
        parts = _NUMBERED.fullmatch(name.strip())
        if parts is not None:
            groups.setdefault(parts[1], {})[int(parts[2])] = name
    largest = max(groups.values(), key=len, default={})
    first = min(largest, default=0)
    are_all = first in (0, 1) and set(largest) == set(range(first, first + len(largest)))
    # One numbered column alone is something else, such as label2.
    return (
        tuple(largest[number] for number in sorted(largest)) if are_all and len(largest) > 1 else ()
    )


def _first_of(names: Sequence[str], wanted: Sequence[str], taken: Sequence[str]) -> str:
    left = dict.fromkeys(names)
    for name in taken:
        left.pop(name, None)
    by_name = {name.strip().casefold(): name for name in reversed(left)}
    return next((by_name[each] for each in wanted if each in by_name), "")
