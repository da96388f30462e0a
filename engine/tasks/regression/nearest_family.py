"""The family that a sampled function is nearest to, told from its values alone.

Shapes: B tasks, S samples, Q queries.
"""

from typing import Protocol

import torch
from torch import Tensor

from engine.tasks.regression.families import FunctionFamily


class Families(Protocol):
    """What has families that functions may be of."""

    @property
    def members(self) -> tuple[FunctionFamily, ...]:
        """The families; none where nobody knows any."""


def tells_families(prior: Families) -> bool:
    """Whether functions can be told apart: the prior has two families, of one frequency each."""
    return len(prior.members) == 2 and all(each.frequencies == 1 for each in prior.members)


def is_of_first_family(prior: Families, values: Tensor, x: Tensor) -> Tensor:
    """Say which functions are nearer to the first of two families, (B, S).

    A function is nearest to the family whose least-squares fit leaves the smaller residual, that
    is, explains more of its squares.

    Parameters
    ----------
    prior
        One that `tells_families`.
    values
        Of the functions at points, (B, S, Q).
    x
        The points, (B, Q).
    """
    explained: list[Tensor] = []
    for family in prior.members:
        directions = torch.linalg.qr(family.bases(x)[..., 0, :]).Q  # (B, Q, 2)
        explained.append((values @ directions).square().sum(2))
    is_first: Tensor = explained[0] > explained[1]
    return is_first
