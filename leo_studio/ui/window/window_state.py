"""Keeps the places of the window and its docks from one start to the next."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from functools import reduce
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QPoint, QRect, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDockWidget, QMainWindow, QStyle, QWidget

from engine.io.files import write_text
from engine.io.text import read_text
from leo_studio.ui.widgets.column_widths import column_widths, restore_column_widths

# Raise it when docks or toolbars change so much that an old arrangement makes no sense.
LAYOUT_VERSION = 4
_LARGEST = 2**15  # pixels of anything; a file may say more
STATE_FILE = "window.ini"  # in the library; written as a whole, so that nothing else is kept there


def save_window_state(
    window: QMainWindow, path: Path, sizes: Mapping[str, int] | None = None
) -> None:
    """Keep the window's place and how its docks lie; raises `BadInput` where it cannot.

    `sizes` are those that a person gave: where text is large, the window and its docks have others.
    """
    geometry, docks = window.saveGeometry(), window.saveState(LAYOUT_VERSION)
    record = {
        "version": LAYOUT_VERSION,
        "geometry": _text(geometry),
        "docks": _text(docks),
        "checksum": _checksum(geometry, docks),
        "sizes": dict(sizes or {}),
        # Of panels that were not made yet, what was kept before.
        "columns": _columns(path) | column_widths(window),
    }
    write_text(path, json.dumps(record, indent=1))


def restore_window_state(window: QMainWindow, path: Path) -> bool:
    """Put the window and its docks where they were.

    Call it when all docks and toolbars are there, before the window is shown. What would lie
    outside of all screens, since one of them is gone, is brought back.

    Returns
    -------
    bool
        False where there is nothing to restore: at a first start, after a change of the layout,
        or with a damaged file. The window is then left as it is.
    """
    record = _read(path)
    if record is None:
        return False
    geometry, docks = record
    if not window.restoreState(docks, LAYOUT_VERSION):
        return False
    is_restored = window.restoreGeometry(geometry)
    for widget in (window, *window.findChildren(QDockWidget)):
        if widget.isWindow():
            bring_on_screen(widget)
    return is_restored


def restore_columns(window: QMainWindow, path: Path) -> None:
    """Give the tables the widths of columns that a person set; some panels are made later."""
    restore_column_widths(window, _columns(path))


def kept_sizes(path: Path) -> dict[str, int]:
    """Return the sizes that a person gave the window and its docks; what makes no sense is left."""
    try:
        kept = json.loads(read_text(path)).get("sizes", {})
    except (OSError, ValueError, AttributeError, RecursionError):
        return {}
    sizes = kept.items() if isinstance(kept, dict) else ()
    return {name: size for name, size in sizes if type(size) is int and 0 < size <= _LARGEST}


def put_newer_aside(path: Path) -> str:
    """Keep what a later version wrote from being replaced; returns a sentence, "" for nothing."""
    try:
        version = json.loads(read_text(path))["version"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    if not isinstance(version, int) or version <= LAYOUT_VERSION:
        return ""
    aside = path.with_name(f"{path.stem}.newer{path.suffix}")
    with suppress(OSError):
        path.replace(aside)
    return (
        f"{path} has version {version}; this version of LEO Studio reads {LAYOUT_VERSION}: update "
        f"LEO Studio. The window is laid out anew, and the file is {aside.name} now."
    )


def bring_on_screen(window: QWidget) -> None:
    """Move a window that nobody could reach onto the nearest screen, and make it fit there."""
    screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
    if not window.isMaximized() and not window.isFullScreen():
        window.setGeometry(reachable(window.geometry(), screens))


def fit_screen(window: QMainWindow) -> None:
    """Make a window at most as large as its screen has room for, with its frame."""
    if window.isMaximized() or window.isFullScreen():
        return
    room = room_on_screen(window)
    if window.width() > room.width() or window.height() > room.height():
        window.resize(window.size().boundedTo(room))
        window.move(place_inside(window, window.pos()))


def bring_title_on_screen(window: QWidget) -> None:
    """Move a window down whose title lies above its screen, where nobody could take hold of it.

    Its frame is known after it is shown: a place of an earlier session may be that of its inside.
    """
    if window.isMaximized() or window.isFullScreen() or not window.isVisible():
        return
    if window.frameGeometry().top() < window.screen().availableGeometry().top():
        window.move(place_inside(window, window.pos()))


def room_on_screen(window: QWidget) -> QSize:
    """Return how large a window can be on its screen, without its frame."""
    return window.screen().availableGeometry().size() - _frame(window)


def place_inside(window: QWidget, corner: QPoint) -> QPoint:
    """Return the place nearest to one where a window does not reach over the edge of its screen."""
    screen = window.screen().availableGeometry()
    outside = window.size() + _frame(window)
    return QPoint(
        max(screen.left(), min(corner.x(), screen.right() + 1 - outside.width())),
        max(screen.top(), min(corner.y(), screen.bottom() + 1 - outside.height())),
    )


def _frame(window: QWidget) -> QSize:
    frame = window.frameGeometry().size() - window.size()
    title = window.style().pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight, None, window)
    return frame.expandedTo(QSize(0, title))  # before it is shown, nobody knows


def reachable(wanted: QRect, screens: list[QRect]) -> QRect:
    """Return a rectangle that lies on a screen; the same one where its title can be grabbed."""
    if not screens or _is_reachable(wanted, screens):
        return wanted
    screen = min(screens, key=lambda each: _distance(wanted, each))
    size = wanted.size().boundedTo(screen.size())
    left = min(max(wanted.left(), screen.left()), screen.right() + 1 - size.width())
    top = min(max(wanted.top(), screen.top()), screen.bottom() + 1 - size.height())
    return QRect(left, top, size.width(), size.height())


def _is_reachable(wanted: QRect, screens: list[QRect]) -> bool:
    """Whether a third of the upper edge is on one screen, and all together have the room."""
    desktop = reduce(QRect.united, screens)
    fits = wanted.width() <= desktop.width() and wanted.height() <= desktop.height()
    edge = QRect(wanted.left(), wanted.top(), wanted.width(), 1)
    shown = max(edge.intersected(screen).width() for screen in screens)
    return fits and shown > 0 and shown >= wanted.width() // 3


def _distance(wanted: QRect, screen: QRect) -> int:
    return (wanted.center() - screen.center()).manhattanLength()


def _text(state: QByteArray) -> str:
    return base64.b64encode(state.data()).decode("ascii")


def _checksum(geometry: QByteArray, docks: QByteArray) -> str:
    return hashlib.sha256(bytes(geometry.data()) + bytes(docks.data())).hexdigest()


def _columns(path: Path) -> dict[str, dict[str, Any]]:
    """Return widths of columns by the names of tables; what makes no sense is left out."""
    try:
        kept = json.loads(read_text(path)).get("columns", {})
    except (OSError, ValueError, AttributeError, RecursionError):
        return {}
    tables = kept.items() if isinstance(kept, dict) else ()
    return {name: widths for name, widths in tables if isinstance(widths, dict)}


def _read(path: Path) -> tuple[QByteArray, QByteArray] | None:
    """Return geometry and docks; None for a file of another layout, or one that makes no sense."""
    try:
        record = json.loads(read_text(path))
        if record["version"] != LAYOUT_VERSION:
            return None
        geometry, docks = (
            QByteArray(base64.b64decode(record[key], validate=True))
            for key in ("geometry", "docks")
        )
        # Qt crashes on some damaged arrangements. Files of version 0.1.0 have no checksum.
        if record.get("checksum", wanted := _checksum(geometry, docks)) != wanted:
            return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError, binascii.Error):
        return None
    return geometry, docks
