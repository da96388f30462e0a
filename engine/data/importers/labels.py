"""The classes and splits of examples, from the labels that an archive gives them.

Shapes: n examples, C classes.
"""

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.data.importers.checks import texts
from engine.errors import BadInput
from engine.io.listing import counted, listed, shown

SPLIT_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}
)


class SharedLabels(BadInput):
    """Labels that stand in several splits, where they may mean the same class or not.

    `classes` says which, and `question` asks a person.
    """

    def __init__(self, where: str, classes: list[str], example: str) -> None:
        which = counted(classes, "class is", "classes are")
        super().__init__(
            f"{where}: {which} in more than one split ({example}); few-shot splits must not share "
            "classes. Where labels begin anew in each split, read them as different classes with "
            "--labels-per-split."
        )
        self.classes = classes
        self.question = (
            f"In {where}, {which} in more than one split. Few-shot splits must not share classes; "
            "labels that begin anew in each split can be read as different classes."
        )


def classes_of(
    labels: NDArray[Any], class_names: NDArray[Any] | None, where: str, array: str = "labels"
) -> tuple[NDArray[np.int64], list[str]]:
    """Return the class of each example, (n,), as an index into the names of classes.

    `where` is what the archive is called in an error, and `array` what the labels are.

    Raises
    ------
    BadInput
        If labels are neither whole numbers nor text, or do not fit `class_names`.
    """
    labels = _plain_labels(labels, f"{where}: {array}")
    is_text = labels.dtype.kind in "SUO"
    values, classes = np.unique(labels, return_inverse=True)
    if class_names is None:
        names = texts(values, f"{where}: {array}") if is_text else list(map(str, values.tolist()))
        _require_distinct(names, f"{where}: {array}")
        return classes, names
    if is_text:
        raise BadInput(
            f"{where} names its classes twice, by labels that are text (such as "
            f'"{shown(str(values[0]))}") and by class_names; leave out class_names or use whole '
            "numbers as labels."
        )
    names = texts(class_names, f"{where}: class_names")
    outside = (values < 0) | (values >= len(names))
    if outside.any():
        wrong = listed([str(value) for value in values[outside]])
        row = int(np.flatnonzero(np.isin(labels, values[outside]))[0])
        raise BadInput(
            f"{where}: {array} has {wrong} (first: row {row}), and class_names has {len(names)} "
            f"entries; labels must be 0 to {len(names) - 1}."
        )
    names = [names[value] for value in values]
    _require_distinct(names, f"{where}: class_names")
    return classes, names


def _plain_labels(labels: NDArray[Any], where: str) -> NDArray[Any]:
    """Return labels as (n,) whole numbers, or text, which may be an array of objects."""
    if labels.ndim == 2 and 1 in labels.shape and len(labels):
        labels = labels.reshape(-1)  # a column, as other programs write it
    if labels.ndim == 1 and labels.dtype.kind == "O":
        labels = _of_objects(labels.tolist(), where)
    if labels.ndim == 1 and labels.dtype.kind == "f":
        fractional = np.flatnonzero(~(np.isfinite(labels) & (labels == np.round(labels))))
        if len(fractional):
            row = int(fractional[0])
            raise BadInput(
                f"{where}, row {row}, is {labels[row]}; labels must be whole numbers or text."
            )
        labels = labels.astype(np.int64)
    if labels.ndim != 1 or labels.dtype.kind not in "iuSUO":
        raise BadInput(
            f"{where} has shape {labels.shape} and type {labels.dtype}; it must be (n,) "
            "integers or text."
        )
    return labels


def _of_objects(labels: list[Any], where: str) -> NDArray[Any]:
    is_text = bool(labels) and isinstance(labels[0], (str, bytes))
    wanted = (str, bytes) if is_text else (int, np.integer)
    for row, label in enumerate(labels):
        if not isinstance(label, wanted) or isinstance(label, bool):
            raise BadInput(
                f"{where}, row {row}, is a {type(label).__name__}; labels must be all "
                f"{'text, as the first is' if is_text else 'whole numbers or all text'}."
            )
    if is_text:
        return np.array(texts(labels, where), np.object_)
    try:
        return np.array(labels, np.int64)
    except OverflowError:
        raise BadInput(f"{where} has numbers of more than 64 bits; use smaller.") from None


def _require_distinct(names: list[str], where: str) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        one, more = "name stands", "names stand"
        raise BadInput(
            f"{where}: {counted(twice, one, more)} for several classes; names must differ."
        )


def separated(
    given: list[str] | None, labels: NDArray[np.int64], class_names: list[str], where: str
) -> tuple[NDArray[np.int64], list[str], str]:
    """Return classes of which each is in one split, named "SPLIT/CLASS", and a note about it."""
    if given is None:
        raise BadInput(
            f"{where} has no array named split, so its labels cannot be read per split; add one or "
            "leave out --labels-per-split."
        )
    splits = _known_splits(given, where)
    pairs = list(zip(splits, labels.tolist(), strict=True))
    known = {pair: index for index, pair in enumerate(dict.fromkeys(pairs))}
    names = [f"{split}/{class_names[label]}" for split, label in known]
    note = (
        f"Labels of {where} were read per split: the same label in two splits is two classes, "
        f"{len(names)} instead of {len(class_names)}, named {listed(names, 2)}."
    )
    return np.array([known[pair] for pair in pairs], np.int64), names, note


def given_splits(
    given: list[str], labels: NDArray[np.int64], class_names: list[str], where: str
) -> list[str]:
    """Return the split of each class from that of each example.

    Raises
    ------
    SharedLabels
        If a class is in several.
    """
    split_of: dict[int, str] = {}
    shared: dict[int, str] = {}
    for row, (label, split) in enumerate(
        zip(labels.tolist(), _known_splits(given, where), strict=True)
    ):
        first = split_of.setdefault(label, split)
        if first != split and label not in shared:
            name = shown(class_names[label])
            shared[label] = f'first: row {row}, "{name}", in {split} and in {first} already'
    if shared:
        names = [class_names[label] for label in shared]
        raise SharedLabels(where, names, next(iter(shared.values())))
    return [split_of[index] for index in range(len(class_names))]


def _known_splits(given: list[str], where: str) -> list[str]:
    """Return splits by the names that they have here."""
    unknown = [row for row, split in enumerate(given) if split not in SPLIT_NAMES]
    if unknown:
        others = [f'"{shown(name)}"' for name in dict.fromkeys(given[row] for row in unknown)]
        raise BadInput(
            f'{where}: split, row {unknown[0]}, is "{shown(given[unknown[0]])}"; it must be train, '
            f"val or test, and {len(unknown):,} of {len(given):,} rows are not ({listed(others)})."
        )
    return [SPLIT_NAMES[split] for split in given]
