"""How outer steps are taken on a device: one by one, or many in one replay of a CUDA graph.

Either gives the same numbers for the same steps; the reader says which steps, and gets their
metrics as a tensor on the device, without waiting for it.
"""

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from engine.events import STEP_COLUMNS
from engine.graphs import Recorder, Work, record_cuda_graph
from engine.step import OuterStep

# A replay takes some steps, so that episodes are sampled for all of them at once; of a large
# population fewer, whose tasks would not stay in the device's cache.
_STEPS_OF_A_REPLAY = 8
_MODELS_OF_A_REPLAY = 64
# How far replayed steps may be from the same steps taken one by one: float32's rounding, in
# another order.
_TOLERANCE = 1e-5


class Stepper(Protocol):
    """Takes outer steps."""

    def __call__(self, first: int, count: int) -> Tensor:
        """Take `count` steps from number `first` on; returns metrics (count, M, columns)."""


class NotReplayable(Exception):
    """Why a step cannot be replayed as a graph."""


class OneByOne:
    """Takes each step with Python's help."""

    def __init__(self, take: OuterStep) -> None:
        self._take = take

    def __call__(self, first: int, count: int) -> Tensor:
        """Take steps; see `Stepper`."""
        return torch.cat([self._take(range(step, step + 1)) for step in range(first, first + count)])


class Replayed:
    """Takes steps by replaying a CUDA graph of several; what is left over goes one by one.

    Parameters
    ----------
    take
        What takes a step; its weights and moments are as before when this returns.
    first
        The step that comes next, on which the recording is checked.
    recorder
        What records.

    Raises
    ------
    NotReplayable
        If it cannot be recorded, or a replay does not do what the step does.
    """

    def __init__(
        self, take: OuterStep, first: int = 0, recorder: Recorder = record_cuda_graph
    ) -> None:
        self._take, self._one_by_one = take, OneByOne(take)
        members = len(take.members)
        self.steps = max(1, min(_STEPS_OF_A_REPLAY, _MODELS_OF_A_REPLAY // members))
        self._next = torch.zeros((), dtype=torch.int64, device=take.device)
        self._metrics = torch.zeros(self.steps, members, len(STEP_COLUMNS), device=take.device)
        self._places = torch.arange(self.steps, device=take.device)
        self._replay = self._checked(first, recorder)

    def __call__(self, first: int, count: int) -> Tensor:
        """Take steps; see `Stepper`."""
        metrics = torch.empty(count, *self._metrics.shape[1:], device=self._metrics.device)
        self._next.fill_(first)
        whole = count - count % self.steps
        for start in range(0, whole, self.steps):
            self._replay()
            metrics[start : start + self.steps] = self._metrics
        if whole < count:
            metrics[whole:] = self._one_by_one(first + whole, count - whole)
        return metrics

    def _work(self) -> None:
        """Take the steps from `_next` on; the values of that tensor are the device's alone."""
        self._metrics.copy_(self._take(self._next + self._places))
        self._next += self.steps

    def _checked(self, first: int, recorder: Recorder) -> Work:
        """Record, replay once, and compare with the same steps one by one."""
        take = self._take
        before = _state(take)
        with take.plainly():
            expected = self._one_by_one(first, self.steps)
        expected_state = _state(take)
        _restore(take, before)
        try:
            replay = recorder(self._work)
        except RuntimeError as error:
            _restore(take, before)
            raise NotReplayable(f"it cannot be recorded ({str(error).splitlines()[0]})") from error
        _restore(take, before)
        self._next.fill_(first)
        replay()
        found = [self._metrics, *_weights(_state(take))]
        _restore(take, before)
        for one, other in zip([expected, *_weights(expected_state)], found, strict=True):
            distance = _distance(one, other)
            if not distance <= _TOLERANCE:
                raise NotReplayable(
                    f"a replay is {distance:.1g} away from the same steps taken one by one"
                )
        return replay


def stepper_of(
    take: OuterStep, first: int, *, is_graph_wanted: bool, log: Callable[[str], None]
) -> Stepper:
    """Return the fastest way to take steps on the step's device, and log why it is not a graph."""
    if take.device.type != "cuda" or not is_graph_wanted:
        return OneByOne(take)
    try:
        return Replayed(take, first)
    except NotReplayable as error:
        log(f"takes steps one by one and not as a CUDA graph: {error}")
        return OneByOne(take)


_State = list[tuple[dict[str, Tensor], dict[str, Tensor]]]


def _state(take: OuterStep) -> _State:
    """Return a copy of all that steps change."""
    return [
        (
            {name: tensor.clone() for name, tensor in take.weights(member).items()},
            {name: tensor.clone() for name, tensor in take.moments(member).items()},
        )
        for member in range(len(take.members))
    ]


def _restore(take: OuterStep, state: _State) -> None:
    for member, (weights, moments) in enumerate(state):
        take.restore(weights, moments, member)


def _weights(state: _State) -> list[Tensor]:
    return [tensor for weights, _ in state for tensor in weights.values()]


def _distance(one: Tensor, other: Tensor) -> float:
    """Return the largest difference, against the largest number where that is above 1."""
    scale = one.abs().amax().clamp(min=1)
    return float(((one - other).abs().amax() / scale))
