"""What nearest class mean reaches on a store, before anything is trained on it."""

from dataclasses import dataclass

from engine.data.store import EmbeddingStore
from engine.evaluation.evaluator import evaluate
from engine.evaluation.protocol import Protocol
from engine.evaluation.record import Evaluation
from engine.learners.baselines.class_mean import nearest_class_mean

EPISODES = 600
_N_WAY = 5
_K_SHOTS = (1, 5)
_MOST_EXAMPLES = 100  # of a class, in each episode


@dataclass(frozen=True, slots=True)
class StoreBaseline:
    """Nearest class mean on one split of a store.

    Attributes
    ----------
    split
        The split: test, or the last one that the store has.
    n_way, k_shot
        N and K.
    evaluation
        The accuracy and its interval.
    """

    split: str
    n_way: int
    k_shot: int
    evaluation: Evaluation

    def to_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        found = self.evaluation
        return {
            "split": self.split,
            "n_way": self.n_way,
            "k_shot": self.k_shot,
            "episodes": found.episodes,
            "accuracy": found.accuracy,
            "ci95": found.ci95,
        }


def store_baselines(store: EmbeddingStore, episodes: int = EPISODES) -> list[StoreBaseline]:
    """Evaluate nearest class mean, 1-shot and 5-shot, where classes have enough examples.

    There are five ways, or as many as the split has classes; none for a split of one class.
    """
    name = "test" if "test" in store.splits else list(store.splits)[-1]
    summary = store.splits[name]
    n_way = min(_N_WAY, summary.classes)
    if n_way < 2:
        return []
    examples = store.load([name])
    most = min(summary.smallest_class, _MOST_EXAMPLES)
    return [
        StoreBaseline(
            name,
            n_way,
            k_shot,
            evaluate(nearest_class_mean, examples, Protocol(n_way, k_shot, most, episodes)),
        )
        for k_shot in _K_SHOTS
        if k_shot < most
    ]
