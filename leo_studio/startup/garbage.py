"""Garbage collection beside a window."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QTimer

_EVERY = 1000  # milliseconds


@contextmanager
def collected_on_this_thread() -> Iterator[None]:
    """Collect garbage on this thread alone, about once a second while Qt's events are handled.

    By itself Python collects on whichever thread is making objects. Where that is one of the
    engine or of the background, widgets that are garbage are deleted while the window's thread
    uses them, and the process ends.
    """
    was_enabled, thresholds = gc.isenabled(), gc.get_threshold()
    gc.disable()

    def collect() -> None:
        """Collect the generations that Python by itself would have collected by now."""
        for generation, (count, most) in enumerate(zip(gc.get_count(), thresholds, strict=True)):
            if count <= most:
                return
            gc.collect(generation)

    # As pyqtgraph's own collector, for which the first picture would wait longer than for Qt.
    timer = QTimer(interval=_EVERY)
    timer.timeout.connect(collect)
    timer.start()
    try:
        yield
    finally:
        timer.stop()
        if was_enabled:
            gc.collect()  # what is left of widgets; another thread may be the next to look
            gc.enable()
