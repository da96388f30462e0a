"""Passes through generated networks, forward, back and along a direction, written out.

The same network as in `engine.learners.function_network`, laid out so that it is nothing but
products of matrices: each layer gets one more unit, which is always 1, and so a layer's bias is the
last row of its matrix. A network's weights are then W = 2 (H + 1) + (H + 1)^2 + (H + 1) numbers in
a row, of which some are constants, 0 or 1; see `widened`.

Everything here runs without autograd. Kinks are differentiated as torch's ReLU is: a unit that is
off passes nothing.

Shapes: V networks (those of all members, samples and tasks), N points of each, H hidden units.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

# It multiplies with (on > 0), in one pass over memory.
where_on = torch.ops.aten.threshold_backward


class Network(NamedTuple):
    """The weights of networks, as views of their rows."""

    first: Tensor  # (V, 2, H + 1): the input's weights, and biases
    middle: Tensor  # (V, H + 1, H + 1)
    last: Tensor  # (V, H + 1, 1)


class Pass(NamedTuple):
    """What points become on their way through networks."""

    inputs: Tensor  # (V, N, 2): x, and 1
    first: Tensor  # (V, N, H + 1)
    middle: Tensor  # (V, N, H + 1)
    values: Tensor  # (V, N, 1)


class Gradient(NamedTuple):
    """The gradient of something in the weights of networks, and what it is made of."""

    of_values: Tensor  # (V, N, 1)
    of_middle: Tensor  # (V, N, H + 1)
    rows: Tensor  # (V, W)


def widened(rows: Tensor) -> Tensor:
    """Insert the constants of the units that are always 1: (..., I, P) to (..., I, W).

    The rows are those of a matrix that generates networks, the last one its bias. That unit's own
    weights are generated as 0, and its bias as 1; see `narrowed` for the way back.
    """
    hidden = math.isqrt(rows.shape[-1] + 3) - 2
    wide = rows.new_zeros(*rows.shape[:-1], (hidden + 1) * (hidden + 4))
    first, middle, last = _blocks(wide, hidden + 1)
    sizes = _sizes(hidden)
    own_first, own_middle, own_last = rows.split(sizes, -1)
    first[..., :hidden] = own_first.unflatten(-1, (2, hidden))
    middle[..., :hidden] = own_middle.unflatten(-1, (hidden + 1, hidden))
    last[...] = own_last
    first[..., -1, 1, hidden] = 1
    middle[..., -1, hidden, hidden] = 1
    return wide


def narrowed(wide: Tensor) -> Tensor:
    """Leave the constants out that `widened` inserted: (..., W) to (..., P)."""
    units = _units(wide)
    first, middle, last = _blocks(wide, units)
    own = (first[..., :-1].flatten(-2), middle[..., :-1].flatten(-2), last)
    return torch.cat(own, -1)


def network_of(rows: Tensor) -> Network:
    """Return views of the weights of networks (V, W)."""
    first, middle, last = _blocks(rows, _units(rows))
    return Network(first, middle, last.unsqueeze(-1))


def inputs_of(x: Tensor) -> Tensor:
    """Return points (V, N) as the first layer takes them, (V, N, 2)."""
    return torch.stack([x, torch.ones_like(x)], -1)


def forward(network: Network, inputs: Tensor) -> Pass:
    """Evaluate networks, each at its own points (V, N, 2)."""
    weight, bias = network.first[:, :1], network.first[:, 1:]
    first = torch.addcmul(bias, inputs[..., :1], weight).relu_()
    middle = torch.bmm(first, network.middle).relu_()
    return Pass(inputs, first, middle, torch.bmm(middle, network.last))


def back(network: Network, passed: Pass, of_values: Tensor) -> Gradient:
    """Send a gradient of the values, (V, N, 1), back to the networks' weights."""
    of_middle = where_on(of_values * network.last.mT, passed.middle, 0)
    of_first = where_on(torch.bmm(of_middle, network.middle.mT), passed.first, 0)
    rows = _joined(
        torch.bmm(passed.inputs.mT, of_first),
        torch.bmm(passed.first.mT, of_middle),
        torch.bmm(passed.middle.mT, of_values),
    )
    return Gradient(of_values, of_middle, rows)


def error_back(network: Network, passed: Pass, y: Tensor) -> Gradient:
    """Return the gradient of the mean squared error at targets (V, N, 1)."""
    return back(network, passed, (passed.values - y).mul_(2 / y.shape[1]))


def along(network: Network, passed: Pass, gradient: Gradient, direction: Tensor) -> Tensor:
    """Return how fast `error_back`'s gradient changes when weights move along a direction.

    It is the Hessian of each network's mean squared error times its `direction`, (V, W): all
    derivatives of the two passes, in their order, along that direction. The Hessian is symmetric,
    and so this is also what a gradient of `error_back`'s result becomes on its way back.
    """
    to_first, to_middle, to_last = network_of(direction)
    first = torch.addcmul(to_first[:, 1:], passed.inputs[..., :1], to_first[:, :1])
    first = where_on(first, passed.first, 0)
    middle = torch.bmm(first, network.middle).baddbmm_(passed.first, to_middle)
    middle = where_on(middle, passed.middle, 0)
    values = torch.bmm(middle, network.last).baddbmm_(passed.middle, to_last)
    of_values = values.mul_(2 / values.shape[1])
    of_middle = (of_values * network.last.mT).addcmul_(gradient.of_values, to_last.mT)
    of_middle = where_on(of_middle, passed.middle, 0)
    of_first = torch.bmm(of_middle, network.middle.mT).baddbmm_(gradient.of_middle, to_middle.mT)
    of_first = where_on(of_first, passed.first, 0)
    return _joined(
        torch.bmm(passed.inputs.mT, of_first),
        torch.bmm(passed.first.mT, of_middle).baddbmm_(first.mT, gradient.of_middle),
        torch.bmm(passed.middle.mT, of_values).baddbmm_(middle.mT, gradient.of_values),
    )


def _sizes(hidden: int) -> list[int]:
    """Return how many weights of a network's row belong to each layer, biases included."""
    return [2 * hidden, (hidden + 1) * hidden, hidden + 1]


def _units(wide: Tensor) -> int:
    """Return H + 1 of widened rows: W = (H + 1) (H + 4)."""
    return math.isqrt(wide.shape[-1] + 2) - 1


def _blocks(wide: Tensor, units: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return views of widened rows: (..., 2, H + 1), (..., H + 1, H + 1) and (..., H + 1)."""
    first, middle, last = wide.split([2 * units, units * units, units], -1)
    return first.unflatten(-1, (2, units)), middle.unflatten(-1, (units, units)), last


def _joined(first: Tensor, middle: Tensor, last: Tensor) -> Tensor:
    """Put the layers' gradients into rows."""
    return torch.cat([first.flatten(1), middle.flatten(1), last.flatten(1)], -1)
