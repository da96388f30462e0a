"""Finds the points under the mouse or inside a region, and the codes that are selected."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from engine.inspection.records import Latents

Code = tuple[int, int]  # an episode's number, and the way

Points = NDArray[np.float64]


def nearest(
    points: Points, place: tuple[float, float], unit: tuple[float, float], reach: float
) -> int | None:
    """Return the point that lies nearest on the screen; None for none within reach.

    Parameters
    ----------
    points
        (n, 2).
    place
        Where the mouse is.
    unit
        How much a pixel is along each axis.
    reach
        In pixels.
    """
    if not len(points):
        return None
    away = (((points - place) / unit) ** 2).sum(1)
    # Of several at one place the last one is on top.
    found = len(away) - 1 - int(np.nanargmin(away[::-1])) if np.isfinite(away).any() else 0
    return found if away[found] <= reach**2 else None


def inside(points: Points, corners: Points) -> NDArray[np.bool_]:
    """Return which points (n, 2) lie inside a polygon (m, 2), by the even-odd rule."""
    found = np.zeros(len(points), bool)
    low, high = corners.min(0), corners.max(0)
    near = np.flatnonzero(((points >= low) & (points <= high)).all(1))
    x, y = points[near].T
    crossings = np.zeros(len(near), bool)
    for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y1 != y2:
            crosses = (y1 > y) != (y2 > y)
            crossings ^= crosses & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    found[near] = crossings
    return found


def chosen_codes(
    latents: Latents, selected: Collection[int], codes: Collection[Code]
) -> NDArray[np.bool_] | None:
    """Return which codes are selected, (E · N,); None where none of those shown is.

    Parameters
    ----------
    latents
        The codes.
    selected
        Numbers of the episodes that are selected.
    codes
        Those that a person drew around: of their episodes no other code stands out. Of the other
        episodes that are selected, all do.
    """
    whole = set(selected) - {number for number, _ in codes}
    mask = np.isin(latents.numbers, list(whole))[:, None].repeat(latents.classes.shape[1], 1)
    rows = {number: row for row, number in enumerate(latents.numbers.tolist())}
    for number, way in codes:
        if number in selected and number in rows:
            mask[rows[number], way] = True
    return mask.reshape(-1) if mask.any() else None
