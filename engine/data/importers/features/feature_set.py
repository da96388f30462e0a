"""The record of what one file of features holds.

Shapes: n examples, C classes, D embedding size.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.class_splits import SPLIT_WORDS
from engine.data.importers.checks import checked_embeddings, notes_of, texts
from engine.data.importers.labels import classes_of
from engine.errors import BadInput


@dataclass(frozen=True, slots=True)
class FeatureSet:
    """The embeddings of one file.

    Attributes
    ----------
    where
        What the file is called in an error.
    embeddings
        (n, D) numbers.
    labels
        The class of each example, (n,), an index into `class_names`.
    class_names
        C names.
    image_names
        What each example is called; empty where the file does not say.
    splits
        The split of each example; empty where the file does not say.
    notes
        Sentences about what the person may not expect.
    """

    where: str
    embeddings: NDArray[Any]
    labels: NDArray[np.int64]
    class_names: list[str]
    image_names: list[str] = field(default_factory=list)
    splits: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def are_numbered(self) -> bool:
        """Whether classes are numbers: number 0 of another file may be another class."""
        return all(name.removeprefix("-").isdecimal() for name in self.class_names)


def feature_set(
    where: str,
    embeddings: object,
    labels: object,
    *,
    called: tuple[str, str] = ("embeddings", "labels"),
    class_names: object = None,
    image_names: object = None,
    splits: object = None,
    notes: Sequence[str] = (),
) -> FeatureSet:
    """Check that what a file holds belongs together.

    Parameters
    ----------
    where
        What the file is called in an error.
    embeddings
        To be (n, D) numbers.
    labels
        To be n whole numbers or texts.
    called
        What the file calls embeddings and labels.
    class_names
        What labels 0 to C - 1 mean; None where the file does not say.
    image_names, splits
        To be n texts each; None where the file does not say.
    notes
        Sentences to pass on.

    Raises
    ------
    BadInput
        If it does not; the sentence names what.
    """
    place = f"{where}: {called[0]}"
    rows = checked_embeddings(embeddings, place)
    columns = {called[1]: labels, "names": image_names, "split": splits}
    for what, values in columns.items():
        if values is not None:
            _require_one_each(values, len(rows), f"{where}: {what}")
    label_array = array_of(labels)
    names = None if class_names is None else array_of(class_names)
    classes, known = classes_of(label_array, names, where, called[1])
    given = [] if splits is None else texts(splits, f"{where}: split")
    return FeatureSet(
        where,
        rows,
        classes,
        known,
        image_names=[] if image_names is None else texts(image_names, f"{where}: names"),
        splits=[SPLIT_WORDS.get(split.strip().lower(), split) for split in given],
        notes=[*notes, *notes_of(rows, place)],
    )


def _require_one_each(values: object, count: int, where: str) -> None:
    is_scalar = isinstance(values, np.ndarray) and values.ndim == 0
    if is_scalar or not isinstance(values, list | tuple | np.ndarray):
        raise BadInput(f"{where} is a {type(values).__name__}; it must be one for each embedding.")
    if len(values) != count:
        raise BadInput(
            f"{where} has {len(values):,} entries for {count:,} embeddings; there must be one for "
            "each."
        )


def array_of(values: object) -> NDArray[Any]:
    """Return a list as an array of objects, one for each; an array as it is."""
    if isinstance(values, np.ndarray):
        return values
    items = list(values) if isinstance(values, list | tuple) else [values]
    array = np.empty(len(items), np.object_)
    for place, item in enumerate(items):  # NumPy would look for arrays in a list of them
        array[place] = item
    return array
