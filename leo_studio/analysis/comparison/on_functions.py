"""Two runs of regression on the same tasks, as rows of a table and in a sentence."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from engine.evaluation.regression.paired import PairedScore
from engine.evaluation.regression.record import RegressionEvaluation
from leo_studio.analysis.evaluation.function_scores import LIKELIHOOD, RISK_RATIO, SCORE_LABELS
from leo_studio.analysis.formats import format_number


@dataclass(frozen=True, slots=True)
class PairedOnFunctions:
    """Two evaluations on the same tasks, and by how much the first is better in each score."""

    one: RegressionEvaluation
    other: RegressionEvaluation
    scores: tuple[PairedScore, ...]


class DifferenceRow(NamedTuple):
    """A score of two runs on the same tasks, as people read it.

    Attributes
    ----------
    label
        What it is called.
    one, other
        What each run has.
    difference
        By how much the first one is better, with its 95 % interval: "+0.42 ± 0.07".
    interval
        What follows: "excludes 0" or "includes 0"; "is unknown" where a model went astray.
    """

    label: str
    one: str
    other: str
    difference: str
    interval: str


def difference_rows(scores: Sequence[PairedScore]) -> list[DifferenceRow]:
    """Return the rows of a table of paired differences."""
    return [_row(score) for score in scores]


def verdict_on_functions(found: PairedOnFunctions, one: str, other: str, split: str) -> str:
    """Return which of two runs is better in likelihood and risk, by how much, and if it is sure.

    Parameters
    ----------
    found
        Their evaluations on the same tasks.
    one, other
        What the runs are called in the sentence.
    split
        Where the tasks are from.
    """
    scores = {SCORE_LABELS[score.name]: score for score in found.scores}
    parts = [
        _part(scores[LIKELIHOOD], one, other, "nats of log likelihood"),
        _part(scores[RISK_RATIO], one, other, "of the risk ratio"),
    ]
    count = found.one.scores.tasks
    return f"{'; '.join(parts)} ({split}, paired on the same {count:,} tasks)."


def _part(score: PairedScore, one: str, other: str, unit: str) -> str:
    found = score.difference
    if math.isnan(found.ci95):
        return f"a difference {unit} between {one} and {other} is unknown: one of them went astray"
    better, worse = (one, other) if found.difference >= 0 else (other, one)
    size = format_number(abs(found.difference), 3)
    by = f"{size} ± {format_number(found.ci95, 3)} {unit}"
    if found.excludes_zero:
        return f"{better} is better than {worse} by {by}"
    return f"{better} is not clearly better than {worse}: the difference is {by}"


def _row(score: PairedScore) -> DifferenceRow:
    found = score.difference
    sign = "+" if found.difference > 0 else ""
    verb = "excludes 0" if found.excludes_zero else "includes 0"
    if math.isnan(found.ci95):
        verb = "is unknown"
    return DifferenceRow(
        SCORE_LABELS[score.name],
        format_number(score.one, 3),
        format_number(score.other, 3),
        f"{sign}{format_number(found.difference, 3)} ± {format_number(found.ci95, 3)}",
        verb,
    )
