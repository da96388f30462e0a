"""Finds where a card can lie over the plot without covering what is selected."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, QSize

from leo_studio.analysis.latents.options import hidden_codes
from leo_studio.analysis.latents.picking import Points
from leo_studio.ui.latents.canvas import LatentPlot

_RADIUS = 8  # pixels around the middle of a mark


def free_spot(room: QRect, size: QSize, taken: Points, now: QPoint | None = None) -> QPoint:
    """Return the corner of a card at the top or the bottom that covers the fewest points.

    Parameters
    ----------
    room
        Where it may lie.
    size
        The card's.
    taken
        Points not to be covered, (n, 2), in pixels.
    now
        Where it lies: it stays there unless it covers fewer elsewhere. None for nowhere yet: of
        places that are as good, the first of top and bottom, in the middle, left and right, is
        taken.
    """
    free = max(0, room.width() - size.width())
    top, bottom = room.top(), max(room.top(), room.bottom() + 1 - size.height())
    spots = [
        QPoint(room.left() + x, y) for x in (free // 2, 0, free) for y in (top, bottom)
    ]  # the middle comes first

    def covered(spot: QPoint) -> int:
        low = np.array(spot.toTuple()) - _RADIUS
        high = np.array((spot + QPoint(size.width(), size.height())).toTuple()) + _RADIUS
        return int(((taken >= low) & (taken <= high)).all(1).sum())

    return min(spots, key=lambda spot: (covered(spot), spot != now))


def room_of(plot: LatentPlot) -> QRect:
    """Return where the axes are, in the plot's pixels."""
    place = plot.view.mapFromScene(plot.box.sceneBoundingRect()).boundingRect()
    return QRect(plot.view.viewport().mapTo(plot, place.topLeft()), place.size())


def selected_places(plot: LatentPlot) -> Points:
    """Return where the selected codes are, (n, 2), in the plot's pixels, as far as they are drawn.

    That is before and after adaptation, where both are.
    """
    shown, chosen = plot.shown, plot.chosen
    if shown is None or chosen is None:
        return np.empty((0, 2))
    rows: NDArray[np.bool_] = chosen & ~hidden_codes(shown.latents, plot.hidden)
    places = {0, plot.place} if plot.options.shows_before else {plot.place}
    points = np.concatenate([shown.at(place)[rows] for place in places])
    room = room_of(plot)
    (left, _), (_, top) = plot.box.viewRange()
    across, down = plot.unit
    x, y = (points - (left, top)).T / np.array([[across], [-down]])
    return np.stack([room.left() + x, room.top() + y], axis=1)
