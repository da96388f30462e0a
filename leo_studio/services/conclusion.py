"""What is told of an import when it has ended well."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.data.importers.checks import ImportedStore
from engine.io.listing import listed
from leo_studio.services.records import NoticeAction


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What came of an import.

    Attributes
    ----------
    stores
        What it made.
    sentences
        What is said first.
    details
        What is shown when asked for.
    preset
        The name of a preset that fits the one store; "" for none.
    is_asked_for
        Whether that is what the person has imported for.
    set_up
        The button that takes the preset into the form, where that is not done by itself.
    stays
        Whether all this stays until somebody closes it.
    """

    stores: tuple[ImportedStore, ...]
    sentences: tuple[str, ...] = ()
    details: str = ""
    preset: str = ""
    is_asked_for: bool = False
    set_up: NoticeAction | None = None
    stays: bool = False


def told_of(stores: Sequence[ImportedStore]) -> Conclusion:
    """Say which stores are new."""
    new = [store.path.stem for store in stores if not store.is_unchanged]
    sentences = (f"Imported {listed(new, len(new))}.",) if new else ()
    return Conclusion(tuple(stores), sentences)
