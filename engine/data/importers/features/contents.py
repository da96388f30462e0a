"""Embeddings out of what a pickle or a file of PyTorch holds: dicts, lists and arrays.

Three shapes are known: a dict from labels to the vectors of each class, a dict with embeddings and
labels under names of the field, and a pair of embeddings and labels.

Shapes: n examples, D embedding size.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.importers.deepmind import FIELDS as RELEASED
from engine.data.importers.features.feature_set import FeatureSet, array_of, feature_set
from engine.data.importers.features.field_names import (
    CLASS_NAMES,
    EMBEDDING_NAMES,
    IMAGE_NAMES,
    LABEL_NAMES,
    SPLIT_NAMES,
)
from engine.data.importers.labels import classes_of
from engine.errors import BadInput
from engine.io.listing import listed, shown

_FORMS = (
    "it must be a dict from each label to its vectors, or a dict of features (n, D) and labels (n)"
)


def features_of(content: object, where: str, size: int) -> FeatureSet:
    """Return the embeddings that a file holds.

    Parameters
    ----------
    content
        What was read of it: plain containers, numbers, text and arrays.
    where
        What it is called in an error.
    size
        How many bytes it has. What holds more numbers than that repeats itself, and would take
        more memory than an honest file.

    Raises
    ------
    BadInput
        If it holds something else, or more than that.
    """
    if isinstance(content, dict):
        fields = _fields_of(content, where)
        if fields is not None:
            return _of_fields(fields, where, size)
        return _of_classes(content, where, size)
    if isinstance(content, list | tuple) and len(content) == 2:
        block = _Gathered(where, size)
        block.add_class(content[0], "the first of its two parts")
        return feature_set(where, block.embeddings(), _column(content[1]))
    raise BadInput(f"{where} holds a {type(content).__name__}; {_FORMS}.")


@dataclass(frozen=True, slots=True)
class _Fields:
    """The fields of a dict that have a meaning, and what they are called there."""

    embeddings: str
    labels: str
    by_name: Mapping[str, Any]
    class_names: str
    image_names: str
    splits: str

    @property
    def others(self) -> list[str]:
        """The fields that have no meaning here."""
        known = (self.embeddings, self.labels, self.class_names, self.image_names, self.splits)
        return [shown(name) for name in self.by_name if name not in known]


def _fields_of(content: dict[Any, Any], where: str) -> _Fields | None:
    """Return the fields of a dict of embeddings and labels; None where it is of classes."""
    by_name = {key.casefold(): value for key, value in content.items() if isinstance(key, str)}
    embeddings = [name for name in EMBEDDING_NAMES if name in by_name]
    labels = [name for name in LABEL_NAMES if name in by_name]
    if embeddings and not labels and len(by_name) == 1:
        raise BadInput(
            f'{where} has "{shown(embeddings[0])}" and no labels; save both: '
            '{"features": (n, D), "labels": (n)}.'
        )
    if not embeddings or not labels or _are_vectors(by_name[labels[0]]):
        return None
    # What is called so may be something else, such as pictures or the number of classes.
    texts = [name for name, value in by_name.items() if _may_be_texts(value)]
    class_names, image_names, splits = (
        next((name for name in known if name in texts), "")
        for known in (CLASS_NAMES, IMAGE_NAMES, SPLIT_NAMES)
    )
    return _Fields(embeddings[0], labels[0], by_name, class_names, image_names, splits)


def _of_fields(fields: _Fields, where: str, size: int) -> FeatureSet:
    if all(name in fields.by_name for name in RELEASED):
        raise BadInput(
            f"{where} is a pickle of LEO's release; import the folder that it is in, or the "
            "archive, with: leo-studio import deepmind FOLDER."
        )
    block = _Gathered(where, size)
    block.add_class(fields.by_name[fields.embeddings], fields.embeddings)
    return feature_set(
        where,
        block.embeddings(),
        _column(fields.by_name[fields.labels]),
        called=(fields.embeddings, fields.labels),
        class_names=_names(fields.by_name.get(fields.class_names)),
        image_names=fields.by_name.get(fields.image_names),
        splits=fields.by_name.get(fields.splits),
        notes=[f"{where} also holds {listed(fields.others)}, left out."] if fields.others else [],
    )


def _of_classes(content: dict[Any, Any], where: str, size: int) -> FeatureSet:
    if not content:
        raise BadInput(f"{where} holds an empty dict; {_FORMS}.")
    for label, vectors in content.items():
        if not isinstance(vectors, list | tuple | np.ndarray):
            raise BadInput(
                f'{where}: "{shown(str(label))}" is a {type(vectors).__name__}; {_FORMS}.'
            )
    block = _Gathered(where, size)
    counts = [
        block.add_class(vectors, f'class "{shown(str(label))}"')
        for label, vectors in content.items()
    ]
    index_of_key, names = classes_of(array_of(list(content)), None, where)
    labels = np.repeat(index_of_key, counts)
    return feature_set(where, block.embeddings(), labels, class_names=names)


class _Gathered:
    """The vectors of one file, class by class, which become one array in the end.

    Parameters
    ----------
    where
        What the file is called in an error.
    size
        How many numbers it may hold.
    """

    def __init__(self, where: str, size: int) -> None:
        self._where = where
        self._size = size
        self._count = 0
        self._dim = 0
        self._blocks: list[NDArray[Any]] = []

    def add_class(self, vectors: object, what: str) -> int:
        """Add the vectors of one class, and return how many they are."""
        place = f"{self._where}: {what}"
        if isinstance(vectors, np.ndarray) and not vectors.dtype.hasobject:
            self._add(vectors, place)
            return len(vectors)
        if isinstance(vectors, np.ndarray):
            vectors = list(vectors)
        if not isinstance(vectors, list | tuple) or not vectors:
            kind = "empty" if isinstance(vectors, list | tuple) else f"a {type(vectors).__name__}"
            raise BadInput(f"{place} is {kind}; it must be vectors, (n, D).")
        for row, vector in enumerate(vectors):
            self._add(self._vector(vector, f"{place}, row {row}"), place)
        return len(vectors)

    def embeddings(self) -> NDArray[Any]:
        """Return all vectors, (n, D)."""
        return self._blocks[0] if len(self._blocks) == 1 else np.concatenate(self._blocks)

    def _vector(self, vector: object, place: str) -> NDArray[Any]:
        """Return one vector, an array or a list of numbers, as (1, D)."""
        if isinstance(vector, np.ndarray) and not vector.dtype.hasobject:
            array = vector
        elif isinstance(vector, list | tuple):
            # One by one: what lists in lists hold may be endless.
            if not all(isinstance(number, int | float | np.number) for number in vector):
                raise BadInput(f"{place} is a list of something else than numbers.")
            try:
                array = np.array(vector)
            except (ValueError, OverflowError) as error:
                raise BadInput(f"{place} holds a number that is too large.") from error
        else:
            raise BadInput(f"{place} is a {type(vector).__name__}; it must be a vector of numbers.")
        if array.ndim == 0 or array.size != max(array.shape):
            raise BadInput(f"{place} has shape {array.shape}; it must be one vector, (D).")
        return array.reshape(1, -1)

    def _add(self, block: NDArray[Any], place: str) -> None:
        if block.ndim != 2 or 0 in block.shape:
            raise BadInput(
                f"{place} has shape {block.shape}; it must be (n, D), a vector of D numbers for "
                "each of n examples."
            )
        if block.dtype.kind not in "fiub":
            raise BadInput(f"{place} is of type {block.dtype}; it must be numbers.")
        self._dim = self._dim or block.shape[1]
        if block.shape[1] != self._dim:
            raise BadInput(
                f"{place} has vectors of {block.shape[1]:,} numbers, and those before it have "
                f"{self._dim:,}; all must be of one size."
            )
        self._spend(block.size)
        self._blocks.append(block)

    def _spend(self, count: int) -> None:
        self._count += count
        if self._count > self._size:
            raise BadInput(
                f"{self._where} repeats the same vectors again and again, to more numbers than it "
                "has bytes, so it was not read; get it from its authors again."
            )


def _may_be_texts(values: object) -> bool:
    """Whether a field is a list of texts, or a dict of them, as far as the first one tells."""
    if isinstance(values, np.ndarray):
        return values.ndim == 1 and values.dtype.kind in "SUO"
    items = list(values.values()) if isinstance(values, dict) else values
    return isinstance(items, list | tuple) and bool(items) and isinstance(items[0], str | bytes)


def _are_vectors(values: object) -> bool:
    """Whether what is called labels holds vectors: there may be a class of that name."""
    if isinstance(values, list | tuple) and values:
        return isinstance(values[0], np.ndarray | list | tuple) and _length(values[0]) > 1
    return isinstance(values, np.ndarray) and values.ndim == 2 and values.shape[1] > 1


def _length(vector: Any) -> int:
    return vector.size if isinstance(vector, np.ndarray) else len(vector)


def _column(values: object) -> object:
    """Return labels that are a list of arrays of one number each as a list of numbers."""
    if isinstance(values, list | tuple):
        return [
            each.item() if isinstance(each, np.ndarray) and each.size == 1 else each
            for each in values
        ]
    return values


def _names(values: object) -> object:
    """Return the names of classes, which may be a dict from label to name, as a list."""
    if isinstance(values, dict):
        count = len(values)
        return (
            [values[index] for index in range(count)] if set(values) == set(range(count)) else None
        )
    return values
