"""Numerics: what a run sets while it is trained, and the precision of sums."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from engine.config import RunSettings


@contextmanager
def numerics(run: RunSettings) -> Iterator[None]:
    """Set TensorFloat-32 and deterministic algorithms inside the block as a run's settings say.

    Both are settings of the whole process, so what is looked at meanwhile follows them too.
    """
    before = (
        torch.backends.cuda.matmul.allow_tf32,
        torch.are_deterministic_algorithms_enabled(),
        _memory().fill_uninitialized_memory,
    )
    if run.deterministic:
        # cuBLAS reads it when it is first used; without it torch refuses to multiply.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    _set(run.tf32, run.deterministic, False)
    try:
        yield
    finally:
        _set(*before)


def _set(tf32: bool, is_deterministic: bool, fills_memory: bool) -> None:
    torch.backends.cuda.matmul.allow_tf32 = tf32
    # Only where it changes something: it imports torch's compiler, which takes seconds.
    if torch.are_deterministic_algorithms_enabled() != is_deterministic:
        torch.use_deterministic_algorithms(is_deterministic)
    _memory().fill_uninitialized_memory = fills_memory


def _memory() -> Any:
    """Return torch's settings of new memory, which has no types."""
    return torch.utils.deterministic


def precise(device: torch.device) -> torch.dtype:
    """Return what sums are added up in: double precision, which Apple's GPUs do not have."""
    return torch.float32 if device.type == "mps" else torch.float64
