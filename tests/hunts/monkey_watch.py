"""Watches the window while the monkey plays: errors, warnings, freezes, growth.

Nothing of the studio is replaced: Python's hooks for errors, Qt's messages, the log and the clock
are listened to.
"""

import faulthandler
import gc
import logging
import os
import re
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any, NamedTuple
from unittest.mock import patch

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    QtMsgType,
    QUrl,
    Slot,
    qInstallMessageHandler,
)
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QWidget

from engine.events import Event, Failed
from leo_studio.services.records import Notice

_LONGEST_FREEZE = 5.0  # seconds without an answer of the event loop
_HOPELESS = 180.0  # seconds after which the process is ended
_BETWEEN_LOOKS = 0.25
_WITH_ANY_STACK = ("a warning: ", "Qt warns: ")  # the same from wherever
# What the offscreen platform says of itself, and what Qt's own tester says of a press that nobody
# wanted.
_HARMLESS = re.compile(
    r"This plugin does not support|Mouse event \"\w+\" not accepted by receiving widget"
    r"|Mouse event at [-\d, ]* occurs outside target window"
    # A drag of text leaves a view that did not want it; so it is told on any system.
    r"|drag leave received before drag enter"
)


class Watch:
    """Collects findings; each in words, as they come.

    Parameters
    ----------
    tell
        Called with each new finding, on the thread that met it.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.findings: list[str] = []
        self._likenesses: set[str] = set()
        self.refusals: dict[str, int] = {}  # sentences for people, and how often they were said
        self.opened: list[str] = []  # addresses that were handed to the desktop
        self._tell = tell
        self._thread = threading.get_native_id()  # Qt's
        self._beat = self._lived()
        self._is_frozen = False
        self._has_ended = threading.Event()

    def find(self, finding: str) -> None:
        """Note a finding; one that is like another but for numbers is not told again."""
        likeness = re.sub(r"\d+", "0", finding)
        if finding.startswith(_WITH_ANY_STACK):
            likeness = likeness.partition("\n")[0]
        if likeness not in self._likenesses:
            self._likenesses.add(likeness)
            self.findings.append(finding)
            self._tell(finding)

    def beat(self) -> None:
        """Say that the event loop answers."""
        self._beat, self._is_frozen = self._lived(), False

    def hear_notice(self, notice: Notice) -> None:
        """Look at what is told as a toast: whatever has a traceback is a bug."""
        if "Traceback" in notice.details:
            self.find(f"a toast tells of a bug: {notice.text}\n{notice.details}")
        elif notice.kind in ("warning", "error"):
            self.refusals[notice.text] = self.refusals.get(notice.text, 0) + 1

    def hear_event(self, event: Event) -> None:
        """Look at what the engine tells."""
        if isinstance(event, Failed) and event.traceback:
            self.find(f"a run failed by a bug: {event.sentence}\n{event.traceback}")

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen to everything that tells of an error, until the end."""
        log = _LogHandler(self.find)
        old_qt = qInstallMessageHandler(self._hear_qt)
        desktop = _Desktop(self.opened)
        thread = threading.Thread(target=self._look_for_freezes, daemon=True, name="freeze watch")
        with ExitStack() as stack:
            stack.enter_context(patch.object(sys, "excepthook", self._hear_error))
            stack.enter_context(patch.object(threading, "excepthook", self._hear_thread))
            stack.enter_context(patch.object(sys, "unraisablehook", self._hear_unraisable))
            stack.enter_context(warnings.catch_warnings())
            warnings.simplefilter("always")
            stack.enter_context(patch.object(warnings, "showwarning", self._hear_warning))
            logging.getLogger().addHandler(log)
            stack.callback(logging.getLogger().removeHandler, log)
            stack.callback(qInstallMessageHandler, old_qt)
            for scheme in _Desktop.SCHEMES:
                QDesktopServices.setUrlHandler(scheme, desktop, _Desktop.METHOD)
                stack.callback(QDesktopServices.unsetUrlHandler, scheme)
            thread.start()
            try:
                yield
            finally:
                self._has_ended.set()
                thread.join()

    def _hear_error(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        self.find("raised\n" + "".join(traceback.format_exception(kind, error, trace)))

    def _hear_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self.find("raised on a thread\n" + "".join(traceback.format_exception(args.exc_value)))

    def _hear_unraisable(self, args: Any) -> None:
        self.find(
            f"raised where nobody could catch it ({args.err_msg}, {args.object!r})\n"
            + "".join(traceback.format_exception(args.exc_value))
        )

    def _hear_warning(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        *_: object,
    ) -> None:
        stack = "".join(traceback.format_stack(limit=12)[:-1])
        self.find(f"a warning: {category.__name__}: {message} ({filename}:{lineno})\n{stack}")

    def _hear_qt(self, kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
        if kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) or _HARMLESS.search(message):
            return
        stack = "".join(traceback.format_stack(limit=12)[:-1])
        self.find(f"Qt warns: {message}\n{stack}")

    def _lived(self) -> float:
        """Return a time in seconds which stands still while Qt's thread waits for a processor."""
        schedule = Path(f"/proc/self/task/{self._thread}/schedstat").read_text(encoding="ascii")
        return time.monotonic() - int(schedule.split()[1]) / 1e9

    def _look_for_freezes(self) -> None:
        while not self._has_ended.wait(_BETWEEN_LOOKS):
            seconds = self._lived() - self._beat
            if seconds > _LONGEST_FREEZE and not self._is_frozen:
                self._is_frozen = True
                self.find(f"frozen for {_LONGEST_FREEZE:.0f} s\n{_stacks()}")
            if seconds > _HOPELESS:
                self.find(f"frozen for {_HOPELESS:.0f} s; ended\n{_stacks()}")
                os._exit(1)


class Size(NamedTuple):
    """The size of what the process holds."""

    windows: int
    widgets: int
    objects: int  # Qt's, below the window
    megabytes: float


def size_of(window: QWidget) -> Size:
    """Measure the process and a window, which is open."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return Size(
        len(QApplication.topLevelWidgets()),
        len(QApplication.allWidgets()),
        len(window.findChildren(QObject)),
        pages * os.sysconf("SC_PAGE_SIZE") / 2**20,
    )


def growth(sizes: list[Size], most: Size) -> list[str]:
    """Say what has grown by more than `most` from the middle to the end of a session, in words.

    The first half is for what is made once; afterwards there is no reason to grow. Medians of
    quarters count, since dialogs and menus come and go.
    """
    quarter = len(sizes) // 4
    if quarter < 2:
        return []
    middle, end = sizes[quarter : 2 * quarter], sizes[-quarter:]
    found = []
    for name in Size._fields:
        before = median(getattr(each, name) for each in middle)
        after = median(getattr(each, name) for each in end)
        if after - before > getattr(most, name):
            found.append(f"{name} grow: from {before:.0f} to {after:.0f}")
    return found


class _LogHandler(logging.Handler):
    """Takes what the log calls an error."""

    def __init__(self, find: Callable[[str], None]) -> None:
        super().__init__(logging.ERROR)
        self._find = find

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        trace = "".join(traceback.format_exception(error)) if error else ""
        self._find(f"the log has an error: {record.getMessage()}\n{trace}")


class _Desktop(QObject):
    """Takes addresses in place of the desktop, which would leave the temporary folder."""

    SCHEMES = ("file", "http", "https", "mailto")
    METHOD: Any = "take"  # PySide's annotation wants bytes, and it a text

    def __init__(self, opened: list[str]) -> None:
        super().__init__()
        self._opened = opened

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        """Note an address."""
        self._opened.append(url.toString())


def _stacks() -> str:
    """Return what every thread is doing."""
    with tempfile.TemporaryFile() as file:
        faulthandler.dump_traceback(file, all_threads=True)
        file.seek(0)
        return file.read().decode(errors="replace")
