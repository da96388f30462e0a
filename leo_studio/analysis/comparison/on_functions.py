"""Two runs of regression on the same tasks, as rows of a table and in a sentence."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from engine.evaluation.regression.paired import PairedScore, paired_scores, why_not_paired
from engine.evaluation.regression.record import RegressionEvaluation
from leo_studio.analysis.evaluation.function_scores import (
    LIKELIHOOD,
    RISK_RATIO,
    SCORE_LABELS,
    has_limit,
)
from leo_studio.analysis.formats import format_number
from leo_studio.services.records import RunEntry

_UNCLEAR = "no clear difference in "


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


def chosen_on_functions(run: RunEntry, split: str) -> dict[int, RegressionEvaluation]:
    """Return a run's kept evaluations on a split by their number of tasks, one for each.

    Only those count that kept single tasks, or that have none, of measured functions. Where several
    checkpoints were evaluated, it is the run's own choice; otherwise the latest.
    """
    own = run.own_step
    found = [
        each for each in _kept_on(run, split) if each.per_task is not None or not has_limit(each)
    ]
    found.sort(key=lambda each: (each.checkpoint_step == own, each.checkpoint_step))
    return {each.scores.tasks: each for each in found}


def paired_on_functions(one: RunEntry, other: RunEntry, split: str) -> PairedOnFunctions | str:
    """Compare two runs on the most tasks that both were evaluated on, or say what is missing."""
    first, second = chosen_on_functions(one, split), chosen_on_functions(other, split)
    for run, found in ((one, first), (other, second)):
        if not found and _kept_on(run, split):
            return (
                f"{run.title} was evaluated on {split} by an earlier version, which kept no single "
                "tasks; evaluate it again."
            )
        if not found:
            return f"{run.title} was not evaluated on {split} yet."
    common = first.keys() & second.keys()
    if not common:
        counts = f"{max(first):,} and {max(second):,}"
        return f"evaluated on {counts} tasks; both need the same number."
    mine, theirs = first[max(common)], second[max(common)]
    if problem := why_not_paired(mine, theirs):
        return f"cannot be compared: {problem}"
    return PairedOnFunctions(mine, theirs, paired_scores(mine, theirs))


def _kept_on(run: RunEntry, split: str) -> list[RegressionEvaluation]:
    return [each for each in run.function_evaluations if each.split == split]


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
    first = _Part.of(scores[LIKELIHOOD], one, other, ("nats of", "log likelihood"))
    second = _Part.of(scores[RISK_RATIO], one, other, ("of", "the risk ratio"))
    # Names are not said again where both scores say the same.
    joint = " and " if first.said == second.said else f"; {second.said}"
    who = f"{one} and {other}: " if first.said == _UNCLEAR else ""
    said = f"{who}{first.said}{first.by}{joint}{second.by}"
    return f"{said} ({split}, paired on the same {found.one.scores.tasks:,} tasks)."


class _Part(NamedTuple):
    """What one score says: who is better, and by how much."""

    said: str
    by: str

    @classmethod
    def of(cls, score: PairedScore, one: str, other: str, words: tuple[str, str]) -> "_Part":
        """Say it with the words for a score's unit, and the score's own."""
        found = score.difference
        if math.isnan(found.ci95):
            said = f"{one} and {other} cannot be compared, as a model went astray, in "
            return cls(said, words[1])
        better, worse = (one, other) if found.difference >= 0 else (other, one)
        size = f"{format_number(abs(found.difference), 3)} ± {format_number(found.ci95, 3)}"
        if found.excludes_zero:
            return cls(f"{better} is better than {worse} by ", f"{size} {' '.join(words)}")
        unit = words[0].removesuffix("of")
        return cls(_UNCLEAR, f"{words[1]} ({f'{size} {unit}'.strip()})")


def _row(score: PairedScore) -> DifferenceRow:
    found = score.difference
    sign = "+" if 0 < found.difference < math.inf else ""
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
