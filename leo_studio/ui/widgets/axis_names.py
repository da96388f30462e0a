"""The names of a plot's axes: shortened to the room there is, but for the unit at their end."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics


def elided_name(name: str, metrics: QFontMetrics, room: int) -> str:
    """Shorten an axis' name to a length in pixels; a unit in brackets at its end stays."""
    room -= 2  # for the fractions of pixels that the numbers of letters' widths leave out
    if metrics.horizontalAdvance(name) <= room:
        return name
    words, bracket, unit = name.rpartition(" (")
    end = bracket + unit if words else ""
    room -= metrics.horizontalAdvance(end)
    return metrics.elidedText(words or name, Qt.TextElideMode.ElideRight, room) + end


def name_axis(axis: Any, name: str) -> None:
    """Write another name at an axis of pyqtgraph."""
    if axis.labelText != name:
        axis.setLabel(name)
        axis.resizeEvent()  # in the middle again: pyqtgraph places it by the size that it had
