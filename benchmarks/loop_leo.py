"""A plain PyTorch LEO: loops over tasks and differentiates its inner loop with `create_graph=True`.

Written line by line after the released code's description, with none of the engine's identities:
pairs are concatenated, every example keeps a copy of its class's code and weight, logits average
over copies. It is what `benchmarks/step.py` is measured against, and the oracle that the engine's
written-out gradients are tested against.

Shapes: N ways, K shots, Q queries per class, D embedding size, L latent size.
"""

import math

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from engine.learners.leo.draws import Draws
from engine.learners.leo.model import Parameters
from engine.learners.leo.objective import Algorithm
from engine.tasks.classification import Tasks


def loop_objective(
    parameters: Parameters, tasks: Tasks, draws: Draws, algorithm: Algorithm
) -> Tensor:
    """Return the loss of `engine.learners.leo.meta_gradient`, one task after the other."""
    losses = [
        task_loss(parameters, tasks, draws, algorithm, task) for task in range(len(tasks.support))
    ]
    return torch.stack(losses).mean() + regularisation(parameters, algorithm)


def task_loss(
    parameters: Parameters, tasks: Tasks, draws: Draws, algorithm: Algorithm, task: int
) -> Tensor:
    """Return the loss of one task, without the terms that no task enters."""
    support, query = tasks.support[task], tasks.query[task]
    n, _, d = support.shape
    codes, kl = starting_codes(parameters, support, draws, algorithm, task)
    start = codes

    def decoded(codes: Tensor, decode: int) -> Tensor:
        mean, unnormalised = (codes @ parameters.decoder).chunk(2, dim=-1)
        if draws.weight_noise is None:
            return mean
        offset = math.sqrt(2 / (n + d))
        deviation = torch.clamp(unnormalised.exp() - (1 - offset), min=1e-10)
        return mean + deviation * draws.weight_noise[decode, :, task].movedim(0, 1)

    def support_loss(weights: Tensor, evaluation: int) -> Tensor:
        mask = None if draws.support_masks is None else draws.support_masks[evaluation, task]
        return class_loss(support, mask, weights).sum()

    weights = decoded(codes, 0)
    for step in range(algorithm.inner_steps):
        (gradient,) = torch.autograd.grad(support_loss(weights, step), codes, create_graph=True)
        codes = codes - parameters.inner_lr * gradient
        weights = decoded(codes, step + 1)
    penalty = (start - codes.detach()).square().mean()
    for step in range(algorithm.finetuning_steps):
        loss = support_loss(weights, algorithm.inner_steps + step)
        (gradient,) = torch.autograd.grad(loss, weights, create_graph=True)
        weights = weights - parameters.finetuning_lr * gradient
    mask = None if draws.query_mask is None else draws.query_mask[task]
    loss = class_loss(query, mask, weights).mean() + algorithm.kl_weight * kl
    if algorithm.has_encoder:
        loss = loss + algorithm.encoder_penalty_weight * penalty
    return loss


def starting_codes(
    parameters: Parameters, support: Tensor, draws: Draws, algorithm: Algorithm, task: int
) -> tuple[Tensor, Tensor]:
    """Return K codes for each class, (N, K, L), and their divergence from the prior."""
    n, k, _ = support.shape
    noise = None if draws.latent_noise is None else draws.latent_noise[:, task].movedim(0, 1)
    zero = support.new_zeros(())
    if not algorithm.has_encoder:
        codes = support.new_zeros(n, k, parameters.latent_size) if noise is None else noise
        return codes.requires_grad_(), zero
    if draws.encoder_mask is not None:
        support = support * draws.encoder_mask[task]
    encoded = (support @ parameters.encoder).flatten(0, 1)
    pairs = torch.cat(
        [
            encoded[:, None].expand(-1, n * k, -1),
            encoded[None].expand(n * k, -1, -1),
        ],
        dim=-1,
    )
    hidden = torch.relu(pairs @ parameters.relation_first)
    hidden = torch.relu(hidden @ parameters.relation_middle)
    related = (hidden @ parameters.relation_last).mean(1).reshape(n, k, -1)
    averaged = related.mean(1, keepdim=True).expand(n, k, -1)
    mean, unnormalised = averaged.chunk(2, dim=-1)
    if noise is None:
        return mean, zero
    deviation = torch.clamp(unnormalised.exp() - 1, min=1e-10)
    codes = mean + deviation * noise
    # log q - log p with (codes - mean) / deviation written as the noise that it is: at the
    # deviations' floor of 1e-10 the quotient would be rounding alone.
    return codes, (codes.square() / 2 - noise.square() / 2 - deviation.log()).mean()


def class_loss(examples: Tensor, mask: Tensor | None, weights: Tensor) -> Tensor:
    """Return the cross-entropy of each example (N, M, D), logits averaged over weight copies."""
    n, m, _ = examples.shape
    if mask is not None:
        examples = examples * mask
    logits = torch.einsum("ijk,lmk->ijlm", examples, weights).mean(-1)
    labels = torch.arange(n, device=examples.device).repeat_interleave(m)
    return cross_entropy(logits.flatten(0, 1), labels, reduction="none")


def regularisation(parameters: Parameters, algorithm: Algorithm) -> Tensor:
    """Return the L2 and the orthogonality term."""
    l2 = sum((matrix.square().sum() / 2 for matrix in parameters.matrices), torch.zeros(()))
    rows = parameters.decoder / parameters.decoder.norm(dim=1, keepdim=True)
    identity = torch.eye(len(rows), dtype=rows.dtype)
    orthogonality = (rows @ rows.T - identity).square().mean()
    total: Tensor = algorithm.l2_weight * l2 + algorithm.orthogonality_weight * orthogonality
    return total
