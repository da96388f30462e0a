"""The outer loop's step size over the steps of a run, as a share of what the settings say."""

import math

from engine.config import Experiment


def has_constant_rate(experiment: Experiment) -> bool:
    """Whether every step has the step size that the settings say."""
    optimizer, phases = experiment.optimizer, experiment.learner.phases
    return optimizer.decay == "constant" and optimizer.warm_up == 0 and len(phases) == 1


def rate_share(experiment: Experiment, step: int) -> float:
    """Return the step size of a step, as a share of `optimizer.outer_lr`.

    Warm-up and decay are those of the phase that the step is in, and begin anew with the next.
    """
    optimizer, learner = experiment.optimizer, experiment.learner
    phase = learner.phase_at(step, experiment.schedule.steps)
    length = max(1, phase.end - phase.first)
    part = (step - phase.first) / length
    share = learner.phases[phase.place].rate
    if part < optimizer.warm_up:
        share *= (step - phase.first + 1) / max(1.0, optimizer.warm_up * length)
    if optimizer.decay == "cosine":
        share *= (1 + math.cos(math.pi * min(1.0, part))) / 2
    return share
