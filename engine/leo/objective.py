"""What meta-training minimises (Rusu et al. 2019, algorithm 1 and equation 6).

Shapes: B tasks, N ways, K shots, Q queries per class, D embedding size, L latent size.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from engine.leo.draws import Draws
from engine.leo.model import Parameters, encode, weight_deviation_offset
from engine.leo.unrolled import FineTuning, InnerLoop, QueryLoss


class Tasks(NamedTuple):
    """A batch of tasks; class n of a task has label n."""

    support: Tensor  # (B, N, K, D)
    query: Tensor  # (B, N, Q, D)


@dataclass(frozen=True, slots=True)
class Algorithm:
    """Which LEO: the steps that are taken, what is random, and the weights of the loss.

    `has_encoder` is False for the ablation that starts from the prior instead of an encoding.
    """

    inner_steps: int
    finetuning_steps: int
    is_sampled: bool
    has_encoder: bool
    kl_weight: float
    encoder_penalty_weight: float
    l2_weight: float
    orthogonality_weight: float


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


def objective(parameters: Parameters, tasks: Tasks, draws: Draws, algorithm: Algorithm) -> Terms:
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
    """
    b, n, k, d = tasks.support.shape
    start = starting_codes(parameters, tasks.support, draws, algorithm)
    evaluations = algorithm.inner_steps + algorithm.finetuning_steps
    # Every support gradient sees the support set through a mask of its own.
    support = masked(tasks.support.expand(evaluations, b, n, k, d), draws.support_masks)
    support = support.reshape(evaluations, b, n * k, d)
    weights, adapted = InnerLoop.apply(  # type: ignore[no-untyped-call]
        start.codes,
        parameters.decoder,
        parameters.inner_lr,
        support[: algorithm.inner_steps],
        draws.weight_noise,
        k,
        weight_deviation_offset(n, d),
    )
    weights = FineTuning.apply(  # type: ignore[no-untyped-call]
        weights, parameters.finetuning_lr, support[algorithm.inner_steps :], k
    )

    query_loss, accuracy = QueryLoss.apply(  # type: ignore[no-untyped-call]
        weights, masked(tasks.query, draws.query_mask)
    )
    encoder_penalty = query_loss.new_zeros(())
    if algorithm.has_encoder:
        encoder_penalty = (start.codes - adapted).square().mean()
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
    zero = support.new_zeros(())
    if not algorithm.has_encoder:
        b, n = support.shape[:2]
        means = support.new_zeros(1, b, n, parameters.latent_size)
        # q is the prior, and its divergence from itself is 0 whatever is drawn.
        return StartingCodes(means if noise is None else noise, zero)
    encoded = encode(parameters, masked(support, draws.encoder_mask))
    if noise is None:
        return StartingCodes(encoded.mean[None], zero)
    codes = encoded.mean + encoded.deviation * noise
    # log q(z) - log p(z); the normal constants cancel.
    kl = ((codes.square() - noise.square()) / 2 - encoded.deviation.log()).mean()
    return StartingCodes(codes, kl)


def masked(examples: Tensor, mask: Tensor | None) -> Tensor:
    """Apply a dropout mask, or none."""
    return examples if mask is None else examples * mask


def sum_of_squares(matrices: tuple[Tensor, ...]) -> Tensor:
    """Sum of squares of all elements of all matrices."""
    return torch.stack(torch._foreach_norm(matrices)).square().sum()


def correlation_error(decoder: Tensor) -> Tensor:
    """Mean squared difference of the correlation matrix of the decoder's rows, (L, L), from 1.

    The rows of the released code's (L, 2D) matrix, one for each latent dimension: it keeps
    latent dimensions from decoding to the same direction (section 4.2.2, the lambda_2 term).
    """
    products = decoder @ decoder.mT
    lengths = products.diagonal().sqrt()
    identity = torch.eye(len(decoder), dtype=decoder.dtype, device=decoder.device)
    error: Tensor = (products / (lengths[:, None] * lengths) - identity).square().mean()
    return error
