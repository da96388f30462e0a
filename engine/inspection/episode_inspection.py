"""Inspection of episodes: every step of their adaptation, with its codes and its predictions.

Everything about an episode is a pure function of the weights, the split and its number, its sampled
codes too, so it is the same in every batch and after a restart.

Shapes: E episodes, N ways, K shots, M support examples, Q queries per class, D embedding size, L
latent size, S samples, P positions (see `engine.inspection.records`).
"""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.store import Split
from engine.devices.batching import run_with_halving
from engine.evaluation.scoring import BINS
from engine.inspection.records import Inspection, Provenance
from engine.inspection.rows import NOTHING, EpisodeRows
from engine.learners.leo.model import Codes, Parameters
from engine.learners.leo.trajectory import Model, Support, distribution, trajectory
from engine.tasks.hashing import mixed, mixed_text

# Numbers of the largest array that are worked on at a time.
_AT_A_TIME = 1 << 24
# Logits that are made at a time, near a processor's cache.
_LOGITS_AT_A_TIME = 1 << 18
# To gather an example takes as long as to ask so many of a block.
_COST_OF_GATHERING = 4


@torch.no_grad()
def inspect(
    model: Model, split: Split, rows: EpisodeRows, samples: int, provenance: Provenance
) -> Inspection:
    """Inspect episodes in full.

    Parameters
    ----------
    model
        Weights and steps, on the split's device.
    split
        Where the rows are from.
    rows
        The episodes; of several, all classes have the same number of support examples.
    samples
        S, codes that are drawn from each class's distribution, at least 1. The first ones do not
        depend on their number.
    provenance
        Handed on; its split and seed, and the episodes' numbers, also say which codes are drawn.
    """
    episodes, n_way, queries = rows.query.shape
    per_episode = samples * max(
        3 * n_way * n_way * queries,
        (model.inner_steps + model.finetuning_steps + rows.support.shape[2])
        * n_way
        * split.embeddings.shape[1],
    )
    together = max(1, _AT_A_TIME // per_episode)

    def inspected(places: Sequence[int]) -> _Arrays:
        some = EpisodeRows(*(tensor[places[0] : places[-1] + 1] for tensor in rows))
        return _inspected(model, split, some, samples, provenance)

    parts = [
        part
        for start in range(0, episodes, together)
        for part in run_with_halving(inspected, range(start, min(start + together, episodes)))
    ]
    arrays = map(np.concatenate, zip(*parts, strict=True))
    return Inspection(
        provenance=provenance,
        class_names=split.class_names,
        **{name: tensor.cpu().numpy() for name, tensor in rows._asdict().items()},
        inner_steps=model.inner_steps,
        finetuning_steps=model.finetuning_steps,
        **dict(zip(_Arrays._fields, arrays, strict=True)),
    )


class _Arrays(NamedTuple):
    """The arrays of an `Inspection`, in its order."""

    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]
    codes: NDArray[np.float32]
    sampled_codes: NDArray[np.float32]
    unreachable: NDArray[np.float32]
    weight_norms: NDArray[np.float32]
    weight_cosines: NDArray[np.float32]
    support_loss: NDArray[np.float32]
    support_accuracy: NDArray[np.float32]
    query_loss: NDArray[np.float32]
    query_accuracy: NDArray[np.float32]
    support_probabilities: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    sampled_probabilities: NDArray[np.float32]
    entropy: NDArray[np.float32]
    expected_entropy: NDArray[np.float32]
    mutual_information: NDArray[np.float32]
    calibration_error: NDArray[np.float32]


def _inspected(
    model: Model, split: Split, rows: EpisodeRows, samples: int, provenance: Provenance
) -> _Arrays:
    support = support_of(split, rows)
    start = distribution(model, support)
    path = whole_trajectory(model, support, start.mean)
    sampled = sampled_trajectories(
        model, support, sampled_codes(start, rows.numbers, samples, provenance)
    )
    stages = stages_of(model)
    query = LabelledExamples.of(split, rows.query)
    support_set = LabelledExamples.of(split, rows.support)
    scores = query.scores(path.weights)
    support_scores = support_set.scores(path.weights)
    probabilities = scores.probabilities()
    sampled_scores = query.scores(sampled.weights[:, :, stages].flatten(1, 2))
    predicted = sampled_scores.probabilities().unflatten(1, (samples, len(stages)))
    entropy = entropy_of(predicted.mean(1))
    expected = entropy_of(predicted).mean(1)
    norms = path.weights.norm(dim=-1)
    directions = path.weights / norms.clamp(min=1e-12)[..., None]
    tensors = (
        start.mean,
        start.deviation,
        path.codes,
        sampled.codes,
        path.unreachable,
        norms,
        directions @ directions.mT,
        support_scores.loss(),
        support_scores.accuracy(),
        scores.loss(),
        scores.accuracy(),
        support_scores.probabilities(),
        probabilities,
        predicted,
        entropy,
        expected,
        # Rounding must not make information negative.
        (entropy - expected).clamp(min=0),
        calibration_error(probabilities[:, stages].amax(-1), scores.is_right()[:, stages]),
    )
    return _Arrays(*(tensor.float().cpu().numpy() for tensor in tensors))


def support_of(split: Split, rows: EpisodeRows) -> Support:
    """Gather the embeddings of support sets."""
    if not (rows.support == NOTHING).any():
        return Support.of(split.embeddings[rows.support])
    if len(rows.support) > 1:
        raise ValueError("classes of different sizes are inspected one episode at a time")
    return Support.uneven([split.embeddings[own[own != NOTHING]] for own in rows.support[0]])


def sampled_codes(start: Codes, numbers: Tensor, samples: int, provenance: Provenance) -> Tensor:
    """Draw codes from each class's distribution, (S, E, N, L).

    The noise is numpy's, on every device: its first numbers do not depend on how many follow.
    """
    _, n_way, latent = start.mean.shape
    noise = np.empty((len(numbers), samples, n_way, latent), np.float32)
    for place, number in enumerate(numbers.tolist()):
        key = mixed(mixed_text("inspection"), mixed_text(provenance.split), provenance.seed, number)
        generator = np.random.Generator(np.random.Philox(key=key))
        generator.standard_normal(dtype=np.float32, out=noise[place])
    drawn = torch.from_numpy(noise).to(start.mean).movedim(1, 0)
    return start.mean + start.deviation * drawn


class Trajectory(NamedTuple):
    """Every position of an adaptation."""

    codes: Tensor  # (..., P, N, L): where fine-tuning moved weights, the nearest codes
    weights: Tensor  # (..., P, N, D)
    unreachable: Tensor  # (..., P, N): share of each weight vector that no code decodes to


def whole_trajectory(model: Model, support: Support, codes: Tensor, samples: int = 1) -> Trajectory:
    """Adapt from codes (E, N, L), or (S E, N, L) of S samples, and keep every position."""
    positions = list(trajectory(model, support, codes, samples))
    weights = torch.stack([position.weights for position in positions], 1)
    path = torch.stack([position.codes for position in positions], 1)
    unreachable = torch.zeros_like(weights[..., 0])
    if model.finetuning_steps:
        tuned = slice(model.inner_steps + 1, None)
        to_mean = decoder_mean(model.parameters)
        # Of a decoder that is not numbers, nothing is the inverse; asking for it would be an error.
        is_known = bool(to_mean.isfinite().all())
        inverse = torch.linalg.pinv(to_mean) if is_known else torch.full_like(to_mean.mT, torch.nan)
        nearest = weights[:, tuned] @ inverse
        path[:, tuned] = nearest
        rest = (weights[:, tuned] - nearest @ to_mean).norm(dim=-1)
        unreachable[:, tuned] = rest / weights[:, tuned].norm(dim=-1).clamp(min=1e-12)
    return Trajectory(path, weights, unreachable)


def weights_at_stages(model: Model, support: Support, codes: Tensor) -> Tensor:
    """Adapt from codes (E, N, L) and return the weights at the three stages, (E, 3, N, D)."""
    positions = list(trajectory(model, support, codes))
    return torch.stack([positions[stage].weights for stage in stages_of(model)], 1)


def sampled_trajectories(model: Model, support: Support, codes: Tensor) -> Trajectory:
    """Adapt from sampled codes, (S, E, N, L), and keep every position, (E, S, P, ...)."""
    samples, episodes = codes.shape[:2]
    path = whole_trajectory(model, support, codes.flatten(0, 1), samples)
    return Trajectory(*(each.unflatten(0, (samples, episodes)).transpose(0, 1) for each in path))


def stages_of(model: Model) -> list[int]:
    """Return the positions of the three stages."""
    return [0, model.inner_steps, model.inner_steps + model.finetuning_steps]


class Ends(NamedTuple):
    """The ends of adaptations from sampled codes."""

    codes: Tensor  # (E, S, N, L), after the inner loop
    weights: Tensor  # (E, S, N, D), after fine-tuning


def sampled_ends(model: Model, support: Support, codes: Tensor) -> Ends:
    """Adapt from sampled codes, (S, E, N, L), and keep the ends alone."""
    samples, episodes = codes.shape[:2]
    positions = trajectory(model, support, codes.flatten(0, 1), samples)
    last = deque(positions, maxlen=1).pop()  # which has the codes that the inner loop left
    ends = (last.codes, last.weights)
    return Ends(*(each.unflatten(0, (samples, episodes)).transpose(0, 1) for each in ends))


def decoder_mean(parameters: Parameters) -> Tensor:
    """Return the half of the decoder that gives mean weights, (L, D)."""
    return parameters.decoder[:, : parameters.embedding_dim]


class LabelledExamples(NamedTuple):
    """Examples by their true class, which classifiers are scored on."""

    examples: Tensor  # (E, N Q, D)
    is_there: Tensor  # (E, N, Q)

    @classmethod
    def of(cls, split: Split, rows: Tensor) -> "LabelledExamples":
        """Gather rows (E, N, Q), some of which may not be there."""
        return cls(split.embeddings[rows.clamp(min=0)].flatten(1, 2), rows != NOTHING)

    def scores(self, weights: Tensor) -> "Scores":
        """Return what classifiers (E, P, N, D) say of the examples."""
        logits = weights.flatten(1, 2) @ self.examples.mT
        logits = logits.unflatten(1, weights.shape[1:3]).unflatten(3, self.is_there.shape[1:])
        return Scores(logits.movedim(2, 4), self.is_there)


def query_logits(split: Split, rows: EpisodeRows, weights: Tensor) -> Tensor:
    """Return what classifiers say of all queries, (E, P, N true, Q, N), like `LabelledExamples`.

    As in an evaluation they are computed class by class, for all episodes that contain the class:
    one product on a contiguous block of the store instead of a gather of every query, which costs
    more than its logits. `weights` are (E, P, N, D).
    """
    _, n_way, queries = rows.query.shape
    if queries * _COST_OF_GATHERING <= split.largest_class:
        return LabelledExamples.of(split, rows.query).scores(weights).logits
    logits = weights.new_empty(*weights.shape[:3], n_way, queries)
    together = max(1, _LOGITS_AT_A_TIME // (weights.shape[1] * n_way * split.largest_class))
    for label in rows.classes.unique().tolist():
        begin, end = split.class_offsets[label : label + 2].tolist()
        examples = split.embeddings[begin:end]
        for pairs in (rows.classes == label).nonzero().split(together):
            some, places = pairs.unbind(1)
            asked = (weights[some].flatten(0, 2) @ examples.mT).unflatten(0, (len(some), -1))
            own = (rows.query[some, places] - begin).clamp_(min=0)
            found = asked.gather(2, own[:, None].expand(-1, asked.shape[1], -1))
            logits[some, :, :, places] = found.unflatten(1, weights.shape[1:3])
    return logits.movedim(2, 4)


class Scores(NamedTuple):
    """Logits of examples, and how good they are."""

    logits: Tensor  # (E, P, N true, Q, N)
    is_there: Tensor  # (E, N, Q)

    def probabilities(self) -> Tensor:
        """Return (E, P, N, Q, N); not-a-number for examples that are not there."""
        probabilities = torch.softmax(self.logits, -1)
        return probabilities.masked_fill(~self.is_there[:, None, ..., None], float("nan"))

    def is_right(self) -> Tensor:
        """Whether the true class alone has the largest logit, (E, P, N, Q)."""
        others = self.logits.clone()
        others.diagonal(dim1=2, dim2=4).fill_(-torch.inf)
        return (self._true() > others.amax(-1)) & self.is_there[:, None]

    def accuracy(self) -> Tensor:
        """Return the share of examples that are right, (E, P)."""
        return self.is_right().sum((2, 3)) / self._count()

    def loss(self) -> Tensor:
        """Return the mean cross-entropy in nats, (E, P)."""
        losses = torch.logsumexp(self.logits, -1) - self._true()
        return (losses * self.is_there[:, None]).sum((2, 3)) / self._count()

    def _true(self) -> Tensor:
        return self.logits.diagonal(dim1=2, dim2=4).movedim(-1, 2)

    def _count(self) -> Tensor:
        return self.is_there.sum((1, 2))[:, None]


def entropy_of(probabilities: Tensor) -> Tensor:
    """Return the entropy over the last dimension, in nats."""
    entropy: Tensor = torch.special.entr(probabilities).sum(-1)
    return entropy


def calibration_error(confidences: Tensor, is_right: Tensor) -> Tensor:
    """Return the expected calibration error over 15 equal bins of confidence (Guo et al. 2017).

    Parameters
    ----------
    confidences
        (..., N, Q); not-a-number for examples that are not there.
    is_right
        (..., N, Q).

    Returns
    -------
    Tensor
        (...).
    """
    confidence = confidences.flatten(-2).double()
    is_there = ~confidence.isnan()
    confidence = confidence.nan_to_num(0)
    bins = (confidence * BINS).long().clamp(max=BINS - 1)
    surplus = (confidence - is_right.flatten(-2).double()) * is_there
    gaps = torch.zeros(*bins.shape[:-1], BINS, dtype=torch.float64, device=bins.device)
    gaps.scatter_add_(-1, bins, surplus)
    return gaps.abs().sum(-1) / is_there.sum(-1)
