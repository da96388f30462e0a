"""The window is closed by signals, and with the desktop's session; nothing is asked or lost."""

import os
import signal
import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import SIGNAL, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.runs.run import Run
from leo_studio.startup.signals import obeyed
from leo_studio.startup.window_ending import end_with_session, obey_session, obey_signals
from leo_studio.ui.window.main_window import MainWindow
from tests.leo_studio.ui.conftest import OpenWindow

if sys.platform == "win32":
    pytest.skip("signals are POSIX's", allow_module_level=True)


def _hang_up(_: MainWindow) -> None:
    os.kill(os.getpid(), signal.SIGHUP)


@pytest.mark.parametrize("end", [_hang_up, end_with_session])
def test_closing_from_outside_keeps_a_checkpoint_and_waits_for_no_answer(
    end: Callable[[MainWindow], object],
    open_window: OpenWindow,
    toy_experiment: Experiment,
    qtbot: QtBot,
) -> None:
    window = open_window(experiment=toy_experiment)
    window.change_preferences(ask_before_closing=True)
    window.controller.train(toy_experiment.with_settings({"schedule.steps": 10_000_000}))
    qtbot.waitUntil(lambda: window.controller.status.step > 0)
    watched = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    with obeyed(*watched, by=signal.SIG_IGN):
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # else it would rightly stay ignored
        obey_signals(window)
        asked: list[QMessageBox] = []

        def end_while_it_asks() -> None:
            asked.extend(window.findChildren(QMessageBox))
            end(window)

        QTimer.singleShot(50, window, end_while_it_asks)
        window.close()  # asks, in an event loop of its own, which the end must leave
        qtbot.waitUntil(lambda: not window.isVisible())
    assert len(asked) == 1 and window.controller.is_closed()
    (run,) = [Run(path.parent) for path in window.controller.library.runs.glob("*/run.json")]
    assert run.status == "stopped" and run.checkpoint("last").step == run.record.step > 0


def test_the_end_of_a_session_is_heard(open_window: OpenWindow, qapp: QApplication) -> None:
    heard = SIGNAL("commitDataRequest(QSessionManager&)")
    before = qapp.receivers(heard)
    obey_session(qapp, open_window())
    assert qapp.receivers(heard) == before + 1
    qapp.commitDataRequest.disconnect()
