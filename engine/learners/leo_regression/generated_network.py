"""Passes through generated networks: forward, back, and along a direction, written out.

The networks are those of `engine.learners.function_network`. Everything here runs without
autograd, for the inner loop's own backward pass. Kinks are differentiated as torch's ReLU is: a
unit that is off passes nothing.

Shapes: V networks (those of all members, samples and tasks), N points of each, H hidden units, P
weights of a network.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor


class Network(NamedTuple):
    """The weights of networks, as views of their rows."""

    first: Tensor  # (V, 1, H)
    first_bias: Tensor  # (V, 1, H)
    middle: Tensor  # (V, H, H)
    middle_bias: Tensor  # (V, 1, H)
    last: Tensor  # (V, 1, H)
    last_bias: Tensor  # (V, 1, 1)
    last_column: Tensor  # (V, H, 1)


class Inputs(NamedTuple):
    """Points at which networks are evaluated, each at its own."""

    x: Tensor  # (V, N, 1)
    pairs: Tensor  # (V, 2, N): x, and the 1 that the bias of the first layer meets


class Pass(NamedTuple):
    """What points become on their way through networks."""

    inputs: Inputs
    first: Tensor  # (V, N, H)
    middle: Tensor  # (V, N, H)
    values: Tensor  # (V, N, 1)


class Gradient(NamedTuple):
    """The gradient of something in the weights of networks, and what it is made of."""

    of_values: Tensor  # (V, N, 1)
    of_middle: Tensor  # (V, N, H)
    rows: Tensor  # (V, P)


def where_on(gradient: Tensor, units: Tensor) -> Tensor:
    """Keep a gradient where ReLU units are on, in one pass over memory."""
    kept: Tensor = torch.ops.aten.threshold_backward(gradient, units, 0)
    return kept


def networks_of(rows: Tensor) -> list[Network]:
    """Return views of the weights of networks (T, V, P), one for each of the T."""
    hidden = math.isqrt(rows.shape[-1] + 3) - 2
    sizes = [hidden, hidden, hidden * hidden, hidden, hidden, 1]
    first, first_bias, middle, middle_bias, last, last_bias = rows.unsqueeze(2).split(sizes, -1)
    middle = middle.unflatten(-1, (hidden, hidden)).squeeze(2)
    views = (first, first_bias, middle, middle_bias, last, last_bias, last.mT)
    return [Network(*each) for each in zip(*(view.unbind() for view in views), strict=True)]


def inputs_of(x: Tensor) -> Inputs:
    """Return points (V, N) as networks take them."""
    return Inputs(x.unsqueeze(-1), torch.stack([x, torch.ones_like(x)], 1))


def forward(network: Network, inputs: Inputs) -> Pass:
    """Evaluate networks, each at its own points."""
    first = torch.addcmul(network.first_bias, inputs.x, network.first).relu_()
    middle = torch.baddbmm(network.middle_bias, first, network.middle).relu_()
    values = torch.baddbmm(network.last_bias, middle, network.last_column)
    return Pass(inputs, first, middle, values)


def back(network: Network, passed: Pass, of_values: Tensor) -> Gradient:
    """Send a gradient of the values, (V, N, 1), back to the networks' weights."""
    of_middle = where_on(of_values * network.last, passed.middle)
    of_first = where_on(torch.bmm(of_middle, network.middle.mT), passed.first)
    rows = _joined(
        torch.bmm(passed.inputs.pairs, of_first),
        torch.bmm(passed.first.mT, of_middle),
        of_middle,
        of_values * passed.middle,
        of_values,
    )
    return Gradient(of_values, of_middle, rows)


def error_back(network: Network, passed: Pass, y: Tensor) -> Gradient:
    """Return the gradient of the mean squared error at targets (V, N, 1)."""
    return back(network, passed, (passed.values - y).mul_(2 / y.shape[1]))


def along(network: Network, passed: Pass, gradient: Gradient, to: Network) -> Tensor:
    """Return how fast `error_back`'s gradient changes when weights move along a direction, `to`.

    It is the Hessian of each network's mean squared error times its direction, (V, P): every line
    of `forward`, `error_back` and `back` once more, as a derivative along that direction. The
    Hessian is symmetric, and so this is also what a gradient of `error_back`'s rows becomes on its
    way back to the weights.
    """
    first = torch.addcmul(to.first_bias, passed.inputs.x, to.first)
    first = where_on(first, passed.first)
    middle = torch.baddbmm(to.middle_bias, first, network.middle)
    middle = where_on(middle.baddbmm_(passed.first, to.middle), passed.middle)
    values = torch.baddbmm(to.last_bias, middle, network.last_column)
    of_values = values.baddbmm_(passed.middle, to.last_column).mul_(2 / values.shape[1])
    of_middle = (of_values * network.last).addcmul_(gradient.of_values, to.last)
    of_middle = where_on(of_middle, passed.middle)
    of_first = torch.bmm(of_middle, network.middle.mT)
    of_first = where_on(of_first.baddbmm_(gradient.of_middle, to.middle.mT), passed.first)
    return _joined(
        torch.bmm(passed.inputs.pairs, of_first),
        torch.bmm(passed.first.mT, of_middle).baddbmm_(first.mT, gradient.of_middle),
        of_middle,
        (of_values * passed.middle).addcmul_(gradient.of_values, middle),
        of_values,
    )


def _joined(
    first: Tensor, middle: Tensor, middle_bias: Tensor, last: Tensor, last_bias: Tensor
) -> Tensor:
    """Put the layers' gradients into rows; those after the middle are still of single points."""
    each = (first.flatten(1), middle.flatten(1), middle_bias.sum(1), last.sum(1), last_bias.sum(1))
    return torch.cat(each, -1)
