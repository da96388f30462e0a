"""Scores of predictions on regression tasks, beside the Bayes-optimal limit where one is known.

Shapes: B tasks, S samples (functions of a task), Q queries, F families.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.function_file import UNSCALED, Scaling
from engine.evaluation.regression.paired import per_task, well_known
from engine.evaluation.regression.record import MeasuredScores, PerTask, RegressionScores
from engine.evaluation.statistics import half_width
from engine.tasks.regression.families import FunctionFamily, Prior
from engine.tasks.regression.functions import FunctionTasks
from engine.tasks.regression.limit import Limit
from engine.tasks.regression.mixture import mixture
from engine.tasks.regression.nearest_family import is_of_first_family, tells_families

LEVELS = np.arange(1, 20) / 20
_AMBIGUOUS = (0.2, 0.8)  # probabilities of the first family that leave open which it is
# The weight of samples with which a family is one that the samples name: 5 %, for all rounding.
_NAMED = 0.05 - 1e-6
# Values that are held at a time, with a few numbers meanwhile for each.
_VALUES_AT_A_TIME = 1 << 22


class Likelihood(Protocol):
    """What predictions are scored by: the noise of targets, and families to tell apart."""

    @property
    def noise(self) -> float:
        """Standard deviation of the Gaussian noise on every target."""

    @property
    def members(self) -> tuple[FunctionFamily, ...]:
        """The families that functions are of."""


class Predictions(NamedTuple):
    """What samples say of the queries of their tasks; made batch by batch, then joined."""

    mean: NDArray[np.float32]  # (B, Q)
    log_density: NDArray[np.float32]  # (B, Q): of the noisy targets
    pit: NDArray[np.float32]  # (B, Q): the probability of less than the noisy target
    family_weights: NDArray[np.float64]  # (B, F): of the samples nearest to each; F 0 if not told


def scores_of(
    values: Tensor, log_weights: Tensor, tasks: FunctionTasks, limit: Limit, prior: Prior
) -> RegressionScores:
    """Score samples of all tasks at once; see `predictions` and `summary`."""
    return summary(predictions(values, log_weights, tasks, prior), tasks, limit)


@torch.no_grad()
def predictions(
    values: Tensor, log_weights: Tensor, tasks: FunctionTasks, prior: Likelihood
) -> Predictions:
    """Turn sampled functions into predictions: a weighted mixture, with Gaussian noise.

    Parameters
    ----------
    values
        Of the functions at the tasks' queries, (B, S, Q).
    log_weights
        Of the functions, (B, S), up to a number for each task; zeros for plain samples.
    tasks
        B tasks, on the same device.
    prior
        The noise of targets, and the families that functions are told to be of.
    """
    weights = torch.softmax(log_weights.float(), 1)
    together = max(1, _VALUES_AT_A_TIME // max(1, values[0].numel()))
    parts = zip(
        values.float().split(together),
        weights.split(together),
        tasks.query_x.split(together),
        tasks.query_y.split(together),
        strict=True,
    )
    return joined([_predicted(prior, *part) for part in parts])


def joined(parts: Sequence[Predictions]) -> Predictions:
    """Put predictions together, the tasks of one behind those of the other."""
    return Predictions(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def summary(predicted: Predictions, tasks: FunctionTasks, limit: Limit) -> RegressionScores:
    """Score predictions of tasks whose limit is known."""
    distances, risks, _ = _by_task(predicted, limit)
    known = well_known(risks)
    ambiguous, both = _both_families(predicted, limit)
    return RegressionScores(
        **_own_scores(predicted, tasks, UNSCALED),
        risk_ratio=float(1 + distances.mean() / risks.mean()),
        trimmed_risk_ratio=float(1 + distances[known].mean() / risks[known].mean()),
        ratio_of_medians=float(np.median(distances + risks) / np.median(risks)),
        limit_log_likelihood=float(limit.log_density.mean(dtype=np.float64)),
        ambiguous_tasks=ambiguous,
        both_families=both,
    )


def scores_by_task(predicted: Predictions, limit: Limit, name: str) -> PerTask:
    """Return what `summary` takes means of; `name` is that of the limit's file."""
    distances, risks, likelihoods = _by_task(predicted, limit)
    return per_task(name, risks, distances, likelihoods)


def _by_task(predicted: Predictions, limit: Limit) -> tuple[NDArray[np.float64], ...]:
    """Return distances to the limit's mean, the limit's risks, and log likelihoods, (B,) each."""
    distances = np.square(predicted.mean - limit.mean, dtype=np.float64).mean(1)
    risks = limit.variance.mean(1, dtype=np.float64)
    return distances, risks, predicted.log_density.mean(1, dtype=np.float64)


def measured_summary(
    predicted: Predictions, tasks: FunctionTasks, scaling: Scaling
) -> MeasuredScores:
    """Score predictions of measured functions, whose limit nobody knows, in their own unit."""
    functions = tasks.family.cpu().numpy()
    return MeasuredScores(
        **_own_scores(predicted, tasks, scaling, functions),
        functions=len(np.unique(functions)),
        median_squared_error=float(np.median(squared_errors(predicted, tasks, scaling))),
    )


def squared_errors(
    predicted: Predictions, tasks: FunctionTasks, scaling: Scaling = UNSCALED
) -> NDArray[np.float64]:
    """Return the mean squared error of each task's predicted mean, (B,), in the unit of people."""
    of_tasks: NDArray[np.float64] = _squares(predicted, tasks, scaling).mean(1)
    return of_tasks


def interval(
    values: NDArray[np.float64], functions: NDArray[np.int64] | None = None
) -> float | None:
    """Return half the width of the 95 % interval of a mean over tasks; None for a single one.

    Tasks of one function are not independent of one another: where it is told which task is of
    which, (B,), the interval is over functions.
    """
    if functions is not None:
        counts = np.bincount(functions)
        sums = np.bincount(functions, values)
        values = sums[counts > 0] / counts[counts > 0]
    return half_width(values) if len(values) > 1 else None


def _squares(predicted: Predictions, tasks: FunctionTasks, scaling: Scaling) -> NDArray[np.float64]:
    errors = predicted.mean - tasks.query_clean.cpu().numpy()
    squares: NDArray[np.float64] = np.square(errors, dtype=np.float64)
    return squares * scaling.y_unit**2


def _own_scores(
    predicted: Predictions,
    tasks: FunctionTasks,
    scaling: Scaling,
    functions: NDArray[np.int64] | None = None,
) -> dict[str, Any]:
    """Return the scores that need no limit, by their names."""
    likelihoods = predicted.log_density.mean(1, dtype=np.float64) - math.log(scaling.y_unit)
    return {
        "tasks": len(likelihoods),
        "log_likelihood": float(likelihoods.mean()),
        "log_likelihood_ci95": interval(likelihoods, functions),
        "coverage_50": coverage(predicted.pit, 0.5),
        "coverage_90": coverage(predicted.pit, 0.9),
        "levels": tuple(LEVELS.tolist()),
        "shares_below": tuple((predicted.pit[..., None] <= LEVELS).mean((0, 1)).tolist()),
        "mean_squared_error": float(_squares(predicted, tasks, scaling).mean()),
    }


def _predicted(
    prior: Likelihood, values: Tensor, weights: Tensor, query_x: Tensor, query_y: Tensor
) -> Predictions:
    asked = mixture(values, weights, query_y, prior.noise)
    family_weights = _family_weights(prior, values, weights, query_x)
    return Predictions(
        asked.mean.cpu().numpy(),
        asked.log_density.cpu().numpy(),
        asked.pit.cpu().numpy(),
        family_weights.cpu().double().numpy(),
    )


def _family_weights(prior: Likelihood, values: Tensor, weights: Tensor, query_x: Tensor) -> Tensor:
    """Return the weight of the samples that are nearest to each of two families, (B, 2).

    See `is_of_first_family`; (B, 0) where the prior's families cannot be told apart.
    """
    if not tells_families(prior):
        return weights.new_zeros(len(weights), 0)
    of_first = (weights * is_of_first_family(prior, values, query_x)).sum(1)
    return torch.stack([of_first, 1 - of_first], 1)


def _both_families(predicted: Predictions, limit: Limit) -> tuple[int, float | None]:
    """Count the ambiguous tasks, and return the share of them whose samples name both families."""
    if predicted.family_weights.shape[1] == 0:
        return 0, None
    low, high = _AMBIGUOUS
    first = limit.family_probability[:, 0]
    least = predicted.family_weights.min(1)[(first >= low) & (first <= high)]
    return len(least), float((least >= _NAMED).mean()) if len(least) else None


def coverage(pit: NDArray[np.float32], level: float) -> float:
    """Return the share of targets inside the central interval that should hold `level` of them."""
    outside = (1 - level) / 2
    return float(((pit >= outside) & (pit <= 1 - outside)).mean())
