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
    row = torch.cat([matrix.flatten(-2) for matrix in matrices], dim=-1)
    total: Tensor = row.square().sum(-1)
    return total


def correlation_error(decoder: Tensor) -> Tensor:
    """Mean squared difference of the correlation matrix of the decoder's rows, (L, L), from 1.

    The rows of the released code's (L, 2D) matrix, one for each latent dimension: it keeps
    latent dimensions from decoding to the same direction (section 4.2.2, the lambda_2 term).
    """
    error: Tensor = _CorrelationError.apply(decoder)  # type: ignore[no-untyped-call]
    return error


def correlation_error_and_gradient(decoder: Tensor) -> tuple[Tensor, Tensor]:
    """Return the correlation error, (M,), and its gradient, (M, L, 2D)."""
    products = decoder @ decoder.mT
    inverse = products.diagonal(dim1=-2, dim2=-1).rsqrt()
    scale = inverse.unsqueeze(-1) * inverse.unsqueeze(-2)
    error = products * scale
    # A row's correlation with itself is 1 whatever it is.
    error.diagonal(dim1=-2, dim2=-1).zero_()
    squares = error.square()
    # With c_ij = w_i . w_j / (|w_i| |w_j|), the error's gradient in w_i has a part along every w_j,
    # and one along w_i that keeps its length out of it.
    along = error * scale
    own = squares.sum(-1) * scale.diagonal(dim1=-2, dim2=-1)
    along.diagonal(dim1=-2, dim2=-1).sub_(own)
    return squares.mean((-2, -1)), (along * (4 / error.shape[-1] ** 2)) @ decoder


class _CorrelationError(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, decoder: Tensor) -> Tensor:
        error, gradient = correlation_error_and_gradient(decoder)
        ctx.save_for_backward(gradient)
        return error

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, error_grad: Tensor) -> Any:
        (gradient,) = ctx.saved_tensors
        return gradient * error_grad[..., None, None]
