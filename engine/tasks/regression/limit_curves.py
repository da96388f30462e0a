"""The Bayes-optimal limit of one function as curves: what a plot of its support set shows of it.

Shapes: K shots, F families, N functions of the posterior, Q points.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from engine.tasks.regression.families import Prior
from engine.tasks.regression.limit import chosen_functions, equally_likely, normalised_weights
from engine.tasks.regression.posterior import FamilyPosterior, posterior


class LimitCurves(NamedTuple):
    """The posterior of one function, at some points."""

    mean: Tensor  # (Q,) float32
    functions: Tensor  # (N, Q) float32: each as likely as any other
    family: Tensor  # (N,) int64: place among the prior's families
    family_probability: Tensor  # (F,) float64


def limit_curves(
    prior: Prior, support_x: Tensor, support_y: Tensor, x: Tensor, functions: int
) -> LimitCurves:
    """Return what can be known of a function from its support set.

    Mean, probabilities and functions are those of `limit_of` and `limit_functions` but for
    rounding; one posterior is computed for all of them.

    Parameters
    ----------
    prior
        Where the function comes from.
    support_x, support_y
        Its noisy points, (K,) each, on the CPU.
    x
        Where it is asked about, (Q,).
    functions
        How many functions are chosen, N.
    """
    families = posterior(prior, support_x[None].double(), support_y[None].double())
    weights = normalised_weights(families)
    chosen = equally_likely(weights, functions)
    each = families[0].log_weights.shape[1]
    return LimitCurves(
        _mean(prior, families, weights[0], x),
        chosen_functions(prior, families, chosen, x[None])[0],
        chosen[0] // each,
        weights.unflatten(1, (len(families), -1)).sum(2)[0],
    )


def _mean(prior: Prior, families: list[FamilyPosterior], weights: Tensor, x: Tensor) -> Tensor:
    """Return the mean of all draws at points: of each linear family's basis functions' weights."""
    mean = torch.zeros(len(x), dtype=torch.float64)
    parts = zip(prior.members, families, weights.chunk(len(families)), strict=True)
    for member, draws, own_weights in parts:
        coefficients = torch.zeros(member.frequencies, 2, dtype=torch.float64)
        coefficients.index_add_(
            0, draws.frequencies[0], own_weights[:, None] * draws.coefficients[0]
        )
        mean += torch.einsum("qgk,gk->q", member.bases(x.double()), coefficients)
    return mean.float()
