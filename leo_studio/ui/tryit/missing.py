"""Sentences about what is missing before a run can be asked."""

from collections.abc import Sequence

from leo_studio.services.records import RunEntry

NO_RUN = "Train an experiment, or choose a run: half a minute of the built-in glyphs is enough."
NO_CLASSES = (
    "Show the run one example each of two classes or more: draw them, drop pictures on a class, or "
    "take them from the store. Then ask about others."
)
NO_QUERIES = "Now draw something and press Ask, or add pictures to ask about."
LOOKING = "Looking at the store of the run ..."


def why_not_asked(entry: RunEntry | None, names: Sequence[str]) -> str:
    """Say why a run cannot be asked about the classes of these names; "" where it can."""
    if entry is None:
        return NO_RUN
    if entry.problem or not entry.checkpoints:
        return entry.problem or f"{entry.title} has no checkpoint yet; it is being trained."
    if len(names) < 2:
        return NO_CLASSES
    if "" in names:
        return "A class has no name; give it one."
    if twice := [name for name in names if names.count(name) > 1]:
        return f'Two classes are called "{twice[0]}"; rename one of them.'
    return ""
