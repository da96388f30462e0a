"""Stages that a command tells of on stderr, a line each, while a window waits for it."""

from typing import Final

_MARK: Final = "stage: "


def stage_line(done: float, note: str) -> str:
    """Return the line that tells how much is done, 0 to 1, and what is being done."""
    return f"{_MARK}{done:.3f} {note}"


def read_stage(line: str) -> tuple[float, str] | None:
    """Return what a line tells; None where it is something else."""
    if not line.startswith(_MARK):
        return None
    done, _, note = line.removeprefix(_MARK).strip().partition(" ")
    try:
        return float(done), note
    except ValueError:
        return None
