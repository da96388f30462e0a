"""The step size of pre-training, by how much of it is done."""

import math

from engine.config import Backbone


def step_size(settings: Backbone, step: int, steps: int) -> float:
    """Return the step size of step number `step`, counted from 0, of `steps`."""
    done = step / steps
    if settings.decay == "cosine":
        return settings.lr * (1 + math.cos(math.pi * done)) / 2
    return settings.lr * settings.decay_factor ** sum(done >= each for each in settings.drops_at)
