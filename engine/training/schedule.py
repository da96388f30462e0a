"""The schedule of a run: after which outer steps it is validated, and when it ends early."""

from engine.config import Schedule
from engine.runs.record import best_of
from engine.runs.run import Run


def is_validation_due(step: int, schedule: Schedule) -> bool:
    """Whether a validation follows this step."""
    return step > 0 and (step % schedule.validate_every == 0 or step >= schedule.steps)


def next_validation(step: int, schedule: Schedule) -> int:
    """Return the step after which the next validation follows; it is the last at the latest."""
    every = schedule.validate_every
    return min(step + every - step % every, schedule.steps)


def has_stalled(run: Run, schedule: Schedule) -> bool:
    """Whether the last validations, as many as early stopping waits for, brought no better one."""
    if schedule.early_stopping is None:
        return False
    validations = run.validation.read()
    best = best_of(validations)
    since = [row for row in validations if best is not None and row["step"] > best.step]
    return len(since) >= schedule.early_stopping
