"""What a sweep needs before anything is trained: a store that suffices, trials that compare."""

from collections.abc import Iterator

from engine.config import Experiment
from engine.data.requirements import VALIDATION_SPLIT, require_fit
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.runs.library import Library
from engine.studies.sweeps.sweep import Sweep


def require_sweepable(library: Library, sweep: Sweep) -> None:
    """Raise `BadInput` unless trials can be compared, and there is the store that they need.

    The built-in store is drawn where it was not. So nothing is trained that could not be ended.
    """
    require_comparable(sweep)
    store = EmbeddingStore(library.prepared_store(sweep.experiment.data.store))
    for experiment, split in uses_of_store(sweep):
        require_fit(experiment, store.path.name, store.splits, split)


def require_comparable(sweep: Sweep) -> None:
    """Raise `BadInput` where validation could not choose among trials."""
    experiment = sweep.experiment
    if not experiment.task.needs_store or experiment.learner.reads_pictures:
        raise BadInput(
            f"{experiment.name} is {experiment.learner.noun()} for "
            f"{experiment.task.title.lower()}; sweeps are of learners of classes on embeddings."
        )
    if "val" in experiment.data.train_splits:
        raise BadInput(
            f"{experiment.name} trains on its validation classes, and trials are chosen by these; "
            "begin with a preset whose data.train_splits is [train]. The best is trained on both "
            "anyway."
        )


def uses_of_store(sweep: Sweep) -> Iterator[tuple[Experiment, str]]:
    """Yield what is trained, and the split that it is evaluated on: trials, and the best."""
    yield sweep.experiment, VALIDATION_SPLIT
    if sweep.final_seeds:
        yield sweep.experiment.with_settings({"data.train_splits": ["train", "val"]}), "test"
