"""Preparation of runs: a new one of an experiment, or an old one that is to be trained further.

Everything is checked before anything is written, so a mistake leaves no half-made run and changes
none.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from engine.config import Experiment, Regression, regression
from engine.data.features import RAW, Features, asked_of, fitted, needed_tensors
from engine.data.function_file import FunctionFile, require_points, require_small_numbers
from engine.data.requirements import require_fit
from engine.data.store import EmbeddingStore
from engine.devices.selection import choose_device
from engine.errors import BadInput
from engine.io.paths import expanded
from engine.runs.library import Library
from engine.runs.ownership import require_free
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from engine.runs.run_functions import functions_of, functions_record
from engine.runs.run_store import store_of, store_record


class PreparedRun(NamedTuple):
    """A run and its store, or file of functions, fit for `engine.training.train`."""

    run: Run
    store: EmbeddingStore | FunctionFile | None  # None where its tasks need none


def new_run(
    library: Library,
    experiment: Experiment,
    runs: Path | None = None,
    progress: Callable[[float], None] | None = None,
    preset: str = "",
) -> PreparedRun:
    """Make a run of an experiment.

    Parameters
    ----------
    library
        Where its store is found.
    experiment
        All settings.
    runs
        The folder for the run; the library's by default.
    progress
        See `Library.prepared_store`.
    preset
        What the experiment began as; by default the one that has its name.

    Raises
    ------
    BadInput
        If the store is missing or does not fit, or there is no such device.
    """
    choose_device(experiment.run.device)
    folder, task = runs or library.runs, experiment.task
    if isinstance(task, Regression) and task.functions:
        file = FunctionFile(expanded(task.functions).resolve())
        require_points(task, file)
        require_small_numbers(file)
        experiment = experiment.with_source(str(file.path))
        return PreparedRun(Run.create(folder, experiment, functions_record(file), preset), file)
    if not task.needs_store:
        return PreparedRun(Run.create(folder, experiment, StoreRecord(), preset), None)
    path = library.prepared_store(experiment.data.store, progress)
    if path.parent != library.stores:
        # Kept whole, so that the run can be resumed from any folder.
        experiment = experiment.with_source(str(path))
    store = EmbeddingStore(path)
    require_fit(experiment, store.path.name, store.splits)
    features = _fitted(experiment, store)
    run = Run.create(folder, experiment, store_record(store), preset, features)
    return PreparedRun(run, store)


def _fitted(experiment: Experiment, store: EmbeddingStore) -> Features:
    """Fit what is done to embeddings to the store's training classes."""
    if not needed_tensors(experiment.data, store.embedding_dim):
        return asked_of(experiment.data)
    examples = store.load(["train"], RAW, experiment.data.access)
    return fitted(experiment.data, examples.embeddings, store.path.name)


def resumed_run(
    library: Library,
    run: Run,
    steps: int | None = None,
    device: str | None = None,
    progress: Callable[[float], None] | None = None,
    say: Callable[[str], object] | None = None,
    store: str | None = None,
) -> PreparedRun:
    """Make a run ready to be trained further.

    Parameters
    ----------
    library
        Where its store is looked for, if it is no longer where it was.
    run
        The run.
    steps
        Train up to this step instead of the run's last.
    device
        Train there from now on.
    progress
        See `Library.prepared_store`; also called while it is watched whether somebody trains it.
    say
        Told what else a person has to know, such as what is waited for.
    store
        Where its store is now, if somebody knows; the run remembers it.

    Raises
    ------
    BadInput
        If somebody trains it, it is at its end, its learner needs no training, or its store or
        checkpoints are gone.
    """
    _require_training(run, steps)
    require_free(run.path, say=say, look=None if progress is None else partial(progress, 0.0))
    found = (
        store_of(library, run, store, progress, say)
        if run.experiment.task.needs_store
        else functions_of(run, store, say)
    )
    run.reread()  # whoever was watched may have ended it meanwhile
    if steps is not None and steps < run.record.step:
        raise BadInput(f"{run.name} is at step {run.record.step}; --steps {steps} lies before it.")
    if steps is None and run.status == "finished":
        raise BadInput(
            f"{run.name} is finished at step {run.record.step}; give it more with --steps."
        )
    choose_device(device or run.experiment.run.device)
    if isinstance(found, FunctionFile):
        require_points(regression(run.experiment), found)
    elif found is not None:
        require_fit(run.experiment, found.path.name, found.splits)
    why_not_from_last = run.kept.why_not_from_last()
    run.require_sound()
    if run.has_stalled:
        raise BadInput(
            f"{run.name} was stopped early by schedule.early_stopping, and would be at once again; "
            "train it anew with --set schedule.early_stopping=null."
        )
    if why_not_from_last:
        run.log(why_not_from_last)
        if say is not None:
            say(why_not_from_last)
    if steps is not None:
        run.change_steps(steps)
    if device is not None:
        run.change_device(device)
    return PreparedRun(run, found)


def _require_training(run: Run, steps: int | None) -> None:
    """Raise `BadInput` where there is nothing to train; a validation that was stopped can go on."""
    learner = run.experiment.learner
    if learner.is_trained:
        return
    if run.status == "finished":
        raise BadInput(
            f"{run.name} learns by {learner.noun()}, which needs no training; evaluate it with: "
            f"leo-studio evaluate {run.name}"
        )
    if steps is not None:
        raise BadInput(f"{run.name} needs no training; go on with its validation without --steps.")
