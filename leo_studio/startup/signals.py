"""Signals that ask the program to end: Ctrl+C, a polite kill, and a terminal that is closed."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

Handler = Callable[[int, FrameType | None], Any] | int


def polite_signals() -> tuple[signal.Signals, ...]:
    """Return the signals that ask to end: SIGTERM and, unless it is ignored (nohup), SIGHUP.

    A closed terminal and a lost connection send SIGHUP, which Windows does not have.
    """
    hangup: signal.Signals | None = getattr(signal, "SIGHUP", None)
    if hangup is None or signal.getsignal(hangup) is signal.SIG_IGN:
        return (signal.SIGTERM,)
    return (signal.SIGTERM, hangup)


@contextmanager
def obeyed(*numbers: signal.Signals, by: Handler) -> Iterator[dict[int, Handler]]:
    """Let signals be handled by a function, and afterwards as before; yields what handled them.

    Only the main thread can; on another one nothing is changed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield {}
        return
    before: dict[int, Handler] = {
        int(number): signal.getsignal(number) or signal.SIG_DFL for number in numbers
    }
    for number in numbers:
        signal.signal(number, by)
    try:
        yield before
    finally:
        for caught, handler in before.items():
            signal.signal(caught, handler)


def end(number: int, _frame: FrameType | None) -> NoReturn:
    """End a command with the signal's exit status, once what it was writing is cleaned up.

    A shell passes SIGHUP on to those who got it already, and systemd sends it after SIGTERM:
    those that come later must not end the cleaning up.
    """
    for each in polite_signals():
        signal.signal(each, signal.SIG_IGN)
    raise SystemExit(128 + number)
