"""Scores of predictions on regression tasks: sampled functions against the Bayes-optimal limit.

Shapes: B tasks, S samples (functions of a task), Q queries, F families.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.evaluation.regression.paired import per_task, well_known
from engine.evaluation.regression.record import PerTask, RegressionScores
from engine.evaluation.statistics import half_width
from engine.tasks.regression.families import Prior
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
    values: Tensor, log_weights: Tensor, tasks: FunctionTasks, prior: Prior
) -> Predictions:
    """Turn sampled functions into predictions: a weighted mixture, with the prior's noise.

    Parameters
    ----------
    values
        Of the functions at the tasks' queries, (B, S, Q).
    log_weights
        Of the functions, (B, S), up to a number for each task; zeros for plain samples.
    tasks
        B tasks, on the same device.
    prior
        What the tasks were drawn from.
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
    distances, risks, likelihoods = _by_task(predicted, limit)
    known = well_known(risks)
    errors = predicted.mean - tasks.query_clean.cpu().numpy()
    ambiguous, both = _both_families(predicted, limit)
    return RegressionScores(
        tasks=len(risks),
        risk_ratio=float(1 + distances.mean() / risks.mean()),
        trimmed_risk_ratio=float(1 + distances[known].mean() / risks[known].mean()),
        ratio_of_medians=float(np.median(distances + risks) / np.median(risks)),
        log_likelihood=float(likelihoods.mean()),
        log_likelihood_ci95=half_width(likelihoods) if len(likelihoods) > 1 else math.nan,
        limit_log_likelihood=float(limit.log_density.mean(dtype=np.float64)),
        coverage_50=coverage(predicted.pit, 0.5),
        coverage_90=coverage(predicted.pit, 0.9),
        levels=tuple(LEVELS.tolist()),
        shares_below=tuple((predicted.pit[..., None] <= LEVELS).mean((0, 1)).tolist()),
        mean_squared_error=float(np.square(errors, dtype=np.float64).mean()),
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


def _predicted(
    prior: Prior, values: Tensor, weights: Tensor, query_x: Tensor, query_y: Tensor
) -> Predictions:
    asked = mixture(values, weights, query_y, prior.noise)
    family_weights = _family_weights(prior, values, weights, query_x)
    return Predictions(
        asked.mean.cpu().numpy(),
        asked.log_density.cpu().numpy(),
        asked.pit.cpu().numpy(),
        family_weights.cpu().double().numpy(),
    )


def _family_weights(prior: Prior, values: Tensor, weights: Tensor, query_x: Tensor) -> Tensor:
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
