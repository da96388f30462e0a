"""A run's validations in a report: the scores of its tasks, as a table and in one number."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.runs.metrics import interval_column
from engine.tasks.scores import ScoreSpec
from leo_studio.report.results import Numbers

_SHOWN = 60  # rows of the table
_SPACE = "\u00a0"  # one that no line is broken at


@dataclass(frozen=True, slots=True)
class ValidationTable:
    """Validations in numbers, evenly left out where they are too many for a table."""

    headings: tuple[str, ...]  # of the scores
    rows: tuple[tuple[int, tuple[str, ...]], ...]  # step, and its cells


@dataclass(frozen=True, slots=True)
class Headline:
    """The score that counts, in large print."""

    label: str
    value: str
    ci95: str  # "" where it has no interval


def validation_table(
    columns: Mapping[str, Numbers], scores: Sequence[ScoreSpec]
) -> ValidationTable:
    """Return a run's validations, the columns of validation.csv, as text."""
    count = len(columns["step"])
    kept = np.unique(np.linspace(0, count - 1, min(count, _SHOWN)).astype(np.int64)).tolist()
    rows = []
    for row in kept:
        numbers = {name: float(column[row]) for name, column in columns.items()}
        rows.append((int(numbers["step"]), tuple(_cell(each, numbers, scores) for each in scores)))
    return ValidationTable(tuple(_heading(each) for each in scores), tuple(rows))


def headline(numbers: Mapping[str, float] | None, scores: Sequence[ScoreSpec]) -> Headline | None:
    """Return the score that counts of one validation; None where there is none."""
    if numbers is None:
        return None
    score = scores[0]
    ci95 = _half_width(score, numbers, scores)
    label = score.label[:1].upper() + score.label[1:]
    value = _number(score, numbers[score.name]) + _unit(score)
    return Headline(label, value, "" if ci95 is None else _number(score, ci95) + _unit(score))


def percentage(share: float) -> str:
    """Write a share of one in percent."""
    return f"{100 * share:.2f}{_SPACE}%"


def _heading(score: ScoreSpec) -> str:
    words = [score.label]
    words += [score.unit] if score.unit and not score.is_percentage else []
    words += ["95 % interval"] if score.has_interval else []
    return ", ".join(words)


def _cell(score: ScoreSpec, numbers: Mapping[str, float], scores: Sequence[ScoreSpec]) -> str:
    text = _number(score, numbers[score.name])
    if (ci95 := _half_width(score, numbers, scores)) is not None:
        text += f" ± {_number(score, ci95)}"
    return text + (_unit(score) if score.is_percentage else "")  # the heading says other units


def _half_width(
    score: ScoreSpec, numbers: Mapping[str, float], scores: Sequence[ScoreSpec]
) -> float | None:
    """Return half the width of a score's interval; None where it has none."""
    if not score.has_interval:
        return None
    ci95 = numbers[interval_column(score, scores)]
    return ci95 if math.isfinite(ci95) else None


def _number(score: ScoreSpec, value: float) -> str:
    return f"{100 * value:.2f}" if score.is_percentage else f"{value:.3f}"


def _unit(score: ScoreSpec) -> str:
    unit = "%" if score.is_percentage else score.unit
    return f"{_SPACE}{unit}" if unit else ""
