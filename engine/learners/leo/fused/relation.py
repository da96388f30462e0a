# mypy: disable-error-code="no-untyped-def, no-untyped-call, untyped-decorator"
"""`RelatedPairs` for a GPU: a program relates one example to all of its task.

The formulas and the names are those of `engine.learners.leo.relation`.

Shapes: B tasks, N ways, K shots, M = N K examples, H hidden width (2L); in a program, J is M
rounded up to a power of two, and W is H. A population's members come before.
"""

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import once_differentiable

from engine.learners.leo.fused.precision import precision

_LEAST = 16
# Columns of the middle layer that a program holds at a time.
_COLUMNS = 64
_MOST_EXAMPLES, _MOST_WIDTH = 64, 128


def fits(examples: int, width: int) -> bool:
    """Whether the kernels can take M examples and a hidden width of H."""
    return examples <= _MOST_EXAMPLES and width <= _MOST_WIDTH


class FusedRelatedPairs(torch.autograd.Function):
    """See `engine.learners.leo.relation.RelatedPairs`."""

    @staticmethod
    def forward(ctx: Any, left: Tensor, right: Tensor, middle: Tensor, shots: int) -> Tensor:
        """Relate; see the class."""
        # A population's layers are views of one row for each member: not one after the other.
        left, right, middle = left.contiguous(), right.contiguous(), middle.contiguous()
        related = torch.empty_like(left)
        _relate[_grid(left)](left, right, middle, related, **_constants(left, middle))
        ctx.save_for_backward(left, right, middle)
        ctx.shots = shots
        by_class: Tensor = related.unflatten(-2, (-1, shots))
        return by_class.squeeze(-2) if shots == 1 else by_class.mean(-2)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, averaged_grad: Tensor) -> Any:
        """Send the gradient back to either element's share and to the middle layer."""
        left, right, middle = ctx.saved_tensors
        examples, width = left.shape[-2:]
        members = 1 if middle.dim() == 2 else len(middle)
        pairs = left.new_empty(members, left.numel() // width // members * examples, width)
        related_grad, pairs_grad = torch.empty_like(pairs), torch.empty_like(pairs)
        left_grad = torch.empty_like(left)
        _unrelate[_grid(left)](
            left,
            right,
            middle,
            averaged_grad.contiguous(),
            pairs,
            related_grad,
            pairs_grad,
            left_grad,
            SHOTS=ctx.shots,
            **_constants(left, middle),
        )
        middle_grad = (pairs.mT @ related_grad).view_as(middle)
        right_grad = pairs_grad.view(*left.shape[:-1], examples, width).sum(-3)
        return left_grad, right_grad, middle_grad, None


def _grid(left: Tensor) -> tuple[int, int]:
    """Return the programs: tasks of all members, examples."""
    examples, width = left.shape[-2:]
    return left.numel() // width // examples, examples


def _constants(left: Tensor, middle: Tensor) -> dict[str, Any]:
    examples, width = left.shape[-2:]
    return {
        "TASKS": left.shape[-3],
        "EXAMPLES": examples,
        "WIDTH": width,
        "J": max(_LEAST, triton.next_power_of_2(examples)),
        "W": max(_LEAST, triton.next_power_of_2(width)),
        "C": min(_COLUMNS, max(_LEAST, triton.next_power_of_2(width))),
        "PRECISION": precision(),
        "num_warps": 8,
    }


@triton.jit
def _pairs(
    left, right, task, example,
    EXAMPLES: tl.constexpr, WIDTH: tl.constexpr, J: tl.constexpr, W: tl.constexpr,
):  # fmt: skip
    """Return what the first layer makes of an example's pairs, (J, W); padding is 0."""
    j, w = tl.arange(0, J), tl.arange(0, W)
    is_j, is_w = j < EXAMPLES, w < WIDTH
    one = tl.load(left + (task * EXAMPLES + example) * WIDTH + w, mask=is_w, other=0.0)
    at = (task * EXAMPLES + j[:, None]) * WIDTH + w[None, :]
    others = tl.load(right + at, mask=is_j[:, None] & is_w[None, :], other=0.0)
    return tl.where(is_j[:, None], tl.maximum(one[None, :] + others, 0.0), 0.0)


@triton.jit
def _columns_of_layer(
    middle, task, columns,
    TASKS: tl.constexpr, WIDTH: tl.constexpr, W: tl.constexpr,
):  # fmt: skip
    """Return some columns of the middle layer of a task's member, (W, columns)."""
    w = tl.arange(0, W)
    at = ((task // TASKS) * WIDTH + w[:, None]) * WIDTH + columns[None, :]
    return tl.load(middle + at, mask=(w < WIDTH)[:, None] & (columns < WIDTH)[None, :], other=0.0)


@triton.jit
def _relate(
    left, right, middle, related,
    TASKS: tl.constexpr, EXAMPLES: tl.constexpr, WIDTH: tl.constexpr,
    J: tl.constexpr, W: tl.constexpr, C: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """Average what the middle layer makes of an example's pairs, some columns at a time."""
    task, example = tl.program_id(0), tl.program_id(1)
    pairs = _pairs(left, right, task, example, EXAMPLES, WIDTH, J, W)
    for start in range(0, W, C):
        columns = start + tl.arange(0, C)
        layer = _columns_of_layer(middle, task, columns, TASKS, WIDTH, W)
        second = tl.dot(pairs, layer, input_precision=PRECISION)
        # Pairs that are only padding are 0, and so is their share.
        average = tl.sum(tl.maximum(second, 0.0), axis=0) / EXAMPLES
        at = (task * EXAMPLES + example) * WIDTH + columns
        tl.store(related + at, average, mask=columns < WIDTH)


@triton.jit
def _unrelate(
    left, right, middle, averaged_grad, pairs_out, related_grad_out, pairs_grad_out, left_grad,
    SHOTS: tl.constexpr,
    TASKS: tl.constexpr, EXAMPLES: tl.constexpr, WIDTH: tl.constexpr,
    J: tl.constexpr, W: tl.constexpr, C: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """Make an example's pairs again, and send the gradient of their average back."""
    task, example = tl.program_id(0), tl.program_id(1)
    pairs = _pairs(left, right, task, example, EXAMPLES, WIDTH, J, W)
    j, w = tl.arange(0, J), tl.arange(0, W)
    is_j, is_w = j < EXAMPLES, w < WIDTH
    of_class = (task * (EXAMPLES // SHOTS) + example // SHOTS) * WIDTH
    of_pairs = ((task * EXAMPLES + example) * EXAMPLES + j[:, None]) * WIDTH
    pairs_grad = tl.zeros((J, W), tl.float32)
    for start in range(0, W, C):
        columns = start + tl.arange(0, C)
        is_column = columns < WIDTH
        layer = _columns_of_layer(middle, task, columns, TASKS, WIDTH, W)
        second = tl.dot(pairs, layer, input_precision=PRECISION)
        share = tl.load(averaged_grad + of_class + columns, mask=is_column, other=0.0)
        share /= SHOTS * EXAMPLES
        related_grad = tl.where(second > 0, share[None, :], 0.0)
        is_inside = is_j[:, None] & is_column[None, :]
        tl.store(related_grad_out + of_pairs + columns[None, :], related_grad, mask=is_inside)
        pairs_grad += tl.dot(related_grad, tl.trans(layer), input_precision=PRECISION)
    pairs_grad = tl.where(pairs > 0, pairs_grad, 0.0)
    is_pair = is_j[:, None] & is_w[None, :]
    tl.store(pairs_out + of_pairs + w[None, :], pairs, mask=is_pair)
    tl.store(pairs_grad_out + of_pairs + w[None, :], pairs_grad, mask=is_pair)
    at = (task * EXAMPLES + example) * WIDTH + w
    tl.store(left_grad + at, tl.sum(pairs_grad, axis=0), mask=is_w)
