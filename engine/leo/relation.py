"""The middle of the relation network: every pair of examples, averaged (section 2.3.1).

Shapes: B tasks, N ways, K shots, M = N K examples, H hidden width (2L).
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

# Numbers that are worked on at a time. The M^2 pairs are by far the largest thing in LEO; blocks
# of them stay in a processor's cache.
_BLOCK = 1 << 17


class RelatedPairs(torch.autograd.Function):
    """Sends all pairs of a task's examples through the middle layer and averages them by class.

    `apply(left, right, middle, shots)` with the first layer's share of either element of a pair,
    left and right (B, M, H), and the middle layer (H, H) returns the mean of
    relu(relu(left_i + right_j) @ middle) over all j and over the examples i of each class,
    (B, N, H). The backward pass is written out, because it makes the pairs again block by block
    instead of keeping them.
    """

    @staticmethod
    def forward(ctx: Any, left: Tensor, right: Tensor, middle: Tensor, shots: int) -> Tensor:
        """Relate; see the class."""
        b, m, h = left.shape
        related = left.new_empty(b, m * m, h)
        averaged = left.new_empty(b, m // shots, h)
        for block in _blocks(left):
            pairs = pairs_of(left[block], right[block])
            torch.mm(pairs, middle, out=related[block].view(-1, h))
            by_class = related[block].relu_().view(-1, m // shots, shots * m, h)
            torch.mean(by_class, 2, out=averaged[block])
        ctx.save_for_backward(left, right, middle, related)
        ctx.shots = shots
        return averaged

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, averaged_grad: Tensor) -> Any:
        """Send the gradient back to either element's share and to the middle layer."""
        left, right, middle, related = ctx.saved_tensors
        _, m, h = left.shape
        share = (averaged_grad / (ctx.shots * m))[:, :, None]
        left_grad, right_grad = torch.empty_like(left), torch.empty_like(right)
        middle_grad = torch.zeros_like(middle)
        for block in _blocks(left):
            # After a ReLU the sign is its derivative: 1 where it let through, else 0.
            passed = related[block].sign().view(-1, m // ctx.shots, ctx.shots * m, h)
            related_grad = passed.mul_(share[block]).view(-1, h)
            pairs = pairs_of(left[block], right[block])
            middle_grad.addmm_(pairs.mT, related_grad)
            pairs_grad = (related_grad @ middle.mT).mul_(pairs.sign_()).view(-1, m, m, h)
            torch.sum(pairs_grad, 2, out=left_grad[block])
            torch.sum(pairs_grad, 1, out=right_grad[block])
        return left_grad, right_grad, middle_grad, None


def pairs_of(left: Tensor, right: Tensor) -> Tensor:
    """Return relu(left_i + right_j) for all pairs i, j of each task's examples, (B M M, H)."""
    return (left[:, :, None] + right[:, None]).relu_().view(-1, left.shape[-1])


def _blocks(left: Tensor) -> Iterator[slice]:
    b, m, h = left.shape
    tasks = max(1, _BLOCK // (m * m * h)) if left.device.type == "cpu" else b
    for start in range(0, b, tasks):
        yield slice(start, start + tasks)
