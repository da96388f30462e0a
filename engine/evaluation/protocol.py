"""The protocol of evaluations: which episodes they use; no torch."""

from dataclasses import dataclass

from engine.config import Experiment, QueriesTogether, classification

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
    together
        The queries of an episode where the learner sees them all at once; by default each is
        classified alone, and every example that is no support is a query.
    """

    n_way: int
    k_shot: int
    examples_per_class: int
    episodes: int
    together: QueriesTogether | None = None

    @property
    def fewest_queries(self) -> int:
        """How many examples a class needs beside its support set."""
        return 1 if self.together is None else self.together.per_class


def protocol_of(experiment: Experiment, episodes: int) -> Protocol:
    """Return the protocol of an evaluation of an experiment's learner."""
    task = classification(experiment)
    return Protocol(
        task.n_way,
        task.k_shot,
        task.examples_per_class,
        episodes,
        experiment.learner.queries_together,
    )


def validation_protocol(experiment: Experiment) -> Protocol:
    """Return the protocol of the validations while an experiment is trained."""
    return protocol_of(experiment, experiment.schedule.validation_episodes)


def caution_of(protocol: Protocol) -> str:
    """Say what accuracies are not to be compared with; "" where each query is classified alone."""
    if protocol.together is None:
        return ""
    count = protocol.n_way * protocol.together.per_class
    how = "as many of each class" if protocol.together.balance == "balanced" else "unevenly spread"
    return (
        f"It sees all {count:,} queries of an episode at once ({how}), so its accuracy is not to "
        "be compared with that of learners that see each alone."
    )
