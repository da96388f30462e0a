"""Which arrays of a NumPy archive are its embeddings and its labels: by their names, or shapes.

`embeddings` and `labels` are what these arrays are called here. Others call them `X` and `y`,
`features` and `labels`, `data` and `target`; where no name tells, the shapes may: the only
two-dimensional array of floats, and the only array that has one entry for each of its rows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.errors import BadInput
from engine.io.listing import listed, shown

EMBEDDINGS, LABELS = "embeddings", "labels"
OPTIONAL: Final = ("names", "split", "class_names", "images")
# What others call them, in small letters.
_EMBEDDINGS_ELSEWHERE = ("features", "x", "data")
_LABELS_ELSEWHERE = ("label", "y", "target", "targets")
# scikit-learn's word for the names of classes.
CLASS_NAMES_ELSEWHERE = "target_names"


@dataclass(frozen=True, slots=True)
class ArrayInfo:
    """An array of an archive as its header describes it; `str` says it in a line."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]

    def __str__(self) -> str:
        kind = {"S": "text", "U": "text", "O": "objects"}.get(self.dtype.kind, self.dtype.name)
        return f"{shown(self.name)} ({' × '.join(f'{n:,}' for n in self.shape)} {kind})"


@dataclass(frozen=True, slots=True)
class ArrayNames:
    """The names of the arrays that are embeddings and labels; "" where they are to be found."""

    embeddings: str = ""
    labels: str = ""


UNNAMED: Final = ArrayNames()


@dataclass(frozen=True, slots=True)
class ArrayChoices:
    """The arrays that may be embeddings, and those that may be labels."""

    embeddings: tuple[ArrayInfo, ...]
    labels: tuple[ArrayInfo, ...]

    @property
    def are_several(self) -> bool:
        """Whether there is more than one way to choose."""
        return len(self.embeddings) > 1 or len(self.labels) > 1


class UnclearArrays(BadInput):
    """Several arrays may be the embeddings, or the labels, and nothing tells which are.

    `choices` says which may be, `known` which of the two is clear, and `question` asks a person.
    """

    def __init__(self, where: str, choices: ArrayChoices, known: ArrayNames) -> None:
        unclear = [
            f"{listed([str(each) for each in candidates])} may be its {role}"
            for role, candidates, name in (
                (EMBEDDINGS, choices.embeddings, known.embeddings),
                (LABELS, choices.labels, known.labels),
            )
            if not name
        ]
        sentence = f"{where} does not say which arrays to take: {'; '.join(unclear)}"
        super().__init__(f"{sentence}. Name them with --embeddings NAME and --labels NAME.")
        self.question = f"{sentence}. Choose them here."
        self.choices = choices
        self.known = known


def choices_of(arrays: Sequence[ArrayInfo], wanted: ArrayNames) -> ArrayChoices:
    """Return the arrays that may be embeddings, and those that may be their labels.

    Labels have one entry for each row of the embeddings: of those that are wanted, or of any.
    """
    rows = {each.name: each.shape[0] for each in arrays if _may_be_embeddings(each)}
    lengths = {rows[wanted.embeddings]} if wanted.embeddings in rows else set(rows.values())
    is_unknown = bool(wanted.embeddings) and wanted.embeddings not in rows  # and refused later
    return ArrayChoices(
        tuple(each for each in arrays if each.name in rows),
        tuple(
            each
            for each in arrays
            if _may_be_labels(each) and (is_unknown or each.shape[0] in lengths)
        ),
    )


def chosen_arrays(
    arrays: Sequence[ArrayInfo], there: Iterable[str], wanted: ArrayNames, where: str
) -> ArrayNames:
    """Return the names of embeddings and labels.

    Parameters
    ----------
    arrays
        The arrays whose headers can be read.
    there
        The names of all arrays.
    wanted
        What somebody has named, which is taken as it is.
    where
        What the archive is called in an error.

    Returns
    -------
    ArrayNames
        With "" where there is no array that may be it.

    Raises
    ------
    UnclearArrays
        If several may be.
    BadInput
        If an array that was named is not there.
    """
    names = list(there)
    for name in (wanted.embeddings, wanted.labels):
        if name and name not in names:
            raise BadInput(
                f'{where} holds no array named "{shown(name)}"; its arrays are '
                f"{listed([shown(each) for each in names]) or 'none'}."
            )
    embeddings = wanted.embeddings or (EMBEDDINGS if EMBEDDINGS in names else "")
    labels = wanted.labels or (LABELS if LABELS in names else "")
    matrices = choices_of(arrays, UNNAMED).embeddings
    if not embeddings:
        embeddings = _one_of(matrices, _EMBEDDINGS_ELSEWHERE)
    if not embeddings:
        embeddings = _only([each for each in matrices if each.dtype.kind == "f"]) or _only(matrices)
    choices = choices_of(arrays, ArrayNames(embeddings, labels))
    if not labels:
        rest = [each for each in choices.labels if each.name != embeddings]
        labels = _one_of(rest, _LABELS_ELSEWHERE) or _only(rest)
    known = ArrayNames(embeddings, labels)
    can_choose = (embeddings or choices.embeddings) and (labels or choices.labels)
    if can_choose and not (embeddings and labels):
        raise UnclearArrays(where, choices, known)
    return known


def _may_be_embeddings(array: ArrayInfo) -> bool:
    is_other = array.name in (*OPTIONAL, LABELS)
    is_matrix = len(array.shape) == 2 and array.shape[0] > 0 and array.shape[1] > 1
    return is_matrix and array.dtype.kind in "fiub" and not is_other


def _may_be_labels(array: ArrayInfo) -> bool:
    is_other = array.name in (*OPTIONAL, EMBEDDINGS)
    is_list = len(array.shape) == 1 or (len(array.shape) == 2 and array.shape[1] == 1)
    return is_list and array.dtype.kind in "fiuSUO" and not is_other


def _one_of(arrays: Iterable[ArrayInfo], names: Sequence[str]) -> str:
    """Return the only one that has one of some names, in letters of any size; "" otherwise."""
    return _only([each for each in arrays if each.name.casefold() in names])


def _only(arrays: Sequence[ArrayInfo]) -> str:
    return arrays[0].name if len(arrays) == 1 else ""
