"""Words for a run's state and task, and for the reasons why something cannot be done."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from engine.config import Experiment
from engine.tasks.scores import UNKNOWN
from leo_studio.services.records import RunEntry

STATE_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "created": "Created",
        "preparing": "Preparing",
        "running": "Running",
        "paused": "Paused",
        "stopping": "Stopping",
        "finished": "Finished",
        "stopped": "Stopped",
        "failed": "Failed",
        "interrupted": "Interrupted",
        "unreadable": "Unreadable",
        "newer": "Needs a newer LEO Studio",
    }
)


def task_name(run: RunEntry) -> str:
    """Return a run's task as the field says it: "5-way 1-shot"."""
    return "" if run.experiment is None else run.experiment.task.words


def learner_name(experiment: Experiment) -> str:
    """Return what people call what learns, in a word: "LEO"."""
    return experiment.learner.title.partition(" ")[0]


def split_tags(text: str) -> tuple[str, ...]:
    """Return the tags in a text, which commas or semicolons part; each once."""
    tags = (" ".join(tag.split()) for tag in re.split(r"[,;\n]", text))
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def names_of(runs: Sequence[RunEntry]) -> str:
    """Return the name of a run, or how many they are."""
    return runs[0].title if len(runs) == 1 else f"{len(runs)} runs"


def why_not_renamed(run: RunEntry, waiting: Sequence[str]) -> str:
    """Say why a run cannot be renamed now; "" where it can. For `waiting` see below."""
    if run.problem:
        return f"{run.title} cannot be read as a run; change its folder in the file manager."
    return why_not_thrown_away(run, waiting)


def why_not_thrown_away(run: RunEntry, waiting: Sequence[str]) -> str:
    """Say why a run cannot be thrown away now; "" where it can, also if it cannot be read.

    `waiting` are the names of what waits in the queue.
    """
    if run.status in ("running", "paused"):
        return _why_owned(run) or f"{run.title} is being trained; stop it first."
    if run.name in waiting:
        return f"{run.title} waits in the queue; take it out first."
    return ""


def steps_text(run: RunEntry, of: str = "of") -> str:
    """Return how many steps of all a run has taken; a dash where it takes none."""
    return f"{run.step:,} {of} {run.steps:,}" if run.is_trained else UNKNOWN


def why_resume_is_over(run: RunEntry) -> str:
    """Say why a run that is at its end is not resumed; "" where it is not at its end."""
    if run.status != "finished":
        return ""
    if not run.is_trained:
        return f"{run.title} is finished; it needs no training."
    return f"{run.title} is finished; train it further instead."


def why_no_checkpoint(run: RunEntry) -> str:
    """Say why nothing can be done with what a run learned; "" where there is a checkpoint."""
    return "" if run.checkpoints else f"{run.title} has no checkpoint yet."


def why_not_trained_further(run: RunEntry) -> str:
    """Say why a run cannot be given more steps; "" where it can."""
    return "" if run.is_trained else f"{run.title} needs no training."


def why_not_resumed(run: RunEntry, waiting: Sequence[str]) -> str:
    """Say why a run cannot go on now; "" where it can."""
    if run.problem:
        return f"{run.title} cannot be read as a run."
    if run.status in ("running", "paused"):
        return _why_owned(run) or f"{run.title} is being trained already."
    if run.name in waiting:
        return f"{run.title} waits in the queue already."
    return ""


def _why_owned(run: RunEntry) -> str:
    """Say why a run may be somebody's; "" where it is known that it is."""
    if not run.watched_host:
        return ""
    return (
        f"{run.title} may still be trained on {run.watched_host}; its heartbeat is watched for "
        "some seconds."
    )


def remedy(run: RunEntry) -> str:
    """Say what a person can do about a run that did not come to its end; "" if nothing is amiss."""
    match run.status:
        case "failed":
            where = f"step {run.checkpoints[-1]:,}" if run.checkpoints else "the start"
            return f"Put right what the message says, then Resume: it goes on from {where}."
        case "interrupted":
            where = f"step {run.checkpoints[-1]:,}" if run.checkpoints else "the start"
            return f"The program ended while it trained. Resume goes on from {where}."
        case _:
            return _why_owned(run)
