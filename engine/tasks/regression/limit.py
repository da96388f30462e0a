"""The Bayes-optimal limit: what can be known of a function from its support set, and no more.

Predictions by the posterior under the very prior that the tasks come from. No learner does better
on average, in squared error or in likelihood; how near it comes is what the limit is for.

Shapes: B tasks, F families, S draws of a task, Q queries.
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.tasks.regression.families import Prior
from engine.tasks.regression.functions import FunctionTasks
from engine.tasks.regression.mixture import Mixture, mixture
from engine.tasks.regression.posterior import FamilyPosterior, functions_at, posterior

# So many tasks are weighted together: their draws stay near the processor's cache.
_TASKS_AT_A_TIME = 16
# Draws of less than this share of a task's weight, together, say nothing of its queries.
_NEGLIGIBLE = 1e-6


@dataclass(frozen=True)
class Limit:
    """The Bayes-optimal predictions of some tasks.

    Attributes
    ----------
    mean, variance
        Of the function's value at each query, without noise, (B, Q) float32.
    log_density
        Of the noisy target, in nats, (B, Q) float32.
    pit
        The probability that is given to less than the noisy target, (B, Q) float32; uniform over
        tasks, because the prior is the truth.
    family_probability
        Of each family of the prior, (B, F) float64.
    effective_sample_size
        How many draws of equal weight would tell as much, (B,) float64.
    """

    mean: NDArray[np.float32]
    variance: NDArray[np.float32]
    log_density: NDArray[np.float32]
    pit: NDArray[np.float32]
    family_probability: NDArray[np.float64]
    effective_sample_size: NDArray[np.float64]


def limit_of(prior: Prior, tasks: FunctionTasks) -> Generator[int, None, Limit]:
    """Compute the limit on the CPU, yielding how many tasks are done.

    It yields many times a second, so that a reader can show progress, or close it and go on.

    Parameters
    ----------
    prior
        What the tasks were drawn from.
    tasks
        B tasks, on any device; what comes out for a task does not depend on the others.
    """
    tasks = FunctionTasks(*(part.cpu() for part in tasks))
    mixtures: list[Mixture] = []
    probabilities: list[Tensor] = []
    sizes: list[Tensor] = []
    together = zip(
        tasks.support_x.double().split(_TASKS_AT_A_TIME),
        tasks.support_y.double().split(_TASKS_AT_A_TIME),
        strict=True,
    )
    for support_x, support_y in together:
        families = posterior(prior, support_x, support_y)
        weights = normalised_weights(families)
        probabilities.append(weights.unflatten(1, (len(families), -1)).sum(2))
        sizes.append(1 / weights.square().sum(1))
        for place, own_weights in enumerate(weights):
            number = len(mixtures)
            own = [FamilyPosterior(*(part[place] for part in family)) for family in families]
            queries = tasks.query_x[number], tasks.query_y[number]
            mixtures.append(_predicted(prior, own, own_weights, *queries))
            yield number + 1
    predicted = Mixture(*(torch.stack(parts) for parts in zip(*mixtures, strict=True)))
    return Limit(
        predicted.mean.numpy(),
        predicted.variance.numpy(),
        predicted.log_density.numpy(),
        predicted.pit.numpy(),
        torch.cat(probabilities).numpy(),
        torch.cat(sizes).numpy(),
    )


def limit_functions(prior: Prior, tasks: FunctionTasks, samples: int) -> Tensor:
    """Choose functions of the posterior, equally likely each, and evaluate them at the queries.

    Returns their values, (B, `samples`, Q) float32 on the CPU: what a learner's samples would be
    that had learned all there is. The same ones each time.
    """
    tasks = FunctionTasks(*(part.cpu() for part in tasks))
    values = []
    for first in range(0, len(tasks.support_x), _TASKS_AT_A_TIME):
        places = slice(first, first + _TASKS_AT_A_TIME)
        families = posterior(
            prior, tasks.support_x[places].double(), tasks.support_y[places].double()
        )
        chosen = equally_likely(normalised_weights(families), samples)
        values.append(chosen_functions(prior, families, chosen, tasks.query_x[places]))
    return torch.cat(values)


def equally_likely(weights: Tensor, samples: int) -> Tensor:
    """Choose draws that are equally likely each, by their places, (b, `samples`) int64.

    `weights` are those of all draws, (b, S), as `normalised_weights` returns them.
    """
    wanted = (torch.arange(samples, dtype=torch.float64) + 0.5) / samples
    ends = weights.cumsum(1)
    chosen = torch.searchsorted(ends, wanted.expand(len(ends), -1).contiguous())
    return chosen.clamp(max=ends.shape[1] - 1)


def normalised_weights(families: list[FamilyPosterior]) -> Tensor:
    """Return the weights of all draws, (b, S), the families behind each other; they sum to 1."""
    return torch.softmax(torch.cat([family.log_weights for family in families], 1), 1)


def chosen_functions(
    prior: Prior, families: list[FamilyPosterior], chosen: Tensor, x: Tensor
) -> Tensor:
    """Evaluate some of all families' draws, their places (b, samples), at points (b, N)."""
    each = families[0].log_weights.shape[1]
    values = x.new_zeros(*chosen.shape, x.shape[1])
    for place, (member, draws) in enumerate(zip(prior.members, families, strict=True)):
        own = (chosen - place * each).clamp(0, each - 1)
        few = FamilyPosterior(
            draws.coefficients.gather(1, own[..., None].expand(-1, -1, 2)).float(),
            draws.frequencies.gather(1, own),
            draws.log_weights.gather(1, own),
        )
        is_of_it = (chosen // each == place)[..., None]
        values = torch.where(is_of_it, functions_at(member, few, x), values)
    return values


def _predicted(
    prior: Prior, families: list[FamilyPosterior], weights: Tensor, x: Tensor, y: Tensor
) -> Mixture:
    """Ask one task's draws, those with a weight worth asking, about its queries, (Q,) each."""
    is_heard = weights > _NEGLIGIBLE / len(weights)
    values = []
    for member, draws, heard in zip(
        prior.members, families, is_heard.chunk(len(families)), strict=True
    ):
        few = FamilyPosterior(*(part[heard][None] for part in draws))
        few = few._replace(coefficients=few.coefficients.float())
        values.append(functions_at(member, few, x[None])[0])
    heard_weights = weights[is_heard]
    heard_weights = (heard_weights / heard_weights.sum()).float()
    return mixture(torch.cat(values), heard_weights, y, prior.noise)
