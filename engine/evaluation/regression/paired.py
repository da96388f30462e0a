"""Differences between two evaluations on the same regression tasks, task by task; no torch.

Shapes: B tasks.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.regression.record import (
    MeasuredScores,
    PerTask,
    RegressionEvaluation,
)
from engine.evaluation.statistics import PairedDifference, paired_difference

OF_A_FILE = "functions of a file are not compared task by task: nobody knows their limit."
"""Why runs on such functions are not compared."""
_TRIMMED = 100  # one in so many tasks is left out of `trimmed_risk_ratio`


@dataclass(frozen=True, slots=True)
class PairedScore:
    """A score of two evaluations on the same tasks.

    Attributes
    ----------
    name
        Of the score among those of `RegressionScores`.
    one, other
        What each has, over all tasks.
    difference
        By how much the first one is better, whichever way is better; positive where it is. In the
        unit of the score, over the tasks that the score is over.
    """

    name: str
    one: float
    other: float
    difference: PairedDifference


def paired_scores(
    one: RegressionEvaluation, other: RegressionEvaluation
) -> tuple[PairedScore, ...]:
    """Compare two evaluations of which `why_not_paired` says nothing.

    A ratio of risks is compared by the distances to the limit's mean, over the mean risk of the
    limit, which both have in common: what is left of the errors is the same for both.
    """
    mine, theirs = one.per_task, other.per_task
    assert mine is not None and theirs is not None
    risks = np.asarray(mine.limit_risks)
    known = well_known(risks)
    nearer = np.asarray(theirs.distances), np.asarray(mine.distances)  # the smaller one is better
    likelihoods = np.asarray(mine.log_likelihoods), np.asarray(theirs.log_likelihoods)
    return (
        _paired("risk_ratio", one, other, *(each / risks.mean() for each in nearer)),
        _paired(
            "trimmed_risk_ratio",
            one,
            other,
            *(each[known] / risks[known].mean() for each in nearer),
        ),
        _paired("log_likelihood", one, other, *likelihoods),
    )


def why_not_paired(one: RegressionEvaluation, other: RegressionEvaluation) -> str:
    """Say why two evaluations cannot be compared task by task; "" where they can."""
    if isinstance(one.scores, MeasuredScores) or isinstance(other.scores, MeasuredScores):
        return OF_A_FILE
    if one.per_task is None or other.per_task is None:
        return "an evaluation is of an earlier version and kept no single tasks; evaluate it again."
    if one.per_task.limit != other.per_task.limit:
        return "they were evaluated on other tasks."
    if len(well_known(np.asarray(one.per_task.limit_risks))) < 2:
        return "so few tasks have no interval; evaluate on 3 or more."
    return ""


def well_known(risks: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the places of the tasks that a trimmed score is over, by the limit's risks, (B,).

    The hundredth of which least can be known is left out, but never all.
    """
    order: NDArray[np.int64] = np.argsort(risks, kind="stable")
    known = order[: len(risks) - math.ceil(len(risks) / _TRIMMED)]
    return known if len(known) else order  # nothing to leave out of one task


def per_task(
    limit: str,
    limit_risks: NDArray[np.float64],
    distances: NDArray[np.float64],
    log_likelihoods: NDArray[np.float64],
) -> PerTask:
    """Return scores of single tasks, (B,) each, as they are kept: short, and read as written."""
    return PerTask(
        limit=limit,
        limit_risks=_rounded(limit_risks),
        distances=_rounded(distances),
        log_likelihoods=_rounded(log_likelihoods),
    )


def _paired(
    name: str,
    one: RegressionEvaluation,
    other: RegressionEvaluation,
    better_if_more: NDArray[np.float64],
    than: NDArray[np.float64],
) -> PairedScore:
    values = getattr(one.scores, name), getattr(other.scores, name)
    with np.errstate(invalid="ignore"):  # a model that went astray has no difference
        return PairedScore(name, *values, paired_difference(better_if_more, than))


def _rounded(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(f"{value:.6g}") for value in values.tolist())
