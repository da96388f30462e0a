"""Embeddings of glyphs: histograms of the orientations of their gradients."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from engine.data.glyphs.ink import FRAME

EMBEDDING_DIM = 200
# The directions that divide eight orientations, in whole numbers: within a degree of 11.25, 33.75
# ... 168.75 degrees, so that upright and level strokes fall in the middle of theirs.
BORDERS = ((5, 1), (3, 2), (2, 3), (1, 5), (-1, 5), (-2, 3), (-3, 2), (-5, 1))
_MOST = 255  # of a gradient in one direction
_BLOCKS = FRAME // 4  # of 4 x 4 pixels, both ways


def features(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return histograms of gradient orientations, (n, D), of images (n, FRAME, FRAME, 1).

    Eight orientations in 5 x 5 overlapping cells, as square roots of their shares, so that an
    embedding has length 1 (that of a blank image is zero).
    """
    padded = np.pad(images[..., 0].astype(np.int32), ((0, 0), (1, 1), (1, 1)))
    x = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
    y = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    gradients = (x * (2 * _MOST + 1) + (y + (2 * _MOST + 1) * _MOST + _MOST)).ravel()
    inked = np.flatnonzero((x | y).ravel())  # elsewhere there is no gradient
    strengths, orientations = (each[gradients[inked]] for each in _every_gradient())

    # Blocks of 4 x 4 pixels; cells of 3 x 3 blocks, weighted 1 2 1 both ways, so that a stroke
    # passes from cell to cell by degrees.
    image, pixel = np.divmod(inked, FRAME * FRAME)
    row, column = np.divmod(pixel, FRAME)
    shape = (len(images), len(BORDERS), _BLOCKS, _BLOCKS)
    places = np.ravel_multi_index((image, orientations, row // 4, column // 4), shape)
    sums = np.bincount(places, strengths, int(np.prod(shape)))  # whole numbers: in any order
    cells = sums.astype(np.int64).reshape(shape)
    for _ in range(2):
        cells = cells[..., 1:, :] + cells[..., :-1, :]
        cells = cells[..., 1:] + cells[..., :-1]
    histogram = cells.reshape(len(images), -1)
    total = np.maximum(histogram.sum(axis=1, keepdims=True), 1)
    shares: NDArray[np.float64] = histogram / total
    return np.sqrt(shares).astype(np.float32)


@cache
def _every_gradient() -> tuple[NDArray[np.uint16], NDArray[np.uint8]]:
    """Return the strength, in whole numbers, and the orientation of all gradients there can be.

    In the order of x, and for each of y, from -255 to 255 both.
    """
    x, y = (axis.ravel() for axis in np.mgrid[-_MOST : _MOST + 1, -_MOST : _MOST + 1])
    strengths = np.floor(np.sqrt(x * x + y * y)).astype(np.uint16)

    # Both sides of a stroke count as one orientation: turn gradients into the upper half plane,
    # and count the borders that they have passed.
    turn = np.where((y < 0) | ((y == 0) & (x < 0)), -1, 1)
    x, y = turn * x, turn * y
    passed = np.zeros(len(x), np.int64)
    for border_x, border_y in BORDERS:
        passed += border_x * y >= border_y * x
    return strengths, (passed % len(BORDERS)).astype(np.uint8)
