"""Sources of functions: which checkpoint of a run is looked at, and why none can be."""

from engine.config import Regression
from engine.inspection.function_records import TEST_SPLIT
from leo_studio.services.records import EpisodeSource, RunEntry

PURPOSE = (
    "The functions that a run of few-shot regression makes of a few points are shown here, beside "
    "all that can be known from these points, or what a file says of the function; the points can "
    "be moved."
)
_NO_RUNS = f"{PURPOSE}\n\nTrain the preset sine-line-5shot, and its tasks can be looked at."


def why_no_functions(run: RunEntry | None) -> str:
    """Say why a run has no functions to look at; "" where it has."""
    if run is None:
        return _NO_RUNS
    if run.problem:
        return f"{run.title} cannot be read as a run."
    if run.experiment is not None and run.experiment.task.needs_store:
        what = run.experiment.task.title.lower()
        return f"{run.title} learns {what}; this panel shows regression.\n\n{PURPOSE}"
    if not run.checkpoints:
        return (
            f"{run.title} has no checkpoint yet. Its functions can be looked at after its first "
            "validation, or when it is stopped."
        )
    return ""


def has_known_limit(run: RunEntry | None) -> bool:
    """Whether the Bayes-optimal limit of a run's functions is known: they are drawn."""
    task = None if run is None or run.experiment is None else run.experiment.task
    return not (isinstance(task, Regression) and task.functions)


def newer_checkpoint(run: RunEntry, source: EpisodeSource) -> str:
    """Say that another checkpoint is the run's own choice now; "" where it is looked at."""
    if run.own_step in (None, source.step):
        return ""
    return f"Looked at is step {source.step:,}; the {run.own_checkpoint} is step {run.own_step:,}."


def source_of(run: RunEntry, step: int | None, before: EpisodeSource | None) -> EpisodeSource:
    """Return the checkpoint of a run with functions that is looked at.

    Parameters
    ----------
    run
        One of which `why_no_functions` says nothing.
    step
        That a person chose; None for the run's own choice.
    before
        What is looked at: of the same run it stays, though another checkpoint may be the best now.
    """
    if step in run.checkpoints:
        return EpisodeSource(run.path, step, TEST_SPLIT)
    if before is not None and before.run == run.path and before.step in run.checkpoints:
        return before
    own = run.own_step
    return EpisodeSource(run.path, run.checkpoints[-1] if own is None else own, TEST_SPLIT)
