"""Signals that stop training in a terminal, and the check of where event files go."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from leo_studio.cli.console import remarks
from leo_studio.startup.signals import Handler, obeyed, polite_signals


@contextmanager
def stop_signals() -> Iterator[list[int]]:
    """Collect Ctrl+C, a polite kill and a closed terminal: training stops between two steps.

    A second one ends the process at once; the run can still be resumed from its last checkpoint.
    """
    received: list[int] = []
    before: dict[int, Handler] = {}

    def note(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        # Nobody is there any more to ask twice: shells send a second SIGHUP by themselves.
        is_hangup = number == getattr(signal, "SIGHUP", None)
        signal.signal(number, signal.SIG_IGN if is_hangup else before[number])
        remarks.print("Stopping after this step; once more to quit at once.")

    with obeyed(signal.SIGINT, *polite_signals(), by=note) as handlers:
        before |= handlers
        yield received


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
