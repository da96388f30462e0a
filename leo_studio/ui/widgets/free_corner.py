"""Where a note lies in a plot without covering a curve."""

from collections.abc import Iterable
from itertools import product

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize

from leo_studio.analysis.curves.decimation import extremes_between
from leo_studio.analysis.curves.scene import Range

XY = tuple[NDArray[np.floating], NDArray[np.floating]]
_EDGE = 4  # pixels between a note and the edges of the plot


def free_corner(
    box: QRectF, ranges: tuple[Range, Range], size: QSize, lines: Iterable[XY]
) -> QPointF:
    """Return the corner for a note: the lower right one, unless a curve goes through it alone.

    Parameters
    ----------
    box
        Where curves are drawn.
    ranges
        The visible x and y range.
    size
        Of the note.
    lines
        Places and values of the curves, in the units of the ranges.
    """
    (left, right), (bottom, top) = ranges
    across, up = (right - left) / max(1.0, box.width()), (top - bottom) / max(1.0, box.height())
    beside = max(2.0, box.width() - size.width() - _EDGE)
    above = max(2.0, box.height() - size.height() - _EDGE)
    lines = list(lines)
    corners = [QPointF(x, y) for x, y in product((beside, _EDGE), (above, _EDGE))]

    def is_free(corner: QPointF) -> bool:
        begin, high = left + across * corner.x(), top - up * corner.y()
        end, low = begin + across * size.width(), high - up * size.height()
        found = (extremes_between(x, y, begin, end) for x, y in lines)
        return not any(least <= high and most >= low for least, most in found)

    return box.topLeft() + next(filter(is_free, corners), corners[0])
