"""Confidence intervals, and differences between models on the same episodes; no torch."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# So many standard errors on either side of its mean hold 95 % of a normal distribution.
_STANDARD_ERRORS = 1.96


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """The difference in a score between two models on the same episodes, or tasks of regression.

    Attributes
    ----------
    difference
        Mean difference of the score, of accuracy -1 to 1; positive where the first one is better.
    ci95
        Half width of its 95 % confidence interval.
    episodes
        How many episodes, or tasks, it is over.
    """

    difference: float
    ci95: float
    episodes: int

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval leaves out "no difference"."""
        return abs(self.difference) > self.ci95


def paired_difference(one: NDArray[np.float64], other: NDArray[np.float64]) -> PairedDifference:
    """Compare scores episode by episode, (E,) each, of the same episodes; more is better."""
    differences = one - other
    return PairedDifference(float(differences.mean()), half_width(differences), len(differences))


def half_width(values: NDArray[np.float64]) -> float:
    """Return half the width of the 95 % confidence interval of a mean over many episodes."""
    return float(_STANDARD_ERRORS * values.std(ddof=1) / math.sqrt(len(values)))


def student_half_width(values: NDArray[np.float64]) -> float:
    """Return half the width of the 95 % interval of a mean over few values, by Student's t."""
    return student_quantile(len(values) - 1) * float(values.std(ddof=1)) / math.sqrt(len(values))


def student_quantile(freedom: float) -> float:
    """Return how many standard errors on either side hold 95 % of Student's t."""
    from scipy import special  # a third of a second, which few need

    return float(special.stdtrit(freedom, 0.975))


def student_share_beyond(errors: float, freedom: float) -> float:
    """Return what share of Student's t lies beyond so many standard errors, on both sides."""
    from scipy import special  # a third of a second, which few need

    return float(2 * special.stdtr(freedom, -errors))


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct p-values for their number (Holm 1979), in their order.

    Those below 0.05 then hold a single false one in at most 5 % of such families.
    """
    corrected = [0.0] * len(p_values)
    least = 0.0
    for rank, place in enumerate(np.argsort(p_values, kind="stable").tolist()):
        least = max(least, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = least
    return corrected


def wilson_interval(count: int, asked: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of the share `count / asked`; not-a-number for none asked."""
    if asked == 0:
        return math.nan, math.nan
    z = _STANDARD_ERRORS
    share, spread = count / asked, z * z / asked
    centre = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / asked + spread / (4 * asked)) / (1 + spread)
    # Rounding must not leave the share outside.
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))
