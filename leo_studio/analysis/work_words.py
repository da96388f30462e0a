"""What the window says alike of studies and sweeps: how they stand, and what they lack."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from engine.io.listing import listed
from leo_studio.services.work_states import WorkState

STATE_WORDS: Final[Mapping[WorkState, str]] = MappingProxyType(
    {
        "new": "not begun",
        "open": "not finished",
        "under way": "under way",
        "elsewhere": "another process carries it out",
        "done": "done",
        "unreadable": "cannot be read",
    }
)


def entry_state(state: WorkState, lacks: Sequence[str]) -> str:
    """Say in a list how something stands; of what cannot be carried out, which data it lacks."""
    return f"lacks the data {listed(list(lacks))}" if lacks else STATE_WORDS[state]


def count_text(done: int, total: int) -> str:
    """Say how many are done: "12 of 55"."""
    return f"{done:,} of {total:,}" if total else ""


def reason_text(why_not: str, *, lacks_store: bool) -> str:
    """Say why something cannot be carried out, and where in the window the remedy is."""
    if not lacks_store:
        return why_not
    return f"{why_not.removesuffix('.')}. In this window, File > Import data... does it."


def processes_text(count: int) -> str:
    """Say how many processes work at once."""
    return "1 process" if count == 1 else f"{count} processes"
