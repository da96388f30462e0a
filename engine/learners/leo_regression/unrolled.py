"""The inner loop of training, with a written-out backward pass (Rusu et al. 2019, section 5.1).

`AdaptedFunctions` descends on latent codes and evaluates the functions that the adapted codes stand
for. Going back, a step's derivative is the Hessian of the support error times a direction, which
one more forward pass along it gives. Autograd gives the same numbers out of
`model.adapted_functions`, and the tests hold it to that, but in some thousand operations more.

Layers of the decoder are laid out as those of the networks, see `generated_network`: one more unit
is always 1, so a bias is the last row of its matrix.

Shapes: B tasks, S samples, R = S B rows of a member, K points, Q queries, L latent size, T inner
steps. Inside, M members are always there, 1 for a single model.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from engine.learners.leo_regression import generated_network as generated
from engine.learners.leo_regression.generated_network import where_on
from engine.learners.leo_regression.model import Parameters


class _Decoder(NamedTuple):
    """The decoder's layers, each with its bias and the unit that is always 1."""

    first: Tensor  # (M, L + 1, 33)
    middle: Tensor  # (M, 33, 33)
    last: Tensor  # (M, 33, W)


class _Decoding(NamedTuple):
    """What codes become on their way through the decoder."""

    codes: Tensor  # (M, R, L + 1), the last number 1
    first: Tensor  # (M, R, 33)
    middle: Tensor  # (M, R, 33)
    networks: Tensor  # (M, R, W)


class _Descent(NamedTuple):
    """A step's way from a network's gradient back to the code, and its clipping."""

    networks: Tensor  # (M, R, W)
    middle: Tensor  # (M, R, 33)
    first: Tensor  # (M, R, 33)
    codes: Tensor  # (M, R, L)
    square: Tensor  # (M, R, 1): the squared length of `codes`
    scale: Tensor  # (M, R, 1): what clipping multiplies `codes` with
    clipped: Tensor  # (M, R, L)


class _Step(NamedTuple):
    """All that an inner step's backward pass needs."""

    decoding: _Decoding
    network: generated.Network
    passed: generated.Pass
    gradient: generated.Gradient
    descent: _Descent


def adapted_functions(
    parameters: Parameters,
    codes: Tensor,
    support: tuple[Tensor, Tensor],
    at: Tensor,
    steps: int,
    clip: float,
) -> tuple[Tensor, Tensor]:
    """Do what `model.adapted_functions` does, in fewer operations."""
    p = parameters
    decoder = (p.decoder_first, p.decoder_middle, p.decoder_last)
    biases = (p.decoder_first_bias, p.decoder_middle_bias, p.decoder_last_bias)
    adapted: tuple[Tensor, Tensor] = AdaptedFunctions.apply(
        codes, p.inner_lr, *decoder, *biases, *support, at, steps, clip
    )
    return adapted


class AdaptedFunctions(torch.autograd.Function):
    """Steps on latent codes; gives the adapted codes, and their functions' values.

    `apply(codes, inner_lr, first, middle, last, first_bias, middle_bias, last_bias, x, y, at,
    steps, clip)` with

    - codes (M, S, B, L), inner_lr (M, L), and the decoder's matrices and biases,
    - support points x and y (M, B, K), and points at which to evaluate, `at` (M, B, Q), all scaled
      and held constant,
    - how many steps to take, and the norm that a code's gradient is clipped to,

    returns the adapted codes, (M, S, B, L), and values (M, S, B, Q). M is there for a population.
    """

    @staticmethod
    def forward(  # noqa: PLR0913 -- autograd wants each tensor by itself
        ctx: Any,
        codes: Tensor,
        inner_lr: Tensor,
        first: Tensor,
        middle: Tensor,
        last: Tensor,
        first_bias: Tensor,
        middle_bias: Tensor,
        last_bias: Tensor,
        x: Tensor,
        y: Tensor,
        at: Tensor,
        steps: int,
        clip: float,
    ) -> tuple[Tensor, Tensor]:
        """Adapt and evaluate; see the class."""
        latent_size = codes.shape[-1]
        rate = inner_lr.reshape(-1, 1, latent_size)
        decoder = _Decoder(
            _layer(first, first_bias), _layer(middle, middle_bias), _last_layer(last, last_bias)
        )
        samples = codes.shape[-3]
        inputs, targets = generated.inputs_of(_of_rows(x, samples)), _of_rows(y, samples)
        rows = codes.reshape(len(rate), -1, latent_size)
        path: list[_Step] = []
        for _ in range(steps):
            decoding, network = _decoded(decoder, rows)
            passed = generated.forward(network, inputs)
            gradient = generated.error_back(network, passed, targets.unsqueeze(-1))
            descent = _descent(decoder, decoding, gradient.rows, clip)
            path.append(_Step(decoding, network, passed, gradient, descent))
            rows = torch.addcmul(rows, rate, descent.clipped, value=-1)
        decoding, network = _decoded(decoder, rows)
        passed = generated.forward(network, generated.inputs_of(_of_rows(at, samples)))
        ctx.trace = (decoder, rate, path, decoding, network, passed)
        ctx.clip, ctx.is_population = clip, inner_lr.dim() == 2
        return rows.view_as(codes), passed.values.view(*codes.shape[:-1], -1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, codes_grad: Tensor, values_grad: Tensor) -> Any:
        """Send the gradients of adapted codes and values back through every step."""
        decoder, rate, path, decoding, network, passed = ctx.trace
        found = _Decoder(*(torch.zeros_like(layer) for layer in decoder))
        rate_grad = torch.zeros_like(rate)
        of_codes = codes_grad.reshape(len(rate), -1, rate.shape[-1])
        of_values = values_grad.reshape(passed.values.shape)
        of_networks = generated.back(network, passed, of_values).rows
        of_codes = of_codes + _decoded_back(decoder, decoding, of_networks, found)
        for step in reversed(path):
            rate_grad -= (of_codes * step.descent.clipped).sum(1, keepdim=True)
            direction = _descent_back(decoder, step, of_codes * -rate, found, ctx.clip)
            of_networks = generated.along(step.network, step.passed, step.gradient, direction)
            of_codes = of_codes + _decoded_back(decoder, step.decoding, of_networks, found)
        matrices = (found.first[..., :-1], found.middle[..., :-1], generated.narrowed(found.last))
        grads = [rate_grad[:, 0], *(each[:, :-1] for each in matrices)]
        grads += [each[:, -1] for each in matrices]
        if not ctx.is_population:
            grads = [each.squeeze(0) for each in grads]
        return of_codes.view_as(codes_grad), *grads, None, None, None, None, None


def _layer(matrix: Tensor, bias: Tensor) -> Tensor:
    """Return a layer with its bias and the unit that is always 1, (M, I + 1, O + 1)."""
    matrix, bias = matrix.view(-1, *matrix.shape[-2:]), bias.view(-1, bias.shape[-1])
    layer = matrix.new_zeros(len(matrix), matrix.shape[-2] + 1, matrix.shape[-1] + 1)
    layer[:, :-1, :-1] = matrix
    layer[:, -1, :-1] = bias
    layer[:, -1, -1] = 1
    return layer


def _last_layer(matrix: Tensor, bias: Tensor) -> Tensor:
    """Return the layer that generates networks, (M, 33, W)."""
    rows = torch.cat([matrix, bias.unsqueeze(-2)], -2)
    return generated.widened(rows.view(-1, *rows.shape[-2:]))


def _of_rows(points: Tensor, samples: int) -> Tensor:
    """Repeat the points of tasks, (M, B, N), for their samples: (M S B, N)."""
    tasks, count = points.shape[-2:]
    each = points.reshape(-1, 1, tasks, count).expand(-1, samples, -1, -1)
    return each.reshape(-1, count)


def _decoded(decoder: _Decoder, rows: Tensor) -> tuple[_Decoding, generated.Network]:
    """Generate networks from codes (M, R, L)."""
    codes = torch.cat([rows, rows.new_ones(*rows.shape[:-1], 1)], -1)
    first = torch.bmm(codes, decoder.first).relu_()
    middle = torch.bmm(first, decoder.middle).relu_()
    networks = torch.bmm(middle, decoder.last)
    network = generated.network_of(networks.flatten(0, 1))
    return _Decoding(codes, first, middle, networks), network


def _decoded_back(
    decoder: _Decoder, decoding: _Decoding, of_networks: Tensor, found: _Decoder
) -> Tensor:
    """Send a gradient of networks back to the codes, (M, R, L), and add the decoder's to `found`."""
    of_networks = of_networks.view_as(decoding.networks)
    of_middle = where_on(torch.bmm(of_networks, decoder.last.mT), decoding.middle, 0)
    of_first = where_on(torch.bmm(of_middle, decoder.middle.mT), decoding.first, 0)
    found.last.baddbmm_(decoding.middle.mT, of_networks)
    found.middle.baddbmm_(decoding.first.mT, of_middle)
    found.first.baddbmm_(decoding.codes.mT, of_first)
    return torch.bmm(of_first, decoder.first[:, :-1].mT)


def _descent(decoder: _Decoder, decoding: _Decoding, rows: Tensor, clip: float) -> _Descent:
    """Send the support error's gradient in the networks back to the codes, and clip it there."""
    networks = rows.view_as(decoding.networks)
    middle = where_on(torch.bmm(networks, decoder.last.mT), decoding.middle, 0)
    first = where_on(torch.bmm(middle, decoder.middle.mT), decoding.first, 0)
    codes = torch.bmm(first, decoder.first[:, :-1].mT)
    square = codes.square().sum(-1, keepdim=True).add_(1e-12)
    # As `function_network.clipped` does.
    scale = (clip**2 / square.clamp(min=clip**2)).sqrt_()
    return _Descent(networks, middle, first, codes, square, scale, codes * scale)


def _descent_back(
    decoder: _Decoder, step: _Step, of_clipped: Tensor, found: _Decoder, clip: float
) -> Tensor:
    """Send a gradient of a clipped descent back to the networks' gradient, (V, W).

    It goes the way of the decoder, forward, along a direction of the codes. What the decoder's
    weights get is added to `found`; biases have no part in it.
    """
    decoding, descent = step.decoding, step.descent
    # Where it is clipped, only what stands across the gradient changes the result.
    share = (of_clipped * descent.codes).sum(-1, keepdim=True) / descent.square
    share = where_on(share, descent.square, clip**2)
    codes = torch.addcmul(of_clipped, share, descent.codes, value=-1).mul_(descent.scale)
    first = where_on(torch.bmm(codes, decoder.first[:, :-1]), decoding.first, 0)
    middle = where_on(torch.bmm(first, decoder.middle), decoding.middle, 0)
    found.last.baddbmm_(middle.mT, descent.networks)
    found.middle.baddbmm_(first.mT, descent.middle)
    found.first[:, :-1].baddbmm_(codes.mT, descent.first)
    return torch.bmm(middle, decoder.last).flatten(0, 1)
