"""Splits work into batches that fit into a device's free memory."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from torch import Tensor

from engine.devices.selection import free_memory, give_back_device_memory

# Of the memory that is free, so much is counted on; another window may take some meanwhile.
_SHARE = 4

Items = TypeVar("Items", Tensor, Sequence[int])
Result = TypeVar("Result")


def batch_size(device: torch.device, bytes_each: int, *, on_cpu: int, most: int) -> int:
    """Return how many items to work on together, at least 1.

    Parameters
    ----------
    device
        Where. On a CPU, or where free memory is not known, it is `on_cpu`.
    bytes_each
        What one of them needs meanwhile.
    on_cpu
        As many as stay near a processor's cache.
    most
        More would bring nothing.
    """
    free = free_memory(device)
    if free is None:
        return max(1, min(on_cpu, most))
    return max(1, min(free // _SHARE // max(1, bytes_each), most))


def run_with_halving(work: Callable[[Items], Result], items: Items) -> list[Result]:
    """Work on all `items`, or on one half after the other where memory runs out, and so on.

    Returns what came of each part, in order. Raises `torch.OutOfMemoryError` if there is not even
    memory for one.
    """
    try:
        return [work(items)]
    except torch.OutOfMemoryError:
        if len(items) < 2:
            raise
    # Outside of the handler: the traceback would keep what the failed try has taken.
    give_back_device_memory()
    half = len(items) // 2
    return run_with_halving(work, items[:half]) + run_with_halving(work, items[half:])
