"""Garbage is collected on the window's thread alone: widgets must not be deleted on another one."""

import subprocess
import sys
import threading
import weakref
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from leo_studio.startup.garbage import collected_on_this_thread


class _Cycle:
    """Garbage that only a collection finds."""

    def __init__(self) -> None:
        self.itself = self


def test_a_thread_that_makes_many_objects_collects_nothing(qtbot: QtBot) -> None:
    collected_by: list[threading.Thread] = []
    kept: list[list[int]] = []  # so many that Python by itself would look for garbage
    with collected_on_this_thread():
        weakref.finalize(_Cycle(), lambda: collected_by.append(threading.current_thread()))
        other = threading.Thread(target=lambda: kept.extend([each] for each in range(200_000)))
        other.start()
        other.join()
        assert not collected_by
        qtbot.waitUntil(lambda: bool(collected_by))
    assert collected_by == [threading.current_thread()]


APPLICATION = """
import gc
from PySide6.QtCore import QTimer
from leo_studio.startup.app import make_application, run_window

application = make_application()
# Twice: what begins with the window is over by the second time.
QTimer.singleShot(0, lambda: QTimer.singleShot(0, ask))

def ask():
    print(gc.isenabled())
    application.exit(0)

gc.disable()
run_window()
"""


def test_the_application_does_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEO_STUDIO_HOME", str(tmp_path))
    run = subprocess.run(
        [sys.executable, "-c", APPLICATION], capture_output=True, text=True, timeout=120
    )
    assert (run.returncode, run.stdout) == (0, "False\n"), run.stderr
