"""The record of what a chosen file or folder is, before an import, and who takes its store."""

from dataclasses import dataclass
from typing import Protocol

from engine.data.class_splits import DRAWN, SplitChoice
from engine.data.importers.array_roles import UNNAMED, ArrayChoices, ArrayNames
from engine.data.importers.found import FoundStore
from leo_studio.services.opening import Openable
from leo_studio.services.pictures import FoundPictures


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person has chosen since an earlier look at the same; nothing before the first.

    Attributes
    ----------
    arrays
        Those of a NumPy archive.
    splits
        How classes of pictures are divided.
    """

    arrays: ArrayNames = UNNAMED
    splits: SplitChoice = DRAWN


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file or a folder is.

    Attributes
    ----------
    openable
        Its kind and its place.
    what
        What it is, in plain words.
    stores
        The stores that it is, or that an import would make of it.
    choices
        The arrays of a NumPy archive among which a person may choose; None for anything else.
    arrays
        Those that are taken; "" where a person has to choose.
    are_features
        Whether it is feature files as papers and libraries of the field write them.
    pictures
        What was seen, where pictures are what is imported; None for anything else.
    question
        Why a person has to choose; "" where everything is clear.
    """

    openable: Openable
    what: str
    stores: tuple[FoundStore, ...] = ()
    choices: ArrayChoices | None = None
    arrays: ArrayNames = UNNAMED
    are_features: bool = False
    pictures: FoundPictures | None = None
    question: str = ""

    @property
    def is_import(self) -> bool:
        """Whether stores would be made of it, whose names a person may choose."""
        return self.openable.kind == "archive"


class Use(Protocol):
    """Takes a store, by its name, for the next experiment."""

    def __call__(self, store: str, preset: str = "", *, is_asked_for: bool = False) -> bool:
        """Return whether all settings were taken, from a preset that fits; "" for none.

        Settings that somebody edited are kept, unless the preset is asked for.
        """
