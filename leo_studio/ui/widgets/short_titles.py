"""Titles of runs where there is little room: their first word, and their end."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics


def short_title(title: str, metrics: QFontMetrics, room: int) -> str:
    """Return as much of a title as has room: most titles begin alike, and differ at the end.

    Parameters
    ----------
    title
        Such as "5-way 1-shot, leaves100, inner steps 8, seed 0".
    metrics
        Of the text.
    room
        In pixels.
    """
    if metrics.horizontalAdvance(title) <= room:
        return title
    first, _, rest = title.partition(" ")
    left = room - metrics.horizontalAdvance(first)
    if not rest or left < room // 2:
        return metrics.elidedText(title, Qt.TextElideMode.ElideMiddle, room)
    return first + metrics.elidedText(rest, Qt.TextElideMode.ElideLeft, left)
