"""What a sweep needs before anything is trained: a store that suffices, trials that compare."""

from engine.data.requirements import require_fit
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.runs.library import Library
from engine.studies.sweeps.sweep import Sweep


def require_sweepable(library: Library, sweep: Sweep) -> None:
    """Raise `BadInput` unless trials can be compared, and there is the store that they need.

    The built-in store is drawn where it was not. So nothing is trained that could not be ended.
    """
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
    store = EmbeddingStore(library.prepared_store(experiment.data.store))
    require_fit(experiment, store.path.name, store.splits)
    if sweep.final_seeds:
        final = experiment.with_settings({"data.train_splits": ["train", "val"]})
        require_fit(final, store.path.name, store.splits, "test")
