"""What tells runs apart: their settings, their results, and their accuracies episode by episode.

No Qt and no torch: the window, a notebook and a test compare in the same words.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from engine.config import Experiment, setting_values, settings, why_other_episodes
from leo_studio.records import EvaluationEntry, EvaluationRequest, RunEntry


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting of several runs.

    Attributes
    ----------
    path
        Its dotted path, such as "leo.dropout".
    values
        As YAML has them, one per run; "" for a run whose settings cannot be read.
    """

    path: str
    values: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether two runs have different values."""
        return len(set(self.values)) > 1


@dataclass(frozen=True, slots=True)
class Paired:
    """How much better one run is than another on the same episodes.

    Attributes
    ----------
    one, other
        The evaluations that are compared.
    difference
        Mean of the differences of accuracy, -1 to 1; positive where `one` is better.
    ci95
        Half width of its 95 % confidence interval.
    """

    one: EvaluationEntry
    other: EvaluationEntry
    difference: float
    ci95: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval leaves out "no difference"."""
        return abs(self.difference) > self.ci95

    @property
    def sentence(self) -> str:
        """The result in points, and what it means."""
        points = f"{100 * self.difference:+.2f} ± {100 * self.ci95:.2f} points".replace("-", "−")
        verb = "excludes" if self.excludes_zero else "includes"
        return (
            f"difference {points} over the same {self.one.episodes:,} episodes; the interval "
            f"{verb} 0"
        )


def setting_rows(experiments: Sequence[Experiment | None]) -> tuple[SettingRow, ...]:
    """Return all settings of some experiments, in the order of their declaration."""
    columns = [setting_values(each) if each is not None else {} for each in experiments]
    return tuple(
        SettingRow(path, tuple(shown(column[path]) if column else "" for column in columns))
        for path, _ in settings()
    )


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
        return f"{unreadable.name} cannot be read."
    stores = one.store_splits, other.store_splits
    return why_other_episodes(one.experiment, other.experiment, stores)


def chosen_evaluations(run: RunEntry, split: str) -> dict[int, EvaluationEntry]:
    """Return a run's kept evaluations on a split by their number of episodes, one for each.

    Only those count that kept the accuracy of every episode. Where several checkpoints were
    evaluated, it is the run's own choice: the best, or the last of a run that trained on its
    validation classes; otherwise the latest.
    """
    own = own_step(run)
    found = [
        entry
        for entry in run.evaluations
        if entry.split == split and len(_accuracies(entry)) == entry.episodes > 1
    ]
    found.sort(key=lambda entry: (entry.step == own, entry.step))
    return {entry.episodes: entry for entry in found}


def own_step(run: RunEntry) -> int | None:
    """Return the step of the checkpoint that an evaluation takes by default."""
    watches_training = run.experiment is not None and "val" in run.experiment.data.train_splits
    if run.best_step is None or watches_training:
        return run.checkpoints[-1] if run.checkpoints else None
    return run.best_step


def paired(one: RunEntry, other: RunEntry, split: str) -> Paired | str:
    """Compare two runs on the most episodes that both were evaluated on, or say what is missing.

    The formula is that of `engine.evaluation.paired_difference`, on what was kept on disk.
    """
    if problem := same_episodes_problem(one, other):
        return f"cannot be compared: {problem}"
    mine, theirs = chosen_evaluations(one, split), chosen_evaluations(other, split)
    for run, entries in ((one, mine), (other, theirs)):
        if not entries:
            return f"{run.name} was not evaluated on {split} yet."
    common = mine.keys() & theirs.keys()
    if not common:
        counts = f"{max(mine):,} and {max(theirs):,}"
        return f"evaluated on {counts} episodes; both need the same number."
    entry, opponent = mine[max(common)], theirs[max(common)]
    if list(entry.report.get("classes", ())) != list(opponent.report.get("classes", ())):
        return f"cannot be compared: the classes of {split} are other ones."
    return Paired(entry, opponent, *_difference(entry, opponent))


def missing_evaluations(runs: Sequence[RunEntry], split: str) -> tuple[EvaluationRequest, ...]:
    """Return what to evaluate so that all pairs can be compared on a split.

    On as many episodes as the runs were evaluated on most often (the more, where that is even), or
    as their settings say.
    """
    usable = [run for run in runs if run.experiment is not None and run.checkpoints]
    counts = [count for run in usable for count in chosen_evaluations(run, split)]
    if counts:
        episodes = max(set(counts), key=lambda count: (counts.count(count), count))
    else:
        wanted = [each.experiment.evaluation.episodes for each in usable if each.experiment]
        episodes = max(wanted, default=0)
    return tuple(
        EvaluationRequest(run.path, None, split, episodes)
        for run in usable
        if (entry := chosen_evaluations(run, split).get(episodes)) is None
        or entry.step != own_step(run)  # it was trained further since
    )


def pairs(runs: Sequence[RunEntry]) -> list[tuple[RunEntry, RunEntry]]:
    """Return every two of some runs."""
    return list(combinations(runs, 2))


def as_markdown(names: Sequence[str], rows: Sequence[SettingRow]) -> str:
    """Return rows as a table in Markdown, one column per name."""
    lines = [["", *names], ["---"] * (len(names) + 1)]
    lines += [[row.path, *row.values] for row in rows]
    return "".join(f"| {' | '.join(_escaped(cell) for cell in line)} |\n" for line in lines)


def _difference(one: EvaluationEntry, other: EvaluationEntry) -> tuple[float, float]:
    differences = _accuracies(one) - _accuracies(other)
    width = 1.96 * differences.std(ddof=1) / math.sqrt(len(differences))
    return float(differences.mean()), float(width)


def _accuracies(entry: EvaluationEntry) -> NDArray[np.float64]:
    """Return the accuracy of every episode; none where the file does not hold such."""
    try:
        accuracies = np.asarray(entry.report.get("accuracies", ()), dtype=np.float64)
    except (TypeError, ValueError):
        return np.empty(0)
    return accuracies if accuracies.ndim == 1 and np.isfinite(accuracies).all() else np.empty(0)


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")
