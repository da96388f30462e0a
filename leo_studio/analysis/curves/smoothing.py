"""Debiased exponential smoothing of a whole series, which can go on as the series grows.

The smoothed value at step t is the weighted mean of all values up to t, the weight of value j being
decay^(t - j): from the first value on it starts at no wrong zero. `scipy.signal.lfilter` would do
the recursion, but importing it costs 0.45 s of the window's start. Products with triangular
matrices would too, but their threads wait for those that train: up to 200 ms for a million values.
"""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating]

# At once: what this many need stays in the processor's cache, and in memory that is used again.
_CHUNK = 1 << 14
_NEGLIGIBLE = 1e-18  # of a weight
_LEAST_WEIGHT = 1e-6


class Smoother:
    """Smooths a series piece by piece; the pieces do not show in the result.

    Parameters
    ----------
    decay
        How much weight a value keeps from one step to the next, 0 (no smoothing) to below 1.
    """

    def __init__(self, decay: float) -> None:
        if not 0 <= decay < 1:
            raise ValueError(f"decay is {decay}; it must be at least 0 and below 1")
        self.decay = decay
        self._sum = 0.0
        self._weight = 0.0
        self._last = np.nan

    def extend(self, values: Values) -> NDArray[np.float64]:
        """Return the next values smoothed.

        What is not a finite number has no weight, and the smoothed value goes on as it was; before
        the first number it is not-a-number.
        """
        chunks = [
            self._extend(values[first : first + _CHUNK]) for first in range(0, len(values), _CHUNK)
        ]
        return np.concatenate(chunks) if chunks else np.empty(0)

    def _extend(self, values: Values) -> NDArray[np.float64]:
        is_number = np.isfinite(values)
        is_whole = bool(is_number.all())
        numbers = values.astype(np.float64)
        if not is_whole:
            numbers[~is_number] = 0.0
        sums = decayed_sums(numbers, self.decay, self._sum)
        totals = decayed_sums(is_number.astype(np.float64), self.decay, self._weight)
        self._sum, self._weight = float(sums[-1]), float(totals[-1])
        # Without a number for long, little is left of either sum, and nothing has changed.
        has_weight = totals > _LEAST_WEIGHT
        smoothed: NDArray[np.float64] = np.divide(
            sums, totals, out=np.full(len(sums), np.nan), where=has_weight
        )
        if not is_whole:
            smoothed = _filled(smoothed, self._last)
        self._last = float(smoothed[-1])
        return smoothed


def decayed_sums(values: NDArray[np.float64], decay: float, before: float) -> NDArray[np.float64]:
    """Return s with s[t] = decay s[t - 1] + values[t]; `before` is s[-1].

    By doubling: after a round every sum reaches back twice as far. Rounds end where nothing is left
    of the weight.
    """
    sums = values.copy()
    sums[0] += decay * before
    reach = 1
    while reach < len(sums) and (weight := decay**reach) > _NEGLIGIBLE:
        sums[reach:] += weight * sums[:-reach]
        reach *= 2
    return sums


def _filled(values: NDArray[np.float64], before: float) -> NDArray[np.float64]:
    """Put the last number in the place of what is none; `before` is the number before the first."""
    numbers = np.flatnonzero(~np.isnan(values))
    last = np.searchsorted(numbers, np.arange(len(values)), side="right")
    known = np.concatenate([[before], values[numbers]])
    filled: NDArray[np.float64] = known[last]
    return filled
