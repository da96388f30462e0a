"""Garbage collection beside a window."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from pyqtgraph.util.garbage_collector import GarbageCollector


@contextmanager
def collected_on_this_thread() -> Iterator[None]:
    """Collect garbage on this thread alone, about once a second while Qt's events are handled.

    By itself Python collects on whichever thread is making objects. Where that is one of the
    engine or of the background, widgets that are garbage are deleted while the window's thread
    uses them, and the process ends.
    """
    was_enabled = gc.isenabled()
    collector = GarbageCollector()
    try:
        yield
    finally:
        collector.timer.stop()
        if was_enabled:
            gc.collect()  # what is left of widgets; another thread may be the next to look
            gc.enable()
