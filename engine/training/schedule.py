"""The schedule of a run: after which outer steps it is validated."""

from engine.config import Schedule


def is_validation_due(step: int, schedule: Schedule) -> bool:
    """Whether a validation follows this step."""
    return step > 0 and (step % schedule.validate_every == 0 or step >= schedule.steps)


def next_validation(step: int, schedule: Schedule) -> int:
    """Return the step after which the next validation follows; it is the last at the latest."""
    every = schedule.validate_every
    return min(step + every - step % every, schedule.steps)
