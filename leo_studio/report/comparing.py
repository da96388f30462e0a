"""Several runs beside each other: what differs, and by how much, with its uncertainty."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from engine.config import differ_in_seed_alone, paths_with, why_other_episodes
from engine.evaluation.record import Evaluation
from engine.evaluation.statistics import PairedDifference, student_half_width
from leo_studio.analysis.comparison.differences import SettingRow, differing_settings
from leo_studio.report.contents import Contents
from leo_studio.report.reproducing import without_store_path
from leo_studio.report.results import paired_on_shared_episodes

_MOST_PAIRS = 15  # of more runs, each is compared with the most accurate one


@dataclass(frozen=True, slots=True)
class Pair:
    """How much better one run is than another on the same episodes, or why nobody can say."""

    one: str
    other: str
    difference: PairedDifference | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Seeds:
    """Runs that differ in their seed alone.

    Attributes
    ----------
    names, seeds
        The runs, and their seeds.
    mean, ci95
        Of their accuracies, and half the width of its 95 % interval by Student's t over runs.
    deviation
        The standard deviation over runs.
    """

    names: tuple[str, ...]
    seeds: tuple[int, ...]
    mean: float
    ci95: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What several runs have of their own.

    Attributes
    ----------
    ranked
        Names and results of the runs that have one, the most accurate first.
    lead
        The first of them against the second; None where there are no two.
    settings, pairs, seeds
        Settings that differ, paired differences, and means over seeds.
    """

    ranked: tuple[tuple[str, Evaluation], ...]
    lead: Pair | None
    settings: tuple[SettingRow, ...]
    pairs: tuple[Pair, ...]
    seeds: tuple[Seeds, ...]


def compared(all_contents: Sequence[Contents]) -> Comparison:
    """Put runs beside each other."""
    rows = differing_settings([without_store_path(each.run.experiment) for each in all_contents])
    measured = [each for each in all_contents if each.result is not None]
    measured.sort(key=lambda each: -each.result.accuracy if each.result else 0.0)
    untold = paths_with("label", "layout")
    return Comparison(
        ranked=tuple((each.name, each.result) for each in measured if each.result),
        lead=_pair(*measured[:2]) if len(measured) > 1 else None,
        settings=tuple(row for row in rows if row.path not in untold),
        pairs=tuple(_pair(one, other) for one, other in _pairs(all_contents)),
        seeds=tuple(_seeds(group) for group in _groups(all_contents)),
    )


def _pairs(all_contents: Sequence[Contents]) -> list[tuple[Contents, Contents]]:
    pairs = list(combinations(all_contents, 2))
    measured = [each for each in all_contents if each.result is not None]
    if len(pairs) <= _MOST_PAIRS or not measured:
        return pairs[:_MOST_PAIRS]
    best = max(measured, key=lambda each: each.result.accuracy if each.result else 0.0)
    return [(best, other) for other in all_contents if other is not best]


def _pair(one: Contents, other: Contents) -> Pair:
    first, second = one.result, other.result
    names = one.name, other.name
    for contents in (one, other):
        if contents.result is None:
            return Pair(*names, problem=f"{contents.name} was not evaluated.")
    assert first is not None and second is not None
    stores = one.run.record.store.splits, other.run.record.store.splits
    if problem := why_other_episodes(one.run.experiment, other.run.experiment, stores):
        return Pair(*names, problem=problem)
    if first.split != second.split or not _is_one_store(one, other):
        return Pair(*names, problem="they were evaluated on other classes or examples.")
    found = paired_on_shared_episodes(first, second)
    if found is None:
        return Pair(*names, problem="accuracies of single episodes were not kept.")
    return Pair(*names, found)


def _groups(all_contents: Sequence[Contents]) -> list[list[Contents]]:
    """Return the runs that differ in their seed alone, with others of their kind."""
    groups: list[list[Contents]] = []
    for contents in all_contents:
        if contents.result is None:
            continue
        for group in groups:
            if all(_is_other_seed(contents, other) for other in group):
                group.append(contents)
                break
        else:
            groups.append([contents])
    return [group for group in groups if len(group) > 1]


def _is_other_seed(one: Contents, other: Contents) -> bool:
    return (
        one.split == other.split
        and _is_one_store(one, other)
        # Which store it is has been compared by what is in it.
        and differ_in_seed_alone(
            without_store_path(one.run.experiment), without_store_path(other.run.experiment)
        )
    )


def _is_one_store(one: Contents, other: Contents) -> bool:
    """Whether two results are of the same classes, as far as runs of older versions know."""
    first, second = (each.run.record.store.fingerprint for each in (one, other))
    if first and second:
        return first == second
    names = (set(each.result.known_classes) for each in (one, other) if each.result is not None)
    return len({frozenset(each) for each in names}) == 1


def _seeds(group: Sequence[Contents]) -> Seeds:
    accuracies = np.array([each.result.accuracy for each in group if each.result is not None])
    return Seeds(
        names=tuple(each.name for each in group),
        seeds=tuple(each.run.experiment.run.seed for each in group),
        mean=float(accuracies.mean()),
        ci95=student_half_width(accuracies),
        deviation=float(accuracies.std(ddof=1)),
    )
