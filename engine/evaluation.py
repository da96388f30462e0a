"""Accuracy over many episodes by the released protocol, with its confidence interval.

Queries are all that a class has beside its support examples (600 - K in the released data). Their
logits are computed class by class, for all episodes that contain the class: one matrix product on
a contiguous block of the store instead of a gather of every query.

Shapes: E episodes, N ways, K shots, n examples of a class, e episodes that contain it.
"""

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.store import Split
from engine.episodes import numbers_from, require_enough, sample_classes, sample_examples

# Evaluation never depends on a run's seed: all models meet the same episodes.
SEED = 0
BINS = 15
# How much is held at a time: episodes, pairs of support examples in the relation network, and
# logits. Blocks that stay near the processor's cache are up to three times as fast.
_EPISODES_AT_A_TIME = 2000
_PAIRS_AT_A_TIME = 1 << 15
_LOGITS_AT_A_TIME = 1 << 20

Classifier = Callable[[Tensor], Tensor]
"""Turns support sets (B, N, K, D) into classifier weights (B, N, D)."""


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """How a classifier did on a number of episodes.

    Attributes
    ----------
    split
        The split's name.
    accuracies
        Share of queries that were right, per episode, (E,).
    loss
        Mean cross-entropy over all queries, in nats.
    calibration_error
        Expected calibration error: the mean over queries of the distance between confidence and
        accuracy within each of 15 equal bins of confidence (Guo et al. 2017).
    class_names, class_accuracies
        Mean accuracy on queries of each class; not-a-number for a class that never came up.
    bin_counts, bin_confidences, bin_accuracies
        The calibration curve behind `calibration_error`, (15,).
    queries_per_class
        The smallest and the largest number of queries that a class had in an episode.
    """

    split: str
    accuracies: NDArray[np.float64]
    loss: float
    calibration_error: float
    class_names: tuple[str, ...]
    class_accuracies: NDArray[np.float64]
    bin_counts: NDArray[np.int64]
    bin_confidences: NDArray[np.float64]
    bin_accuracies: NDArray[np.float64]
    queries_per_class: tuple[int, int]

    @property
    def accuracy(self) -> float:
        """Mean accuracy over episodes, 0 to 1."""
        return float(self.accuracies.mean())

    @property
    def ci95(self) -> float:
        """Half width of the 95 % confidence interval of `accuracy`."""
        return half_width(self.accuracies)

    def to_dict(self) -> dict[str, Any]:
        """Return plain containers for JSON; a class that never came up has null."""
        return {
            "accuracy": self.accuracy,
            "ci95": self.ci95,
            "episodes": len(self.accuracies),
            "split": self.split,
            "loss": self.loss,
            "calibration_error": self.calibration_error,
            "queries_per_class": list(self.queries_per_class),
            "classes": {
                name: None if math.isnan(accuracy) else accuracy
                for name, accuracy in zip(
                    self.class_names, self.class_accuracies.tolist(), strict=True
                )
            },
            "calibration": {
                "counts": self.bin_counts.tolist(),
                "confidences": self.bin_confidences.tolist(),
                "accuracies": self.bin_accuracies.tolist(),
            },
        }


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """How much better one classifier is than another on the same episodes."""

    difference: float  # mean accuracy difference, -1 to 1
    ci95: float  # half width of its 95 % confidence interval

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval leaves out "no difference"."""
        return abs(self.difference) > self.ci95


def paired_difference(one: EvaluationResult, other: EvaluationResult) -> PairedDifference:
    """Compare two results episode by episode; both must be of the same episodes."""
    differences = one.accuracies - other.accuracies
    return PairedDifference(float(differences.mean()), half_width(differences))


def half_width(values: NDArray[np.float64]) -> float:
    """Half width of the 95 % confidence interval of a mean over independent episodes."""
    return float(1.96 * values.std(ddof=1) / math.sqrt(len(values)))


def evaluate(
    classifier: Classifier,
    split: Split,
    *,
    n_way: int,
    k_shot: int,
    examples_per_class: int,
    episodes: int,
) -> EvaluationResult:
    """Evaluate to the end; see `evaluation`."""
    steps = evaluation(
        classifier,
        split,
        n_way=n_way,
        k_shot=k_shot,
        examples_per_class=examples_per_class,
        episodes=episodes,
    )
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: EvaluationResult = end.value
            return result


@torch.no_grad()
def evaluation(
    classifier: Classifier,
    split: Split,
    *,
    n_way: int,
    k_shot: int,
    examples_per_class: int,
    episodes: int,
) -> Generator[int, None, EvaluationResult]:
    """Evaluate on episodes 0 to `episodes` - 1, yielding how many are done.

    Parameters
    ----------
    classifier
        Turns support sets into linear classifiers.
    split
        Where episodes come from.
    n_way, k_shot
        N and K.
    examples_per_class
        Support and query examples per class and episode. They are drawn where a class has more;
        a class that has fewer gives all it has.
    episodes
        E, at least 2.

    Raises
    ------
    BadInput
        If the split has too few classes, or a class fewer than K + 1 examples.
    """
    require_enough(split, n_way, k_shot + 1)
    tally = _Tally(split, episodes)
    for start in range(0, episodes, _EPISODES_AT_A_TIME):
        count = min(_EPISODES_AT_A_TIME, episodes - start)
        numbers = numbers_from(start, count, split.embeddings.device)
        classes = sample_classes(split, SEED, numbers, n_way)
        drawn = k_shot if split.largest_class <= examples_per_class else examples_per_class
        rows = sample_examples(split, SEED, numbers, classes, drawn)
        together = max(1, _PAIRS_AT_A_TIME // (n_way * k_shot) ** 2)
        weights = torch.cat(
            [
                classifier(split.embeddings[rows[begin : begin + together, :, :k_shot]])
                for begin in range(0, count, together)
            ]
        )
        for label in sorted(set(classes.flatten().tolist())):
            tally.add_class(start, label, classes, rows, weights, k_shot, examples_per_class)
        yield start + count
    return tally.result()


class _Tally:
    """Adds up what queries of one class after the other do."""

    def __init__(self, split: Split, episodes: int) -> None:
        device = split.embeddings.device
        self._split = split
        self._right = torch.zeros(episodes, dtype=torch.int64, device=device)
        self._asked = torch.zeros(episodes, dtype=torch.int64, device=device)
        self._class_right = torch.zeros(len(split.class_names), dtype=torch.int64, device=device)
        self._class_asked = torch.zeros_like(self._class_right)
        self._bin_counts = torch.zeros(BINS, dtype=torch.int64, device=device)
        self._bin_right = torch.zeros_like(self._bin_counts)
        self._bin_confidence = torch.zeros(BINS, dtype=torch.float64, device=device)
        self._loss = torch.zeros((), dtype=torch.float64, device=device)
        self._fewest, self._most = 2**62, 0

    def add_class(
        self,
        first: int,
        label: int,
        classes: Tensor,
        rows: Tensor,
        weights: Tensor,
        k_shot: int,
        examples_per_class: int,
    ) -> None:
        """Add the queries of class `label` in every episode that contains it."""
        begin, end = self._split.class_offsets[label : label + 2].tolist()
        examples = self._split.embeddings[begin:end]
        drawn = min(examples_per_class, end - begin)
        self._fewest = min(self._fewest, drawn - k_shot)
        self._most = max(self._most, drawn - k_shot)
        episodes, places = (classes == label).nonzero(as_tuple=True)
        at_a_time = max(1, _LOGITS_AT_A_TIME // (len(examples) * classes.shape[1]))
        for begin_at in range(0, len(episodes), at_a_time):
            some = episodes[begin_at : begin_at + at_a_time]
            some_places = places[begin_at : begin_at + at_a_time]
            own = rows[some, some_places] - begin
            is_query = _query_mask(own, k_shot, len(examples), drawn)
            # The true class comes first, so its logit needs no gather.
            others = torch.arange(classes.shape[1], device=some.device)[:, None]
            order = (others + some_places) % classes.shape[1]
            logits = examples @ weights[some, order].flatten(0, 1).mT
            self._add(first + some, label, logits.view(len(examples), -1, len(some)), is_query)

    def _add(self, episodes: Tensor, label: int, logits: Tensor, is_query: Tensor) -> None:
        """Add logits (n, N, e), true class first, where `is_query` (n, e)."""
        true = logits[:, 0]
        best_other = logits[:, 1:].amax(1)
        # A tie is no knowledge: it counts as wrong.
        is_right = (true > best_other) & is_query
        largest = torch.maximum(true, best_other)
        total = (logits - largest[:, None]).exp_().sum(1)
        losses = (largest - true + total.log()).mul_(is_query)
        confidence = total.reciprocal_()
        right, asked = is_right.sum(0), is_query.sum(0)
        self._right.index_add_(0, episodes, right)
        self._asked.index_add_(0, episodes, asked)
        self._class_right[label] += right.sum()
        self._class_asked[label] += asked.sum()
        self._loss += losses.sum()
        # Rows that are no query fall into a bin of their own, which is left out.
        bins = (confidence * BINS).to(torch.int64).clamp_(max=BINS - 1)
        bins = bins.masked_fill_(~is_query, BINS).flatten()
        self._bin_counts += bins.bincount(minlength=BINS + 1)[:BINS]
        self._bin_right += (bins[is_right.flatten()]).bincount(minlength=BINS + 1)[:BINS]
        self._bin_confidence += bins.bincount(confidence.flatten().double(), BINS + 1)[:BINS]

    def result(self) -> EvaluationResult:
        """Return what was added up."""
        counts = self._bin_counts.cpu().numpy()
        confidences = self._bin_confidence.cpu().numpy() / np.maximum(counts, 1)
        accuracies = self._bin_right.cpu().numpy() / np.maximum(counts, 1)
        gaps = np.abs(confidences - accuracies)
        asked = self._class_asked.double()
        return EvaluationResult(
            split=self._split.name,
            accuracies=(self._right / self._asked.double()).cpu().numpy(),
            loss=float(self._loss / self._asked.sum()),
            calibration_error=float((gaps * counts).sum() / counts.sum()),
            class_names=self._split.class_names,
            class_accuracies=(self._class_right / asked).cpu().numpy(),
            bin_counts=counts,
            bin_confidences=confidences,
            bin_accuracies=accuracies,
            queries_per_class=(self._fewest, self._most),
        )


def _query_mask(own: Tensor, k_shot: int, size: int, drawn: int) -> Tensor:
    """Say which of a class's examples are queries, (n, e) bool.

    `own` (e, at least K) holds drawn examples, the support set first; where no more than the
    support set was drawn, all others are queries.
    """
    if drawn == size:
        mask = torch.ones(size, len(own), dtype=torch.bool, device=own.device)
    else:
        mask = torch.zeros(size, len(own), dtype=torch.bool, device=own.device)
        mask.scatter_(0, own[:, :drawn].mT, True)
    return mask.scatter_(0, own[:, :k_shot].mT, False)
