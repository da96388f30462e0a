"""A verdict on an evaluation on functions: how near to the best possible it is, and how sure."""

import math

from engine.evaluation.regression.record import MeasuredScores, RegressionEvaluation
from leo_studio.analysis.formats import format_percentage, format_value

# Up to so many times the limit's risk.
_CLOSE = 1.1
_NEAR = 2.0
# The share of targets that intervals of 90 % hold where they are as wide as they should be.
_FEWEST, _MOST = 0.85, 0.95


def function_verdict(evaluation: RegressionEvaluation, learner: str) -> str:
    """Say in a sentence how good an evaluation of a learner is; `learner` is what it is called.

    Such as: "LEO's risk is 1.04 times the Bayes-optimal limit's: close to the best possible; its
    90 % intervals hold 88 % of the targets, about as many as they should."
    """
    scores = evaluation.scores
    ratio = None if isinstance(scores, MeasuredScores) else scores.risk_ratio
    if not all(map(math.isfinite, (scores.log_likelihood, 1.0 if ratio is None else ratio))):
        return f"{learner} went astray: some of its predictions are no numbers."
    share = scores.coverage_90
    held = f"90 % intervals hold {format_percentage(share, 0)} of the targets{_sureness(share)}."
    if ratio is None:
        return f"{learner}'s {held}"
    risk = f"{learner}'s risk is {format_value(ratio, 3)} times the Bayes-optimal limit's"
    return f"{risk}: {_place(ratio)}; its {held}"


def _place(risk_ratio: float) -> str:
    if risk_ratio <= _CLOSE:
        return "close to the best possible"
    return "not far from the best possible" if risk_ratio <= _NEAR else "far from the best possible"


def _sureness(share: float) -> str:
    if share < _FEWEST:
        return ", too few: it is too sure"
    return ", about as many as they should" if share <= _MOST else ", too many: it is too careful"
