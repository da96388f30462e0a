"""Several runs of regression beside each other: what differs, and paired differences."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from engine.config import Experiment, groups_of_seeds, paths_with, why_other_episodes
from engine.evaluation.regression.paired import paired_scores, why_not_paired
from engine.evaluation.statistics import student_half_width
from engine.runs.run import Run
from engine.tasks.scores import UNKNOWN, written
from leo_studio.analysis.comparison.differences import SettingRow, differing_settings
from leo_studio.analysis.comparison.on_functions import DifferenceRow, difference_rows
from leo_studio.analysis.evaluation.function_scores import has_limit, interval_words
from leo_studio.report.functions.contents import FunctionContents
from leo_studio.report.reproducing import without_store_path

MOST_PAIRS = 15  # of more runs, each is compared with the best one, or else with the first


@dataclass(frozen=True, slots=True)
class FunctionPair:
    """How much better one run is than another on the same tasks, or why nobody can say."""

    one: str
    other: str
    rows: tuple[DifferenceRow, ...] = ()
    tasks: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class FunctionSeeds:
    """Runs that differ in their seed alone: means over runs, with Student's 95 % interval."""

    names: tuple[str, ...]
    seeds: tuple[int, ...]
    log_likelihood: str
    risk_ratio: str


@dataclass(frozen=True, slots=True)
class FunctionComparison:
    """What several runs have of their own.

    Attributes
    ----------
    best
        The run of the highest log likelihood; None where not all are of the same tasks, which it
        depends on.
    intervals
        What the intervals of their results are of; "" where no result has one.
    settings, pairs, seeds
        Settings that differ, paired differences, and means over seeds.
    """

    best: FunctionContents | None
    intervals: str
    settings: tuple[SettingRow, ...]
    pairs: tuple[FunctionPair, ...]
    seeds: tuple[FunctionSeeds, ...]


def compared_functions(every: Sequence[FunctionContents]) -> FunctionComparison:
    """Put runs beside each other."""
    rows = differing_settings([without_store_path(each.run.experiment) for each in every])
    untold = paths_with("label", "layout")
    is_of_same = all(_is_of_same_tasks(every[0], other) for other in every[1:])
    best = min(every, key=_badness) if is_of_same else None
    pairs = list(combinations(every, 2))
    if len(pairs) > MOST_PAIRS:
        first = best or every[0]
        pairs = [(first, other) for other in every if other is not first]
    groups = groups_of_seeds([_by_fingerprint(each.run) for each in every])
    return FunctionComparison(
        best=best,
        intervals=", or ".join(dict.fromkeys(filter(None, map(_interval, every)))),
        settings=tuple(row for row in rows if row.path not in untold),
        pairs=tuple(_pair(one, other) for one, other in pairs),
        seeds=tuple(_seeds([every[place] for place in group]) for group in groups if group[1:]),
    )


def _by_fingerprint(run: Run) -> Experiment:
    """Return a run's experiment that calls its file by what is in it, wherever it lies."""
    return run.experiment.with_source(run.record.store.fingerprint or run.experiment.source)


def _is_of_same_tasks(one: FunctionContents, other: FunctionContents) -> bool:
    """Whether two results are of tasks of the same functions, so that likelihoods say who leads."""
    stores = one.run.record.store, other.run.record.store
    splits = stores[0].splits, stores[1].splits
    is_of_same = not why_other_episodes(one.run.experiment, other.run.experiment, splits)
    return (
        is_of_same and one.split == other.split and stores[0].fingerprint == stores[1].fingerprint
    )


def _interval(contents: FunctionContents) -> str:
    return interval_words(contents.result)


def _badness(contents: FunctionContents) -> float:
    likelihood = contents.result.scores.log_likelihood
    return -likelihood if np.isfinite(likelihood) else np.inf


def _pair(one: FunctionContents, other: FunctionContents) -> FunctionPair:
    names = one.name, other.name
    if problem := why_other_episodes(one.run.experiment, other.run.experiment, ({}, {})):
        return FunctionPair(*names, problem=problem)
    if problem := why_not_paired(one.result, other.result):
        return FunctionPair(*names, problem=problem)
    rows = difference_rows(paired_scores(one.result, other.result))
    return FunctionPair(*names, tuple(rows), one.result.scores.tasks)


def _seeds(group: Sequence[FunctionContents]) -> FunctionSeeds:
    def mean(name: str) -> str:
        values = np.array([getattr(each.result.scores, name) for each in group])
        return written(float(values.mean()), student_half_width(values)).replace("-", "−")

    return FunctionSeeds(
        names=tuple(each.name for each in group),
        seeds=tuple(each.run.experiment.run.seed for each in group),
        log_likelihood=mean("log_likelihood"),
        risk_ratio=mean("risk_ratio") if has_limit(group[0].result) else UNKNOWN,
    )
