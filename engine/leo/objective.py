"""What meta-training minimises (Rusu et al. 2019, algorithm 1 and equation 6).

Shapes: B tasks, N ways, K shots, Q queries per class, D embedding size, L latent size. A population
has its M members before these, in weights, tasks, draws and terms; see `engine.leo.members`.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from engine.leo.draws import Draws
from engine.leo.loops import OPERATIONS, Kernels
from engine.leo.model import Parameters, encode, weight_deviation_offset
from engine.leo.unrolled import QueryLoss


class Tasks(NamedTuple):
    """A batch of tasks; class n of a task has label n."""

    support: Tensor  # (B, N, K, D)
    query: Tensor  # (B, N, Q, D)


@dataclass(frozen=True, slots=True)
class Algorithm:
    """Which LEO: the steps that are taken, what is random, and the weights of the loss.

    `has_encoder` is False for the ablation that starts from the prior instead of an encoding. The
    weights of the loss are numbers, or tensors (M,) where the members of a population have their
    own.
    """

    inner_steps: int
    finetuning_steps: int
    is_sampled: bool
    has_encoder: bool
    kl_weight: float | Tensor
    encoder_penalty_weight: float | Tensor
    l2_weight: float | Tensor
    orthogonality_weight: float | Tensor


class Terms(NamedTuple):
    """The loss and its parts, averaged over the tasks; all but `loss` without gradient.

    `kl` and `encoder_penalty` are as they are, before their weights; `l2` and `orthogonality` are
    weighted, as the released code reports them.
    """

    loss: Tensor
    query_loss: Tensor
    query_accuracy: Tensor
    kl: Tensor
    encoder_penalty: Tensor
    l2: Tensor
    orthogonality: Tensor


def objective(
    parameters: Parameters,
    tasks: Tasks,
    draws: Draws,
    algorithm: Algorithm,
    kernels: Kernels = OPERATIONS,
) -> Terms:
    """Adapt to each support set and measure the loss on its query set.

    Parameters
    ----------
    parameters
        LEO's weights; `Terms.loss` can be differentiated with respect to them once.
    tasks
        Support and query sets.
    draws
        Every random draw of the step.
    algorithm
        Which LEO.
    kernels
        What does the arithmetic of the two loops.
    """
    n, k, d = tasks.support.shape[-3:]
    start = starting_codes(parameters, tasks.support, draws, algorithm)
    evaluations = algorithm.inner_steps + algorithm.finetuning_steps
    # Every support gradient sees the support set through a mask of its own.
    support = tasks.support.expand(evaluations, *tasks.support.shape)
    support = masked(support, draws.support_masks).flatten(-3, -2)
    weights, adapted = kernels.inner_loop(
        start.codes,
        parameters.decoder,
        parameters.inner_lr,
        support[: algorithm.inner_steps],
        draws.weight_noise,
        k,
        weight_deviation_offset(n, d),
    )
    weights = kernels.finetuning(
        weights, parameters.finetuning_lr, support[algorithm.inner_steps :], k
    )

    query_loss, accuracy = QueryLoss.apply(  # type: ignore[no-untyped-call]
        weights, masked(tasks.query, draws.query_mask)
    )
    encoder_penalty = torch.zeros_like(query_loss)
    if algorithm.has_encoder:
        encoder_penalty = (start.codes - adapted).square().mean((-4, -3, -2, -1))
    l2 = algorithm.l2_weight / 2 * sum_of_squares(parameters.matrices)
    orthogonality = algorithm.orthogonality_weight * correlation_error(parameters.decoder)
    loss = (
        query_loss
        + algorithm.kl_weight * start.kl
        + algorithm.encoder_penalty_weight * encoder_penalty
        + l2
        + orthogonality
    )
    parts = (query_loss, accuracy, start.kl, encoder_penalty, l2, orthogonality)
    return Terms(loss, *(part.detach() for part in parts))


class StartingCodes(NamedTuple):
    """Latent codes before the inner loop."""

    codes: Tensor  # (C, B, N, L): K copies when sampled, else one
    kl: Tensor  # (): one-sample Monte-Carlo estimate of KL(q || prior), mean over all elements


def starting_codes(
    parameters: Parameters, support: Tensor, draws: Draws, algorithm: Algorithm
) -> StartingCodes:
    """Encode the support set, and sample a code for each of its examples (equation 3)."""
    noise = draws.latent_noise
    zero = support.new_zeros(support.shape[:-4])
    if not algorithm.has_encoder:
        *members, b, n, _, _ = support.shape
        means = support.new_zeros(*members, 1, b, n, parameters.latent_size)
        # q is the prior, and its divergence from itself is 0 whatever is drawn.
        return StartingCodes(means if noise is None else noise, zero)
    encoded = encode(parameters, masked(support, draws.encoder_mask))
    # One of each for all copies.
    mean, deviation = encoded.mean.unsqueeze(-4), encoded.deviation.unsqueeze(-4)
    if noise is None:
        return StartingCodes(mean, zero)
    codes = mean + deviation * noise
    # log q(z) - log p(z); the normal constants cancel.
    kl = ((codes.square() - noise.square()) / 2 - deviation.log()).mean((-4, -3, -2, -1))
    return StartingCodes(codes, kl)


def masked(examples: Tensor, mask: Tensor | None) -> Tensor:
    """Apply a dropout mask, or none."""
    return examples if mask is None else examples * mask


def sum_of_squares(matrices: tuple[Tensor, ...]) -> Tensor:
    """Sum of squares of all elements of all matrices."""
    norms = [torch.linalg.vector_norm(matrix, dim=(-2, -1)) for matrix in matrices]
    return torch.stack(norms).square().sum(0)


def correlation_error(decoder: Tensor) -> Tensor:
    """Mean squared difference of the correlation matrix of the decoder's rows, (L, L), from 1.

    The rows of the released code's (L, 2D) matrix, one for each latent dimension: it keeps
    latent dimensions from decoding to the same direction (section 4.2.2, the lambda_2 term).
    """
    products = decoder @ decoder.mT
    lengths = products.diagonal(dim1=-2, dim2=-1).sqrt()
    identity = torch.eye(decoder.shape[-2], dtype=decoder.dtype, device=decoder.device)
    correlations = products / (lengths.unsqueeze(-1) * lengths.unsqueeze(-2))
    error: Tensor = (correlations - identity).square().mean((-2, -1))
    return error
