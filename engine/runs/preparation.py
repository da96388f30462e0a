"""Preparation of runs: a new one of an experiment, or an old one that is to be trained further.

Everything is checked before anything is written, so a mistake leaves no half-made run and changes
none.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from engine.config import Experiment
from engine.data.requirements import require_fit
from engine.data.store import EmbeddingStore
from engine.devices.selection import choose_device
from engine.errors import BadInput
from engine.runs.library import Library
from engine.runs.ownership import require_free
from engine.runs.run import Run, store_record


class PreparedRun(NamedTuple):
    """A run and its store, fit for `engine.training.train`."""

    run: Run
    store: EmbeddingStore


def new_run(
    library: Library,
    experiment: Experiment,
    runs: Path | None = None,
    progress: Callable[[float], None] | None = None,
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

    Raises
    ------
    BadInput
        If the store is missing or does not fit, or there is no such device.
    """
    path = library.prepared_store(experiment.data.store, progress)
    if path.parent != library.stores:
        # Kept whole, so that the run can be resumed from any folder.
        experiment = experiment.with_settings({"data.store": str(path)})
    choose_device(experiment.run.device)
    store = EmbeddingStore(path)
    require_fit(experiment, store.path.name, store.splits)
    return PreparedRun(Run.create(runs or library.runs, experiment, store_record(store)), store)


def resumed_run(
    library: Library,
    run: Run,
    steps: int | None = None,
    device: str | None = None,
    progress: Callable[[float], None] | None = None,
    say: Callable[[str], object] | None = None,
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

    Raises
    ------
    BadInput
        If somebody trains it, it is at its end, its learner needs no training, or its store or
        checkpoints are gone.
    """
    _require_training(run, steps)
    store = store_of(library, run, progress=progress)
    require_free(run.path, say=say, look=None if progress is None else partial(progress, 0.0))
    run.reread()  # whoever was watched may have ended it meanwhile
    if steps is not None and steps < run.record.step:
        raise BadInput(f"{run.name} is at step {run.record.step}; --steps {steps} lies before it.")
    if steps is None and run.status == "finished":
        raise BadInput(
            f"{run.name} is finished at step {run.record.step}; give it more with --steps."
        )
    choose_device(device or run.experiment.run.device)
    require_fit(run.experiment, store.path.name, store.splits)
    run.newest_resumable()
    run.require_metrics()
    if run.has_stalled:
        raise BadInput(
            f"{run.name} was stopped early by schedule.early_stopping, and would be at once again; "
            "train it anew with --set schedule.early_stopping=null."
        )
    if steps is not None:
        run.change_steps(steps)
    if device is not None:
        run.change_device(device)
    return PreparedRun(run, store)


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


def store_of(
    library: Library,
    run: Run,
    given: str | None = None,
    progress: Callable[[float], None] | None = None,
) -> EmbeddingStore:
    """Open the store that a run was trained on; raises `BadInput` if it is another by now.

    `given` says where it is now, by name or path; otherwise the run remembers. For `progress` see
    `Library.prepared_store`.
    """
    remembered = Path(run.record.store.path)
    if given is None and remembered.is_file():
        store = EmbeddingStore(remembered)
    else:
        store = EmbeddingStore(library.prepared_store(given or run.experiment.data.store, progress))
    identity = store_record(store)
    for key in ("embedding_dim", "splits"):
        found, known = getattr(identity, key), getattr(run.record.store, key)
        if found != known:
            raise BadInput(
                f"{store.path} is not the store that {run.name} was trained on: its {key} is "
                f"{found}, not {known}; give the right one."
            )
    if run.record.store.fingerprint not in ("", identity.fingerprint):
        raise BadInput(
            f"{store.path} is as large as the store that {run.name} was trained on, but holds "
            "other names or embeddings; give the right one."
        )
    return store
