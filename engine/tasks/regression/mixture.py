"""Predictions that are a weighted mixture of sampled functions, with Gaussian noise about each.

Shapes: B tasks, S samples (functions of a task), Q queries.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor


class Mixture(NamedTuple):
    """What a mixture says of each query, (B, Q) each."""

    mean: Tensor
    variance: Tensor  # of the function, without the noise
    log_density: Tensor  # of the noisy target
    pit: Tensor  # the probability that it says of less than the noisy target, 0 to 1


def mixture(values: Tensor, weights: Tensor, targets: Tensor, noise: float) -> Mixture:
    """Ask a mixture about queries.

    Parameters
    ----------
    values
        Of the sampled functions at the queries, (B, S, Q).
    weights
        Of the functions, (B, S); they sum to 1.
    targets
        Noisy targets of the queries, (B, Q).
    noise
        Standard deviation of the noise.
    """
    weights = weights[..., None, :]
    mean = weights @ values
    variance = weights @ (values - mean).square()
    # Distances to the target, in noises; their squares are halved as the densities want them.
    distances = (targets[..., None, :] - values) / noise
    # In logarithms throughout: the sample that is nearest may be one of no weight.
    exponents = torch.log(weights).mT - distances.square() / 2
    log_density = exponents.logsumexp(-2, keepdim=True) - math.log(noise * math.sqrt(2 * math.pi))
    pit = (1 + weights @ torch.erf(distances / math.sqrt(2))) / 2
    return Mixture(
        mean.squeeze(-2),
        variance.squeeze(-2),
        log_density.squeeze(-2),
        pit.squeeze(-2).clamp(0, 1),
    )
