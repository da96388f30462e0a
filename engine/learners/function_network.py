"""The network that stands for a function: 1-H-H-1 with ReLU, its weights in a row of their own.

The gradient of its squared error is written out, so that it can be differentiated once more by an
ordinary backward pass, without `create_graph`.

Shapes: B tasks, N points of each, H hidden units, P = H * H + 4 H + 1 weights; samples and members
of a population stand before B.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

SCALE = 5.0
"""Inputs and targets are divided by it: they are of -5 to 5, and networks like numbers of 1."""
_RELU_GAIN = math.sqrt(2)


class Pieces(NamedTuple):
    """The weights of networks, as views."""

    first: Tensor  # (..., H)
    first_bias: Tensor  # (..., H)
    middle: Tensor  # (..., H, H)
    middle_bias: Tensor  # (..., H)
    last: Tensor  # (..., H)
    last_bias: Tensor  # (..., 1)


class _Passed(NamedTuple):
    """What points become on their way through a network."""

    first: Tensor  # (..., N, H)
    middle: Tensor  # (..., N, H)
    values: Tensor  # (..., N)


def network_size(hidden: int) -> int:
    """Return how many weights a network with H hidden units in each layer has, P."""
    return hidden * hidden + 4 * hidden + 1


def initial_network(hidden: int, generator: torch.Generator) -> Tensor:
    """Draw an ordinary initial network, (P,), whose kinks lie all over the inputs."""

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator)

    middle = normal(hidden * hidden) * (_RELU_GAIN / math.sqrt(hidden))
    last = normal(hidden) / math.sqrt(hidden)
    zeros = torch.zeros(hidden)
    return torch.cat([normal(hidden), normal(hidden) / 2, middle, zeros, last, torch.zeros(1)])


def network_values(networks: Tensor, x: Tensor) -> Tensor:
    """Evaluate networks (..., P), each at its own points (..., N): (..., N), all scaled."""
    return _passed(_pieces(networks), x).values


def error_gradient(networks: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Return the gradient of the mean squared error at points (..., N), in the weights: (..., P).

    It is made of operations that can be differentiated, and is exact but where a unit is at 0.
    """
    pieces = _pieces(networks)
    passed = _passed(pieces, x)
    of_values = (passed.values - y) * (2 / x.shape[-1])
    of_middle = of_values[..., None] * pieces.last[..., None, :] * (passed.middle > 0)
    of_first = (of_middle @ pieces.middle.mT) * (passed.first > 0)
    return torch.cat(
        [
            (of_first * x[..., None]).sum(-2),
            of_first.sum(-2),
            (passed.first.mT @ of_middle).flatten(-2),
            of_middle.sum(-2),
            (of_values[..., None] * passed.middle).sum(-2),
            of_values.sum(-1, keepdim=True),
        ],
        -1,
    )


def clipped(gradient: Tensor, norm: float | None) -> Tensor:
    """Clip gradients (..., numbers), each to a norm; differentiably. None clips nothing."""
    if norm is None:
        return gradient
    # Not the norm itself, whose gradient at 0 is not a number.
    length = (gradient.square().sum(-1, keepdim=True) + 1e-12).sqrt()
    return gradient * (norm / length.clamp(min=norm))


def _pieces(networks: Tensor) -> Pieces:
    hidden = math.isqrt(networks.shape[-1] + 3) - 2
    sizes = [hidden, hidden, hidden * hidden, hidden, hidden, 1]
    first, first_bias, middle, middle_bias, last, last_bias = networks.split(sizes, -1)
    matrix = middle.unflatten(-1, (hidden, hidden))
    return Pieces(first, first_bias, matrix, middle_bias, last, last_bias)


def _passed(pieces: Pieces, x: Tensor) -> _Passed:
    first = torch.relu(x[..., None] * pieces.first[..., None, :] + pieces.first_bias[..., None, :])
    middle = torch.relu(first @ pieces.middle + pieces.middle_bias[..., None, :])
    values = (middle @ pieces.last[..., None]).squeeze(-1) + pieces.last_bias
    return _Passed(first, middle, values)
