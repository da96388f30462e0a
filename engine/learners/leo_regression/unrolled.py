"""The inner loop of training, with a written-out backward pass (Rusu et al. 2019, section 5.1).

`AdaptedFunctions` descends on latent codes and evaluates the functions that the adapted codes stand
for. Going back, a step's derivative is the Hessian of the support error times a direction, which
one more forward pass along it gives. Autograd gives the same numbers out of
`model.adapted_plainly`, and the tests hold it to that, but with many more operations and passes
over memory.

Shapes: B tasks, S samples, R = S B rows of a member, K points, Q queries, L latent size, P weights
of a network, T inner steps. Inside, M members are always there, 1 for a single model, and the
V = M R networks of all are in a row.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from engine.learners.leo_regression import generated_network as generated
from engine.learners.leo_regression.generated_network import where_on
from engine.learners.leo_regression.model import Parameters


class _Decoder(NamedTuple):
    """The decoder's weights."""

    first: Tensor  # (M, L, 32)
    middle: Tensor  # (M, 32, 32)
    last: Tensor  # (M, 32, P)
    first_bias: Tensor  # (M, 1, 32)
    middle_bias: Tensor  # (M, 1, 32)
    last_bias: Tensor  # (M, 1, P)


class _Passage(NamedTuple):
    """What codes become on their way through the decoder, or a gradient on its way back."""

    codes: Tensor  # (M, R, L)
    first: Tensor  # (M, R, 32)
    middle: Tensor  # (M, R, 32)
    networks: Tensor  # (M, R, P)


class _Clipped(NamedTuple):
    """The clipped gradient of codes."""

    codes: Tensor  # (M, R, L)
    square: Tensor  # (M, R, 1): the squared length of what was clipped
    scale: Tensor  # (M, R, 1): what it was multiplied with


class _Step(NamedTuple):
    """All that an inner step's backward pass needs."""

    decoded: _Passage
    network: generated.Network
    passed: generated.Pass
    gradient: generated.Gradient
    descent: _Passage
    clipped: _Clipped


class _Shares(NamedTuple):
    """What adds up to the decoder's gradient: rows of each product, and those that meet them.

    The last layer's are large, and so added at once, while they are in the cache. The others' are
    multiplied together in the end.
    """

    decoded: list[tuple[_Passage, _Passage]]  # of decoding
    along: list[tuple[_Passage, _Passage]]  # of the way of a step's gradient back to the codes
    last: Tensor  # (M, 32, P)
    last_bias: Tensor  # (M, 1, P)


def adapted_functions(
    parameters: Parameters,
    codes: Tensor,
    support: tuple[Tensor, Tensor],
    at: Tensor,
    steps: int,
    clip: float,
) -> tuple[Tensor, Tensor]:
    """Do what `model.adapted_plainly` does, in fewer operations."""
    p = parameters
    matrices = (p.decoder_first, p.decoder_middle, p.decoder_last)
    biases = (p.decoder_first_bias, p.decoder_middle_bias, p.decoder_last_bias)
    adapted: tuple[Tensor, Tensor] = AdaptedFunctions.apply(  # type: ignore[no-untyped-call]
        codes, p.inner_lr, *matrices, *biases, *support, at, steps, clip
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

    returns the adapted codes, (M, S, B, L), and values, (M, S, B, Q). M is there for a population.
    """

    @staticmethod
    def forward(
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
        samples, _, latent_size = codes.shape[-3:]
        rate = inner_lr.reshape(-1, 1, latent_size)
        decoder = _Decoder(
            *(each.reshape(-1, *each.shape[-2:]) for each in (first, middle, last)),
            *(each.reshape(-1, 1, each.shape[-1]) for each in (first_bias, middle_bias, last_bias)),
        )
        inputs = generated.inputs_of(_of_rows(x, samples))
        targets = _of_rows(y, samples).unsqueeze(-1)
        rows = codes.reshape(len(rate), -1, latent_size)
        weights = rows.new_empty(steps + 1, *rows.shape[:2], last.shape[-1])
        networks = generated.networks_of(weights.flatten(1, 2))
        path: list[_Step] = []
        for network, own_weights in zip(networks[:-1], weights, strict=False):
            decoded = _decoded(decoder, rows, own_weights)
            passed = generated.forward(network, inputs)
            gradient = generated.error_back(network, passed, targets)
            descent = _back(decoder, decoded, gradient.rows)
            clipped = _clipped(descent.codes, clip)
            path.append(_Step(decoded, network, passed, gradient, descent, clipped))
            rows = torch.addcmul(rows, rate, clipped.codes, value=-1)
        decoded = _decoded(decoder, rows, weights[-1])
        passed = generated.forward(networks[-1], generated.inputs_of(_of_rows(at, samples)))
        ctx.trace = (decoder, rate, path, decoded, networks[-1], passed)
        learned = (codes, inner_lr, first, middle, last, first_bias, middle_bias, last_bias)
        ctx.shapes, ctx.clip = [each.shape for each in learned], clip
        adapted = rows.view_as(codes) if path else codes.clone()
        return adapted, passed.values.view(*codes.shape[:-1], -1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, codes_grad: Tensor, values_grad: Tensor) -> Any:
        """Send the gradients of adapted codes and values back through every step."""
        decoder, rate, path, decoded, network, passed = ctx.trace
        rows = generated.back(network, passed, values_grad.reshape(passed.values.shape)).rows
        back = _back(decoder, decoded, rows)
        last_grads = (torch.zeros_like(decoder.last), torch.zeros_like(decoder.last_bias))
        shares = _Shares([], [], *last_grads)
        _add_decoded(shares, decoded, back)
        of_codes = codes_grad.reshape(back.codes.shape) + back.codes
        weights = torch.empty_like(decoded.networks)
        (direction,) = generated.networks_of(weights.view(1, -1, weights.shape[-1]))
        of_steps = []
        for step in reversed(path):
            of_steps.append(of_codes)
            along = _along(decoder, step, _clipped_back(step, of_codes * -rate, ctx.clip), weights)
            _add_along(shares, along, step.descent)
            rows = generated.along(step.network, step.passed, step.gradient, direction)
            back = _back(decoder, step.decoded, rows)
            _add_decoded(shares, step.decoded, back)
            of_codes = of_codes + back.codes
        rate_grad = torch.zeros_like(rate)
        if path:
            clipped = torch.cat([step.clipped.codes for step in reversed(path)], 1)
            rate_grad -= (torch.cat(of_steps, 1) * clipped).sum(1, keepdim=True)
        grads = (of_codes, rate_grad, *_decoder_grads(shares))
        shaped = (each.view(shape) for each, shape in zip(grads, ctx.shapes, strict=True))
        return *shaped, None, None, None, None, None


def _of_rows(points: Tensor, samples: int) -> Tensor:
    """Repeat the points of tasks, (M, B, N), for their samples: (V, N)."""
    tasks, count = points.shape[-2:]
    each = points.reshape(-1, 1, tasks, count).expand(-1, samples, -1, -1)
    return each.reshape(-1, count)


def _decoded(decoder: _Decoder, codes: Tensor, weights: Tensor) -> _Passage:
    """Generate networks from codes (M, R, L), in `weights` (M, R, P)."""
    first = torch.baddbmm(decoder.first_bias, codes, decoder.first).relu_()
    middle = torch.baddbmm(decoder.middle_bias, first, decoder.middle).relu_()
    torch.baddbmm(decoder.last_bias, middle, decoder.last, out=weights)
    return _Passage(codes, first, middle, weights)


def _back(decoder: _Decoder, decoded: _Passage, rows: Tensor) -> _Passage:
    """Send a gradient in the generated networks, (V, P), back to the codes."""
    networks = rows.view_as(decoded.networks)
    middle = where_on(torch.bmm(networks, decoder.last.mT), decoded.middle)
    first = where_on(torch.bmm(middle, decoder.middle.mT), decoded.first)
    return _Passage(torch.bmm(first, decoder.first.mT), first, middle, networks)


def _along(decoder: _Decoder, step: _Step, codes: Tensor, weights: Tensor) -> _Passage:
    """Return how fast decoded networks change when codes move along a direction, in `weights`.

    It is the way of `_back` in reverse, and so also the way of a gradient of its result.
    """
    first = where_on(torch.bmm(codes, decoder.first), step.decoded.first)
    middle = where_on(torch.bmm(first, decoder.middle), step.decoded.middle)
    torch.bmm(middle, decoder.last, out=weights)
    return _Passage(codes, first, middle, weights)


def _clipped(gradient: Tensor, clip: float) -> _Clipped:
    """Clip gradients of codes as `function_network.clipped` does."""
    square = gradient.square().sum(-1, keepdim=True).add_(1e-12)
    scale = square.clamp(min=clip**2).rsqrt_().mul_(clip)
    return _Clipped(gradient * scale, square, scale)


def _clipped_back(step: _Step, of_clipped: Tensor, clip: float) -> Tensor:
    """Send a gradient back through `_clipped`.

    Where it clips, only what stands across the gradient can change the result.
    """
    gradient, (_, square, scale) = step.descent.codes, step.clipped
    share = (of_clipped * gradient).sum(-1, keepdim=True).div_(square)
    share = torch.ops.aten.threshold_backward(share, square, clip**2)
    return torch.addcmul(of_clipped, share, gradient, value=-1).mul_(scale)


def _add_decoded(shares: _Shares, decoded: _Passage, back: _Passage) -> None:
    """Add what decoding has to do with the decoder's gradient."""
    shares.decoded.append((decoded, back))
    shares.last.baddbmm_(decoded.middle.mT, back.networks)
    shares.last_bias.add_(back.networks.sum(1, keepdim=True))


def _add_along(shares: _Shares, along: _Passage, descent: _Passage) -> None:
    """Add what a step's way back to the codes has to do with it; biases have no part in that."""
    shares.along.append((along, descent))
    shares.last.baddbmm_(along.middle.mT, descent.networks)


def _decoder_grads(shares: _Shares) -> _Decoder:
    """Return the decoder's gradient."""
    pairs = shares.decoded + shares.along
    first = torch.cat([back.first for _, back in pairs], 1)
    middle = torch.cat([back.middle for _, back in pairs], 1)
    codes = torch.cat([forth.codes for forth, _ in pairs], 1)
    units = torch.cat([forth.first for forth, _ in pairs], 1)
    with_bias = len(shares.decoded) * shares.decoded[0][0].codes.shape[1]
    return _Decoder(
        torch.bmm(codes.mT, first),
        torch.bmm(units.mT, middle),
        shares.last,
        first[:, :with_bias].sum(1, keepdim=True),
        middle[:, :with_bias].sum(1, keepdim=True),
        shares.last_bias,
    )
