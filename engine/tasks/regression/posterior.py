"""The posterior over functions, by importance sampling of their two weights.

Half of the draws of a family come from its prior, half from a Student's t about the solution of
least squares; each is weighted by likelihood times prior over the mean of the two densities that it
may have come from (the balance heuristic, Veach and Guibas 1995), so no weight is ever much above
the likelihood, and where one of the two misses the posterior, the other one finds it.

A family of many frequencies is one of the linear families of its grid, each as likely; half of its
draws choose one in proportion to how well it explains the support set.

Shapes: b tasks, K shots, N points, F families, G linear families of a family, n draws of a kind,
S = F * 2n draws of a task.
"""

import math
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor

from engine.tasks.regression.families import FunctionFamily, Prior

DRAWS = 4096  # of each kind and family
# Draws of every linear family that tell which of them explain a support set.
_PILOT_DRAWS = 32
# Degrees of freedom of the t: its tails are heavier than those of any posterior here.
_FREEDOM = 4.0


class FamilyPosterior(NamedTuple):
    """Weighted functions of one family, float64; see `functions_at`."""

    coefficients: Tensor  # (b, 2n, 2)
    frequencies: Tensor  # (b, 2n) int64: which linear family
    log_weights: Tensor  # (b, 2n): up to a number that all families of a task share


class _Fits(NamedTuple):
    """Each linear family's t, and what its likelihood depends on."""

    gram: Tensor  # (b, G, 2, 2): of the basis functions, over the noise's variance
    moment: Tensor  # (b, G, 2): of basis functions and targets, over the noise's variance
    squares: Tensor  # (b, 1): sum of squared targets, over the noise's variance
    centre: Tensor  # (b, G, 2)
    precision: Tensor  # (b, G, 2, 2)


class _Draws(NamedTuple):
    """Draws of one kind, before they are weighted."""

    coefficients: Tensor  # (b, n, 2)
    frequencies: Tensor  # (b, n) int64


def posterior(prior: Prior, support_x: Tensor, support_y: Tensor) -> list[FamilyPosterior]:
    """Sample each family's functions, given support sets.

    Parameters
    ----------
    prior
        Where the functions come from.
    support_x, support_y
        (b, K) float64, on the CPU. All tasks share the numbers that the draws are made from, so
        what comes out for a task is the same each time, whatever tasks are beside it.

    Returns
    -------
    list of FamilyPosterior
        F of them, in the order of the prior's families. A task's weights are only comparable
        across its families before they are normalised: together they then sum to 1.
    """
    return [
        _family_posterior(family, prior.noise, support_x, support_y) for family in prior.members
    ]


def functions_at(family: FunctionFamily, draws: FamilyPosterior, x: Tensor) -> Tensor:
    """Evaluate sampled functions at points, (b, N): (b, 2n, N)."""
    bases = family.bases(x)
    if family.frequencies == 1:
        return draws.coefficients @ bases[..., 0, :].mT
    # Each draw has basis functions of its own.
    places = draws.frequencies[..., None].expand(-1, -1, x.shape[-1])
    sines, cosines = (bases[..., part].mT.gather(1, places) for part in (0, 1))
    return draws.coefficients[..., :1] * sines + draws.coefficients[..., 1:] * cosines


def _family_posterior(
    family: FunctionFamily, noise: float, support_x: Tensor, support_y: Tensor
) -> FamilyPosterior:
    fits = _fits(family, noise, support_x, support_y)
    log_shares = _log_shares(family, fits)
    tasks = len(support_x)
    of_prior, frequencies = _prior_draws(family)
    of_prior, frequencies = of_prior.expand(tasks, -1, -1), frequencies.expand(tasks, -1)
    chosen, at_fits = _fit_draws(fits, log_shares)
    coefficients = torch.cat([of_prior, at_fits], 1)
    frequencies = torch.cat([frequencies, chosen], 1)
    draws = _Draws(coefficients, frequencies)
    prior_density = family.log_density(coefficients) - math.log(family.frequencies)
    fit_density = _log_t(fits, draws) + log_shares.gather(1, frequencies)
    proposed = torch.logaddexp(prior_density, fit_density) - math.log(2)
    return FamilyPosterior(
        coefficients, frequencies, _log_likelihood(fits, draws) + prior_density - proposed
    )


def _fits(family: FunctionFamily, noise: float, support_x: Tensor, support_y: Tensor) -> _Fits:
    """Solve least squares in each linear family.

    A Gaussian with the prior's mean and covariance stands for the prior, so that the solution
    exists and is a reasonable one whatever the inputs are.
    """
    bases = family.bases(support_x).transpose(1, 2) / noise  # (b, G, K, 2)
    targets = support_y[:, None, :, None] / noise
    gram, moment = bases.mT @ bases, (bases.mT @ targets).squeeze(-1)
    from_prior, _ = _prior_draws(family)
    prior_precision = torch.linalg.inv(from_prior.mT.cov())
    precision = gram + prior_precision
    pulled = moment + prior_precision @ from_prior.mean(0)
    centre = torch.linalg.solve(precision, pulled)
    squares = targets.square().sum((1, 2, 3))[:, None]
    return _Fits(gram, moment, squares, centre, precision)


def _log_shares(family: FunctionFamily, fits: _Fits) -> Tensor:
    """Return the log share of draws that each linear family gets, (b, G)."""
    count = family.frequencies
    tasks = len(fits.squares)
    if count == 1:
        return torch.zeros(tasks, 1, dtype=torch.float64)
    everyone = torch.arange(count).repeat_interleave(_PILOT_DRAWS).expand(tasks, -1)
    numbers = _even_numbers(_PILOT_DRAWS, seed=2).repeat(count, 1)
    pilots = _Draws(_around_fits(fits, everyone, numbers), everyone)
    log_weights = (
        _log_likelihood(fits, pilots)
        + family.log_density(pilots.coefficients)
        - _log_t(fits, pilots)
    )
    evidence = log_weights.unflatten(1, (count, _PILOT_DRAWS)).logsumexp(2)
    # A number in the place of minus infinity: where no pilot draw is a function of the prior, all
    # linear families share alike.
    return torch.log_softmax(evidence.clamp(min=-1e300), 1)


def _prior_draws(family: FunctionFamily) -> tuple[Tensor, Tensor]:
    """Draw weights (n, 2) and linear families (n,) from the prior."""
    numbers = _even_numbers(DRAWS, seed=0)
    parameters = family.parameters(numbers[:, : len(family.parameter_names)])
    return family.coefficients(parameters), (numbers[:, 2] * family.frequencies).long()


def _fit_draws(fits: _Fits, log_shares: Tensor) -> tuple[Tensor, Tensor]:
    """Draw linear families (b, n), and weights (b, n, 2) from their t."""
    numbers = _even_numbers(DRAWS, seed=1)
    ends = log_shares.exp().cumsum(1)
    places = numbers[:, 0].expand(len(ends), -1).contiguous()
    chosen = torch.searchsorted(ends, places, right=True).clamp(max=ends.shape[1] - 1)
    return chosen, _around_fits(fits, chosen, numbers)


def _around_fits(fits: _Fits, frequencies: Tensor, numbers: Tensor) -> Tensor:
    """Turn uniform numbers (n, 3) into draws of the linear families' t, (b, n, 2)."""
    # The radius of a t in two dimensions has a distribution that can be inverted in closed form.
    radius = (_FREEDOM * (numbers[:, 1] ** (-2 / _FREEDOM) - 1)).sqrt()
    angle = 2 * math.pi * numbers[:, 2]
    circle = torch.stack([radius * angle.cos(), radius * angle.sin()], -1)
    # The inverse of the transposed Cholesky factor is a root of the covariance.
    root = torch.linalg.inv(torch.linalg.cholesky(fits.precision).mT)
    steps = (_of_each(root, frequencies) @ circle[..., None]).squeeze(-1)
    return _of_each(fits.centre, frequencies) + steps


def _log_t(fits: _Fits, draws: _Draws) -> Tensor:
    """Return the log density of draws under the t of their linear family, (b, n)."""
    steps = draws.coefficients - _of_each(fits.centre, draws.frequencies)
    distances = _quadratic(_of_each(fits.precision, draws.frequencies), steps)
    half_log_det = fits.precision.det().log().gather(1, draws.frequencies) / 2
    tails = (_FREEDOM + 2) / 2 * torch.log1p(distances / _FREEDOM)
    return half_log_det - math.log(2 * math.pi) - tails


def _log_likelihood(fits: _Fits, draws: _Draws) -> Tensor:
    """Return the log likelihood of draws, (b, n), without what all functions of a task share."""
    moments = (_of_each(fits.moment, draws.frequencies) * draws.coefficients).sum(-1)
    quadratic = _quadratic(_of_each(fits.gram, draws.frequencies), draws.coefficients)
    return moments - (quadratic + fits.squares) / 2


def _of_each(numbers: Tensor, frequencies: Tensor) -> Tensor:
    """Return what belongs to the linear family of each draw, (b, n, ...)."""
    if numbers.shape[1] == 1:
        return numbers
    tasks = torch.arange(len(numbers))[:, None]
    return numbers[tasks, frequencies]


def _quadratic(matrices: Tensor, vectors: Tensor) -> Tensor:
    """Return v' M v of symmetric matrices (..., 2, 2) and vectors (..., 2)."""
    first, second = vectors[..., 0], vectors[..., 1]
    across = 2 * matrices[..., 0, 1] * first * second
    return matrices[..., 0, 0] * first.square() + across + matrices[..., 1, 1] * second.square()


@cache
def _even_numbers(count: int, seed: int) -> Tensor:
    """Return numbers that fill the unit cube more evenly than chance, (count, 3), above 0.

    Scrambled Sobol points: means over them are nearer to the truth than over as many draws.
    """
    # Its last bits need float64, and 0 has no place on a t.
    engine = torch.quasirandom.SobolEngine(3, scramble=True, seed=seed)
    points: Tensor = engine.draw(count, dtype=torch.float64)
    return points.clamp(1e-9, 1 - 1e-9)
