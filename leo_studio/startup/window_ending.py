"""Closing of the window from outside: by signals, and at the end of a desktop session.

Each does what the close button does, without its question: what trains keeps a checkpoint.
"""

import signal
import time

from PySide6.QtWidgets import QApplication

from leo_studio.startup.signals import polite_signals
from leo_studio.ui.window.main_window import MainWindow

_SESSION_SECONDS = 10.0  # desktops wait about as long for each program
_SECONDS_BETWEEN_LOOKS = 0.02


def obey_signals(window: MainWindow) -> None:
    """Let Ctrl+C in the terminal, its end, or a polite kill close the window as a person would.

    Python sees a signal when its code runs next: the controller's timer takes care of that.
    """
    for number in (signal.SIGINT, *polite_signals()):
        signal.signal(number, lambda *_: window.close_without_asking())


def obey_session(application: QApplication, window: MainWindow) -> None:
    """Let the end of the desktop's session close the window."""

    def end() -> None:  # without the session's manager, which PySide cannot hand to Python
        end_with_session(window)

    application.commitDataRequest.connect(end)


def end_with_session(window: MainWindow, seconds: float = _SESSION_SECONDS) -> bool:
    """Close a window, and wait until all is on the disk; returns whether it is.

    Once this returns, the desktop may end the process without another word.
    """
    window.close_without_asking()
    deadline = time.monotonic() + seconds
    while not window.controller.is_closed():
        if time.monotonic() > deadline:
            return False
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    return True
