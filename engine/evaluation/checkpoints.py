"""Evaluation of what a run has learned, kept with the run."""

from collections.abc import Generator, Mapping
from dataclasses import replace

from torch import Tensor

from engine.config import Backbone, why_other_episodes
from engine.data.splits import Sampling
from engine.data.store import EmbeddingStore, Split
from engine.devices.selection import choose_device
from engine.errors import BadInput
from engine.evaluation.evaluator import evaluation
from engine.evaluation.protocol import Protocol, caution_of, protocol_of
from engine.evaluation.record import FOLDER, Evaluation, Opponent
from engine.evaluation.statistics import paired_difference
from engine.io.files import write_text
from engine.io.generators import retold
from engine.learners.baselines.class_mean import nearest_class_mean
from engine.learners.learner import settings_of
from engine.learners.registry import checkpoint_adapter
from engine.runs.run import Run
from engine.runs.run_store import examples_of, sampling_of

Steps = Generator[int, None, Evaluation]
"""Yields how many episodes are done."""


def evaluate_checkpoint(
    run: Run, step: int, store: EmbeddingStore, split: str, episodes: int, device: str | None = None
) -> Steps:
    """Evaluate the weights that a run had at a step.

    Parameters
    ----------
    run, step
        The run and the step of one of its checkpoints.
    store, split
        The run's store (see `engine.runs.preparation.store_of`) and one of its splits.
    episodes
        How many; always the same ones.
    device
        Where to compute; by default where the run was trained.

    Raises
    ------
    BadInput
        If the checkpoint or the split is missing, or the split does not fit the task.
    """
    weights = run.checkpoint(str(step)).weights()
    if isinstance(run.experiment.learner, Backbone):
        return _of_run(run, step, _of_pictures(run, weights, store, split, episodes, device), "")
    examples = _examples(run, store, split, device)
    adapt = checkpoint_adapter(run.experiment, weights, examples)
    steps = evaluation(adapt, examples, protocol_of(run.experiment, episodes))
    caution = [store.caution(split), caution_of(protocol_of(run.experiment, episodes))]
    return _of_run(run, step, steps, " ".join(filter(None, caution)))


def evaluate_baseline(
    run: Run, store: EmbeddingStore, split: str, episodes: int, device: str | None = None
) -> Steps:
    """Evaluate nearest class mean on the episodes of a run's evaluation.

    It sees each query alone, also where the run sees them together.
    """
    examples = _examples(run, store, split, device)
    return evaluation(nearest_class_mean, examples, protocol_of(run.experiment, episodes))


def _of_pictures(
    run: Run,
    weights: Mapping[str, Tensor],
    store: EmbeddingStore,
    split: str,
    episodes: int,
    device: str | None,
) -> Steps:
    """Evaluate the nearest class mean of what a backbone makes of a split's pictures."""
    # Here, so that whoever evaluates embeddings need not wait for networks of pictures.
    from engine.pretraining import TrainedBackbone, load_pictures

    settings = settings_of(run.experiment, Backbone)
    place = choose_device(device or run.experiment.run.device)
    pictures = load_pictures(settings, store, [split], place)
    trained = TrainedBackbone.of(settings, weights)
    embedding = trained.embed(pictures, place, normalize=run.experiment.data.normalize)
    sampling = sampling_of(run, store, [split])
    return _when_embedded(embedding, sampling, protocol_of(run.experiment, episodes))


def _when_embedded(
    embedding: Generator[None, None, Split], sampling: Sampling, protocol: Protocol
) -> Steps:
    """Evaluate the nearest class mean of what is being embedded; no episode is done before that."""
    examples = yield from retold(embedding, lambda _: 0)
    examples = replace(examples, sampling=sampling)
    return (yield from evaluation(nearest_class_mean, examples, protocol))


def _of_run(run: Run, step: int, steps: Steps, caution: str) -> Steps:
    """Say in an evaluation which weights it is of, and what speaks against its figures."""
    found = yield from steps
    return replace(found, run=str(run.path), step=step, caution=caution)


def _examples(run: Run, store: EmbeddingStore, split: str, device: str | None) -> Split:
    """Load a split's examples as the run sees them."""
    place = choose_device(device or run.experiment.run.device)
    return examples_of(run, store, [split]).to(place)


def require_same_episodes(run: Run, other: Run) -> None:
    """Raise `BadInput` unless both runs meet the same episodes of the same classes."""
    stores = run.record.store.splits, other.record.store.splits
    if reason := why_other_episodes(run.experiment, other.experiment, stores):
        raise BadInput(f"{run.name} and {other.name} cannot be compared: {reason}")


def compared_with(other: str, evaluation: Evaluation, opponent: Evaluation) -> Evaluation:
    """Return an evaluation with its paired difference from `opponent`, called `other`."""
    difference = paired_difference(evaluation.accuracies, opponent.accuracies)
    return replace(
        evaluation, opponent=Opponent(other, opponent.accuracy, opponent.ci95, difference)
    )


def keep_evaluation(run: Run, evaluation: Evaluation) -> Evaluation:
    """Keep an evaluation with its run, and return it with the path of its file.

    Where that is not possible (a run of somebody else's, a full disk) the result is returned all
    the same, and says why it is not kept.
    """
    path, why_not = run.path / FOLDER / f"{evaluation.file_name}.json", ""
    try:
        run.require_folder()
        write_text(path, evaluation.to_json())
    except BadInput as error:
        why_not = str(error)
    return replace(evaluation, path=path, why_not_kept=why_not)
