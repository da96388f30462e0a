"""Requirements of an experiment on its store; no torch, so that a window can check them too."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from engine.config import Backbone, Experiment, classification
from engine.errors import BadInput
from engine.io.listing import shown
from engine.io.names import nearest_name

VALIDATION_SPLIT = "val"


class SplitSize(Protocol):
    """The size of a split."""

    @property
    def classes(self) -> int:
        """How many classes it has."""

    @property
    def smallest_class(self) -> int:
        """How many examples its smallest class has."""

    @property
    def smallest(self) -> str:
        """The name of that class; "" where nobody knows."""

    @property
    def image_side(self) -> int:
        """The height and width of the pictures that it keeps; 0 where it keeps none."""


def no_such_split(who: str, split: str, known: Iterable[str], now: str = "") -> str:
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
        What to do; "" to choose one of those, of which one may be meant.
    """
    names = list(known)
    near = nearest_name(split, names)
    choose = "choose one of these." if near is None else f"did you mean {near}?"
    end = f"{now}." if now else choose
    return f'{who} has no split "{split}"; it has {", ".join(names)}: {end}'


def unmet_requirements(
    experiment: Experiment,
    file_name: str,
    splits: Mapping[str, SplitSize],
    evaluated: str = VALIDATION_SPLIT,
) -> Iterator[str]:
    """Yield a sentence for each requirement of an experiment that a store does not meet.

    A learner that needs no training is only validated.

    Parameters
    ----------
    experiment
        All settings.
    file_name
        What the sentences call the store.
    splits
        What it has, by the splits' names.
    evaluated
        The split that it will be evaluated on, where that is known.
    """
    if not experiment.task.needs_store:
        return
    task, learner = classification(experiment), experiment.learner
    trained_on = experiment.data.train_splits if learner.is_trained else ()
    needed = {str(name): task.k_shot + task.queries for name in trained_on}
    if isinstance(learner, Backbone):
        # Training pictures are of all classes at once, whatever tasks ask.
        needed = {}
        yield from unmet_by_pictures(learner, file_name, splits, (*trained_on, VALIDATION_SPLIT))
    for name in (VALIDATION_SPLIT, evaluated):
        needed.setdefault(name, task.k_shot + 1)
    for name, examples in needed.items():
        if name not in splits:
            needs = "this experiment needs it, so use a store that has it"
            yield no_such_split(file_name, name, splits, needs)
            continue
        split = splits[name]
        if split.smallest_class < examples:
            which = f'class "{shown(split.smallest)}"' if split.smallest else "the smallest class"
            yield (
                f"{file_name}: {which} of split {name} has {split.smallest_class} examples, and "
                f"this task needs {examples} of each; lower task.k_shot or task.queries, or leave "
                "out classes that have fewer."
            )
        if split.classes < task.n_way:
            yield (
                f"{file_name}: split {name} has {split.classes} classes, and task.n_way "
                f"is {task.n_way}; lower it or use a store with more classes."
            )


def unmet_by_pictures(
    learner: Backbone, file_name: str, splits: Mapping[str, SplitSize], names: Sequence[str]
) -> Iterator[str]:
    """Yield a sentence where a store does not keep the pictures that a backbone learns from.

    Parameters
    ----------
    learner
        The backbone's settings.
    file_name, splits
        See `unmet_requirements`.
    names
        The splits that are needed.
    """
    for name in names:
        if name not in splits:
            yield no_such_split(file_name, name, splits, "use a store that has it")
        elif splits[name].image_side != learner.kept_side:
            side = splits[name].image_side
            kept = f"pictures of {side} pixels a side" if side else "no square pictures"
            yield (
                f"{file_name}: split {name} keeps {kept}, and learner.kept_side is "
                f"{learner.kept_side}; make a store that fits with: leo-studio pretrain PRESET "
                "--images PATH"
            )


def require_fit(
    experiment: Experiment,
    file_name: str,
    splits: Mapping[str, SplitSize],
    evaluated: str = VALIDATION_SPLIT,
) -> None:
    """Raise `BadInput` with the first thing that a store lacks; see `unmet_requirements`."""
    for sentence in unmet_requirements(experiment, file_name, splits, evaluated):
        raise BadInput(sentence)
