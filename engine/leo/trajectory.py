"""The way that adaptation takes, position by position (Rusu et al. 2019, section 2.3).

The arithmetic is that of `engine.leo.adaptation`, with the same bits, but nothing in between is
thrown away, and the classes of a support set may have different numbers of examples.

Shapes: B tasks, N ways, K shots, M support examples of a task (N K where classes have the same
number), D embedding size, L latent size, T inner steps, F fine-tuning steps.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from engine.leo.adaptation import adapt_codes
from engine.leo.model import Codes, Parameters, encode, standard_deviation
from engine.leo.relation import pairs_of
from engine.leo.unrolled import support_gradient, support_labels


class Model(NamedTuple):
    """Weights, and which LEO they are used for."""

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


class Position(NamedTuple):
    """Where adaptation stands."""

    codes: Tensor  # (B, N, L); fine-tuning leaves them where the inner loop took them
    weights: Tensor  # (B, N, D)


def distribution(model: Model, support: Support) -> Codes:
    """Return each class's Gaussian over latent codes (equation 3).

    A deviation of 0 stands for no distribution: the variant that samples nothing.
    """
    parameters = model.parameters
    if not model.has_encoder:
        shape = (len(support.examples), len(support.labels), parameters.latent_size)
        mean = support.examples.new_zeros(shape)
        codes = Codes(mean, torch.ones_like(mean))
    elif isinstance(support.shots, int):
        codes = encode(parameters, support.examples.unflatten(1, (-1, support.shots)))
    else:
        codes = _encode_uneven(parameters, support)
    return codes if model.is_sampled else codes._replace(deviation=torch.zeros_like(codes.mean))


def trajectory(model: Model, support: Support, codes: Tensor) -> Iterator[Position]:
    """Adapt, and hand on every position: before, after each inner and each fine-tuning step.

    Parameters
    ----------
    model
        Weights and steps.
    support
        The support sets.
    codes
        Where to start, (B, N, L).

    Yields
    ------
    Position
        T + F + 1 of them.
    """
    parameters, examples = model.parameters, support.examples
    to_mean = parameters.decoder[:, : parameters.embedding_dim]
    latent_examples = examples @ to_mean.mT
    yield Position(codes, codes @ to_mean)
    for _ in range(model.inner_steps):
        codes = adapt_codes(
            codes, latent_examples, support.labels, support.shots, parameters.inner_lr, 1
        )
        yield Position(codes, codes @ to_mean)
    weights = codes @ to_mean
    for _ in range(model.finetuning_steps):
        gradient, _ = support_gradient(examples, weights, support.labels, support.shots)
        weights = torch.addcmul(weights, parameters.finetuning_lr, gradient, value=-1)
        yield Position(codes, weights)


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
