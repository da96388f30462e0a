"""Fewer points that draw the same curve: the extremes of buckets.

pyqtgraph can do so itself, but its buckets begin at the left edge of what is visible, so a curve
that grows or is moved shimmers, and it goes through the whole series at every `setData`: 1.2 ms a
curve of a million points, against 0.2 ms here.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


def decimate(
    x: Floats, y: Floats, low: float, high: float, most_buckets: int
) -> tuple[Floats, Floats]:
    """Return the points to draw a curve with between two places.

    Every bucket gives its smallest and its largest value, so no spike is lost. Buckets hold a power
    of two of points and begin at multiples of it: as a curve grows or is moved they stay the same,
    and it does not shimmer.

    Parameters
    ----------
    x
        Places in ascending order, (n,).
    y
        Values, (n,); what is not-a-number leaves a gap where a whole bucket is so.
    low, high
        The visible range; one point beyond either end is kept, for the line to leave the plot.
    most_buckets
        At most this many buckets; fewer points than twice as many are returned as they are.

    Returns
    -------
    tuple of arrays
        x and y of the points.
    """
    first = max(0, int(np.searchsorted(x, low, side="left")) - 1)
    last = min(len(x), int(np.searchsorted(x, high, side="right")) + 1)
    if last - first <= 2 * most_buckets:
        return x[first:last], y[first:last]
    size = 1
    while (last - first) > size * (most_buckets - 1):
        size *= 2
    first = first // size * size
    last = min(len(x), -(-last // size) * size)
    whole = first + (last - first) // size * size
    blocks = y[first:whole].reshape(-1, size)
    lows, highs = np.fmin.reduce(blocks, axis=1), np.fmax.reduce(blocks, axis=1)
    starts = np.arange(first, whole, size)
    middles = starts + size // 2
    if whole < last:
        lows = np.append(lows, np.fmin.reduce(y[whole:last]))
        highs = np.append(highs, np.fmax.reduce(y[whole:last]))
        starts = np.append(starts, whole)
        middles = np.append(middles, last - 1)
    xs = np.stack([x[starts], x[middles]], axis=1).reshape(-1)
    # The extremes come in the order in which a monotonous curve has them.
    rises = y[starts] <= y[middles]
    ys = np.where(rises[:, None], np.stack([lows, highs], axis=1), np.stack([highs, lows], axis=1))
    return xs, ys.reshape(-1)


def extremes_between(x: Floats, y: Floats, low: float, high: float) -> tuple[float, float]:
    """Return the smallest and the largest value of a line between two places.

    The line's values at the two places count, also where no point is between them. What is not a
    finite number is left out; infinity and minus infinity are returned where nothing is left.

    Parameters
    ----------
    x
        Places in ascending order, (n,).
    y
        Values, (n,).
    """
    is_number = np.isfinite(x) & np.isfinite(y)
    x, y = x[is_number], y[is_number]
    if not len(x):
        return np.inf, -np.inf
    inside = y[(x >= low) & (x <= high)]
    ends = np.interp((low, high), x, y, left=np.nan, right=np.nan)
    numbers = np.append(inside, ends[~np.isnan(ends)])
    if not len(numbers):
        return np.inf, -np.inf
    return float(numbers.min()), float(numbers.max())
