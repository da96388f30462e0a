"""LEO's weights, and the three networks that they make (Rusu et al. 2019, sections 2.2 and 2.3).

An encoder and a relation network turn a support set into one Gaussian over latent codes per class
(equation 3); a linear decoder turns a code into a Gaussian over classifier weights (equation 4).

Shapes: B tasks, N ways, K shots, D embedding size, L latent size.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from engine.learners.leo.relation import RelatedPairs
from engine.learners.populations import product

# The smallest standard deviation of the released code.
SMALLEST_DEVIATION = 1e-10


class Parameters(NamedTuple):
    """Everything that meta-training learns; a population has its members before the shapes."""

    encoder: Tensor  # (D, L)
    relation_first: Tensor  # (2L, 2L): the upper half sees example i of a pair, the lower example j
    relation_middle: Tensor  # (2L, 2L)
    relation_last: Tensor  # (2L, 2L): the left half gives means, the right unnormalised deviations
    decoder: Tensor  # (L, 2D): the left half gives means, the right unnormalised deviations
    inner_lr: Tensor  # (L,): step size of the inner loop, alpha
    finetuning_lr: Tensor  # (D,): step size of fine-tuning

    @property
    def latent_size(self) -> int:
        """L."""
        return self.encoder.shape[-1]

    @property
    def embedding_dim(self) -> int:
        """D."""
        return self.encoder.shape[-2]

    @property
    def matrices(self) -> tuple[Tensor, ...]:
        """The five weight matrices; the L2 term counts these and leaves the learning rates out."""
        return self[:5]


class Codes(NamedTuple):
    """One Gaussian over latent codes per class, q(z | support set)."""

    mean: Tensor  # (B, N, L)
    deviation: Tensor  # (B, N, L)


def initial_parameters(
    embedding_dim: int,
    latent_size: int,
    inner_lr: float,
    finetuning_lr: float,
    generator: torch.Generator,
) -> Parameters:
    """Draw new weights: Glorot-uniform matrices, constant learning rates, as released.

    Drawn on the CPU, so that a seed means the same weights on every device.
    """

    def glorot(rows: int, columns: int) -> Tensor:
        limit = math.sqrt(6 / (rows + columns))
        return torch.empty(rows, columns).uniform_(-limit, limit, generator=generator)

    pair = 2 * latent_size
    return Parameters(
        encoder=glorot(embedding_dim, latent_size),
        relation_first=glorot(pair, pair),
        relation_middle=glorot(pair, pair),
        relation_last=glorot(pair, pair),
        decoder=glorot(latent_size, 2 * embedding_dim),
        inner_lr=torch.full((latent_size,), inner_lr),
        finetuning_lr=torch.full((embedding_dim,), finetuning_lr),
    )


def encode(parameters: Parameters, support: Tensor) -> Codes:
    """Encode support sets into one Gaussian over latent codes per class (equation 3).

    Parameters
    ----------
    parameters
        LEO's weights.
    support
        Embeddings of the support sets, (B, N, K, D), after dropout where there is any.
    """
    mean, unnormalised = encoded_halves(parameters, support)
    return Codes(mean, standard_deviation(unnormalised, offset=0.0))


def encoded_halves(
    parameters: Parameters,
    support: Tensor,
    related_pairs: Callable[..., Tensor] = RelatedPairs.apply,
) -> tuple[Tensor, Tensor]:
    """Encode as `encode` does, but leave the deviations unnormalised; each is (B, N, L).

    `related_pairs` relates; see `RelatedPairs`.
    """
    k = support.shape[-2]
    encoded = product(support.flatten(-3, -2), parameters.encoder)
    # On a concatenated pair the first layer is the sum of what it makes of either half, so it is
    # applied to examples; only the middle layer ever sees all (N K)^2 pairs.
    halves = parameters.relation_first.unflatten(-2, (2, parameters.latent_size))
    either = encoded.flatten(-3, -2).unsqueeze(-3) @ halves
    left, right = either.unflatten(-2, encoded.shape[-3:-1]).unbind(-4)
    averaged = related_pairs(left, right, parameters.relation_middle, k)
    # The last layer is linear, so it moves after the averages over the pair's second element and
    # over the examples of a class.
    mean, unnormalised = product(averaged, parameters.relation_last).chunk(2, dim=-1)
    return mean, unnormalised


def standard_deviation(unnormalised: Tensor, offset: float) -> Tensor:
    """Return max(exp(s) - (1 - offset), 1e-10), elementwise: at s = 0 a deviation of `offset`."""
    return (unnormalised.exp() - (1 - offset)).clamp(min=SMALLEST_DEVIATION)


def weight_deviation_offset(n_way: int, embedding_dim: int) -> float:
    """Return the offset of the decoder's deviations, sqrt(2 / (N + D)): Glorot's at the start."""
    return math.sqrt(2 / (n_way + embedding_dim))
