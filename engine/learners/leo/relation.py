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
    (B, N, H); all of them may have a population's members before. The backward pass is written out,
    because it makes the pairs again block by block instead of keeping them.
    """

    @staticmethod
    def forward(ctx: Any, left: Tensor, right: Tensor, middle: Tensor, shots: int) -> Tensor:
        """Relate; see the class."""
        left_, right_, middle_ = _with_members(left, right, middle)
        members, b, m, h = left_.shape
        related = left.new_empty(members, b, m * m, h)
        averaged = left.new_empty(members, b, m // shots, h)
        for block in _blocks(left_):
            pairs = pairs_of(left_[block], right_[block])
            own = related[block].flatten(1, 2)
            torch.bmm(pairs, middle_[block[0]], out=own)
            by_class = own.relu_().view(len(own), -1, m // shots, shots * m, h)
            torch.mean(by_class, 3, out=averaged[block])
        ctx.save_for_backward(left, right, middle, related)
        ctx.shots = shots
        return averaged.view(*left.shape[:-2], m // shots, h)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, averaged_grad: Tensor) -> Any:
        """Send the gradient back to either element's share and to the middle layer."""
        left, right, middle, related = ctx.saved_tensors
        left_, right_, middle_ = _with_members(left, right, middle)
        members, b, m, h = left_.shape
        share = (averaged_grad / (ctx.shots * m)).view(members, b, m // ctx.shots, 1, h)
        left_grad, right_grad = torch.empty_like(left_), torch.empty_like(right_)
        middle_grad = torch.zeros_like(middle_)
        for block in _blocks(left_):
            # After a ReLU the sign is its derivative: 1 where it let through, else 0.
            passed = related[block].sign().unflatten(2, (m // ctx.shots, ctx.shots * m))
            related_grad = passed.mul_(share[block]).flatten(1, 3)
            pairs = pairs_of(left_[block], right_[block])
            middle_grad[block[0]].baddbmm_(pairs.mT, related_grad)
            pairs_grad = (related_grad @ middle_[block[0]].mT).mul_(pairs.sign_())
            pairs_grad = pairs_grad.view(len(pairs), -1, m, m, h)
            torch.sum(pairs_grad, 3, out=left_grad[block])
            torch.sum(pairs_grad, 2, out=right_grad[block])
        grads = (left_grad, right_grad, middle_grad)
        like = (left, right, middle)
        return *(grad.view_as(own) for grad, own in zip(grads, like, strict=True)), None


def pairs_of(left: Tensor, right: Tensor) -> Tensor:
    """Return relu(left_i + right_j) for all pairs i, j of each task's examples.

    From (B, M, H) to (B M M, H), or with members before.
    """
    pairs = left.unsqueeze(-2) + right.unsqueeze(-3)
    return pairs.relu_().flatten(-4, -2)


def _with_members(left: Tensor, right: Tensor, middle: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Give one model a population's leading dimension."""
    if middle.dim() == 3:
        return left, right, middle
    return left[None], right[None], middle[None]


def _blocks(left: Tensor) -> Iterator[tuple[slice, slice]]:
    """Cut members and tasks into blocks: of one member each on the CPU, else into one."""
    members, b, m, h = left.shape
    if left.device.type != "cpu":
        yield slice(None), slice(None)
        return
    tasks = max(1, _BLOCK // (m * m * h))
    for member in range(members):
        for start in range(0, b, tasks):
            yield slice(member, member + 1), slice(start, start + tasks)
