"""Validation of a run while it is trained, on episodes that are the same at every step."""

import time
from collections.abc import Generator
from contextlib import closing
from typing import Any

from engine.data.store import Split
from engine.evaluation.evaluator import evaluation
from engine.evaluation.protocol import Protocol
from engine.evaluation.record import Evaluation
from engine.events import Validated, Validating
from engine.learners.registry import adapter_of
from engine.runs.run import Run

# A validation that takes long is told of so often.
_SECONDS_BETWEEN_EVENTS = 0.1


def validate(
    run: Run, weights: Any, split: Split, step: int
) -> Generator[Validating, None, Validated]:
    """Evaluate on the validation episodes, which are the same at every step of every run."""
    experiment = run.experiment
    task, episodes = experiment.task, experiment.schedule.validation_episodes
    protocol = Protocol(task.n_way, task.k_shot, task.examples_per_class, episodes)
    steps = evaluation(adapter_of(experiment, weights, split), split, protocol)
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
