"""Random weights, points and objectives of LEO for regression."""

import torch
from torch import Tensor

from engine.learners.function_points import Points
from engine.learners.leo_regression.model import Parameters, initial_parameters
from engine.learners.leo_regression.objective import Adaptation, Objective, Terms, terms

LATENT_SIZE, HIDDEN = 3, 6
TASKS, SUPPORT, QUERIES = 4, 5, 7
# What codes' gradients are clipped to. Those of `random_parameters` are longer than the first and
# shorter than the last; the one between clips some of them.
CLIPS = (0.1, 5.0, 1e4)

PHASES = {
    "sampled": Objective(3, 1.0, True, 0.1, 0.05, takes_roots=False, noise=None),
    "roots": Objective(3, 1.0, True, 0.1, 0.05, takes_roots=True, noise=None),
    "random_prior": Objective(3, 1.0, False, 0.1, 0.05, takes_roots=True, noise=None),
    "conditional_generator": Objective(0, 1.0, True, 0.1, 0.05, takes_roots=True, noise=None),
    "last_phase": Objective(3, 1.0, True, 0.1, 0.05, takes_roots=False, noise=0.4),
    "last_phase_random_prior": Objective(3, 1.0, False, 0.1, 0.05, takes_roots=False, noise=0.4),
}


def random_parameters(members: int | None, dtype: torch.dtype = torch.float64) -> Parameters:
    """Draw weights whose biases are not 0, with members (M, ...) where they are asked for."""
    generator = torch.Generator().manual_seed(3)
    each = []
    for _ in range(members or 1):
        drawn = initial_parameters(LATENT_SIZE, HIDDEN, 0.3, generator)
        drawn = drawn._replace(decoder_last=2 * drawn.decoder_last)
        each.append([one + torch.randn(one.shape, generator=generator) / 10 for one in drawn])
    stacked = each[0] if members is None else [torch.stack(of) for of in zip(*each, strict=True)]
    return Parameters(*(one.to(dtype).requires_grad_() for one in stacked))


def random_points(members: int | None, dtype: torch.dtype = torch.float64) -> Points:
    """Draw points (M, B, K) and (M, B, Q), without M unless members are asked for."""
    generator = torch.Generator().manual_seed(5)
    first = () if members is None else (members,)
    sizes = (SUPPORT, SUPPORT, QUERIES, QUERIES)
    shapes = [(*first, TASKS, size) for size in sizes]
    return Points(*(torch.randn(shape, generator=generator).to(dtype) for shape in shapes))


def random_noise(members: int | None, samples: int, dtype: torch.dtype = torch.float64) -> Tensor:
    """Draw the noise of codes, (M, S, B, L)."""
    first = () if members is None else (members,)
    shape = (*first, samples, TASKS, LATENT_SIZE)
    return torch.randn(shape, generator=torch.Generator().manual_seed(7)).to(dtype)


def terms_and_gradient(
    parameters: Parameters,
    points: Points,
    noise: Tensor,
    objective: Objective,
    adaptation: Adaptation,
) -> tuple[Terms, Parameters]:
    """Return the terms, and the gradient of the loss in every weight."""
    found = terms(parameters, points, noise, objective, adaptation)
    gradient = torch.autograd.grad(
        found.loss.sum(), parameters, allow_unused=True, materialize_grads=True
    )
    return Terms(*(each.detach() for each in found)), Parameters(*gradient)
