"""Garbage collection beside a window."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QTimer

_FIRST_AFTER = 1000  # milliseconds, as often as it collects from then on


@contextmanager
def collected_on_this_thread() -> Iterator[None]:
    """Collect garbage on this thread alone, about once a second while Qt's events are handled.

    By itself Python collects on whichever thread is making objects. Where that is one of the
    engine or of the background, widgets that are garbage are deleted while the window's thread
    uses them, and the process ends.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    timers: dict[QTimer, object] = {}  # with what each belongs to, which Qt does not keep

    def begin() -> None:
        # Takes all of pyqtgraph, for which the first picture should not wait.
        from pyqtgraph.util.garbage_collector import GarbageCollector

        collector = GarbageCollector()
        timers[collector.timer] = collector

    first = QTimer(interval=_FIRST_AFTER, singleShot=True)
    first.timeout.connect(begin)
    first.start()
    timers[first] = None
    try:
        yield
    finally:
        for timer in timers:
            timer.stop()
        if was_enabled:
            gc.collect()  # what is left of widgets; another thread may be the next to look
            gc.enable()
