"""An evaluation on functions as a figure, the numbers behind it, and as text."""

import numpy as np

from engine.evaluation.regression.record import (
    MeasuredScores,
    RegressionEvaluation,
    RegressionScores,
)
from leo_studio.analysis.evaluation.function_scores import (
    description,
    headline,
    is_of_one_function,
    score_rows,
)
from leo_studio.figures.plots import reliability
from leo_studio.figures.records import Column, Exported, Facts, Figure, Table

_BEST = {  # of the limit itself
    "risk_ratio": 1.0,
    "trimmed_risk_ratio": 1.0,
    "ratio_of_medians": 1.0,
    "coverage_50": 0.5,
    "coverage_90": 0.9,
}

_NAMES = (
    "risk_ratio",
    "trimmed_risk_ratio",
    "ratio_of_medians",
    "log_likelihood",
    "log_likelihood_ci95",
    "coverage_50",
    "coverage_90",
    "mean_squared_error",
    "median_squared_error",
    "both_families",
)


def exported_function_evaluation(evaluation: RegressionEvaluation, run: str) -> Exported:
    """Return the reliability curve of an evaluation and all its numbers; `run` is a name."""
    scores, is_one = evaluation.scores, is_of_one_function(evaluation)
    plain = None if is_one else evaluation.plain.shares_below
    facts: Facts = {
        "run": run,
        "step": evaluation.checkpoint_step,
        "split": evaluation.split,
        "tasks": scores.tasks,
    }
    if isinstance(scores, RegressionScores):
        facts = {**facts, "ambiguous_tasks": scores.ambiguous_tasks}
    tables = [_scores(evaluation, facts), _reliability(evaluation, facts)]
    if (kept := evaluation.per_task) is not None:
        columns: dict[str, Column] = {
            "task": np.arange(scores.tasks),
            "limit_risk": np.array(kept.limit_risks),
            "distance_to_limit": np.array(kept.distances),
            "log_likelihood": np.array(kept.log_likelihoods),
        }
        tables.append(Table("tasks", columns, facts))
    return Exported(
        f"{run}-{evaluation.split}-{evaluation.checkpoint_step}-scores",
        Figure([reliability(scores.levels, scores.shares_below, plain)]),
        tables,
        f"{run}: {headline(evaluation)}; {description(evaluation)}",
    )


def evaluation_text(evaluation: RegressionEvaluation, run: str) -> str:
    """Return an evaluation as lines of text: its headline, what it is of, and every score."""
    is_one = is_of_one_function(evaluation)
    lines = [headline(evaluation), f"{run}: {description(evaluation)}"]
    for row in score_rows(evaluation):
        parts = [row.weighted]
        parts += [] if is_one else [f"plain samples {row.plain}"]
        parts += [f"limit {row.limit}"] if row.limit else []
        lines.append(f"{row.label}: {'; '.join(parts)}")
    return "\n".join(lines)


def _scores(evaluation: RegressionEvaluation, facts: Facts) -> Table:
    """Return every score by its name in the kept file; what nobody knows is not a number."""
    weighted, plain = (_numbers(each) for each in (evaluation.scores, evaluation.plain))
    columns: dict[str, Column] = {
        "score": list(weighted),
        "value": np.array([*weighted.values()]),
        "plain_samples": np.array([*plain.values()]),
    }
    if isinstance(evaluation.scores, RegressionScores):
        limit = _BEST | {"log_likelihood": evaluation.scores.limit_log_likelihood}
        columns["limit"] = np.array([limit.get(name, np.nan) for name in weighted])
    return Table("scores", columns, facts)


def _numbers(scores: RegressionScores | MeasuredScores) -> dict[str, float]:
    found = {name: getattr(scores, name) for name in _NAMES if hasattr(scores, name)}
    return {name: float("nan") if value is None else value for name, value in found.items()}


def _reliability(evaluation: RegressionEvaluation, facts: Facts) -> Table:
    columns: dict[str, Column] = {
        "level": np.array(evaluation.scores.levels),
        "targets_below": np.array(evaluation.scores.shares_below),
        "targets_below_plain": np.array(evaluation.plain.shares_below),
    }
    return Table("reliability", columns, facts)
