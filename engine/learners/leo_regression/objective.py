"""The meta-training loss of LEO for regression (Rusu et al. 2019, equation 6), and its last phase.

The paper's objective takes one code of each task, and so punishes spread: a second function that
would fit the points as well costs, and is never rewarded. The last phase is ours. It asks for the
likelihood of the queries under several adapted codes together, each weighted by how well it fits
the support points:

    -log sum over s of  w_s exp(-|y - f_s(x)|^2 / 2 sigma^2),   w_s the support's likelihood.

Shapes: B tasks, S samples, K and Q points, L latent size. A population has its M members before
these, in weights, tasks, noise and terms.
"""

from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from engine.learners.function_network import SCALE
from engine.learners.function_points import Points, counted
from engine.learners.leo_regression.model import Encoding, Parameters, encode, sample_codes
from engine.learners.leo_regression.unrolled import adapted_functions


class Terms(NamedTuple):
    """The loss and its parts, each (M,); `loss` can be differentiated."""

    loss: Tensor
    query_error: Tensor
    kl: Tensor
    encoder_penalty: Tensor
    deviation: Tensor


class Objective(NamedTuple):
    """What is minimised in a phase.

    Attributes
    ----------
    inner_steps, inner_clip
        Steps on the codes, and the largest norm of their gradients.
    has_encoder
        Whether codes begin where the support set is encoded, and not at the prior's.
    kl_weight, encoder_penalty_weight
        Weights of the penalties; numbers, or (M,) for a population.
    takes_roots
        Whether a task counts by the root of its error; see `counted`.
    noise
        Standard deviation of the targets' noise, scaled, where several samples are scored together;
        None for the paper's objective.
    error_unit
        How much of the unit in which errors are reported the tasks' unit is.
    """

    inner_steps: int
    inner_clip: float
    has_encoder: bool
    kl_weight: float | Tensor
    encoder_penalty_weight: float | Tensor
    takes_roots: bool
    noise: float | None
    error_unit: float = 1.0


class Adaptation(Protocol):
    """Adapts codes and evaluates their functions; see `model.adapted_plainly`."""

    def __call__(
        self,
        parameters: Parameters,
        codes: Tensor,
        support: tuple[Tensor, Tensor],
        at: Tensor,
        steps: int,
        clip: float,
    ) -> tuple[Tensor, Tensor]:
        """Return adapted codes, (..., S, B, L), and values, (..., S, B, Q)."""
        ...


def terms(
    parameters: Parameters,
    points: Points,
    noise: Tensor,
    objective: Objective,
    adaptation: Adaptation = adapted_functions,
) -> Terms:
    """Adapt codes to each support set and measure the networks that they generate on the queries.

    `noise` is standard normal, (..., S, B, L); 0 for means.
    """
    is_mixed = objective.noise is not None
    encoding = encode(parameters, points.support_x, points.support_y)
    start = sample_codes(encoding, noise) if objective.has_encoder else noise
    codes, values = adaptation(
        parameters,
        start,
        (points.support_x, points.support_y),
        _with_support(points.query_x, points.support_x, is_mixed),
        objective.inner_steps,
        objective.inner_clip,
    )
    targets = _with_support(points.query_y, points.support_y, is_mixed)
    all_errors = (values - targets.unsqueeze(-3)).square()
    queries = points.query_x.shape[-1]
    errors = all_errors[..., :queries]  # (..., S, B, Q)
    if objective.noise is None:
        fit = counted(errors.mean(-1), takes_roots=objective.takes_roots).mean((-2, -1))
    else:
        fit = _mixed_loss(errors, all_errors[..., queries:], objective.noise)
    kl = _divergence(encoding) if objective.has_encoder else fit.new_zeros(fit.shape)
    penalty = (codes - start).square().sum(-1).mean((-2, -1))
    loss = fit + objective.kl_weight * kl + objective.encoder_penalty_weight * penalty
    return Terms(
        loss,
        (SCALE * objective.error_unit) ** 2 * errors.detach().mean((-3, -2, -1)),
        kl.detach(),
        penalty.detach(),
        encoding.log_deviation.detach().exp().mean((-2, -1)),
    )


def _with_support(of_queries: Tensor, of_support: Tensor, is_wanted: bool) -> Tensor:
    """Put what belongs to support points after what belongs to queries, if it is wanted."""
    return torch.cat([of_queries, of_support], -1) if is_wanted else of_queries


def _mixed_loss(errors: Tensor, support_errors: Tensor, noise: float) -> Tensor:
    """Return the last phase's loss, a mean over tasks: see the top of this file.

    Of squared errors, (..., S, B, Q) and (..., S, B, K).
    """
    misfit = support_errors.sum(-1)
    log_weights = (-misfit / (2 * noise**2)).log_softmax(-2)
    log_likelihood = -errors.sum(-1) / (2 * noise**2)
    return -(log_weights + log_likelihood).logsumexp(-2).mean(-1)


def _divergence(encoding: Encoding) -> Tensor:
    """Return KL(q || N(0, 1)) of a code, a sum over its numbers and a mean over tasks."""
    log_deviation = encoding.log_deviation
    squares = encoding.mean.square() + (2 * log_deviation).exp()
    return ((squares - 1) / 2 - log_deviation).sum(-1).mean(-1)
