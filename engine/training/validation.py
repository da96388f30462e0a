"""Validation of a run while it is trained, on tasks that are the same at every step."""

import time
from collections.abc import Generator
from contextlib import closing

from engine.events import Validated, Validating
from engine.runs.run import Run
from engine.training.trainee import Examined

# A validation that takes long is told of so often.
_SECONDS_BETWEEN_EVENTS = 0.1


def validate(
    run: Run, examining: Generator[int, None, Examined], step: int
) -> Generator[Validating, None, Validated]:
    """Evaluate on the validation tasks, which are the same at every step of every run."""
    episodes = run.experiment.schedule.validation_episodes
    told = time.perf_counter()
    with closing(examining):
        while True:
            try:
                done = next(examining)
            except StopIteration as end:
                result: Examined = end.value
                break
            if time.perf_counter() - told > _SECONDS_BETWEEN_EVENTS:
                told = time.perf_counter()
                run.beat()
                yield Validating(step, done, episodes)
    best = run.record.best
    score, scores = run.scores[0], result.scores
    is_best = score.is_best(scores[score.name].value, best.value if best else None)
    return Validated(step, scores, is_best)
