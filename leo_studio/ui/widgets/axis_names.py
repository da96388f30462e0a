"""The names of a plot's axes: shortened by whole words to the room there is; the unit stays."""

import re
from collections.abc import Iterator
from typing import Any

from PySide6.QtGui import QFontMetrics

_MORE = re.compile(r" (?:before|after|of|over) .*")  # what tells more about the noun before it


def shortened_name(name: str, metrics: QFontMetrics, room: int) -> str:
    """Shorten an axis' name to a length in pixels by whole words; "" where not even one has room.

    A unit in brackets at its end stays longest: the plot's title says the rest.
    """
    room -= 2  # for the fractions of pixels that the numbers of letters' widths leave out
    fitting = (each for each in _shorter(name) if metrics.horizontalAdvance(each) <= room)
    return next(fitting, "")


def _shorter(name: str) -> Iterator[str]:
    """Return a name, then shorter ones: without what tells more, then from its last noun on."""
    yield name
    words, bracket, unit = name.rpartition(" (")
    end = bracket + unit if words else ""
    parts = _MORE.sub("", words or name).split()
    for first in range(len(parts)):
        yield " ".join(parts[first:]) + end
    if end:
        yield unit.removesuffix(")")


def name_axis(axis: Any, name: str) -> None:
    """Write another name at an axis of pyqtgraph."""
    if axis.labelText != name:
        axis.setLabel(name)
        axis.resizeEvent()  # in the middle again: pyqtgraph places it by the size that it had
