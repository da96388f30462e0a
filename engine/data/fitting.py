"""Whether a store has what a task needs; without torch, so that a window can say it too."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from engine.config import Experiment

VALIDATION_SPLIT = "val"


class SplitSize(Protocol):
    """How much is in a split of a store."""

    @property
    def classes(self) -> int:
        """How many classes it has."""

    @property
    def smallest_class(self) -> int:
        """How many examples its smallest class has."""


def no_such_split(
    who: str, split: str, known: Iterable[str], now: str = "choose one of these"
) -> str:
    """Return the sentence that something has no such split, what it has, and what to do now.

    Parameters
    ----------
    who
        What people call the store or the run.
    split
        The split that it lacks.
    known
        The splits that it has.
    now
        What to do; by default to choose one of those.
    """
    return f'{who} has no split "{split}"; it has {", ".join(known)}: {now}.'


def misfits(
    experiment: Experiment, file_name: str, splits: Mapping[str, SplitSize]
) -> Iterator[str]:
    """Say, a sentence each, what a store lacks for the training of an experiment.

    A learner that needs none lacks nothing here; an evaluation asks for its split itself.

    Parameters
    ----------
    experiment
        All settings.
    file_name
        What the sentences call the store.
    splits
        What it has, by the splits' names.
    """
    if not experiment.learner.is_trained:
        return
    task = experiment.task
    needed = {str(name): task.k_shot + task.queries for name in experiment.data.train_splits}
    needed.setdefault(VALIDATION_SPLIT, task.k_shot + 1)
    for name, examples in needed.items():
        if name not in splits:
            needs = "this experiment needs it, so use a store that has it"
            yield no_such_split(file_name, name, splits, needs)
            continue
        split = splits[name]
        if split.smallest_class < examples:
            yield (
                f"{file_name}: a class of split {name} has {split.smallest_class} "
                f"examples, and this task needs {examples}; lower task.k_shot or task.queries, or "
                "leave the class out."
            )
        if split.classes < task.n_way:
            yield (
                f"{file_name}: split {name} has {split.classes} classes, and task.n_way "
                f"is {task.n_way}; lower it or use a store with more classes."
            )
