"""Choice of a step's kernels: torch's operations, or fused ones of our own on a CUDA GPU.

Both compute the same. Our kernels need triton, which comes with torch where there are CUDA GPUs
(on Linux; on Windows there is none, and torch's operations are used).
"""

import importlib.util
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from engine.config import Classification, Leo
from engine.learners.leo.draws import Filling, filled
from engine.learners.leo.relation import RelatedPairs
from engine.learners.leo.unrolled import FineTuning, InnerLoop


class Kernels(NamedTuple):
    """The functions that do a step's arithmetic."""

    related_pairs: Callable[..., Any]  # see `engine.learners.leo.relation.RelatedPairs`
    inner_loop: Callable[..., Any]  # see `engine.learners.leo.unrolled.InnerLoop`
    finetuning: Callable[..., Any]  # see `engine.learners.leo.unrolled.FineTuning`
    fill: Callable[[Filling], Tensor]  # see `engine.learners.leo.draws.filled`


OPERATIONS = Kernels(
    RelatedPairs.apply,
    InnerLoop.apply,
    FineTuning.apply,
    filled,
)


def kernels_for(device: torch.device, task: Classification, leo: Leo) -> Kernels:
    """Return the fastest there is for an experiment's tasks on a device."""
    return OPERATIONS if why_no_kernels(device) else fused_kernels(task, leo)


def fused_kernels(task: Classification, leo: Leo) -> Kernels:
    """Return our kernels as far as they can take an experiment's tasks; triton must be there."""
    from engine.learners.leo.fused import draws, relation, unrolled

    kernels = OPERATIONS._replace(fill=draws.fused_filled)
    if relation.fits(task.n_way * task.k_shot, 2 * leo.latent_size):
        related_pairs = relation.FusedRelatedPairs.apply
        kernels = kernels._replace(related_pairs=related_pairs)
    if unrolled.fits(task.n_way, task.k_shot, leo.latent_size):
        kernels = kernels._replace(finetuning=unrolled.FusedFineTuning.apply)
        if leo.variant != "deterministic":
            kernels = kernels._replace(inner_loop=unrolled.FusedInnerLoop.apply)
    return kernels


def why_no_kernels(device: torch.device) -> str:
    """Say why a device has none of our kernels; empty where it has."""
    if device.type != "cuda":
        return f"they are for CUDA GPUs, not for {device.type}"
    if importlib.util.find_spec("triton") is None:
        return "triton is not installed"
    return ""
