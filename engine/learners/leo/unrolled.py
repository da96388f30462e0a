"""The inner loop and fine-tuning of training, with written-out backward passes (section 2.3).

`InnerLoop` descends on latent codes (equation 5), `FineTuning` on classifier weights. The
gradient that a step takes is written out as p - y times the examples, and so is the second-order
gradient that meta-training sends back through all steps. Autograd would give the same numbers, and
the tests hold it to that, but keep and move many more intermediate results.

Shapes: B tasks, N ways, K shots, D embedding size, L latent size, T inner steps, F fine-tuning
steps. C copies of each class's code: K when codes and weights are sampled, 1 when they are not.
(M) is there for a population of M members, and else it is not; see `engine.learners.populations`.
"""

import math
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from engine.learners.leo.model import SMALLEST_DEVIATION
from engine.learners.populations import outer_product, product, row_per_member

# The dimension of the copies in (M, C, B, N, ...).
_COPIES = -4


class SampledCodes(torch.autograd.Function):
    """Samples latent codes (equation 3), and measures how far they are from the prior.

    `apply(mean, unnormalised, noise)` with mean and unnormalised (M, B, N, L) and noise
    (M, C, B, N, L) returns codes of deviation max(exp(s) - 1, 1e-10), (M, C, B, N, L), and their
    divergence from the prior, (M,): the mean over all elements of log q(z) - log p(z), whose normal
    constants cancel.
    """

    @staticmethod
    def forward(
        ctx: Any, mean: Tensor, unnormalised: Tensor, noise: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Sample; see the class."""
        exponential = unnormalised.exp()
        deviation = (exponential - 1).clamp_(min=SMALLEST_DEVIATION)
        # One mean and one deviation for all copies.
        codes = torch.addcmul(mean.unsqueeze(_COPIES), deviation.unsqueeze(_COPIES), noise)
        squares = torch.addcmul(codes.square(), noise, noise, value=-1).mean((-4, -3, -2, -1))
        ctx.save_for_backward(codes, noise, exponential, deviation)
        return codes, squares / 2 - deviation.log().mean((-3, -2, -1))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, codes_grad: Tensor, kl_grad: Tensor) -> Any:
        """Send the gradients of the codes and of the divergence back."""
        codes, noise, exponential, deviation = ctx.saved_tensors
        share = kl_grad[..., None, None, None] / math.prod(deviation.shape[-3:])
        own_share = share.unsqueeze(_COPIES) / noise.shape[_COPIES]
        codes_grad = torch.addcmul(codes_grad, codes, own_share)
        deviation_grad = (codes_grad * noise).sum(_COPIES) - share / deviation
        unnormalised_grad = torch.ops.aten.threshold_backward(
            deviation_grad * exponential, deviation, SMALLEST_DEVIATION
        )
        return codes_grad.sum(_COPIES), unnormalised_grad, None


class InnerLoop(torch.autograd.Function):
    """Steps on the latent codes; gives the decoded weights and the adapted codes.

    `apply(codes, decoder, inner_lr, support, noise, shots, offset)` with

    - codes (M, C, B, N, L), decoder (M, L, 2D), inner_lr (M, L),
    - support (T, M, B, N K, D): the support set as each step sees it, after dropout,
    - noise (T + 1, M, C, B, N, D), or None to decode means,
    - shots K, and offset of the decoder's deviations,

    returns the classifier weights averaged over the copies, (M, B, N, D), and the adapted codes,
    (M, C, B, N, L), through which no gradient flows: the encoder penalty holds them constant.
    Logits average over the copies, so only the mean weight over the copies meets an example.
    """

    @staticmethod
    def forward(
        ctx: Any,
        codes: Tensor,
        decoder: Tensor,
        inner_lr: Tensor,
        support: Tensor,
        noise: Tensor | None,
        shots: int,
        offset: float,
    ) -> tuple[Tensor, Tensor]:
        """Adapt; see the class."""
        to_mean, to_deviation = (half.contiguous() for half in decoder.chunk(2, dim=-1))
        labels = support_labels(support, codes.shape[-2], shots)
        rate = row_per_member(inner_lr, 3)
        path, slopes, gradients, probabilities, descents = [codes], [], [], [], []
        for step in range(len(support) + 1):
            weights = product(average(path[-1]), to_mean)
            if noise is not None:
                spread, slope = sampled_spread(product(path[-1], to_deviation), noise[step], offset)
                weights += spread
                slopes.append(slope)
            if step == len(support):
                break
            gradient, probability = support_gradient(support[step], weights, labels, shots)
            descent = product(gradient, to_mean.mT).unsqueeze(_COPIES)
            if noise is not None:
                sampled = gradient.unsqueeze(_COPIES) * slopes[-1]
                descent = descent + product(sampled, to_deviation.mT)
            path.append(torch.addcmul(path[-1], rate, descent, value=-1))
            gradients.append(gradient)
            probabilities.append(probability)
            descents.append(descent)
        ctx.save_for_backward(to_mean, to_deviation, inner_lr, support)
        ctx.trace = (path, slopes, gradients, probabilities, descents)
        ctx.shots = shots
        ctx.mark_non_differentiable(path[-1])
        return weights, path[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, weights_grad: Tensor, _adapted_grad: Tensor) -> Any:
        """Send the gradient of the weights back through every step."""
        to_mean, to_deviation, inner_lr, support = ctx.saved_tensors
        path, slopes, gradients, probabilities, descents = ctx.trace
        copies = path[0].shape[_COPIES]
        rate = row_per_member(inner_lr, 3)
        mean_grad, deviation_grad = torch.zeros_like(to_mean), torch.zeros_like(to_deviation)
        lr_grad = torch.zeros_like(inner_lr)
        codes_grad = torch.zeros_like(path[0])
        for step in reversed(range(len(support) + 1)):
            codes = path[step]
            # What reaches the deviations' slope: the decoded weight itself and, before the last
            # decode, the step that multiplied its gradient with the slope.
            slope_grad = None
            if step < len(support):
                lr_grad -= (codes_grad * descents[step]).sum((-4, -3, -2))
                descent_grad = codes_grad * -rate
                shared_grad = descent_grad.sum(_COPIES)
                gradient_grad = product(shared_grad, to_mean)
                mean_grad += outer_product(shared_grad, gradients[step], to_mean)
                if slopes:
                    slope, gradient = slopes[step], gradients[step].unsqueeze(_COPIES)
                    slope_grad = product(descent_grad, to_deviation)
                    gradient_grad += (slope_grad * slope).sum(_COPIES)
                    deviation_grad += outer_product(descent_grad, gradient * slope, to_deviation)
                    slope_grad *= gradient
                weights_grad = support_gradient_backward(
                    gradient_grad, support[step], probabilities[step], ctx.shots
                )
            mean_grad += outer_product(average(codes), weights_grad, to_mean)
            share = weights_grad.unsqueeze(_COPIES) / copies
            codes_grad = codes_grad + product(share, to_mean.mT)
            if slopes:
                unnormalised_grad = share if slope_grad is None else slope_grad.add_(share)
                unnormalised_grad = unnormalised_grad * slopes[step]
                deviation_grad += outer_product(codes, unnormalised_grad, to_deviation)
                codes_grad += product(unnormalised_grad, to_deviation.mT)
        decoder_grad = torch.cat([mean_grad, deviation_grad], dim=-1)
        return codes_grad, decoder_grad, lr_grad, None, None, None, None


class FineTuning(torch.autograd.Function):
    """Steps on the classifier weights, averaged over the copies of each class.

    `apply(weights, finetuning_lr, support, shots)` with weights (M, B, N, D), finetuning_lr (M, D)
    and support (F, M, B, N K, D) as each step sees it returns the fine-tuned weights,
    (M, B, N, D). Each of the K copies would receive 1/K of the gradient, and so does their mean.
    """

    @staticmethod
    def forward(
        ctx: Any, weights: Tensor, finetuning_lr: Tensor, support: Tensor, shots: int
    ) -> Tensor:
        """Fine-tune; see the class."""
        labels = support_labels(support, weights.shape[-2], shots)
        rate = row_per_member(finetuning_lr, 2)
        gradients, probabilities = [], []
        for examples in support:
            gradient, probability = support_gradient(examples, weights, labels, shots)
            weights = torch.addcmul(weights, rate, gradient, value=-1)
            gradients.append(gradient)
            probabilities.append(probability)
        ctx.save_for_backward(finetuning_lr, support)
        ctx.trace = (gradients, probabilities)
        ctx.shots = shots
        return weights

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, weights_grad: Tensor) -> Any:
        """Send the gradient of the weights back through every step."""
        finetuning_lr, support = ctx.saved_tensors
        gradients, probabilities = ctx.trace
        lr_grad = torch.zeros_like(finetuning_lr)
        rate = row_per_member(finetuning_lr, 2)
        for step in reversed(range(len(support))):
            lr_grad -= (weights_grad * gradients[step]).sum((-3, -2))
            weights_grad = weights_grad + support_gradient_backward(
                weights_grad * -rate, support[step], probabilities[step], ctx.shots
            )
        return weights_grad, lr_grad, None, None


class QueryLoss(torch.autograd.Function):
    """Cross-entropy and accuracy on the query set.

    `apply(weights, query)` with weights (M, B, N, D) and query (M, B, N, Q, D), class n with label
    n, returns the loss averaged over queries and tasks, (M,), and the share of queries that are
    right, through which no gradient flows.
    """

    @staticmethod
    def forward(ctx: Any, weights: Tensor, query: Tensor) -> tuple[Tensor, Tensor]:
        """Compute loss and accuracy; see the class."""
        n, q = query.shape[-3:-1]
        logits = (weights @ query.flatten(-3, -2).mT).unflatten(-1, (n, q))
        log_probabilities = torch.log_softmax(logits, dim=-3)
        # [..., task, :, n, :] holds the logits of class n's own queries.
        true = log_probabilities.diagonal(dim1=-3, dim2=-2)
        labels = torch.arange(n, device=logits.device)[:, None]
        # Of what is not a number, argmax takes the first: it is wrong.
        is_right = ((logits.argmax(-3) == labels) & ~true.isnan().mT).to(logits.dtype)
        residual = log_probabilities.exp()
        residual.diagonal(dim1=-3, dim2=-2).sub_(1)
        ctx.save_for_backward(residual.flatten(-2), query)
        accuracy = is_right.mean((-3, -2, -1))
        ctx.mark_non_differentiable(accuracy)
        return -true.mean((-3, -2, -1)), accuracy

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, loss_grad: Tensor, _accuracy_grad: Tensor) -> Any:
        """Send the gradient of the loss back to the weights."""
        residual, query = ctx.saved_tensors
        b, _, queries = residual.shape[-3:]
        share = loss_grad[..., None, None, None] / (b * queries)
        return (residual * share) @ query.flatten(-3, -2), None


def support_labels(support: Tensor, n_way: int, shots: int) -> Tensor:
    """Return the one-hot labels of a support set sorted by class, (N, N K)."""
    one_hot = torch.eye(n_way, dtype=support.dtype, device=support.device)
    return one_hot.repeat_interleave(shots, dim=1)


def support_gradient(
    support: Tensor, weights: Tensor, labels: Tensor, shots: int | Tensor
) -> tuple[Tensor, Tensor]:
    """Gradient of the summed support loss with respect to one of the K copies of each weight.

    The gradient of a cross-entropy with respect to its logits is p - y, so nothing has to be
    differentiated. `support` is (B, N K, D), `weights` (B, N, D), `labels` (N, N K), and `shots`
    (N, 1) where classes have different numbers of examples; returns the gradient, (B, N, D), and
    the probabilities p, (B, N, N K). Classes come before examples: both products and the softmax
    then run along memory.
    """
    probabilities = torch.softmax(weights @ support.mT, dim=-2)
    return ((probabilities - labels) / shots) @ support, probabilities


def support_gradient_backward(
    gradient_grad: Tensor, support: Tensor, probabilities: Tensor, shots: int
) -> Tensor:
    """Send a gradient back from `support_gradient`'s result to its weights, (B, N, D).

    The product of the support loss's Hessian with `gradient_grad`, (B, N, D).
    """
    moved = gradient_grad @ support.mT
    centred = moved - (probabilities * moved).sum(-2, keepdim=True)
    return (probabilities * centred / shots) @ support


def sampled_spread(unnormalised: Tensor, noise: Tensor, offset: float) -> tuple[Tensor, Tensor]:
    """Sample around zero with the decoder's deviations; `unnormalised` is used up.

    Parameters
    ----------
    unnormalised
        s, (C, B, N, D); the deviation is max(exp(s) - (1 - offset), 1e-10).
    noise
        Standard normal, (C, B, N, D).
    offset
        See `weight_deviation_offset`.

    Returns
    -------
    spread, slope
        Deviation times noise averaged over the copies, (B, N, D), and the derivative of each
        copy's deviation times noise with respect to s, (C, B, N, D).
    """
    exponential = unnormalised.exp_()
    deviation = (exponential - (1 - offset)).clamp_(min=SMALLEST_DEVIATION)
    # exp(s) * noise where the deviation is above its floor, 0 where it is held there.
    slope = torch.ops.aten.threshold_backward(
        exponential.mul_(noise), deviation, SMALLEST_DEVIATION
    )
    return average(deviation.mul_(noise)), slope


def average(copies: Tensor) -> Tensor:
    """Average over the copies, (C, B, N, ...); one copy is its own average."""
    return copies.squeeze(_COPIES) if copies.shape[_COPIES] == 1 else copies.mean(_COPIES)
