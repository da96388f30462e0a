"""Stopwatches: what share of a step its data takes, on the host or on a CUDA GPU."""

import time
from typing import Protocol

import torch


class Stopwatch(Protocol):
    """Measures the first part of a step against all of it."""

    share: float  # of the last step that is measured; 0 before there is one

    def begin(self) -> None:
        """Say that a step begins."""

    def split(self) -> None:
        """Say that its first part is done."""

    def end(self) -> None:
        """Say that it is done."""


class HostStopwatch:
    """Measures what the host computes itself."""

    def __init__(self) -> None:
        self.share = 0.0
        self._began = self._parted = 0.0

    def begin(self) -> None:
        """See `Stopwatch`."""
        self._began = time.perf_counter()

    def split(self) -> None:
        """See `Stopwatch`."""
        self._parted = time.perf_counter()

    def end(self) -> None:
        """See `Stopwatch`."""
        whole = time.perf_counter() - self._began
        self.share = (self._parted - self._began) / whole if whole else 0.0


class CudaStopwatch:
    """Measures what a GPU computes: of each step, the share of the one before it.

    So nothing waits for the step under way.
    """

    def __init__(self) -> None:
        self.share = 0.0
        self._events: list[torch.cuda.Event] = []

    def begin(self) -> None:
        """See `Stopwatch`."""
        if len(self._events) == 3:
            began, parted, ended = self._events
            ended.synchronize()
            self.share = began.elapsed_time(parted) / max(began.elapsed_time(ended), 1e-6)
        self._events = []
        self._mark()

    def split(self) -> None:
        """See `Stopwatch`."""
        self._mark()

    def end(self) -> None:
        """See `Stopwatch`."""
        self._mark()

    def _mark(self) -> None:
        event = torch.cuda.Event(enable_timing=True)
        event.record()
        self._events.append(event)


def stopwatch_for(device: torch.device) -> Stopwatch:
    """Return what measures steps on a device."""
    return CudaStopwatch() if device.type == "cuda" else HostStopwatch()
