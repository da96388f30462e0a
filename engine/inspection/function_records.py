"""Records of few-shot regression that is looked at: frozen, of numpy arrays, read without torch.

Shapes: K points that are given, Q points of the grid, S samples, T inner steps, F families, N
functions of the posterior, L latent size, n tasks. Steps are counted from 0, before the inner loop,
to T.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_POINTS = 1000
"""So many points of a function can be given."""
TEST_SPLIT = "test"
"""The split whose tasks are looked at."""
Points = tuple[NDArray[np.float32], NDArray[np.float32]]
"""The x and the y of points that are given of a function, (K,) each."""


@dataclass(frozen=True, slots=True, eq=False)
class CodeWay:
    """The way of a task's latent codes through the inner loop, float32.

    Attributes
    ----------
    path
        Of the mean of the encoding, (T + 1, L).
    start, end
        The samples' codes before and after the inner loop, (S, L) each.
    encoded, deviation
        Mean and standard deviations of what the points are encoded to, (L,) each.
    """

    path: NDArray[np.float32]
    start: NDArray[np.float32]
    end: NDArray[np.float32]
    encoded: NDArray[np.float32]
    deviation: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class LimitRecord:
    """What can be known of a function from its points: the Bayes-optimal limit.

    Attributes
    ----------
    mean
        Of the function's value, (Q,).
    band
        The 5 and the 95 % quantile of the function's value, without noise, (2, Q).
    family_probability
        Of each family, (F,).
    functions, family
        Some functions of the posterior, equally likely each, (N, Q), and the place of the family
        that each is of, (N,).
    log_likelihood
        Mean log density of the given points under all of them, in nats.
    """

    mean: NDArray[np.float32]
    band: NDArray[np.float32]
    family_probability: NDArray[np.float64]
    functions: NDArray[np.float32]
    family: NDArray[np.int64]
    log_likelihood: float


@dataclass(frozen=True, slots=True, eq=False)
class FunctionRecord:
    """What a run makes of some points of a function, step by step, beside the limit.

    Of measured functions everything is in the unit of their file.

    Attributes
    ----------
    number
        Of the task; None for points that are of no task.
    is_changed
        Whether the points are others than the task's own.
    families
        Titles of the prior's families, F of them.
    noise
        Standard deviation of the noise on every point.
    support_x, support_y
        The points, (K,) each.
    grid
        Where functions are evaluated, (Q,).
    truth
        The task's function, (Q,); None for points that are not the task's own, and where nobody
        knows it.
    values
        Of the sampled functions, (T + 1, S, Q).
    weights
        Of the samples, by the likelihood of the points, (T + 1, S); they sum to 1 at each step.
    mean, band
        Of the prediction, (T + 1, Q), and its 5 and 95 % quantiles, (T + 1, 2, Q), without noise.
    is_first
        Whether a sample is nearer to the first of two families, (T + 1, S); (T + 1, 0) where the
        families cannot be told apart.
    log_likelihood
        Mean log density of the points under the prediction, in nats, (T + 1,).
    limit
        What can be known from the same points; None where nobody can say.
    codes
        The latent codes; None for a learner without them.
    name
        Of the measured function that the task is about; "" for drawn ones.
    others
        The other measured points of that function; None for drawn ones.
    units
        Of x and y: how far a step is that is neither small nor large.
    """

    number: int | None
    is_changed: bool
    families: tuple[str, ...]
    noise: float
    support_x: NDArray[np.float32]
    support_y: NDArray[np.float32]
    grid: NDArray[np.float32]
    truth: NDArray[np.float32] | None
    values: NDArray[np.float32]
    weights: NDArray[np.float32]
    mean: NDArray[np.float32]
    band: NDArray[np.float32]
    is_first: NDArray[np.bool_]
    log_likelihood: NDArray[np.float32]
    limit: LimitRecord | None
    codes: CodeWay | None
    name: str = ""
    others: Points | None = None
    units: tuple[float, float] = (1.0, 1.0)

    @property
    def steps(self) -> int:
        """How many inner steps there are, T."""
        return len(self.values) - 1

    @property
    def samples(self) -> int:
        """How many functions were sampled, S."""
        count: int = self.values.shape[1]
        return count

    @property
    def first_weights(self) -> NDArray[np.float32] | None:
        """The weight of the samples of the first of two families, (T + 1,); None if not told."""
        if self.is_first.shape[1] == 0:
            return None
        total: NDArray[np.float32] = (self.weights * self.is_first).sum(1)
        return total


@dataclass(frozen=True, slots=True, eq=False)
class FunctionTable:
    """Tasks of a split, a row each: what can be known, and what a run makes of it.

    Attributes
    ----------
    families
        Titles of the prior's families; none of measured functions, of which no limit is known.
    numbers
        Of the tasks, (n,).
    limit_first
        Probability of the first family by the limit, (n,); not-a-number where none is known.
    first
        Weight of the first family among the samples, (n,); not-a-number where the families cannot
        be told apart.
    spread
        Mean width of the prediction's band from 5 to 95 %, (n,).
    squared_error
        Of the predicted mean, to the function without noise or to what was measured, (n,).
    advantage
        Mean log density of the noisy targets, less that of the limit, in nats, (n,); below 0 for
        all but luck; not-a-number where no limit is known.
    codes
        Of the mean of each encoding on its way through the inner loop, (T + 1, n, L); None for a
        learner without latent codes.
    names
        Of the measured functions that tasks are about, n; none for drawn ones.
    functions
        How many measured functions the split has; 0 for drawn ones.
    k_shot
        How many points of its function a task has.
    """

    families: tuple[str, ...]
    numbers: NDArray[np.int64]
    limit_first: NDArray[np.float64]
    first: NDArray[np.float64]
    spread: NDArray[np.float64]
    squared_error: NDArray[np.float64]
    advantage: NDArray[np.float64]
    codes: NDArray[np.float32] | None
    names: tuple[str, ...] = ()
    functions: int = 0
    k_shot: int = 0

    @property
    def has_limit(self) -> bool:
        """Whether the Bayes-optimal limit of the tasks is known."""
        return bool(self.families)
