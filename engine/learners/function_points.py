"""The noisy points of functions, scaled as networks like them.

Shapes: B tasks, K and Q points of each. A population has its M members before these.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from engine.learners.function_network import SCALE
from engine.tasks.regression import FunctionTasks

# Below it the root of an error is as steep as there; its gradient has no end at 0.
_LEAST_ERROR = 1e-8


class Points(NamedTuple):
    """The noisy points of tasks, scaled; see `function_network.SCALE`."""

    support_x: Tensor  # (B, K)
    support_y: Tensor  # (B, K)
    query_x: Tensor  # (B, Q)
    query_y: Tensor  # (B, Q)


def scaled_points(tasks: FunctionTasks, count: int) -> Points:
    """Return the points of the first `count` tasks, in the type that weights have by default."""
    points = (tasks.support_x, tasks.support_y, tasks.query_x, tasks.query_y)
    dtype = torch.get_default_dtype()
    return Points(*(each[..., :count, :].to(dtype) / SCALE for each in points))


def counted(errors: Tensor, *, takes_roots: bool) -> Tensor:
    """Return what the errors of tasks count for: themselves, or their roots.

    By the errors alone, a few tasks with large amplitudes would have all the say at first.
    """
    return (errors + _LEAST_ERROR).sqrt() if takes_roots else errors
