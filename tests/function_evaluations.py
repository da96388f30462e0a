"""Evaluations on functions, made by hand: what single tasks have, and what is a mean of them."""

import numpy as np

from engine.evaluation.regression.paired import per_task
from engine.evaluation.regression.record import RegressionEvaluation, RegressionScores


def evaluation(
    distances: list[float],
    likelihoods: list[float],
    *,
    step: int = 60,
    split: str = "test",
    run: str = "run",
    limit: str = "limit-1.npz",
) -> RegressionEvaluation:
    """Return an evaluation on so many tasks, of each of which the limit's risk is 0.5."""
    risks = np.full(len(distances), 0.5)
    ratio = 1 + float(np.mean(distances)) / 0.5
    scores = RegressionScores(
        tasks=len(distances),
        risk_ratio=ratio,
        trimmed_risk_ratio=1 + float(np.mean(distances[:-1])) / 0.5,
        ratio_of_medians=1.2,
        log_likelihood=float(np.mean(likelihoods)),
        log_likelihood_ci95=0.02,
        limit_log_likelihood=-0.4,
        coverage_50=0.48,
        coverage_90=0.85,
        levels=(0.25, 0.5, 0.75),
        shares_below=(0.3, 0.5, 0.7),
        mean_squared_error=0.7,
        ambiguous_tasks=1,
        both_families=None,
    )
    return RegressionEvaluation(
        split=split,
        scores=scores,
        plain=scores.model_copy(update={"risk_ratio": ratio + 1}),
        run=run,
        checkpoint_step=step,
        per_task=per_task(limit, risks, np.array(distances), np.array(likelihoods)),
    )
