"""A record of uncertainty as a person reads it: what was found, and a row for each measure."""

from collections.abc import Iterable
from typing import NamedTuple

from engine.inspection.uncertainty_record import (
    MEASURES,
    OF_SAMPLES,
    Measure,
    Measured,
    UncertaintyRecord,
)
from leo_studio.analysis.formats import format_number, format_percentage

COLUMNS = {
    "Uncertainty": "A number for each answer, larger where the model knows less",
    "AUROC": "How often a wrong answer is more uncertain than a right one: 0.5 is chance, 1 always",
    "Against entropy": "The AUROC less that of the plain softmax's entropy, on the same answers",
    "Risk-coverage": "The mean error among the k least uncertain answers, over all k: lower is "
    "better",
}
"""The columns of the table, and what each is."""


class MeasureRow(NamedTuple):
    """A measure of uncertainty: what it is, and a text for each column."""

    tip: str
    texts: tuple[str, str, str, str]
    is_best: bool


def rows_of(record: UncertaintyRecord) -> list[MeasureRow]:
    """Return the measures in the record's order; the one with the largest AUROC is the best."""
    best = _best(record.measures)
    return [
        MeasureRow(
            MEASURES.get(each.name, each.name),
            (
                each.name,
                _written(each.auroc),
                "" if each.name == "entropy" else _written(each.gain_on_entropy, sign="+"),
                _written(each.risk_coverage),
            ),
            each is best,
        )
        for each in record.measures
    ]


NO_CURVE = (
    "No risk-coverage curve: this was measured by an earlier version, which kept the area under it "
    "alone. Press Measure again to have the curve."
)


def errors_at(record: UncertaintyRecord, share: float) -> str:
    """Say how many of the least uncertain answers are wrong, by each measure, the best first.

    `share` is that of the queries that are answered, 0 to 1.
    """
    found = []
    answered = 1.0
    for each in record.measures:
        if each.risk_curve:
            place = min(range(len(each.answered)), key=lambda at: abs(each.answered[at] - share))
            answered = each.answered[place]
            found.append((each.risk_curve[place], each.name))
    lines = [f"{name}: {format_percentage(error)}" for error, name in sorted(found)]
    title = f"Wrong among the {format_percentage(answered, 0)} least uncertain answers, by"
    return "\n".join([title, *lines])


def finding(record: UncertaintyRecord) -> str:
    """Say in two sentences which measure tells wrong answers best, and if sampled codes add."""
    plain = _best(each for each in record.measures if each.name not in OF_SAMPLES)
    sampled = _best(each for each in record.measures if each.name in OF_SAMPLES)
    if sampled.auroc.value <= plain.auroc.value:
        added = "LEO's sampled codes add nothing to one softmax"
    elif _least(sampled.gain_on_entropy) > _most(plain.gain_on_entropy):
        added = "LEO's sampled codes tell more than one softmax"
    else:
        added = "It is within the intervals whether LEO's sampled codes add to one softmax"
    best = plain if sampled.auroc.value <= plain.auroc.value else sampled
    return (
        f"A wrong answer is more uncertain than a right one in {format_percentage(_of(best), 1)} "
        f"of pairs, by the {best.name}. {added}: AUROC at best "
        f"{format_number(_of(sampled), 3)} with them, {format_number(_of(plain), 3)} without."
    )


def description(record: UncertaintyRecord) -> str:
    """Say what was measured."""
    return (
        f"{record.episodes:,} episodes of split {record.split}, checkpoint step "
        f"{record.checkpoint_step:,}, {record.samples} codes each; "
        f"{format_percentage(record.error)} of the answers are wrong. The best temperature on val "
        f"is {format_number(record.temperature, 3)}; the loss is {format_number(record.loss, 4)} "
        f"nats, {format_number(record.scaled_loss, 4)} with it, and "
        f"{format_number(record.sampled_loss, 4)} for the mean over samples. Intervals: 95 %, over "
        "ten blocks of episodes."
    )


def chosen_record(
    records: Iterable[UncertaintyRecord], split: str, step: int | None, episodes: int
) -> UncertaintyRecord | None:
    """Return the record of a split and a checkpoint on so many episodes; None for none."""
    wanted = (split, step, episodes)
    found = (each for each in records if _which(each) == wanted)
    return next(found, None)


def _which(record: UncertaintyRecord) -> tuple[str, int, int]:
    return record.split, record.checkpoint_step, record.episodes


def _best(measures: Iterable[Measure]) -> Measure:
    return max(measures, key=_of)


def _of(measure: Measure) -> float:
    return measure.auroc.value


def _least(measured: Measured) -> float:
    return measured.value - measured.ci95


def _most(measured: Measured) -> float:
    return measured.value + measured.ci95


def _written(measured: Measured, sign: str = "") -> str:
    text = f"{measured.value:{sign}.4f}".replace("-", "\u2212")
    return f"{text} ± {measured.ci95:.4f}"
