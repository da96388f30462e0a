"""Errors that nobody caught: logged, shown, and given on."""

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from engine.errors import BadInput
from leo_studio.services.records import Notice
from leo_studio.startup.error_hooks import install_exception_hook, log_to


def broken() -> None:
    raise ValueError("a mistake of ours")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "leo-studio.log"
    end = log_to(path)
    yield path
    end()


@pytest.fixture
def quiet_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hooks below ours say nothing, so that pytest does not count what tests raise."""
    monkeypatch.setattr(sys, "excepthook", lambda *_: None)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)


@pytest.fixture
def shown(quiet_hooks: None) -> Iterator[list[Notice]]:
    notices: list[Notice] = []
    unhook = install_exception_hook(notices.append)
    yield notices
    unhook()


def raise_at_the_top(error: BaseException) -> None:
    try:
        raise error
    except BaseException as raised:
        sys.excepthook(type(raised), raised, raised.__traceback__)


def test_an_error_in_a_slot_of_qt_is_shown_with_its_traceback(qtbot: QtBot, log: Path) -> None:
    notices: list[Notice] = []
    with qtbot.capture_exceptions() as captured:
        unhook = install_exception_hook(notices.append)
        QTimer.singleShot(0, broken)
        qtbot.waitUntil(lambda: bool(notices))
        unhook()

    (notice,) = notices
    assert notice.kind == "error"
    assert notice.text.startswith("An error of LEO Studio itself: ValueError: a mistake of ours")
    assert "in broken" in notice.details
    assert [kind for kind, _, _ in captured] == [ValueError]  # the hook below heard of it too


def test_an_error_is_written_to_the_log(shown: list[Notice], log: Path) -> None:
    raise_at_the_top(ValueError("a mistake of ours"))

    text = log.read_text(encoding="utf-8")
    assert "ValueError: a mistake of ours" in text
    assert "Traceback" in text


def test_an_error_on_another_thread_is_shown(shown: list[Notice], log: Path) -> None:
    thread = threading.Thread(target=broken)
    thread.start()
    thread.join()

    assert [notice.kind for notice in shown] == ["error"]
    assert "in broken" in shown[0].details


def test_what_a_person_can_put_right_is_one_sentence(shown: list[Notice], log: Path) -> None:
    raise_at_the_top(BadInput("There is no such run; choose another."))

    assert shown == [Notice("error", "There is no such run; choose another.")]
    assert "Traceback" not in log.read_text(encoding="utf-8")


def test_an_interruption_by_the_keyboard_is_no_error(shown: list[Notice], log: Path) -> None:
    raise_at_the_top(KeyboardInterrupt())

    assert shown == []


def test_the_hooks_can_be_put_back(quiet_hooks: None) -> None:
    before = (sys.excepthook, threading.excepthook)

    install_exception_hook(lambda _: None)()

    assert (sys.excepthook, threading.excepthook) == before


def test_a_window_that_cannot_show_an_error_does_not_hide_it(quiet_hooks: None, log: Path) -> None:
    def show(_notice: Notice) -> None:
        raise RuntimeError("the window is gone")

    unhook = install_exception_hook(show)
    raise_at_the_top(ValueError("a mistake of ours"))
    unhook()

    text = log.read_text(encoding="utf-8")
    assert "a mistake of ours" in text
    assert "the window is gone" in text


def test_the_log_stays_below_a_few_megabytes(log: Path) -> None:
    for _ in range(60):
        logging.getLogger("leo_studio").info("x" * 100_000)

    logs = sorted(log.parent.glob("leo-studio.log*"))
    assert len(logs) == 4
    assert all(each.stat().st_size <= 1_000_000 for each in logs)
