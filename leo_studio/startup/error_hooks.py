"""Hooks for unexpected errors: they are written to the log and shown, never lost.

No Qt: Qt hands what a slot raises to `sys.excepthook`, as Python does.
"""

import logging
import sys
import threading
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from engine.errors import BadInput
from engine.session.failures import explain
from leo_studio.services.records import Notice

_MOST_BYTES, _OLD_LOGS = 1_000_000, 3
_log = logging.getLogger(__name__)


def log_to(path: Path) -> Callable[[], None]:
    """Write Python's log to a file, which is set aside at 1 MB; returns what ends that."""
    handler = RotatingFileHandler(
        path, maxBytes=_MOST_BYTES, backupCount=_OLD_LOGS, encoding="utf-8", delay=True
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)

    def end() -> None:
        root.removeHandler(handler)
        root.setLevel(level)
        handler.close()

    return end


def install_exception_hook(show: Callable[[Notice], None]) -> Callable[[], None]:
    """Log and show what is raised and caught nowhere, on any thread.

    Parameters
    ----------
    show
        Shows a notice; called on the thread that raised.

    Returns
    -------
    Callable
        Puts the old hooks back.
    """
    old_hook, old_thread_hook = sys.excepthook, threading.excepthook

    def on_error(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, Exception):
            _tell(error, show)
        old_hook(kind, error, trace)

    def on_thread_error(args: threading.ExceptHookArgs) -> None:
        if isinstance(args.exc_value, Exception):
            _tell(args.exc_value, show)
        old_thread_hook(args)

    def uninstall() -> None:
        sys.excepthook, threading.excepthook = old_hook, old_thread_hook

    sys.excepthook, threading.excepthook = on_error, on_thread_error
    return uninstall


def _tell(error: BaseException, show: Callable[[Notice], None]) -> None:
    explanation = explain(error)
    if isinstance(error, BadInput):
        _log.warning("%s", explanation.sentence)
    else:
        _log.error("%s", explanation.sentence, exc_info=error)
    try:
        show(Notice("error", explanation.sentence, explanation.traceback))
    except Exception:  # such as a window that is gone; whoever raises here would hide the error
        _log.exception("The error could not be shown.")
