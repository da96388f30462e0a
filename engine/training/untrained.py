"""The run of a learner that needs no training: one validation, and a checkpoint without weights.

So it can be evaluated and compared like a run that was trained.
"""

from collections.abc import Generator
from contextlib import ExitStack, closing
from typing import Any

from engine.data.function_file import FunctionFile
from engine.data.requirements import VALIDATION_SPLIT
from engine.data.store import EmbeddingStore, Split
from engine.devices.numerics import numerics
from engine.devices.selection import choose_device
from engine.evaluation.evaluator import evaluation
from engine.evaluation.protocol import validation_protocol
from engine.events import CheckpointSaved, Finished, Prepared, TrainingEvent, Validated, Validating
from engine.learners.registry import adapter_of, learner_of
from engine.runs.run import Run
from engine.runs.run_store import examples_of
from engine.training.pace import Pace
from engine.training.validation import validate


def validate_untrained(
    run: Run, store: EmbeddingStore | FunctionFile | None, pace: Pace
) -> Generator[TrainingEvent]:
    """Validate a run whose learner needs no training, and end it at step 0; see `train`."""
    # Every learner that needs no training learns a store's classes.
    assert isinstance(store, EmbeddingStore)
    experiment = run.experiment
    device = choose_device(experiment.run.device)
    with ExitStack() as stack:
        stack.enter_context(run.owned())
        stack.enter_context(numerics(experiment.run))
        run.begin(str(device))
        split = examples_of(run, store, [VALIDATION_SPLIT]).to(device)
        learner = learner_of(experiment, split.embeddings.shape[1], device)
        try:
            yield Prepared(str(run.path), 0, 0, str(device), run.columns, run.scores)
            result = yield from _validated(run, learner.weights_type(), split, pace)
            run.append_validation(0, result.scores, is_best=result.is_best)
            # Before the result is told of: whoever stops at it finds what it is of.
            checkpoint = run.save(0, {}, {})
            yield result
            yield CheckpointSaved(0, str(checkpoint.weights_path))
        except GeneratorExit:
            run.update(status="stopped")
            raise
        run.update(status="finished", step=0)
        run.log("validated; its learner needs no training")
        yield Finished(0, stopped_early=False)


def _validated(
    run: Run, weights: Any, split: Split, pace: Pace
) -> Generator[Validating, None, Validated]:
    """Validate; a checkpoint that is asked for meanwhile comes with the result in any case."""
    adapt = adapter_of(run.experiment, weights, split)
    events = validate(run, evaluation(adapt, split, validation_protocol(run.experiment)), 0)
    with closing(events):
        while True:
            pace.wants_checkpoint = False  # or who holds it would wait for one, and not hold it
            try:
                yield next(events)
            except StopIteration as end:
                result: Validated = end.value
                return result
