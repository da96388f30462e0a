"""Validation of a run while it is trained, on episodes that are the same at every step."""

import time
from collections.abc import Generator
from contextlib import closing
from typing import Any

from engine.config import Experiment
from engine.data.store import Split
from engine.evaluation.evaluator import evaluation
from engine.evaluation.protocol import Protocol
from engine.evaluation.record import Evaluation
from engine.events import Validated, Validating
from engine.learners.registry import adapter_of
from engine.runs.run import Run
from engine.training.trainee import Examined

# A validation that takes long is told of so often.
_SECONDS_BETWEEN_EVENTS = 0.1


def validate(
    run: Run, examining: Generator[None, None, Examined], step: int
) -> Generator[Validating, None, Validated]:
    """Evaluate on the validation episodes, which are the same at every step of every run."""
    episodes = run.experiment.schedule.validation_episodes
    steps = _evaluated(run, examining)
    told = time.perf_counter()
    with closing(steps):
        while True:
            try:
                done = next(steps)
            except StopIteration as end:
                result: Evaluation = end.value
                break
            if time.perf_counter() - told > _SECONDS_BETWEEN_EVENTS:
                told = time.perf_counter()
                run.beat()
                yield Validating(step, done, episodes)
    best = run.record.best
    score, scores = run.scores[0], result.scores
    is_best = score.is_best(scores[score.name].value, best.value if best else None)
    return Validated(step, scores, is_best)


def _evaluated(
    run: Run, examining: Generator[None, None, Examined]
) -> Generator[int, None, Evaluation]:
    """Make ready and evaluate, yielding how many episodes are done."""
    with closing(examining):
        while True:
            try:
                next(examining)
            except StopIteration as end:
                examined: Examined = end.value
                break
            yield 0
    task, episodes = run.experiment.task, run.experiment.schedule.validation_episodes
    protocol = Protocol(task.n_way, task.k_shot, task.examples_per_class, episodes)
    return (yield from evaluation(examined.adapt, examined.split, protocol))


def of_embeddings(
    experiment: Experiment, weights: Any, split: Split
) -> Generator[None, None, Examined]:
    """Adapt to a split's own embeddings, which are there: nothing takes long."""
    yield from ()
    return Examined(adapter_of(experiment, weights, split), split)
