"""The channel of events from the engine's thread: bounded, merging what nobody has read yet."""

import threading
from collections import deque

import numpy as np
from numpy.typing import NDArray

from engine.events import (
    CheckpointSaved,
    Event,
    ProbesInspected,
    StepsTaken,
    Validated,
    Validating,
)

MOST_ROWS = 200_000  # of metrics, 8 MB
MOST_VALIDATIONS = 10_000
_MERGED = StepsTaken | Validating | CheckpointSaved | ProbesInspected


class Channel:
    """Carries events from one thread to another.

    The reader may come as rarely as it likes. Until then the metrics of steps become one event, of
    progress, probes and checkpoints only the latest is kept, and of a reader that is away for very
    long the oldest metrics and validations are dropped: they are in the run's files. A change of
    state, a failure and the end of a run are never dropped, and no merged event crosses one of
    them.
    """

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._events: deque[Event] = deque()
        self._blocks: deque[NDArray[np.float32]] = deque()  # metrics of the unread `StepsTaken`
        self._rows = 0
        self._validations = 0  # unread ones

    def post(self, event: Event) -> None:
        """Add an event; never waits for the reader."""
        with self._lock:
            match event:
                case StepsTaken():
                    self._add_metrics(event)
                    self._replace(event)
                case Validating() | CheckpointSaved() | ProbesInspected():
                    self._replace(event)
                case Validated():
                    self._add_validation(event)
                case _:
                    self._seal_metrics()
                    self._events.append(event)
            self._lock.notify_all()

    def drain(self, timeout: float = 0.0) -> list[Event]:
        """Take all events, the oldest first; wait up to `timeout` seconds for the first one."""
        with self._lock:
            self._lock.wait_for(lambda: self._events, timeout)
            self._seal_metrics()
            events = list(self._events)
            self._events.clear()
            self._validations = 0
            return events

    def _add_metrics(self, event: StepsTaken) -> None:
        self._blocks.append(event.metrics)
        self._rows += len(event.metrics)
        while self._rows > MOST_ROWS and len(self._blocks) > 1:
            self._rows -= len(self._blocks.popleft())

    def _seal_metrics(self) -> None:
        """Join the metrics that were merged into the last `StepsTaken`; later ones start anew."""
        if not self._blocks:
            return
        metrics = self._blocks[0] if len(self._blocks) == 1 else np.concatenate(self._blocks)
        for place in range(len(self._events) - 1, -1, -1):
            taken = self._events[place]
            if isinstance(taken, StepsTaken):
                self._events[place] = StepsTaken(
                    taken.step, metrics, taken.seconds, taken.steps_per_second
                )
                break
        self._blocks.clear()
        self._rows = 0

    def _replace(self, event: Event) -> None:
        """Put an event in the place of an unread one of its kind, if no barrier stands between."""
        for place in range(len(self._events) - 1, -1, -1):
            other = self._events[place]
            if type(other) is type(event):
                del self._events[place]
                break
            if not isinstance(other, _MERGED | Validated):
                break
        self._events.append(event)

    def _add_validation(self, event: Validated) -> None:
        if self._validations == MOST_VALIDATIONS:
            oldest = next(each for each in self._events if isinstance(each, Validated))
            self._events.remove(oldest)
        else:
            self._validations += 1
        self._events.append(event)
