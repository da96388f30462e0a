"""What is said of an episode that was kept: its name, and what was changed about it."""

from collections.abc import Mapping, Sequence

from engine.errors import BadInput
from engine.inspection.records import Inspection
from engine.inspection.what_if import parse_what_if
from leo_studio.analysis.episode.changes import in_words
from leo_studio.services.records import KeptInspection, OpenedInspection


def listed_words(kept: KeptInspection) -> str:
    """Return what was changed about one of those that are listed; "" for nothing."""
    return kept_in_words(kept.what_if, _noun(kept.has_images), kept.classes, kept.names)


def opened_words(opened: OpenedInspection) -> str:
    """Return what was changed about the one that was opened; "" for nothing."""
    seen, examples = opened.inspection, opened.examples
    names = dict(zip(examples.rows.tolist(), examples.names, strict=True))
    classes = [seen.class_names[label] for label in seen.classes[0].tolist()]
    noun = _noun(examples.images is not None)
    return kept_in_words(seen.provenance.what_if, noun, classes, names, opened.plain)


def _noun(has_images: bool) -> str:
    return "picture" if has_images else "example"


def kept_in_words(
    text: str,
    noun: str,
    classes: Sequence[str],
    names: Mapping[int, str],
    plain: Inspection | None = None,
) -> str:
    """Return what was changed about an inspection that was kept, as `in_words` says it.

    Parameters
    ----------
    text
        The changes, as `engine.inspection.what_if` writes them.
    noun
        As for `in_words`.
    classes
        Names of the classes that were kept, by their places.
    names
        Names of examples that are known, by their rows.
    plain
        The episode without the changes, where it can still be looked at.
    """
    try:
        what_if = parse_what_if(text)
    except BadInput:  # of a later version
        return text
    return in_words(what_if, plain, noun, lambda row: names.get(row, ""), classes)
