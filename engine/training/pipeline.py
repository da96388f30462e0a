"""Pipeline of outer steps: a GPU takes the next ones while the metrics of those before are read."""

import time
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.training.executor import StepExecutor

# Metrics are fetched from the device and written this often: rarely enough to cost nothing, often
# enough that a window moves and Stop is heard.
_SECONDS_OF_A_CHUNK = 0.1


class FinishedSteps(NamedTuple):
    """Outer steps that were taken, one after the other."""

    step: int  # the last one
    metrics: NDArray[np.float32]  # (steps, M, columns)
    seconds: float


class StepPipeline:
    """Takes chunks of steps a little ahead of the reader of their metrics.

    Parameters
    ----------
    executor
        What takes them.
    step
        How many are taken already.
    depth
        How many chunks are in flight at most; see `chunks_in_flight`.

    Attributes
    ----------
    launched_step
        The last step that is taken or in flight: the one that the weights on the device are of.
    """

    def __init__(self, executor: StepExecutor, step: int, depth: int) -> None:
        self.launched_step = step
        self._executor, self._depth = executor, depth
        self._chunks: deque[_Chunk] = deque()
        self._rate = 0.0
        self._finished_at = 0.0

    @property
    def is_empty(self) -> bool:
        """Whether no steps are in flight, so that the weights are of the last step read."""
        return not self._chunks

    def launch(self, until: int, *, is_single: bool = False) -> None:
        """Launch steps up to number `until`, or one: as many as keep the device at work."""
        depth = 1 if is_single else self._depth
        while len(self._chunks) < depth and self.launched_step < until:
            count = 1 if is_single else min(self._chunk_size(), until - self.launched_step)
            launched_at = time.perf_counter()
            metrics = self._executor(self.launched_step, count)
            self.launched_step += count
            self._chunks.append(_Chunk(self.launched_step, metrics, launched_at))

    def next(self) -> FinishedSteps:
        """Wait for the oldest chunk in flight."""
        chunk = self._chunks.popleft()
        metrics = chunk.wait()
        now = time.perf_counter()
        # A chunk begins when the one before it is done, however early it was launched.
        seconds = now - max(chunk.launched_at, self._finished_at)
        self._finished_at = now
        self._rate = len(metrics) / seconds
        return FinishedSteps(chunk.step, metrics, seconds)

    def drain(self) -> Iterator[FinishedSteps]:
        """Wait for all that is in flight."""
        while self._chunks:
            yield self.next()

    def _chunk_size(self) -> int:
        """Return how many steps make a chunk, whole replays where there are any."""
        together = self._executor.steps
        return max(1, round(self._rate * _SECONDS_OF_A_CHUNK / together)) * together


def chunks_in_flight(device: torch.device) -> int:
    """Return how deep a pipeline is on a device.

    A CUDA GPU works on one chunk while the host reads another. A CPU takes steps when it is asked
    to, so that any more would only tell of them later.
    """
    return 2 if device.type == "cuda" else 1


class _Chunk:
    """Steps in flight, and their metrics on the way to the host."""

    def __init__(self, step: int, metrics: Tensor, launched_at: float) -> None:
        self.step, self.launched_at = step, launched_at
        self._event: torch.cuda.Event | None = None
        if metrics.is_cuda:
            # To pinned memory, or the copy would wait for the steps.
            self._metrics = torch.empty(metrics.shape, dtype=metrics.dtype, pin_memory=True)
            self._metrics.copy_(metrics, non_blocking=True)
            self._event = torch.cuda.Event()
            self._event.record()
        else:
            self._metrics = metrics.cpu()

    def wait(self) -> NDArray[np.float32]:
        """Wait for the metrics."""
        if self._event is not None:
            self._event.synchronize()
        found: NDArray[np.float32] = self._metrics.numpy()
        return found
