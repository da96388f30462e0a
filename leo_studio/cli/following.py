"""Signals that stop training in a terminal, and the check of where event files go."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from leo_studio.cli.console import remarks


@contextmanager
def stop_signals() -> Iterator[list[int]]:
    """Collect Ctrl+C and a polite kill, so that training stops between two steps.

    A second one ends the process at once; the run can still be resumed from its last checkpoint.
    """
    received: list[int] = []
    watched = (signal.SIGINT, signal.SIGTERM)
    before = {int(number): signal.getsignal(number) for number in watched}

    def note(number: int, _frame: object) -> None:
        received.append(number)
        signal.signal(number, before[number])
        remarks.print("Stopping after this step; once more to quit at once.")

    for number in watched:
        signal.signal(number, note)
    try:
        yield received
    finally:
        for caught, handler in before.items():
            signal.signal(caught, handler)


def require_event_files(tensorboard: Path | None) -> None:
    """Raise `BadInput`, before there is a run, where event files are asked for in vain."""
    if tensorboard is None:
        return
    from engine.export.tensorboard import require_tensorboard
    from engine.io.files import write_text

    require_tensorboard()
    probe = tensorboard / ".leo-studio"
    write_text(probe, "")
    probe.unlink()
