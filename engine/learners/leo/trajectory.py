"""The trajectory of an adaptation, position by position (Rusu et al. 2019, section 2.3).

Nothing is sampled on the way, so all copies of a class's code are equal and one stands for them,
and the support set can be taken into latent space once: the inner loop then runs in L dimensions.
All of it is a plain forward pass, which evaluation, inspection and exported programs share. The
classes of a support set may have different numbers of examples.

Shapes: B tasks, N ways, K shots, M support examples of a task (N K where classes have the same
number), D embedding size, L latent size, S samples, T inner steps, F fine-tuning steps.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from engine.learners.leo.model import Codes, Parameters, encode, standard_deviation
from engine.learners.leo.relation import pairs_of
from engine.learners.leo.unrolled import support_gradient, support_labels


class Model(NamedTuple):
    """The weights of a model, and its numbers of steps."""

    parameters: Parameters
    inner_steps: int
    finetuning_steps: int
    has_encoder: bool  # False starts from the prior instead of an encoding
    is_sampled: bool  # False: codes are means, and the encoder's deviations mean nothing


class Support(NamedTuple):
    """Support sets, sorted by class."""

    examples: Tensor  # (B, M, D)
    labels: Tensor  # (N, M), one-hot
    shots: int | Tensor  # K, or (N, 1) where classes have different numbers of examples

    @classmethod
    def of(cls, examples: Tensor) -> "Support":
        """Make it from embeddings (B, N, K, D)."""
        n, k = examples.shape[1:3]
        return cls(examples.flatten(1, 2), support_labels(examples, n, k), k)

    @classmethod
    def uneven(cls, classes: list[Tensor]) -> "Support":
        """Make that of one task from its classes' examples, each (K_n, D)."""
        sizes = torch.tensor([len(examples) for examples in classes], device=classes[0].device)
        one_hot = torch.eye(len(classes), dtype=classes[0].dtype, device=classes[0].device)
        labels = one_hot.repeat_interleave(sizes, dim=1)
        return cls(torch.cat(classes)[None], labels, sizes[:, None])

    def repeated(self, samples: int) -> "Support":
        """Return them so many times, one after the other, (S B, M, D)."""
        if samples == 1:
            return self
        examples = self.examples.expand(samples, *self.examples.shape).flatten(0, 1)
        return self._replace(examples=examples)


@dataclass(frozen=True, slots=True)
class Position:
    """One position of an adaptation.

    Attributes
    ----------
    codes
        (B, N, L); fine-tuning leaves them where the inner loop took them.
    to_mean
        The decoder's half that gives means, (L, D).
    finetuned
        Classifier weights after fine-tuning, (B, N, D); None before its first step.
    """

    codes: Tensor
    to_mean: Tensor
    finetuned: Tensor | None = None

    @property
    def weights(self) -> Tensor:
        """Classifier weights, (B, N, D), decoded now: the inner loop does without them."""
        return self.codes @ self.to_mean if self.finetuned is None else self.finetuned


def distribution(model: Model, support: Support) -> Codes:
    """Return each class's Gaussian over latent codes (equation 3).

    A deviation of 0 stands for no distribution: the variant that samples nothing.
    """
    parameters = model.parameters
    if not model.has_encoder:
        # By `shape`, since `len` would bind a program that is traced to the sizes of its example.
        tasks, ways = support.examples.shape[0], support.labels.shape[0]
        mean = support.examples.new_zeros(tasks, ways, parameters.latent_size)
        codes = Codes(mean, torch.ones_like(mean))
    elif isinstance(support.shots, int):
        codes = encode(parameters, support.examples.unflatten(1, (-1, support.shots)))
    else:
        codes = _encode_uneven(parameters, support)
    return codes if model.is_sampled else codes._replace(deviation=torch.zeros_like(codes.mean))


def trajectory(
    model: Model, support: Support, codes: Tensor, samples: int = 1
) -> Iterator[Position]:
    """Adapt, and yield every position: before, after each inner and each fine-tuning step.

    Parameters
    ----------
    model
        Weights and steps.
    support
        The support sets.
    codes
        Where to start, (B, N, L).
    samples
        S where codes are (S B, N, L): those of all tasks, then others of all tasks, and so on.

    Yields
    ------
    Position
        T + F + 1 of them.
    """
    parameters, examples = model.parameters, support.examples
    to_mean = parameters.decoder[:, : parameters.embedding_dim]
    position = Position(codes, to_mean)
    yield position
    # Logits are x . (W^T z) = (W x) . z, so a step on codes looks just like one on weights.
    latent = support._replace(examples=examples @ to_mean.mT).repeated(samples)
    for adapted in descended(codes, latent, parameters.inner_lr, model.inner_steps):
        position = Position(adapted, to_mean)
        yield position
    decoded, rate = position.weights, parameters.finetuning_lr
    for weights in descended(decoded, support.repeated(samples), rate, model.finetuning_steps):
        yield Position(position.codes, to_mean, weights)


def descended(start: Tensor, support: Support, rate: Tensor, steps: int) -> Iterator[Tensor]:
    """Descend on the support loss (equation 5), and yield the codes after each step.

    From codes (B, N, L) or weights (B, N, D), with the support set's examples in the same space.
    """
    for _ in range(steps):
        gradient, _ = support_gradient(support.examples, start, support.labels, support.shots)
        start = torch.addcmul(start, rate, gradient, value=-1)
        yield start


def _encode_uneven(parameters: Parameters, support: Support) -> Codes:
    """Encode like `encode`, each class averaged over the examples that it has."""
    latent = parameters.latent_size
    encoded = support.examples @ parameters.encoder
    left = encoded @ parameters.relation_first[:latent]
    right = encoded @ parameters.relation_first[latent:]
    tasks, examples, width = left.shape
    related = (pairs_of(left, right) @ parameters.relation_middle).relu_()
    by_example = related.view(tasks, examples, examples, width).mean(2)
    averaged = (support.labels / support.shots) @ by_example
    mean, unnormalised = (averaged @ parameters.relation_last).chunk(2, dim=-1)
    return Codes(mean, standard_deviation(unnormalised, offset=0.0))
