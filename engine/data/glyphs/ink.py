"""Ink on a frame of pixels: that of dots along strokes, and of strokes that somebody drew.

Shapes: H hands or images, P points. Points are (x, y), y downwards.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

FRAME = 28  # pixels, both ways
HEIGHT, PEN = 17.5, 1.2  # in pixels: how large an average hand writes, and the radius of its pen


def ink_dots(
    dots: NDArray[np.float64], widths: NDArray[np.float64], pen: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Ink dots, (H, P, 2), with edges one pixel soft; returns (H, FRAME, FRAME).

    `widths`, (H, P), are the radii of the dots in pixels, `pen`, (H,), those of the hands' pens.
    """
    # A dot inks nothing beyond its radius and the soft edge: only a square of pixels around it is
    # looked at, of which there are some thirty in the frame. At the frame's edge it is moved in.
    reach = float((widths * (1.0 + 0.5 / pen[:, None])).max())
    side = min(int(2.0 * reach) + 1, FRAME)
    first = np.ceil(dots - (reach + 0.5)).astype(np.int64)
    first = np.minimum(np.maximum(first, 0), FRAME - side)
    rows = first[..., 1] + FRAME * np.arange(len(dots))[:, None]
    corners = (rows * FRAME + first[..., 0]).ravel()
    # The squared distance from a pixel to a dot, in radii, is a row's share plus a column's share.
    offsets = first + np.arange(side)[:, None, None, None] + 0.5 - dots
    offsets /= widths[..., None]
    across, down = np.moveaxis(offsets * offsets, -1, 0).reshape(2, side, -1)
    nearest = np.full(len(dots) * FRAME * FRAME, np.inf)
    for row, column in np.ndindex(side, side):  # of the square of each dot
        places = corners + (row * FRAME + column)
        np.minimum.at(nearest, places, across[column] + down[row])
    distance = np.sqrt(nearest).reshape(len(dots), FRAME, FRAME)
    ink = np.minimum(np.maximum(0.5 + pen[:, None, None] * (1.0 - distance), 0.0), 1.0)
    grey: NDArray[np.uint8] = np.floor(255.0 * ink + 0.5).astype(np.uint8)
    return grey


def ink_strokes(strokes: Sequence[NDArray[np.float64]]) -> NDArray[np.uint8]:
    """Return the image of strokes that somebody drew, as an average hand would have inked them.

    Parameters
    ----------
    strokes
        The points of each, (P, 2), one after the other, at any place and in any size.

    Returns
    -------
    NDArray
        (FRAME, FRAME, 1); blank where there are no strokes.
    """
    if not strokes:
        return np.zeros((FRAME, FRAME, 1), np.uint8)
    fitted = fit_strokes(strokes, HEIGHT)
    dots = np.concatenate([_dotted(stroke) for stroke in fitted]) + FRAME / 2
    return ink_dots(dots[None], np.full((1, len(dots)), PEN), np.array([PEN]))[0, ..., None]


def fit_strokes(strokes: Sequence[NDArray[np.float64]], height: float) -> list[NDArray[np.float64]]:
    """Centre strokes on the origin, and scale them so that their longer side is `height`."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    longer = float((high - low).max())
    scale = height / longer if longer > 0 else 0.0  # a dot stays one
    return [(stroke - (low + high) / 2) * scale for stroke in strokes]


def _dotted(stroke: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put dots along a stroke, half a pixel apart at most."""
    parts = [stroke[:1]]
    for start, end in pairwise(stroke):
        count = int(np.ceil(2 * np.abs(end - start).max()))
        parts.append(start + (end - start) * np.arange(1, count + 1)[:, None] / max(count, 1))
    return np.concatenate(parts)
