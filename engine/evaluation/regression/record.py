"""What an evaluation on regression tasks says; no torch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class RegressionScores:
    """Scores over many tasks; 1 is the best possible for each ratio, that of the limit itself.

    Attributes
    ----------
    tasks
        How many tasks they are over.
    risk_ratio
        Expected squared error of the predicted mean over that of the limit. It is computed from
        the distance to the limit's mean: the rest of the error is the same for everyone, luck.
    trimmed_risk_ratio
        The same without the hundredth of the tasks of which least can be known, which otherwise
        make most of it.
    ratio_of_medians
        The same of medians over tasks, in the place of means.
    log_likelihood
        Mean log density of a noisy target, in nats.
    log_likelihood_ci95
        Half the width of its 95 % interval over tasks; not a number for a single task.
    limit_log_likelihood
        The limit's: no learner has more, but for luck.
    coverage_50, coverage_90
        Share of targets inside the central intervals that should hold 50 and 90 % of them.
    levels
        Of the reliability curve, 0.05 to 0.95, (19,).
    shares_below
        Share of targets below the predicted quantile of each level, (19,); the level if calibrated.
    mean_squared_error
        Of the predicted mean, to the function without noise.
    ambiguous_tasks
        How many tasks leave open which family it is: the limit gives each at least 20 %. Counted
        where the prior has two families, of lines and of sines of one frequency.
    both_families
        Share of these whose samples have at least 5 % of their weight in each family; None where
        there are none.
    """

    tasks: int
    risk_ratio: float
    trimmed_risk_ratio: float
    ratio_of_medians: float
    log_likelihood: float
    log_likelihood_ci95: float
    limit_log_likelihood: float
    coverage_50: float
    coverage_90: float
    levels: NDArray[np.float64]
    shares_below: NDArray[np.float64]
    mean_squared_error: float
    ambiguous_tasks: int
    both_families: float | None
