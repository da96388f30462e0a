"""Debiased exponential smoothing of a whole series, which can go on as the series grows; no Qt.

The smoothed value at step t is the weighted mean of all values up to t, the weight of value j being
decay^(t - j): from the first value on it starts at no wrong zero. `scipy.signal.lfilter` would do
the recursion, but importing it costs 0.45 s of the window's start; the products below take 15 ms
for a million values.
"""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating]

_BLOCK = 64  # values whose sums are one row of a product


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
        if not len(values):
            return np.empty(0)
        is_number = np.isfinite(values)
        if is_number.all():
            numbers, weights = values.astype(np.float64), np.ones(len(values))
        else:
            numbers, weights = np.where(is_number, values, 0.0), is_number.astype(np.float64)
        sums = decayed_sums(numbers, self.decay, self._sum)
        totals = decayed_sums(weights, self.decay, self._weight)
        self._sum, self._weight = float(sums[-1]), float(totals[-1])
        smoothed = np.full(len(values), np.nan)
        # After thousands of steps without a number nothing is left of either sum.
        np.divide(sums, totals, out=smoothed, where=totals > np.finfo(np.float64).tiny)
        if not is_number.all():
            smoothed = _filled(smoothed, self._last)
        self._last = float(smoothed[-1])
        return smoothed


def decayed_sums(values: NDArray[np.float64], decay: float, start: float) -> NDArray[np.float64]:
    """Return s with s[t] = decay s[t - 1] + values[t] and s[-1] = start.

    Within a block of 64 that is a product with a triangular matrix; the ends of the blocks obey the
    same recursion with decay^64, so they are summed by this function again.
    """
    if not len(values):
        return np.empty(0)
    count = len(values)
    powers = decay ** np.arange(_BLOCK + 1, dtype=np.float64)
    padded = np.zeros(-(-count // _BLOCK) * _BLOCK)
    padded[:count] = values
    places = np.arange(_BLOCK)
    kernel = np.tril(powers[np.abs(places[:, None] - places)])
    sums: NDArray[np.float64] = padded.reshape(-1, _BLOCK) @ kernel.T
    before = np.array([start])
    if len(sums) > 1:
        ends = decayed_sums(sums[:-1, -1].copy(), float(powers[_BLOCK]), start)
        before = np.concatenate([before, ends])
    sums += before[:, None] * powers[1:]
    return sums.reshape(-1)[:count]


def _filled(values: NDArray[np.float64], before: float) -> NDArray[np.float64]:
    """Put the last number in the place of what is none; `before` is the number before the first."""
    numbers = np.flatnonzero(~np.isnan(values))
    last = np.searchsorted(numbers, np.arange(len(values)), side="right")
    known = np.concatenate([[before], values[numbers]])
    filled: NDArray[np.float64] = known[last]
    return filled
