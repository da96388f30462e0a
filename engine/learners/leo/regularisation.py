"""The two terms of the loss that depend on weights alone, with their gradients written out.

Autograd would give the same in five times as many operations, and on a GPU a small operation costs
as much as a large one.

Shapes: L latent size, D embedding size, P numbers of a model; a population's M members come before.
"""

from typing import NamedTuple

import torch
from torch import Tensor


class Regularisation(NamedTuple):
    """The weighted loss terms of the weights alone, and the gradient of the second.

    The L2 term's gradient is its weight times the weights, and needs no tensor of its own.
    """

    l2: Tensor  # (M,)
    orthogonality: Tensor  # (M,)
    decoder_grad: Tensor  # (M, L, 2D): the orthogonality term's gradient


@torch.no_grad()
def regularisation(
    rows: Tensor, decoder: Tensor, l2_weights: Tensor, orthogonality_weight: float | Tensor
) -> Regularisation:
    """Compute the L2 and the orthogonality term (section 4.2.2, lambda_1 and lambda_2).

    Parameters
    ----------
    rows
        All weights, (M, P).
    decoder
        The decoder among them, (M, L, 2D).
    l2_weights
        The L2 term's weight for each number of a row, (M, P). As released, half the sum of squares
        of the five matrices counts, and the learned learning rates do not: theirs is 0.
    orthogonality_weight
        A number, or (M,) where the members of a population have their own.
    """
    error, gradient = correlation_error_and_gradient(decoder)
    weight = orthogonality_weight
    own_weight = weight[..., None, None] if isinstance(weight, Tensor) else weight
    l2 = (rows.square() * l2_weights).sum(-1) / 2
    return Regularisation(l2, weight * error, own_weight * gradient)


def correlation_error_and_gradient(decoder: Tensor) -> tuple[Tensor, Tensor]:
    """Return the correlation error, (M,), and its gradient, (M, L, 2D).

    The mean squared difference of the correlation matrix of the decoder's rows, (L, L), from the
    identity. They are the rows of the released code's (L, 2D) matrix, one for each latent
    dimension: the term keeps latent dimensions from decoding to the same direction.
    """
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
