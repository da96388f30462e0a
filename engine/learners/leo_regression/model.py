"""LEO's networks for regression: encoder, relation network, decoder, and the inner loop.

Rusu et al. 2019, section 5.1: a code per task, and a decoder that generates all weights of the
network that stands for its function. Biases everywhere.

Shapes: B tasks, K points of each, L latent size, S samples, P weights of a generated network. A
population has its M members before these.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from engine.learners.function_network import (
    clipped,
    error_gradient,
    initial_network,
    network_values,
)
from engine.learners.function_network import network_size as network_size
from engine.learners.populations import product, row_per_member

_ENCODER_UNITS, _UNITS = 16, 32
# The decoder starts near its last bias, an ordinary initial network, so that step 0 is where MAML
# would begin.
_DECODER_SCALE = 0.2
# Log deviations start here, and are kept within bounds.
_LOG_DEVIATION = -1.0
_LOG_DEVIATIONS = (-6.0, 2.0)


class Parameters(NamedTuple):
    """Everything that is learned."""

    encoder_first: Tensor  # (2, 16)
    encoder_first_bias: Tensor
    encoder_middle: Tensor  # (16, 16)
    encoder_middle_bias: Tensor
    encoder_last: Tensor  # (16, L)
    encoder_last_bias: Tensor
    relation_first: Tensor  # (2 L, 32)
    relation_first_bias: Tensor
    relation_middle: Tensor  # (32, 32)
    relation_middle_bias: Tensor
    relation_last: Tensor  # (32, 2 L)
    relation_last_bias: Tensor
    decoder_first: Tensor  # (L, 32)
    decoder_first_bias: Tensor
    decoder_middle: Tensor  # (32, 32)
    decoder_middle_bias: Tensor
    decoder_last: Tensor  # (32, P)
    decoder_last_bias: Tensor
    inner_lr: Tensor  # (L,): a step size for each number of a code


class Encoding(NamedTuple):
    """The distribution over codes that a support set is encoded to."""

    mean: Tensor  # (B, L)
    log_deviation: Tensor  # (B, L)


class Decoded(NamedTuple):
    """A decoded network, and what the way back needs."""

    first: Tensor  # (..., 32)
    middle: Tensor  # (..., 32)
    networks: Tensor  # (..., P)


def shapes(latent_size: int, hidden: int) -> dict[str, tuple[int, ...]]:
    """Return the shape of every weight by name."""
    layers = {
        "encoder_first": (2, _ENCODER_UNITS),
        "encoder_middle": (_ENCODER_UNITS, _ENCODER_UNITS),
        "encoder_last": (_ENCODER_UNITS, latent_size),
        "relation_first": (2 * latent_size, _UNITS),
        "relation_middle": (_UNITS, _UNITS),
        "relation_last": (_UNITS, 2 * latent_size),
        "decoder_first": (latent_size, _UNITS),
        "decoder_middle": (_UNITS, _UNITS),
        "decoder_last": (_UNITS, network_size(hidden)),
    }
    found: dict[str, tuple[int, ...]] = {}
    for name, shape in layers.items():
        found |= {name: shape, f"{name}_bias": shape[-1:]}
    return found | {"inner_lr": (latent_size,)}


def initial_parameters(
    latent_size: int, hidden: int, inner_lr: float, generator: torch.Generator
) -> Parameters:
    """Draw the weights at the start of training."""
    weights: dict[str, Tensor] = {}
    for name, shape in shapes(latent_size, hidden).items():
        weights[name] = torch.zeros(shape)
        if len(shape) == 2:
            weights[name].normal_(generator=generator).mul_(math.sqrt(2 / shape[0]))
    weights["relation_last"] *= 0.5
    weights["decoder_last"] *= _DECODER_SCALE / math.sqrt(2)
    weights["decoder_last_bias"] = initial_network(hidden, generator)
    weights["inner_lr"].fill_(inner_lr)
    return Parameters(**weights)


def encode(parameters: Parameters, x: Tensor, y: Tensor) -> Encoding:
    """Encode scaled support points (..., B, K) into a Gaussian over codes (equation 3)."""
    p, latent_size = parameters, parameters.inner_lr.shape[-1]
    points = torch.stack([x, y], -1)
    points = torch.relu(_affine(points, p.encoder_first, p.encoder_first_bias))
    points = torch.relu(_affine(points, p.encoder_middle, p.encoder_middle_bias))
    points = _affine(points, p.encoder_last, p.encoder_last_bias)
    # On a concatenated pair the first layer is the sum of what it makes of either half.
    left = product(points, p.relation_first[..., :latent_size, :])
    right = _affine(points, p.relation_first[..., latent_size:, :], p.relation_first_bias)
    pairs = torch.relu(left.unsqueeze(-2) + right.unsqueeze(-3))
    pairs = torch.relu(_affine(pairs, p.relation_middle, p.relation_middle_bias))
    # The last layer is linear, so it moves after the average over pairs.
    related = _affine(pairs.mean((-3, -2)), p.relation_last, p.relation_last_bias)
    mean, log_deviation = related.chunk(2, -1)
    return Encoding(mean, (log_deviation + _LOG_DEVIATION).clamp(*_LOG_DEVIATIONS))


def sample_codes(encoding: Encoding, noise: Tensor) -> Tensor:
    """Return codes (..., S, B, L) for standard normal noise of that shape."""
    mean, deviation = encoding.mean.unsqueeze(-3), encoding.log_deviation.exp().unsqueeze(-3)
    return mean + deviation * noise


def decode(parameters: Parameters, codes: Tensor) -> Decoded:
    """Generate networks from codes (..., L): (..., P)."""
    p = parameters
    first = torch.relu(_affine(codes, p.decoder_first, p.decoder_first_bias))
    middle = torch.relu(_affine(first, p.decoder_middle, p.decoder_middle_bias))
    return Decoded(first, middle, _affine(middle, p.decoder_last, p.decoder_last_bias))


def code_gradient(parameters: Parameters, codes: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Return the gradient of the mean squared support error in the codes, (..., L).

    Written out: through the generated network, and back through the decoder. `x` and `y` are scaled
    support points, (..., K), one set for each code.
    """
    decoded = decode(parameters, codes)
    gradient = error_gradient(decoded.networks, x, y)
    gradient = product(gradient, parameters.decoder_last.mT) * (decoded.middle > 0)
    gradient = product(gradient, parameters.decoder_middle.mT) * (decoded.first > 0)
    return product(gradient, parameters.decoder_first.mT)


def adapt_codes(
    parameters: Parameters, codes: Tensor, x: Tensor, y: Tensor, steps: int, clip: float
) -> Tensor:
    """Take inner steps on codes (..., S, B, L) (algorithm 1, line 8); `x` and `y` (..., B, K)."""
    *_, adapted = code_path(parameters, codes, x, y, steps, clip)
    return adapted


def code_path(
    parameters: Parameters, codes: Tensor, x: Tensor, y: Tensor, steps: int, clip: float
) -> Iterator[Tensor]:
    """Yield codes before and after each inner step, `steps` + 1 times; see `adapt_codes`."""
    rates = row_per_member(parameters.inner_lr, 2)
    x, y = x.unsqueeze(-3), y.unsqueeze(-3)
    yield codes
    for _ in range(steps):
        codes = codes - rates * clipped(code_gradient(parameters, codes, x, y), clip)
        yield codes


def adapted_plainly(
    parameters: Parameters,
    codes: Tensor,
    support: tuple[Tensor, Tensor],
    at: Tensor,
    steps: int,
    clip: float,
) -> tuple[Tensor, Tensor]:
    """Adapt codes (..., S, B, L), and evaluate the functions that they then stand for.

    Ordinary operations, which autograd differentiates; `unrolled` does the same with its derivative
    written out.

    Parameters
    ----------
    parameters
        The decoder and the step sizes have a part in it.
    codes
        Where the codes begin.
    support
        x and y of the support points, (..., B, K) each, scaled.
    at
        Where to evaluate, (..., B, Q), scaled.
    steps, clip
        Steps on the codes, and the norm that their gradients are clipped to.

    Returns
    -------
    codes, values
        Adapted codes, (..., S, B, L), and values, (..., S, B, Q).
    """
    codes = adapt_codes(parameters, codes, *support, steps, clip)
    return codes, network_values(decode(parameters, codes).networks, at.unsqueeze(-3))


def _affine(rows: Tensor, matrix: Tensor, bias: Tensor) -> Tensor:
    """Multiply rows with a matrix and add a bias, or each member's with its own."""
    return product(rows, matrix) + row_per_member(bias, rows.dim() - bias.dim())
