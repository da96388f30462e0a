"""Synthetic stores and stopwatches that the benchmarks share."""

import math
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from engine.config import Experiment, load_experiment
from engine.config.built_in import built_in_presets
from engine.data.store import Split

REPEATS = 5
Shape = Sequence[int]


def preset(name: str) -> Experiment:
    """Return a built-in preset."""
    return load_experiment(built_in_presets() / f"{name}.yaml")


def synthetic_split(name: str, classes: int, examples: int, dim: int = 640) -> Split:
    """Return Gaussian classes of normalised embeddings, (classes * examples, dim)."""
    generator = torch.Generator().manual_seed(0)
    embeddings = torch.randn(classes, examples, dim, generator=generator)
    embeddings += torch.randn(classes, 1, dim, generator=generator) / 2
    flat = torch.nn.functional.normalize(embeddings.flatten(0, 1), dim=1)
    offsets = torch.arange(classes + 1) * examples
    return Split.of(name, flat, offsets, [f"class-{label}" for label in range(classes)])


def milliseconds(
    *actions: Callable[[], object],
    rounds: int = 20,
    clock: Callable[[], float] = time.perf_counter,
) -> list[float]:
    """Return the median time of each action, by a clock in seconds.

    They take turns, so that all meet the same noise, and each is done several times in a turn, the
    first of which is not counted: the others' data has left the cache by then, as in training.
    """
    times: list[list[float]] = [[] for _ in actions]
    for _ in range(rounds):
        for action, taken in zip(actions, times, strict=True):
            for turn in range(REPEATS):
                start = clock()
                action()
                if turn > 0:
                    taken.append(1000 * (clock() - start))
    return [statistics.median(taken) for taken in times]


def peak_memory() -> int:
    """Return the most memory that this process ever held, in bytes (Linux)."""
    return memory_of("VmHWM")


def held_memory() -> int:
    """Return the memory that this process holds now, in bytes (Linux)."""
    return memory_of("VmRSS")


def memory_of(field: str) -> int:
    """Return a field of the memory that this process holds, such as "RssAnon", in bytes (Linux)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith(field))
    return 1024 * int(line.split()[1])


def added_product(_total: Shape, left: Shape, right: Shape, **_options: object) -> int:
    """Return the FLOPs of a product that is added to what is there, of tensors of these shapes."""
    return 2 * math.prod(left) * right[-1]


# Torch counts these operations' siblings that write elsewhere, and none that writes in place.
IN_PLACE = {torch.ops.aten.addmm_: added_product, torch.ops.aten.baddbmm_: added_product}
