"""An evaluation on functions as a person reads it: scores, and the limit's where it is known."""

from typing import NamedTuple

from engine.evaluation.regression.record import (
    MeasuredScores,
    RegressionEvaluation,
    RegressionScores,
)
from engine.tasks.scores import UNKNOWN
from leo_studio.analysis.formats import format_number, format_percentage, format_value

MEASURED = "the functions were measured, not drawn from a prior"
"""Why no limit is known of an evaluation."""

RISK_RATIO, TRIMMED, LIKELIHOOD = "risk ratio", "risk ratio, trimmed", "log likelihood"
SCORE_LABELS = {
    "risk_ratio": RISK_RATIO,
    "trimmed_risk_ratio": TRIMMED,
    "log_likelihood": LIKELIHOOD,
}
"""What people call the scores that are compared task by task, by their names in a file."""
_TIPS = {
    "risk ratio": "Expected squared error of the predicted mean over that of the limit: 1 is best",
    "risk ratio, trimmed": "The same without the hundredth of tasks of which least can be known",
    "ratio of medians": "The same of medians over tasks in the place of means",
    "log likelihood": "Mean log density of a noisy target, the higher the better; no learner has "
    "more than the limit, where that is known",
    "50 % interval": "How many targets are inside of the interval that should hold a half of them",
    "90 % interval": "How many targets are inside of the interval that should hold 90 % of them",
    "squared error": "Of the predicted mean, to the function without noise or what was measured",
    "median squared error": "Half of the tasks have a smaller one",
    "both families": "Tasks that leave the family open whose samples name both: 5 % of their "
    "weight or more in each",
}


class ScoreRow(NamedTuple):
    """A score of an evaluation.

    Attributes
    ----------
    label, tip
        What it is called, and what it is.
    weighted
        Of samples weighted by the likelihood of the points.
    plain
        Of the same samples, each as likely as any other.
    limit
        Of the best possible prediction; "" where it has no such score.
    """

    label: str
    tip: str
    weighted: str
    plain: str
    limit: str


def score_rows(evaluation: RegressionEvaluation) -> list[ScoreRow]:
    """Return all scores of an evaluation."""
    weighted, plain = score_texts(evaluation.scores), score_texts(evaluation.plain)
    limits = _limits(evaluation.scores)
    return [
        ScoreRow(
            label, _TIPS[label], *map(_with_minus, (text, plain[label], limits.get(label, "")))
        )
        for label, text in weighted.items()
    ]


def _limits(scores: RegressionScores | MeasuredScores) -> dict[str, str]:
    """Return the scores of the best possible prediction; none where nobody knows it."""
    if isinstance(scores, MeasuredScores):
        return {}
    return {
        **dict.fromkeys(("risk ratio", "risk ratio, trimmed", "ratio of medians"), "1"),
        "log likelihood": f"{format_number(scores.limit_log_likelihood, 3)} nats",
        "50 % interval": "holds 50 %",
        "90 % interval": "holds 90 %",
    }


def has_limit(evaluation: RegressionEvaluation) -> bool:
    """Whether scores of the best possible prediction are known."""
    return isinstance(evaluation.scores, RegressionScores)


def score_texts(scores: RegressionScores | MeasuredScores) -> dict[str, str]:
    """Write scores by their names; the last one is left out where families cannot be told apart."""
    likelihood = format_number(scores.log_likelihood, 3)
    if scores.log_likelihood_ci95 is not None:
        likelihood += f" ± {format_number(scores.log_likelihood_ci95, 3)}"
    of_all = {
        "log likelihood": f"{likelihood} nats",
        "50 % interval": f"holds {format_percentage(scores.coverage_50)}",
        "90 % interval": f"holds {format_percentage(scores.coverage_90)}",
        "squared error": _value(scores),
    }
    if isinstance(scores, MeasuredScores):
        return of_all | {"median squared error": format_value(scores.median_squared_error, 4)}
    texts = {
        "risk ratio": format_number(scores.risk_ratio, 3),
        "risk ratio, trimmed": format_number(scores.trimmed_risk_ratio, 3),
        "ratio of medians": format_number(scores.ratio_of_medians, 3),
        **of_all,
    }
    if scores.both_families is not None:
        share = format_percentage(scores.both_families)
        texts["both families"] = f"in {share} of {scores.ambiguous_tasks:,} ambiguous tasks"
    return texts


def headline(evaluation: RegressionEvaluation) -> str:
    """Return the log likelihood beside the limit's, or beside the squared error."""
    scores, texts = evaluation.scores, score_texts(evaluation.scores)
    if isinstance(scores, MeasuredScores):
        return _with_minus(f"{texts['log likelihood']}; squared error {texts['squared error']}")
    limit = format_number(scores.limit_log_likelihood, 3)
    return _with_minus(f"{texts['log likelihood']}; the limit {limit}")


def description(evaluation: RegressionEvaluation) -> str:
    """Say what was measured, and what the interval is of."""
    scores = evaluation.scores
    of_functions = ""
    if isinstance(scores, MeasuredScores):
        of_functions = f" of {scores.functions:,} functions"
    text = (
        f"log likelihood of a point; {scores.tasks:,} tasks{of_functions} of split "
        f"{evaluation.split}, checkpoint step {evaluation.checkpoint_step:,}"
    )
    if interval := interval_words(evaluation):
        text += f"; {interval}"
    if not has_limit(evaluation):
        text += (
            f". No limit is known: {MEASURED}. Errors are in the unit of the file's column y, "
            "squared."
        )
    return text


def interval_words(evaluation: RegressionEvaluation) -> str:
    """Say what the interval of the log likelihood is; "" where there is none."""
    if evaluation.scores.log_likelihood_ci95 is None:
        return ""
    over = "tasks" if has_limit(evaluation) else "functions"
    return f"95 % confidence interval over {over}"


def short_cells(evaluation: RegressionEvaluation) -> tuple[str, ...]:
    """Return an evaluation in a line: split, step, tasks, log likelihood, risk ratio, intervals.

    The risk ratio is a dash where no limit is known.
    """
    texts = score_texts(evaluation.scores)
    ratio = texts.get(RISK_RATIO, UNKNOWN)
    scores = (texts[LIKELIHOOD].removesuffix(" nats"), ratio, texts["90 % interval"])
    return (
        evaluation.split,
        format_number(evaluation.checkpoint_step),
        format_number(evaluation.scores.tasks),
        *map(_with_minus, scores),
    )


def split_remark_on_functions(split: str) -> str:
    """Say what a split's scores do not tell; "" where they tell of new functions."""
    chosen = "The best checkpoint was chosen on tasks of val: it looks a little too good there."
    return chosen if split == "val" else ""


def is_of_one_function(evaluation: RegressionEvaluation) -> bool:
    """Whether there is but one function of a task, so that weights make no difference."""
    return evaluation.scores == evaluation.plain


def _value(scores: RegressionScores | MeasuredScores) -> str:
    """Write the squared error; units of measured functions may be of any size."""
    if isinstance(scores, MeasuredScores):
        return format_value(scores.mean_squared_error, 4)
    return format_number(scores.mean_squared_error, 4)


def _with_minus(text: str) -> str:
    """Write minus signs as the window does."""
    return text.replace("-", "−")
