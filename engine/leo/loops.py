"""Which code does a step's arithmetic: torch's operations, or kernels of our own on a CUDA GPU.

Both compute the same. The kernels need triton, which comes with torch where there are CUDA GPUs
(on Linux; on Windows there is none, and torch's operations are used).
"""

import importlib.util
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from engine.leo.draws import Filling, filled
from engine.leo.unrolled import FineTuning, InnerLoop


class Kernels(NamedTuple):
    """What does a step's arithmetic."""

    inner_loop: Callable[..., Any]  # see `engine.leo.unrolled.InnerLoop`
    finetuning: Callable[..., Any]  # see `engine.leo.unrolled.FineTuning`
    fill: Callable[[Filling], Tensor]  # see `engine.leo.draws.filled`


OPERATIONS = Kernels(
    InnerLoop.apply,  # type: ignore[no-untyped-call]
    FineTuning.apply,  # type: ignore[no-untyped-call]
    filled,
)


def kernels_for(device: torch.device, n_way: int, k_shot: int, *, is_sampled: bool) -> Kernels:
    """Return the fastest there is for tasks of this size on a device."""
    if why_no_kernels(device):
        return OPERATIONS
    return fused_kernels(n_way, k_shot, is_sampled=is_sampled)


def fused_kernels(n_way: int, k_shot: int, *, is_sampled: bool) -> Kernels:
    """Return the kernels as far as they can take such tasks; triton must be there."""
    from engine.leo.fused import FusedFineTuning, FusedInnerLoop, fits
    from engine.leo.fused_draws import fused_filled

    kernels = OPERATIONS._replace(fill=fused_filled)
    if fits(n_way, k_shot):
        kernels = kernels._replace(finetuning=FusedFineTuning.apply)  # type: ignore[no-untyped-call]
        if is_sampled:
            kernels = kernels._replace(inner_loop=FusedInnerLoop.apply)  # type: ignore[no-untyped-call]
    return kernels


def why_no_kernels(device: torch.device) -> str:
    """Say why a device has none of our kernels; empty where it has."""
    if device.type != "cuda":
        return f"they are for CUDA GPUs, not for {device.type}"
    if importlib.util.find_spec("triton") is None:
        return "triton is not installed"
    return ""
