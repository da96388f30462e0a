"""The protocol of evaluations: which episodes they use; no torch."""

from dataclasses import dataclass

from engine.config import Experiment, classification

# Evaluation never depends on a run's seed: all models meet the same episodes.
SEED = 0


@dataclass(frozen=True, slots=True)
class Protocol:
    """The protocol of an evaluation: its tasks and the number of its episodes.

    Attributes
    ----------
    n_way, k_shot
        N and K.
    examples_per_class
        Support and query examples per class and episode. They are drawn where a class has more;
        a class that has fewer gives all it has.
    episodes
        E, at least 2; episodes 0 to E - 1 are used.
    """

    n_way: int
    k_shot: int
    examples_per_class: int
    episodes: int


def protocol_of(experiment: Experiment, episodes: int) -> Protocol:
    """Return the protocol of an evaluation of an experiment's learner."""
    task = classification(experiment)
    return Protocol(task.n_way, task.k_shot, task.examples_per_class, episodes)


def validation_protocol(experiment: Experiment) -> Protocol:
    """Return the protocol of the validations while an experiment is trained."""
    return protocol_of(experiment, experiment.schedule.validation_episodes)
