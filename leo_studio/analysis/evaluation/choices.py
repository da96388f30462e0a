"""Choices for an evaluation of a run, and the reasons against it."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.config import classification
from engine.data.function_file import TRAINING_SPLIT
from engine.data.splits import SplitSummary
from engine.evaluation.record import NEAREST_CLASS_MEAN
from leo_studio.analysis.comparison.differences import same_episodes_problem
from leo_studio.analysis.evaluation.function_scores import split_remark_on_functions
from leo_studio.analysis.functions.sources import has_known_limit
from leo_studio.services.records import RunEntry, StoreEntry


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a combo box: what it says, and what it stands for."""

    label: str
    value: str | None


def checkpoint_choices(run: RunEntry) -> list[Choice]:
    """Return best, last and every step, the newest first."""
    choices = []
    if run.best_step in run.checkpoints:
        # The score first: where there is little room, the end is left out.
        choices.append(Choice(f"Best: {run.best_text} at step {run.best_step:,}", "best"))
    elif run.kept_best_step is not None:
        choices.append(Choice(f"Best that is there: step {run.kept_best_step:,}", "best"))
    if run.checkpoints:
        choices.append(Choice(f"Last: step {run.checkpoints[-1]:,}", "last"))
    return choices + [Choice(f"Step {step:,}", str(step)) for step in reversed(run.checkpoints)]


def own_checkpoint(run: RunEntry) -> str:
    """Return which of `checkpoint_choices` an evaluation takes by default."""
    return run.own_checkpoint if run.kept_best_step is not None else "last"


def why_own_checkpoint(run: RunEntry) -> str:
    """Say which checkpoint is the default, and why."""
    if not run.checkpoints:
        return ""
    if _trains_on(run, "val") and not learns_functions(run):
        return (
            "Last is the default: this run trained on the validation classes, so its validation "
            "cannot tell which checkpoint is best."
        )
    if own_checkpoint(run) == "best" and run.best_step != run.kept_best_step:
        return (
            f"Best is the default: the best of those that are there. That of step "
            f"{run.best_step:,}, which was better, is missing."
        )
    if own_checkpoint(run) == "best" and run.score is not None:
        most = f"{'highest' if run.score.higher_is_better else 'lowest'} {run.score.label}"
        what = "tasks" if learns_functions(run) else "classes"
        return f"Best is the default: it had the {most} on the validation {what}."
    return "Last is the default: no checkpoint of a validation is there."


def learns_functions(run: RunEntry | None) -> bool:
    """Whether a run is evaluated on functions, whose tasks come from no store."""
    return run is not None and run.learns_functions


def split_choices(run: RunEntry, store: StoreEntry) -> list[Choice]:
    """Return the splits that a run can be evaluated on."""
    if learns_functions(run) and has_known_limit(run):
        return [Choice(f"{split}: drawn from the prior", split) for split in ("val", "test")]
    if learns_functions(run):
        return [
            Choice(f"{split}: {sizes['tasks']:,} functions of {run.store}", split)
            for split, sizes in run.store_splits.items()
            if split != TRAINING_SPLIT
        ]
    return [
        Choice(f"{split.name}: {split.classes:,} classes", split.name) for split in store.splits
    ]


def opponent_choices(run: RunEntry, runs: Sequence[RunEntry]) -> list[Choice]:
    """Return what a run can be compared with: runs that meet the same episodes.

    Functions are always compared with the Bayes-optimal limit, where it is known.
    """
    if learns_functions(run) and not has_known_limit(run):
        return [Choice("Nothing: no limit is known", None)]
    if learns_functions(run):
        return [Choice("The Bayes-optimal limit", None)]
    others = [
        other
        for other in runs
        if other.path != run.path and other.checkpoints and not same_episodes_problem(run, other)
    ]
    return [
        Choice("Nothing", None),
        Choice("Nearest class mean", NEAREST_CLASS_MEAN),
        *(Choice(other.title, str(other.path)) for other in others),
    ]


def split_remark(run: RunEntry, split: str) -> str:
    """Say what a split's accuracy does not tell; "" where it tells of new classes."""
    if learns_functions(run):
        return split_remark_on_functions(split)
    if _trains_on(run, split):
        return (
            f"This run was trained on the classes of {split}: its accuracy on them says nothing "
            "about new classes."
        )
    if split == "val":
        return (
            "The best checkpoint was chosen on the classes of val: its accuracy on them is a "
            "little too high."
        )
    return ""


def why_not_evaluated(run: RunEntry | None, store: StoreEntry | None, split: str) -> str:
    """Say why an evaluation cannot begin; "" where it can."""
    if run is None:
        return "Choose a run first."
    if run.problem or run.experiment is None:
        return run.problem or f"{run.title} cannot be read as a run."
    if not run.checkpoints:
        return f"{run.title} has no checkpoint yet; train it further."
    if learns_functions(run):
        return ""
    if store is None or store.problem:
        return store.problem if store else f"The store {run.store} is not there."
    found = next((each for each in store.splits if each.name == split), None)
    return _why_not_fit(run, found) if found else "Choose a split."


def _why_not_fit(run: RunEntry, split: SplitSummary) -> str:
    assert run.experiment is not None
    task = classification(run.experiment)
    if split.classes < task.n_way:
        return f"{split.name} has {split.classes} classes; an episode of this run has {task.n_way}."
    if split.smallest_class <= task.k_shot:
        return (
            f"A class of {split.name} has {split.smallest_class} examples; an episode takes "
            f"{task.k_shot} and needs a query besides."
        )
    return ""


def _trains_on(run: RunEntry, split: str) -> bool:
    return run.experiment is not None and split in run.experiment.data.train_splits
