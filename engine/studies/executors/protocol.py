"""What executors have in common: the protocol, how a worker is called, and how it ended."""

import os
import signal
import sys
from pathlib import Path
from typing import NamedTuple, Protocol

PROBLEMS = 2  # the exit status of a worker that told of cells which nobody can carry out
PROBLEM = "Not done: "  # what its lines about them begin with
_OF_SIGNALS = 128  # a worker that a signal asked to end has this and the signal's number


class Ended(NamedTuple):
    """How a worker ended: whether it died, or else found no more to do; and a sentence of it."""

    is_dead: bool
    sentence: str


class Executor(Protocol):
    """Starts and ends workers of a study or a sweep."""

    def start(self) -> None:
        """Start one more worker; raises `BadInput` where none can be."""

    def ended(self) -> list[Ended]:
        """Return, once for each worker that ended since it was last asked, how."""

    @property
    def count(self) -> int:
        """How many workers there are that were not reported as ended."""

    def stop(self) -> None:
        """Ask all workers to end, and wait for them; each keeps a checkpoint."""


def worker_command(folder: Path, library: Path, device: str) -> list[str]:
    """Return the command of a worker of what is in a folder; see `engine.studies.worker`."""
    return [
        sys.executable,
        "-m",
        "engine.studies.worker",
        str(folder.absolute()),
        str(library.absolute()),
        device,
    ]


def program_places() -> str:
    """Return where this process found the program, for a worker's PYTHONPATH."""
    return os.pathsep.join(filter(None, sys.path))


def how_ended(status: int, log: Path) -> Ended:
    """Say how a worker ended, by its exit status (below zero: the signal) and what it printed."""
    if status == 0:
        return Ended(False, "")
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    if status == PROBLEMS:
        return Ended(False, "\n".join(line for line in lines if line.startswith(PROBLEM)))
    last = f": {lines[-1].strip()}" if lines and 0 < status < _OF_SIGNALS else "."
    return Ended(True, f"A worker {_cause(status)}, and another goes on; see {log}{last}")


def _cause(status: int) -> str:
    number = -status if status < 0 else status - _OF_SIGNALS
    if number in list(signal.Signals):
        return f"was {'killed' if status < 0 else 'ended'} by {signal.Signals(number).name}"
    return f"failed ({status})"
