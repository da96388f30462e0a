"""Differences between runs: settings, results, and accuracies episode by episode.

The window, a notebook and a test compare in the same words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from engine.config import Experiment, joined_paths, used_values, why_other_episodes
from engine.evaluation.record import Evaluation
from engine.evaluation.statistics import PairedDifference, paired_difference
from leo_studio.analysis.comparison.on_functions import (
    PairedOnFunctions,
    chosen_on_functions,
    paired_on_functions,
)
from leo_studio.analysis.experiment.setting_labels import in_labels, setting_label
from leo_studio.services.records import EvaluationRequest, RunEntry

_NOT_HAD = "–"  # the value of a setting that a run's learner does not have


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting of several runs.

    Attributes
    ----------
    path
        Its dotted path, such as "learner.dropout".
    values
        As YAML has them, one per run; a dash for a run whose learner has no such setting, and ""
        for one whose settings cannot be read.
    """

    path: str
    values: tuple[str, ...]

    @property
    def label(self) -> str:
        """What people call it, such as "Learner › Dropout"; a result's name is its path."""
        return setting_label(self.path, with_section=True)

    @property
    def differs(self) -> bool:
        """Whether two runs have different values."""
        return len(set(self.values)) > 1


@dataclass(frozen=True, slots=True)
class Paired:
    """Two evaluations on the same episodes, and by how much the first is better."""

    one: Evaluation
    other: Evaluation
    difference: PairedDifference


def setting_rows(experiments: Sequence[Experiment | None]) -> tuple[SettingRow, ...]:
    """Return all settings of some experiments, in the order of their declaration."""
    columns = [used_values(each) if each is not None else {} for each in experiments]
    return tuple(
        SettingRow(path, tuple(_cell(column, path) for column in columns))
        for path in joined_paths(columns)
    )


def _cell(column: Mapping[str, object], path: str) -> str:
    if path in column:
        return shown(column[path])
    return _NOT_HAD if column else ""


def differing_settings(experiments: Sequence[Experiment | None]) -> tuple[SettingRow, ...]:
    """Return only the settings in which some experiments differ."""
    return tuple(row for row in setting_rows(experiments) if row.differs)


def shown(value: object) -> str:
    """Return a setting's value as YAML has it, for people."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case list() | tuple():
            return ", ".join(shown(each) for each in value)
        case _:
            return str(value)


def same_episodes_problem(one: RunEntry, other: RunEntry) -> str:
    """Say why two runs cannot meet the same episodes; "" where they do."""
    if one.experiment is None or other.experiment is None:
        unreadable = one if one.experiment is None else other
        return f"{unreadable.title} cannot be read."
    stores = one.store_splits, other.store_splits
    have_stores = one.store and other.store and _have_one_kind(one, other)
    if have_stores and one.store != other.store and stores[0] != stores[1]:
        # Settings that follow from the data, such as its numbers of examples, explain nothing.
        return f"they are on different data, {one.store} and {other.store}."
    return in_labels(why_other_episodes(one.experiment, other.experiment, stores))


def newest_comparable(runs: Sequence[RunEntry]) -> list[RunEntry]:
    """Return the first two of some runs that learn one kind of task on the same data.

    Where there are no such two, they are the first two that can be read, as far as there are any.
    """
    readable = [run for run in runs if not run.problem]
    for one, other in combinations(readable, 2):
        if _have_one_kind(one, other) and _have_same_data(one, other):
            return [one, other]
    return readable[:2]


def are_comparable(runs: Sequence[RunEntry]) -> bool:
    """Whether two of some runs meet the same episodes, so that they can be compared on them."""
    return any(not same_episodes_problem(one, other) for one, other in combinations(runs, 2))


def _have_one_kind(one: RunEntry, other: RunEntry) -> bool:
    if one.experiment is None or other.experiment is None:
        return False
    return bool(one.experiment.task.kind == other.experiment.task.kind)


def _have_same_data(one: RunEntry, other: RunEntry) -> bool:
    return one.store == other.store and one.store_splits == other.store_splits


def chosen_evaluations(run: RunEntry, split: str) -> dict[int, Evaluation]:
    """Return a run's kept evaluations on a split by their number of episodes, one for each.

    Only those count that kept the accuracy of every episode. Where several checkpoints were
    evaluated, it is the run's own choice: the best, or the last of a run that trained on its
    validation classes; otherwise the latest.
    """
    own = run.own_step
    found = [
        entry for entry in run.evaluations if entry.split == split and len(entry.accuracies) > 1
    ]
    found.sort(key=lambda entry: (entry.step == own, entry.step or 0))
    return {entry.episodes: entry for entry in found}


def paired(one: RunEntry, other: RunEntry, split: str) -> Paired | PairedOnFunctions | str:
    """Compare two runs on the most episodes that both were evaluated on, or say what is missing."""
    if problem := same_episodes_problem(one, other):
        return f"cannot be compared: {problem}"
    if one.learns_functions:
        return paired_on_functions(one, other, split)
    first, second = chosen_evaluations(one, split), chosen_evaluations(other, split)
    for run, entries in ((one, first), (other, second)):
        if not entries:
            return f"{run.title} was not evaluated on {split} yet."
    common = first.keys() & second.keys()
    if not common:
        counts = f"{max(first):,} and {max(second):,}"
        return f"evaluated on {counts} episodes; both need the same number."
    entry, opponent = first[max(common)], second[max(common)]
    if entry.class_names != opponent.class_names:
        return f"cannot be compared: the classes of {split} are other ones."
    return Paired(entry, opponent, paired_difference(entry.accuracies, opponent.accuracies))


def missing_evaluations(runs: Sequence[RunEntry], split: str) -> tuple[EvaluationRequest, ...]:
    """Return what to evaluate so that all pairs can be compared on a split.

    On as many episodes as the runs were evaluated on most often (the more, where that is even), or
    as their settings say. A run that can be compared with none of the others is not evaluated.
    """
    runs = [run for run in runs if len(runs) == 1 or _has_partner(run, runs)]
    usable = [run for run in runs if run.experiment is not None and run.checkpoints]
    counts = [count for run in usable for count in _evaluated_steps(run, split)]
    if counts:
        episodes = max(set(counts), key=lambda count: (counts.count(count), count))
    else:
        wanted = [each.experiment.evaluation.episodes for each in usable if each.experiment]
        episodes = max(wanted, default=0)
    return tuple(
        EvaluationRequest(run.path, None, split, episodes)
        for run in usable
        if _evaluated_steps(run, split).get(episodes) != run.own_step  # it may be trained further
    )


def _has_partner(run: RunEntry, runs: Sequence[RunEntry]) -> bool:
    return any(run is not other and not same_episodes_problem(run, other) for other in runs)


def _evaluated_steps(run: RunEntry, split: str) -> dict[int, int | None]:
    """Return the step of each evaluation that can be compared, by its number of episodes."""
    if run.learns_functions:
        found = chosen_on_functions(run, split)
        return {count: each.checkpoint_step for count, each in found.items()}
    return {count: each.step for count, each in chosen_evaluations(run, split).items()}


def pairs(runs: Sequence[RunEntry]) -> list[tuple[RunEntry, RunEntry]]:
    """Return every two of some runs."""
    return list(combinations(runs, 2))


def as_markdown(names: Sequence[str], rows: Sequence[SettingRow]) -> str:
    """Return rows as a table in Markdown, one column per name."""
    lines = [["", *names], ["---"] * (len(names) + 1)]
    lines += [[row.path, *row.values] for row in rows]
    return "".join(f"| {' | '.join(_escaped(cell) for cell in line)} |\n" for line in lines)


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")
