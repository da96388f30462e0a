"""The two terms of the loss that look at weights alone, with their gradients written out.

Autograd would give the same in five times as many operations, and on a GPU a small operation costs
as much as a large one.

Shapes: L latent size, D embedding size; a population's M members come before.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


def sum_of_squares(matrices: tuple[Tensor, ...]) -> Tensor:
    """Sum of squares of all elements of all matrices, (M,)."""
    total: Tensor = _SumOfSquares.apply(*matrices)  # type: ignore[no-untyped-call]
    return total


def correlation_error(decoder: Tensor) -> Tensor:
    """Mean squared difference of the correlation matrix of the decoder's rows, (L, L), from 1.

    The rows of the released code's (L, 2D) matrix, one for each latent dimension: it keeps
    latent dimensions from decoding to the same direction (section 4.2.2, the lambda_2 term).
    """
    error: Tensor = _CorrelationError.apply(decoder)  # type: ignore[no-untyped-call]
    return error


class _SumOfSquares(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *matrices: Tensor) -> Tensor:
        ctx.save_for_backward(*matrices)
        row = torch.cat([matrix.flatten(-2) for matrix in matrices], dim=-1)
        total: Tensor = torch.linalg.vector_norm(row, dim=-1).square()
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, total_grad: Tensor) -> Any:
        if total_grad.dim() == 0:
            return tuple(torch._foreach_mul(ctx.saved_tensors, 2 * total_grad))
        share = 2 * total_grad[..., None, None]
        return tuple(matrix * share for matrix in ctx.saved_tensors)


class _CorrelationError(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, decoder: Tensor) -> Tensor:
        products = decoder @ decoder.mT
        inverse = products.diagonal(dim1=-2, dim2=-1).rsqrt()
        scale = inverse.unsqueeze(-1) * inverse.unsqueeze(-2)
        error = products * scale
        # A row's correlation with itself is 1 whatever it is.
        error.diagonal(dim1=-2, dim2=-1).zero_()
        ctx.save_for_backward(decoder, scale, error)
        return error.square().mean((-2, -1))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, mean_grad: Tensor) -> Any:
        decoder, scale, error = ctx.saved_tensors
        # With c_ij = w_i . w_j / (|w_i| |w_j|), the error's gradient in w_i has a part along every
        # w_j, and one along w_i that keeps its length out of it.
        along = error * scale
        own = -(error * error).sum(-1) * scale.diagonal(dim1=-2, dim2=-1)
        along.diagonal(dim1=-2, dim2=-1).copy_(own)
        share = mean_grad[..., None, None] * (4 / error.shape[-1] ** 2)
        return (along * share) @ decoder
