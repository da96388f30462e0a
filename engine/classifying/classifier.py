"""The classifier of classes that a person shows: adapted once, then asked as often as one likes.

Shapes: N ways, K_n shots of class n, M support examples in all, Q queries, D embedding size, L
latent size, S samples.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.classifying.loaded_learner import LoadedLearner
from engine.classifying.records import Answers, LeaveOneOut, Threshold
from engine.errors import BadInput
from engine.inspection.episode_inspection import entropy_of
from engine.io.listing import counted, shown
from engine.tasks.predictor import LinearClassifier, Predictor

SAMPLES = 64
MOST_EXAMPLES = 400  # LEO looks at every pair of them
_AT_A_TIME = 1 << 23  # numbers of the largest array that are worked on together
# Of what the classifier got right of its own support set, this share is taken for known.
_KNOWN_SHARE = 0.9
_LEAST_LEFT_OUT = 5


class Classifier:
    """A learner adapted to some classes.

    Parameters
    ----------
    learner
        What adapts.
    class_names
        N names, at least 2, all different.
    support
        Raw embeddings of each class's examples, (K_n, D), at least one each.

    Raises
    ------
    BadInput
        If classes are too few, have no examples or share a name, or an embedding is no embedding of
        the run's store.
    """

    def __init__(
        self,
        learner: LoadedLearner,
        class_names: Sequence[str],
        support: Sequence[NDArray[np.float32]],
    ) -> None:
        _require_classes(class_names, support)
        self.class_names = tuple(class_names)
        self.learner = learner
        self._support = [self._seen(each, "example") for each in support]
        self.note = learner.why_repeated(self.sizes)

    @cached_property
    def predictor(self) -> Predictor:
        """The adapted classifier of one task, as evaluations make it."""
        with torch.no_grad():
            return self.learner.adapt(self._one_task)

    @torch.no_grad()
    def ask(
        self,
        queries: NDArray[np.float32],
        *,
        samples: int = SAMPLES,
        threshold: float | None = None,
    ) -> Answers:
        """Classify queries by their raw embeddings, (Q, D).

        Parameters
        ----------
        queries
            The embeddings.
        samples
            S classifiers are sampled for the uncertainty.
        threshold
            The least probability of a winner; by default calibrated, see `threshold`.

        Raises
        ------
        BadInput
            If an embedding is no embedding of the run's store.
        """
        seen = self._seen(queries, "query")
        probabilities = _probabilities(self.predictor, seen, len(self.class_names))
        if not probabilities.isfinite().all():
            raise BadInput(
                "What the run has learned gives probabilities that are not finite for these "
                "examples; choose another checkpoint."
            )
        winners = probabilities.argmax(1)
        deviations = informations = seen.new_empty(0)
        sampled = self.learner.sampled(self._one_task, samples) if samples else None
        if sampled is not None:
            deviations, informations = _uncertainty(sampled, seen, winners)
        codes = self.learner.codes(self._one_task)
        return Answers(
            self.class_names,
            _array(probabilities),
            self.threshold if threshold is None else Threshold(threshold, "As it was asked for."),
            samples if sampled is not None else 0,
            _array(deviations),
            _array(informations),
            _array(self._places(seen, winners)),
            _array(seen.new_empty(0, 0) if codes is None else codes.mean[0]),
        )

    @cached_property
    def threshold(self) -> Threshold:
        """The least probability of a winner, calibrated on the support set where that is enough."""
        left_out, ways = self.leave_one_out, len(self.class_names)
        right = left_out.confidences[left_out.is_right]
        # Where the others share the rest alike, such a winner is three times as probable as each.
        uncalibrated = 3 / (ways + 2)
        if len(right) < _LEAST_LEFT_OUT:
            return Threshold(
                uncalibrated,
                "Too few examples to calibrate it: a winner must be three times as probable as the "
                "others are on average.",
            )
        value = float(np.quantile(right, 1 - _KNOWN_SHARE))
        share = f"{100 * _KNOWN_SHARE:.0f} %"
        return Threshold(
            value,
            f"With it, {share} of the examples that were classified right when left out belong to "
            "a class.",
        )

    @cached_property
    def leave_one_out(self) -> LeaveOneOut:
        """Each example of a class that has several, classified by all the others."""
        with torch.no_grad():
            parts = [self._left_out(label, places) for label, places in self._left_out_places()]
        return LeaveOneOut(
            np.concatenate([np.empty(0, np.int64), *(part[0] for part in parts)]),
            np.concatenate([np.empty(0, np.int64), *(part[1] for part in parts)]),
            np.concatenate([np.empty(0, np.float32), *(part[2] for part in parts)]),
        )

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many examples each class has."""
        return tuple(map(len, self._support))

    @property
    def _one_task(self) -> list[Tensor]:
        return [each[None] for each in self._support]

    def _left_out_places(self) -> Iterator[tuple[int, list[int]]]:
        """Iterate over a class and some of its examples, so many that they are asked at once."""
        count = sum(len(each) for each in self._support)
        latent = 0 if self.learner.model is None else self.learner.model.parameters.latent_size
        together = max(1, _AT_A_TIME // (count * max(self.learner.embedding_dim, count * latent)))
        for label, examples in enumerate(self._support):
            if len(examples) < 2:
                continue
            for start in range(0, len(examples), together):
                yield label, list(range(start, min(start + together, len(examples))))

    def _left_out(
        self, label: int, places: list[int]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        """Leave out examples of a class, one by one; their class, winner and confidence."""
        own, tasks = self._support[label], len(places)
        rest = [[other for other in range(len(own)) if other != place] for place in places]
        classes = [each.expand(tasks, -1, -1) for each in self._one_task]
        classes[label] = own[torch.tensor(rest, device=own.device)]
        numbers = torch.arange(tasks, device=own.device)
        ways = torch.arange(len(classes), device=own.device)[:, None].expand(-1, tasks)
        # Each task is asked about the one example that it lacks.
        logits = self.learner.adapt(classes).logits(own[places], numbers, ways)
        confidences, winners = torch.softmax(logits.diagonal(dim1=0, dim2=2), dim=0).max(0)
        return (
            np.full(tasks, label, np.int64),
            winners.cpu().numpy().astype(np.int64),
            _array(confidences),
        )

    def _places(self, seen: Tensor, winners: Tensor) -> Tensor:
        """Return the code that each query would get as the example of its class, (Q, L)."""
        model = self.learner.model
        if model is None:
            return seen.new_empty(0, 0)
        count = sum(len(each) for each in self._support)
        latent = model.parameters.latent_size
        places = seen.new_empty(len(seen), latent)
        together = max(1, _AT_A_TIME // (count * count * latent))
        for label in range(len(self._support)):
            own = torch.nonzero(winners == label).flatten()
            for rows in own.split(together) if len(own) else ():
                classes = [each.expand(len(rows), -1, -1) for each in self._one_task]
                classes[label] = seen[rows][:, None]
                codes = self.learner.codes(classes)
                assert codes is not None
                places[rows] = codes.mean[:, label]
        return places

    def _seen(self, embeddings: NDArray[np.float32], what: str) -> Tensor:
        if embeddings.ndim != 2 or embeddings.shape[1] != self.learner.embedding_dim:
            raise BadInput(
                f"Embeddings of shape {embeddings.shape} are none of the run's store, which has "
                f"{self.learner.embedding_dim} numbers each; take the store's own encoder."
            )
        bad = ~np.isfinite(embeddings).all(axis=1)
        if bad.any():
            raise BadInput(
                f"The embedding of {what} {int(bad.argmax()) + 1} is not finite; leave it out."
            )
        return self.learner.seen(torch.from_numpy(np.ascontiguousarray(embeddings)))


def _require_classes(names: Sequence[str], support: Sequence[NDArray[np.float32]]) -> None:
    if len(names) < 2:
        raise BadInput(f"There are {len(names)} classes; to classify takes at least 2.")
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise BadInput(
            f"{counted(twice, 'name means', 'names mean')} several classes; rename one of them."
        )
    if empty := [name for name, each in zip(names, support, strict=True) if not len(each)]:
        raise BadInput(
            f"{counted(empty, 'class has', 'classes have')} no examples; give each at least one."
        )
    if (count := sum(map(len, support))) > MOST_EXAMPLES:
        raise BadInput(
            f"There are {count:,} examples, {shown(names[0])} and others together; a classifier "
            f"takes {MOST_EXAMPLES} at most: leave some out."
        )


def _probabilities(predictor: Predictor, seen: Tensor, ways: int) -> Tensor:
    """Return what the classifiers of one task say of queries (Q, D): (Q, N)."""
    tasks = torch.zeros(1, dtype=torch.int64, device=seen.device)
    classes = torch.arange(ways, device=seen.device)[:, None]
    return torch.softmax(predictor.logits(seen, tasks, classes)[..., 0], dim=-1)


def _uncertainty(sampled: LinearClassifier, seen: Tensor, winners: Tensor) -> tuple[Tensor, Tensor]:
    """Return the winner's deviation and the mutual information over samples, (Q,) each."""
    probabilities = torch.softmax(sampled.own_logits(seen), dim=-1)  # (S, Q, N)
    of_winner = probabilities.gather(2, winners.expand(len(probabilities), -1)[..., None])[..., 0]
    information = entropy_of(probabilities.mean(0)) - entropy_of(probabilities).mean(0)
    return (of_winner - of_winner.mean(0)).square().mean(0).sqrt(), information.clamp(min=0)


def _array(tensor: Tensor) -> NDArray[np.float32]:
    return tensor.float().cpu().numpy()
