"""Few-shot regression tasks: noisy points of functions drawn from a prior.

Task number i of a split under a seed is a pure function: each of its random numbers is a hash of
(seed, split, what it is for, i, its place). So a task is the same in every batch and after a
restart, and no sampler state exists that could be lost.

Shapes: B tasks, K shots, Q queries, P parameters of a function. A population has its M members
before these, and the steps of training before those.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from engine.tasks.hashing import mixed, mixed_text, mixed_with
from engine.tasks.regression.families import Prior

# What a hashed number is for, so that none is used twice.
_FAMILY, _PARAMETERS, _SUPPORT_X, _SUPPORT_NOISE, _QUERY_X, _QUERY_NOISE = range(6)
_BITS = 24  # of a uniform number: float32 holds them exactly


class FunctionTasks(NamedTuple):
    """A batch of tasks, each about one function; the noise is on all targets but the clean ones."""

    support_x: Tensor  # (B, K)
    support_y: Tensor  # (B, K)
    query_x: Tensor  # (B, Q)
    query_y: Tensor  # (B, Q)
    query_clean: Tensor  # (B, Q): values of the function itself; of a file, those measured
    family: Tensor  # (B,) int64: place among the prior's families, or a file's functions
    parameters: Tensor  # (B, P): 0 where the function's family has fewer


def sample_functions(
    prior: Prior,
    seed: int | Tensor,
    split: str,
    numbers: Tensor,
    k_shot: int,
    queries: int,
    *,
    query_grid: bool = False,
) -> FunctionTasks:
    """Return the tasks with the given numbers.

    Parameters
    ----------
    prior
        Where functions, inputs and noise come from.
    seed
        The experiment's seed or, for a population, those of its members, (M,) int64 on the device
        of `numbers`. A member's tasks are those of its seed alone, bit for bit.
    split
        The split's name; other splits have other tasks.
    numbers
        (B,) int64, or (..., M, B) for a population; the tasks are made on its device.
    k_shot, queries
        K and Q. The support set of a task does not depend on Q.
    query_grid
        Whether the queries stand on the prior's grid, the same in every task, instead of anywhere.

    Returns
    -------
    FunctionTasks
        In float32, with the shape of `numbers` in the place of B.
    """
    keys = _Keys(seed, split, numbers)
    family = keys.whole_numbers(_FAMILY, len(prior.families))
    uniform = keys.uniform(_PARAMETERS, prior.parameter_count)
    support_x = _inputs(prior, keys.uniform(_SUPPORT_X, k_shot))
    if query_grid:
        query_x = prior.grid(queries, numbers.device).expand(*numbers.shape, -1)
    else:
        query_x = _inputs(prior, keys.uniform(_QUERY_X, queries))
    parameters = torch.zeros_like(uniform)
    support_clean, query_clean = torch.zeros_like(support_x), torch.zeros_like(query_x)
    # Every task is evaluated in every family: there are few, and no task waits for another.
    for place, member in enumerate(prior.members):
        is_of_it = (family == place)[..., None]
        own = member.parameters(uniform)
        support_clean = torch.where(is_of_it, member.values(own, support_x), support_clean)
        query_clean = torch.where(is_of_it, member.values(own, query_x), query_clean)
        count = own.shape[-1]
        parameters[..., :count] = torch.where(is_of_it, own, parameters[..., :count])
    return FunctionTasks(
        support_x,
        support_clean + prior.noise * keys.normal(_SUPPORT_NOISE, k_shot),
        query_x,
        query_clean + prior.noise * keys.normal(_QUERY_NOISE, queries),
        query_clean,
        family,
        parameters,
    )


class _Keys:
    """The random numbers of some tasks, by what they are for."""

    def __init__(self, seed: int | Tensor, split: str, numbers: Tensor) -> None:
        self._seed, self._split, self._numbers = seed, mixed_text(split), numbers

    def uniform(self, purpose: int, count: int) -> Tensor:
        """Return numbers of 0 to 1, without 1, (B, count) float32."""
        return _fraction(self._hashed(purpose, count) >> (64 - _BITS))

    def normal(self, purpose: int, count: int) -> Tensor:
        """Return numbers of the standard normal distribution, (B, count) float32.

        By Box and Muller, out of two parts of the same hash.
        """
        hashed = self._hashed(purpose, count)
        # 1 minus it is above 0, so that it has a logarithm.
        radius = torch.sqrt(-2 * torch.log(1 - _fraction(hashed >> (64 - _BITS))))
        return radius * torch.cos(2 * math.pi * _fraction(hashed >> (64 - 2 * _BITS)))

    def whole_numbers(self, purpose: int, below: int) -> Tensor:
        """Return a number of 0 to `below` - 1 for each task, (B,) int64."""
        return (_low_bits(self._hashed(purpose, 1)[..., 0] >> (64 - _BITS)) * below) >> _BITS

    def _hashed(self, purpose: int, count: int) -> Tensor:
        keys = mixed_with(self._state(purpose), self._numbers)
        return mixed_with(keys[..., None], torch.arange(count, device=keys.device))

    def _state(self, purpose: int) -> Tensor:
        """Hash seed, split and purpose: as (B,), or (M, 1) for the members of a population."""
        if isinstance(self._seed, int):
            state = _signed(mixed(self._seed, self._split, purpose))
            return torch.full_like(self._numbers, state)
        state_of_seeds = mixed_with(torch.zeros_like(self._seed), self._seed)
        for number in (_signed(self._split), purpose):
            state_of_seeds = mixed_with(state_of_seeds, torch.full_like(self._seed, number))
        return state_of_seeds[:, None]


def _inputs(prior: Prior, uniform: Tensor) -> Tensor:
    return prior.low + (prior.high - prior.low) * uniform


def _fraction(hashed: Tensor) -> Tensor:
    """Turn the lowest bits of hashed numbers into 0 to 1, without 1, float32."""
    return _low_bits(hashed).to(torch.float32) * 2.0**-_BITS


def _low_bits(hashed: Tensor) -> Tensor:
    return hashed & ((1 << _BITS) - 1)


def _signed(number: int) -> int:
    """Return the int64 with the same bits as an unsigned 64-bit number."""
    return number - (1 << 64) if number >= 1 << 63 else number
