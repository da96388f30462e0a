"""Watches for what tests of the window must not leave behind: threads, windows, timers.

A widget whose parent is gone, a timer that still fires or a thread that still runs makes some later
test fail, or the window grow over a day. The conftest watches every test that uses Qt.
"""

import gc
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import compress
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QThread, QThreadPool, QTimer
from PySide6.QtWidgets import QApplication
from shiboken6 import Shiboken

# How long what was told to end may take to do so.
GRACE_SECONDS = 2.0


class Leak(AssertionError):
    """A test left something behind."""


@contextmanager
def no_leaks(grace_seconds: float = GRACE_SECONDS) -> Iterator[None]:
    """Raise `Leak` if what runs inside leaves threads, windows or running timers behind.

    Timers and Qt's threads are found through their Python objects. To look at the new ones alone,
    the garbage collector is told to forget all others for good, once it has taken what earlier
    tests left: torch and Qt bring hundreds of thousands, and they stay.
    """
    before = _there()
    gc.collect()
    gc.freeze()
    yield
    deadline = time.monotonic() + grace_seconds
    leaks = _leaks(before)
    while leaks and time.monotonic() < deadline:
        time.sleep(0.01)
        # Cycles of widgets are no leaks; they are collected here only where something is left.
        gc.collect()
        leaks = _leaks(before)
    if leaks:
        raise Leak(f"The test left behind: {'; '.join(leaks)}")


def _leaks(before: set[object]) -> list[str]:
    """Describe all that lives now and did not before."""
    _finish_deletions()
    found = [
        f"thread {thread.name}"
        for thread in threading.enumerate()
        # Python's view of a thread of Qt; it has no end that Python would learn of.
        if thread not in before and not isinstance(thread, threading._DummyThread)
    ]
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        return found
    found += [
        f"window {_described(widget)}"
        for widget in QApplication.topLevelWidgets()
        if _address(widget) not in before
    ]
    recent = _timers_and_threads(gc.get_objects())
    timers = {_address(each): each for each in recent if _lives(each, QTimer)}
    timers |= _timers_of(app)
    found += [
        f"running timer {_described(timer)}"
        for address, timer in timers.items()
        if address not in before and timer.isActive()
    ]
    found += [
        f"running QThread {_described(each)}"
        for each in recent
        if _lives(each, QThread) and each.isRunning() and each != app.thread()
    ]
    if not QThreadPool.globalInstance().waitForDone(0):
        found.append("work in Qt's thread pool")
    return found


def _timers_and_threads(objects: list[Any]) -> list[Any]:
    """Return Qt's timers and threads among objects; their few types are looked at once each."""
    kinds = {kind for kind in set(map(type, objects)) if issubclass(kind, QTimer | QThread)}
    return list(compress(objects, map(kinds.__contains__, map(type, objects))))


def _there() -> set[object]:
    """Return the threads, and the addresses of the windows and timers, that live now."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        return set(threading.enumerate())
    windows = {_address(widget) for widget in QApplication.topLevelWidgets()}
    return {*threading.enumerate(), *windows, *_timers_of(app)}


def _timers_of(app: QApplication) -> dict[int, QTimer]:
    """Return the application's own timers by address; what C++ made has no Python object before."""
    return {_address(timer): timer for timer in app.findChildren(QTimer)}


def _finish_deletions() -> None:
    if QCoreApplication.instance() is not None:
        # deleteLater waits for an event loop to come round, and here is none.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QCoreApplication.processEvents()


def _lives(each: Any, kind: type[QObject]) -> bool:
    return isinstance(each, kind) and Shiboken.isValid(each)


def _address(each: QObject) -> int:
    return int(Shiboken.getCppPointer(each)[0])


def _described(each: QObject) -> str:
    name = each.objectName()
    parent = f" of {type(each.parent()).__name__}" if each.parent() else ""
    return type(each).__name__ + (f' "{name}"' if name else "") + parent
