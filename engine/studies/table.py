"""The table of a study: means over seeds and episodes, and differences from one of its rows.

No torch. Shapes: S seeds, E episodes.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.config import why_other_episodes
from engine.evaluation.statistics import half_width, holm, student_quantile, student_share_beyond
from engine.studies.cells import column_together
from engine.studies.standing import Standing
from engine.studies.study import Study

SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Contrast:
    """The difference of a row's accuracy from that of the row that all are compared with.

    Its variance has three parts: what differs between episodes, which both rows meet, and what
    differs between the seeds of each. So it speaks of other episodes and of other seeds; degrees
    of freedom are Welch's and Satterthwaite's.

    Attributes
    ----------
    difference, ci95
        Of accuracies, and half the width of its 95 % interval by Student's t.
    p_value
        How likely so large a difference is where there is none.
    corrected
        The same, corrected for the number of comparisons in the table (Holm 1979).
    knows_seeds
        Whether each trained row has two seeds at least; else it speaks of these very weights.
    """

    difference: float
    ci95: float
    p_value: float
    corrected: float
    knows_seeds: bool

    @property
    def is_significant(self) -> bool:
        """Whether the corrected p-value is below 0.05."""
        return self.corrected < SIGNIFICANT


class PublishedFigure(NamedTuple):
    """An accuracy that a paper has, and half the width of its interval; shares of 1."""

    accuracy: float
    ci95: float


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands at one row and column.

    Attributes
    ----------
    seeds, wanted
        How many runs are evaluated, and how many there are to be; 1 for a learner that draws
        nothing.
    accuracy, ci95
        The mean over seeds and episodes, and half the width of its 95 % interval over episodes,
        for these very weights; not-a-number where nothing is evaluated.
    spread
        Standard deviation over seeds of a run's accuracy; not-a-number for fewer than two.
    contrast
        The difference from the row that all are compared with; None for that row itself, or where
        there is nothing to compare.
    why_no_contrast
        A sentence where both are evaluated and cannot be compared.
    published
        A paper's figure, if the study names one.
    failures
        Sentences of runs that failed.
    """

    seeds: int
    wanted: int
    accuracy: float = math.nan
    ci95: float = math.nan
    spread: float = math.nan
    contrast: Contrast | None = None
    why_no_contrast: str = ""
    published: PublishedFigure | None = None
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """The table of a study.

    Attributes
    ----------
    study
        What was asked for.
    entries
        By row and column; a learner that sees queries together has none among the others, which
        have none in its column.
    seconds
        How long the runs were trained, together.
    """

    study: Study
    entries: Mapping[tuple[str, str], Entry]
    seconds: float

    @property
    def columns(self) -> tuple[str, ...]:
        """The study's columns, each followed by that of queries seen together if there is one."""
        known = {column for _, column in self.entries}
        pairs = [(each.name, column_together(each.name)) for each in self.study.columns]
        return tuple(name for name in chain.from_iterable(pairs) if name in known)

    @property
    def comparisons(self) -> int:
        """How many differences it has, which p-values are corrected for."""
        return sum(entry.contrast is not None for entry in self.entries.values())

    @property
    def is_whole(self) -> bool:
        """Whether every run is evaluated."""
        return all(entry.seeds == entry.wanted for entry in self.entries.values())


def table_of(study: Study, standings: Sequence[Standing]) -> Table:
    """Compute the table of what is evaluated so far."""
    by_place: dict[tuple[str, str], list[Standing]] = {}
    for standing in standings:
        by_place.setdefault((standing.cell.row, standing.cell.column), []).append(standing)
    entries: dict[tuple[str, str], Entry] = {}
    for (row, column), found in by_place.items():
        entry = replace(_entry(found), published=_published(study, row, column))
        if row != study.against:
            # The row that all are compared with stands in one of the columns alone.
            entry = _contrasted(entry, found, by_place.get((study.against or "", column), []))
        entries[row, column] = entry
    seconds = sum(each.record.seconds for each in standings if each.record is not None)
    return Table(study, _corrected(entries), seconds)


def _accuracies(found: Sequence[Standing]) -> NDArray[np.float64]:
    """Return the accuracies of what is evaluated, (S, E)."""
    every = [each.evaluation.accuracies for each in found if each.evaluation is not None]
    return np.stack(every) if every else np.empty((0, 0))


def _entry(found: Sequence[Standing]) -> Entry:
    accuracies = _accuracies(found)
    failures = tuple(
        each.record.error or "It failed."
        for each in found
        if each.state == "failed" and each.record is not None
    )
    seeds, wanted = len(accuracies), len(found)
    if not seeds:
        return Entry(seeds, wanted, failures=failures)
    return Entry(
        seeds,
        wanted,
        accuracy=float(accuracies.mean()),
        ci95=half_width(accuracies.mean(0)),
        spread=float(accuracies.mean(1).std(ddof=1)) if seeds > 1 else math.nan,
        failures=failures,
    )


def _published(study: Study, row: str, column: str) -> PublishedFigure | None:
    figures = {} if study.published is None else study.published.figures
    found = figures.get(row, {}).get(column)
    return None if found is None else PublishedFigure(*(number / 100 for number in found))


def _contrasted(entry: Entry, found: Sequence[Standing], others: Sequence[Standing]) -> Entry:
    """Add the difference from another row's runs, where both are evaluated on the same episodes."""
    if not entry.seeds or not any(each.evaluation is not None for each in others):
        return entry
    if reason := _why_not_comparable(found, others):
        return replace(entry, why_no_contrast=f"It meets other episodes: {reason}")
    return replace(entry, contrast=contrast(_groups(found), _groups(others)))


def _why_not_comparable(found: Sequence[Standing], others: Sequence[Standing]) -> str:
    one, other = (
        next(each for each in some if each.evaluation is not None) for some in (found, others)
    )
    assert one.record is not None
    assert other.record is not None
    stores = one.record.store.splits, other.record.store.splits
    return why_other_episodes(one.cell.experiment, other.cell.experiment, stores)


class Measured(NamedTuple):
    """The accuracies of a row's runs, (S, E), and whether other seeds would give other ones."""

    accuracies: NDArray[np.float64]
    has_seeds: bool


def _groups(found: Sequence[Standing]) -> Measured:
    return Measured(_accuracies(found), found[0].cell.seed is not None)


def contrast(one: Measured, other: Measured) -> Contrast:
    """Compare two rows on the same episodes; see `Contrast`."""
    differences = one.accuracies.mean(0) - other.accuracies.mean(0)
    parts = [(float(differences.var(ddof=1)) / len(differences), len(differences) - 1)]
    for measured in (one, other):
        count = len(measured.accuracies)
        if measured.has_seeds and count > 1:
            parts.append((float(measured.accuracies.mean(1).var(ddof=1)) / count, count - 1))
    variance = sum(part for part, _ in parts)
    difference = float(differences.mean())
    knows_seeds = all(len(each.accuracies) > 1 for each in (one, other) if each.has_seeds)
    if variance == 0:
        p_value = 1.0 if difference == 0 else 0.0
        return Contrast(difference, 0.0, p_value, p_value, knows_seeds)
    freedom = variance**2 / sum(part**2 / count for part, count in parts)
    error = math.sqrt(variance)
    p_value = student_share_beyond(abs(difference) / error, freedom)
    ci95 = student_quantile(freedom) * error
    return Contrast(difference, ci95, p_value, p_value, knows_seeds)


def _corrected(entries: Mapping[tuple[str, str], Entry]) -> dict[tuple[str, str], Entry]:
    """Correct the p-values for the number of comparisons."""
    compared = {place: each.contrast for place, each in entries.items() if each.contrast}
    corrected = holm([each.p_value for each in compared.values()])
    found = dict(entries)
    for (place, each), p_value in zip(compared.items(), corrected, strict=True):
        found[place] = replace(entries[place], contrast=replace(each, corrected=p_value))
    return found
