"""Training's two loops with their backward passes written out (sections 2.3.1 and 2.3.2).

`InnerLoop` descends on latent codes (equation 5), `FineTuning` on classifier weights. The
gradient that a step takes is written out as p - y times the examples, and so is the second-order
gradient that meta-training sends back through all steps. Autograd would give the same numbers, and
the tests hold it to that, but keep and move many more intermediate results.

Shapes: B tasks, N ways, K shots, D embedding size, L latent size, T inner steps, F fine-tuning
steps. C copies of each class's code: K when codes and weights are sampled, 1 when they are not.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from engine.leo.model import SMALLEST_DEVIATION


class InnerLoop(torch.autograd.Function):
    """Steps on the latent codes; gives the decoded weights and the adapted codes.

    `apply(codes, decoder, inner_lr, support, noise, shots, offset)` with

    - codes (C, B, N, L), decoder (L, 2D), inner_lr (L,),
    - support (T, B, N K, D): the support set as each step sees it, after dropout,
    - noise (T + 1, C, B, N, D), or None to decode means,
    - shots K, and offset of the decoder's deviations,

    returns the classifier weights averaged over the copies, (B, N, D), and the adapted codes,
    (C, B, N, L), through which no gradient flows: the encoder penalty holds them constant.
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
        to_mean, to_deviation = (half.contiguous() for half in decoder.chunk(2, dim=1))
        labels = support_labels(support, codes.shape[2], shots)
        path, slopes, gradients, probabilities, descents = [codes], [], [], [], []
        for step in range(len(support) + 1):
            weights = average(path[-1]) @ to_mean
            if noise is not None:
                spread, slope = sampled_spread(path[-1] @ to_deviation, noise[step], offset)
                weights += spread
                slopes.append(slope)
            if step == len(support):
                break
            gradient, probability = support_gradient(support[step], weights, labels, shots)
            descent = gradient @ to_mean.mT
            if noise is not None:
                descent = descent + (gradient * slopes[-1]) @ to_deviation.mT
            else:
                descent = descent[None]
            path.append(torch.addcmul(path[-1], inner_lr, descent, value=-1))
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
        copies = len(path[0])
        mean_grad, deviation_grad = torch.zeros_like(to_mean), torch.zeros_like(to_deviation)
        lr_grad = torch.zeros_like(inner_lr)
        codes_grad = torch.zeros_like(path[0])
        for step in reversed(range(len(support) + 1)):
            codes = path[step]
            # What reaches the deviations' slope: the decoded weight itself and, before the last
            # decode, the step that multiplied its gradient with the slope.
            slope_grad = None
            if step < len(support):
                lr_grad -= (codes_grad * descents[step]).sum((0, 1, 2))
                descent_grad = codes_grad * -inner_lr
                shared_grad = descent_grad.sum(0)
                gradient_grad = shared_grad @ to_mean
                accumulate_product(mean_grad, shared_grad, gradients[step])
                if slopes:
                    slope = slopes[step]
                    slope_grad = descent_grad @ to_deviation
                    gradient_grad += (slope_grad * slope).sum(0)
                    accumulate_product(deviation_grad, descent_grad, gradients[step] * slope)
                    slope_grad *= gradients[step]
                weights_grad = support_gradient_backward(
                    gradient_grad, support[step], probabilities[step], ctx.shots
                )
            accumulate_product(mean_grad, average(codes), weights_grad)
            share = weights_grad / copies
            codes_grad = codes_grad + share @ to_mean.mT
            if slopes:
                unnormalised_grad = share if slope_grad is None else slope_grad.add_(share)
                unnormalised_grad = unnormalised_grad * slopes[step]
                accumulate_product(deviation_grad, codes, unnormalised_grad)
                codes_grad += unnormalised_grad @ to_deviation.mT
        decoder_grad = torch.cat([mean_grad, deviation_grad], dim=1)
        return codes_grad, decoder_grad, lr_grad, None, None, None, None


class FineTuning(torch.autograd.Function):
    """Steps on the classifier weights, averaged over the copies of each class.

    `apply(weights, finetuning_lr, support, shots)` with weights (B, N, D), finetuning_lr (D,) and
    support (F, B, N K, D) as each step sees it returns the fine-tuned weights, (B, N, D). Each of
    the K copies would receive 1/K of the gradient, and so does their mean.
    """

    @staticmethod
    def forward(
        ctx: Any, weights: Tensor, finetuning_lr: Tensor, support: Tensor, shots: int
    ) -> Tensor:
        """Fine-tune; see the class."""
        labels = support_labels(support, weights.shape[1], shots)
        gradients, probabilities = [], []
        for examples in support:
            gradient, probability = support_gradient(examples, weights, labels, shots)
            weights = torch.addcmul(weights, finetuning_lr, gradient, value=-1)
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
        for step in reversed(range(len(support))):
            lr_grad -= (weights_grad * gradients[step]).sum((0, 1))
            weights_grad = weights_grad + support_gradient_backward(
                weights_grad * -finetuning_lr, support[step], probabilities[step], ctx.shots
            )
        return weights_grad, lr_grad, None, None


class QueryLoss(torch.autograd.Function):
    """Cross-entropy and accuracy on the query set.

    `apply(weights, query)` with weights (B, N, D) and query (B, N, Q, D), class n with label n,
    returns the loss averaged over queries and tasks, and the share of queries that are right,
    through which no gradient flows.
    """

    @staticmethod
    def forward(ctx: Any, weights: Tensor, query: Tensor) -> tuple[Tensor, Tensor]:
        """Ask; see the class."""
        b, n, q, _ = query.shape
        logits = (weights @ query.flatten(1, 2).mT).view(b, n, n, q)
        log_probabilities = torch.log_softmax(logits, dim=1)
        # [task, :, n, :] holds the logits of class n's own queries.
        true = log_probabilities.diagonal(dim1=1, dim2=2)
        labels = torch.arange(n, device=logits.device)[:, None]
        accuracy = (logits.argmax(1) == labels).to(logits.dtype).mean()
        residual = log_probabilities.exp()
        residual.diagonal(dim1=1, dim2=2).sub_(1)
        ctx.save_for_backward(residual.view(b, n, n * q), query)
        ctx.mark_non_differentiable(accuracy)
        return -true.mean(), accuracy

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, loss_grad: Tensor, _accuracy_grad: Tensor) -> Any:
        """Send the gradient of the loss back to the weights."""
        residual, query = ctx.saved_tensors
        b, _, queries = residual.shape
        return (residual * (loss_grad / (b * queries))) @ query.flatten(1, 2), None


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
    probabilities = torch.softmax(weights @ support.mT, dim=1)
    return ((probabilities - labels) / shots) @ support, probabilities


def support_gradient_backward(
    gradient_grad: Tensor, support: Tensor, probabilities: Tensor, shots: int
) -> Tensor:
    """Send a gradient back from `support_gradient`'s result to its weights, (B, N, D).

    The product of the support loss's Hessian with `gradient_grad`, (B, N, D).
    """
    moved = gradient_grad @ support.mT
    centred = moved - (probabilities * moved).sum(1, keepdim=True)
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
    """Average over the copies, (C, ...); one copy is its own average."""
    return copies[0] if len(copies) == 1 else copies.mean(0)


def accumulate_product(total: Tensor, left: Tensor, right: Tensor) -> None:
    """Add left^T @ right to `total`, (L, D), over all leading dimensions."""
    total.addmm_(left.reshape(-1, left.shape[-1]).mT, right.reshape(-1, right.shape[-1]))
