"""What a file of functions of one's own makes of the other settings of a task of regression."""

from collections.abc import Mapping
from typing import Final

FILE: Final = "task.functions"

REPLACED: Final = frozenset({"task.families"})
"""Settings that say nothing beside a file; the schema takes their defaults alone."""

REMARKS: Final[Mapping[str, str]] = {
    FILE: "Its functions are learned, in the place of those that families would give.",
    "task.families": "Not used: functions of a file are of no family.",
    "task.queries": "Where a function has fewer left, all are taken, and again from the first one.",
    "task.noise": "Set it for your file, in the unit of its column y: how far apart repeated "
    "measurements of one point are.",
}
"""What is said beneath settings while there is a file, by their paths."""


def has_file(values: Mapping[str, object]) -> bool:
    """Whether settings by their paths name a file of functions."""
    return bool(str(values.get(FILE) or "").strip())
