"""Titles of runs where there is little room: their beginning, and what tells them apart."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

_GAP = " "  # between the beginning and what tells a title apart
_FEWEST_LETTERS = 4  # of the beginning; fewer say nothing


def short_title(title: str, metrics: QFontMetrics, room: int, own: str = "") -> str:
    """Return as much of a title as has room: most titles begin alike, and differ at the end.

    Parameters
    ----------
    title
        Such as "5-way 1-shot, leaves100, inner steps 8, seed 0".
    metrics
        Of the text.
    room
        In pixels.
    own
        What tells it from the others around, wherever that stands in it; see `short_names`. It is
        shown whole if there is room for it.
    """
    if metrics.horizontalAdvance(title) <= room:
        return title
    if own and not title.endswith(own):
        return _with_own(title, metrics, room, own)
    first = title.partition(" ")[0]
    rest = title[len(first) :]
    left = room - metrics.horizontalAdvance(first)
    if not rest or left < room // 2:
        return metrics.elidedText(title, Qt.TextElideMode.ElideMiddle, room)
    return first + metrics.elidedText(rest, Qt.TextElideMode.ElideLeft, left)


def _with_own(title: str, metrics: QFontMetrics, room: int, own: str) -> str:
    if title.startswith(own):
        return metrics.elidedText(title, Qt.TextElideMode.ElideRight, room)
    left = room - metrics.horizontalAdvance(_GAP + own)
    if left < metrics.horizontalAdvance(title[:_FEWEST_LETTERS] + "…"):
        return metrics.elidedText(own, Qt.TextElideMode.ElideMiddle, room)
    return metrics.elidedText(title, Qt.TextElideMode.ElideRight, left) + _GAP + own
