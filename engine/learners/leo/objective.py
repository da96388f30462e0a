"""The terms of the meta-training loss that depend on tasks (Rusu et al. 2019, equation 6).

`engine.learners.leo.meta_gradient` adds the terms of the weights alone, and differentiates.

Shapes: B tasks, N ways, K shots, Q queries per class, D embedding size, L latent size. A population
has its M members before these, in weights, tasks, draws and terms (`engine.learners.populations`).
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from engine.learners.leo.draws import Draws
from engine.learners.leo.kernels import OPERATIONS, Kernels
from engine.learners.leo.model import Parameters, encoded_halves, weight_deviation_offset
from engine.learners.leo.unrolled import QueryLoss, SampledCodes
from engine.tasks.classification import Tasks


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A variant of LEO: the steps that are taken, what is random, and the weights of the loss.

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
    """The loss and its parts, averaged over the tasks, each (M,); without gradient.

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


class TaskTerms(NamedTuple):
    """The loss of the tasks and its terms, as in `Terms`; `loss` has a gradient."""

    loss: Tensor
    query_loss: Tensor
    query_accuracy: Tensor
    kl: Tensor
    encoder_penalty: Tensor


class MaskedTasks(NamedTuple):
    """Tasks after dropout."""

    encoded: Tensor  # (M, B, N, K, D): the support set that the encoder gets
    support: Tensor  # (T + F, M, B, N K, D): for each support gradient, by a mask of its own
    query: Tensor  # (M, B, N, Q, D)


def masked_tasks(tasks: Tasks, draws: Draws, algorithm: Algorithm) -> MaskedTasks:
    """Apply the dropout masks of a step to its tasks."""
    evaluations = algorithm.inner_steps + algorithm.finetuning_steps
    support = tasks.support.expand(evaluations, *tasks.support.shape)
    return MaskedTasks(
        masked(tasks.support, draws.encoder_mask),
        masked(support, draws.support_masks).flatten(-3, -2),
        masked(tasks.query, draws.query_mask),
    )


def task_terms(
    parameters: Parameters, tasks: MaskedTasks, draws: Draws, algorithm: Algorithm, kernels: Kernels
) -> TaskTerms:
    """Adapt to each support set and measure the loss on its query set.

    Parameters
    ----------
    parameters
        LEO's weights; `TaskTerms.loss` can be differentiated with respect to them once.
    tasks
        Support and query sets after dropout.
    draws
        Every random draw of the step.
    algorithm
        Which LEO.
    kernels
        What does the arithmetic of the relation network and of the two loops.
    """
    n, k, d = tasks.encoded.shape[-3:]
    start = starting_codes(parameters, tasks.encoded, draws, algorithm, kernels)
    weights, adapted = kernels.inner_loop(
        start.codes,
        parameters.decoder,
        parameters.inner_lr,
        tasks.support[: algorithm.inner_steps],
        draws.weight_noise,
        k,
        weight_deviation_offset(n, d),
    )
    weights = kernels.finetuning(
        weights, parameters.finetuning_lr, tasks.support[algorithm.inner_steps :], k
    )
    query_loss, accuracy = QueryLoss.apply(weights, tasks.query)  # type: ignore[no-untyped-call]
    encoder_penalty = torch.zeros_like(query_loss)
    if algorithm.has_encoder:
        encoder_penalty = (start.codes - adapted).square().mean((-4, -3, -2, -1))
    loss = plus(query_loss, start.kl, algorithm.kl_weight)
    loss = plus(loss, encoder_penalty, algorithm.encoder_penalty_weight)
    parts = (query_loss, accuracy, start.kl, encoder_penalty)
    return TaskTerms(loss, *(part.detach() for part in parts))


class StartingCodes(NamedTuple):
    """Latent codes before the inner loop."""

    codes: Tensor  # (C, B, N, L): K copies when sampled, else one
    kl: Tensor  # (): one-sample Monte-Carlo estimate of KL(q || prior), mean over all elements


def starting_codes(
    parameters: Parameters,
    support: Tensor,
    draws: Draws,
    algorithm: Algorithm,
    kernels: Kernels = OPERATIONS,
) -> StartingCodes:
    """Encode the support set, and sample a code for each of its examples (equation 3).

    `support` is (M, B, N, K, D) as the encoder sees it.
    """
    noise = draws.latent_noise
    zero = support.new_zeros(support.shape[:-4])
    if not algorithm.has_encoder:
        *members, b, n, _, _ = support.shape
        means = support.new_zeros(*members, 1, b, n, parameters.latent_size)
        # q is the prior, and its divergence from itself is 0 whatever is drawn.
        return StartingCodes(means if noise is None else noise, zero)
    mean, unnormalised = encoded_halves(parameters, support, kernels.related_pairs)
    if noise is None:
        return StartingCodes(mean.unsqueeze(-4), zero)
    return StartingCodes(*SampledCodes.apply(mean, unnormalised, noise))  # type: ignore[no-untyped-call]


def plus(total: Tensor, part: Tensor, weight: float | Tensor) -> Tensor:
    """Add a term to the loss, (M,), times a weight that is a number or a member's own."""
    if isinstance(weight, Tensor):
        return torch.addcmul(total, part, weight)
    return torch.add(total, part, alpha=weight)


def masked(examples: Tensor, mask: Tensor | None) -> Tensor:
    """Apply a dropout mask, or none."""
    return examples if mask is None else examples * mask
