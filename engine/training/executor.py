"""How outer steps are taken on a device: one by one, or many in one replay of a CUDA graph.

Either gives the same numbers for the same steps. Whoever trains says which steps are next, and
reads their metrics while a GPU already takes the steps after them.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.events import STEP_COLUMNS
from engine.graphs import Recorder, Work
from engine.host_tasks import HostTasks
from engine.leo.objective import Tasks
from engine.step import OuterStep

# A replay takes some steps, so that episodes are sampled for all of them at once; of a large
# population fewer, whose tasks would not stay in the device's cache.
_STEPS_OF_A_REPLAY = 16
_MODELS_OF_A_REPLAY = 64
# How far the loss of fast steps may be from that of plain ones, on the same draws: float32's
# rounding in another order, or TensorFloat-32's.
_TOLERANCE, _TF32_TOLERANCE = 1e-5, 1e-2
# And how far from where plain steps went: Adam's first steps are of one size whatever the gradient,
# so what is only rounding there moves a weight as far as any other.
_ASTRAY, _TF32_ASTRAY = 0.05, 0.5
# The columns that are of the loss alone; those after it are of the weights after the step.
_TERMS = STEP_COLUMNS.index("inner_lr")
# Metrics are fetched from the device and written this often: rarely enough to cost nothing, often
# enough that a window moves and Stop is heard.
_SECONDS_OF_A_CHUNK = 0.1


class Stepper(Protocol):
    """Takes outer steps."""

    steps: int  # that are best taken together

    def __call__(self, first: int, count: int) -> Tensor:
        """Take `count` steps from number `first` on; returns metrics (count, M, columns)."""

    def close(self) -> None:
        """Take no more."""


class NotReplayable(Exception):
    """Why a step cannot be taken fast."""


class OneByOne:
    """Takes each step with Python's help."""

    steps = 1

    def __init__(self, take: OuterStep) -> None:
        self._take = take

    def __call__(self, first: int, count: int) -> Tensor:
        """Take steps; see `Stepper`."""
        steps = (range(step, step + 1) for step in range(first, first + count))
        return torch.cat([self._take(step) for step in steps])

    def close(self) -> None:
        """Take no more."""


class Replayed:
    """Takes steps by replaying a CUDA graph of several; what is left over goes one by one.

    Parameters
    ----------
    take
        What takes a step; its weights and moments may be others when this returns.
    steps
        How many a replay takes.
    recorder
        What records.

    Raises
    ------
    NotReplayable
        If it cannot be recorded.
    """

    def __init__(self, take: OuterStep, steps: int, recorder: Recorder) -> None:
        self._take, self._one_by_one = take, OneByOne(take)
        self.steps = steps
        self._next = torch.zeros((), dtype=torch.int64, device=take.device)
        self._metrics = torch.zeros(steps, len(take.members), len(STEP_COLUMNS), device=take.device)
        self._places = torch.arange(steps, device=take.device)
        # What the host samples is put where the recording looks for it.
        self._host_tasks = HostTasks(take, steps) if take.samples_on_host else None
        self._tasks: Tasks | None = None
        if self._host_tasks is not None:
            self._tasks = self._host_tasks(0)
        try:
            self._replay: Work = recorder(self._work)
        except RuntimeError as error:
            self.close()
            raise NotReplayable(f"it cannot be recorded ({str(error).splitlines()[0]})") from error

    def __call__(self, first: int, count: int) -> Tensor:
        """Take steps; see `Stepper`."""
        metrics = torch.empty(count, *self._metrics.shape[1:], device=self._metrics.device)
        self._next.fill_(first)
        whole = count - count % self.steps
        for start in range(0, whole, self.steps):
            if self._host_tasks is not None and self._tasks is not None:
                for place, task in zip(self._tasks, self._host_tasks(first + start), strict=True):
                    place.copy_(task, non_blocking=True)
            self._replay()
            metrics[start : start + self.steps] = self._metrics
        if whole < count:
            metrics[whole:] = self._one_by_one(first + whole, count - whole)
        return metrics

    def close(self) -> None:
        """Take no more."""
        if self._host_tasks is not None:
            self._host_tasks.close()

    def _work(self) -> None:
        """Take the steps from `_next` on; the values of that tensor are the device's alone."""
        steps = self._next + self._places
        tasks = self._tasks if self._tasks is not None else self._take.sample(steps)
        self._metrics.copy_(self._take.learn(steps, tasks))
        self._next += self.steps


def stepper_of(
    take: OuterStep,
    first: int,
    *,
    every: int,
    recorder: Recorder | None,
    log: Callable[[str], None],
) -> Stepper:
    """Return the fastest way to take steps that agrees with plain ones.

    What is fast is tried first, on the same draws, from the weights as they are; they are the same
    again when this returns. Where it does not agree it is not used, and `log` is told why.

    Parameters
    ----------
    take
        What takes a step.
    first
        The step that comes next.
    every
        After so many steps there is a pause, which a replay should end at.
    recorder
        What records steps; None to take them one by one.
    log
        Takes a sentence.
    """
    if recorder is None and take.is_plain:
        return OneByOne(take)
    before = _state(take)
    stepper: Stepper = OneByOne(take)
    try:
        if recorder is not None:
            stepper = Replayed(take, steps_of_a_replay(len(take.members), every), recorder)
            _restore(take, before)
        require_agreement(take, stepper, first)
    except Exception as error:
        # Also what a compiler of kernels raises, which has no class in common. A mistake of plain
        # steps is raised again as soon as one is taken.
        log(f"takes plain steps, one by one: {_first_line(error)}")
        stepper.close()
        take.become_plain()
        stepper = OneByOne(take)
    _restore(take, before)
    if stepper.steps > 1:
        log(f"replays {stepper.steps} steps at a time")
    return stepper


def steps_of_a_replay(members: int, every: int) -> int:
    """Return how many steps to record: as many as may be of which `every` is a multiple."""
    most = max(1, min(_STEPS_OF_A_REPLAY, _MODELS_OF_A_REPLAY // members))
    return max(count for count in range(1, most + 1) if every % count == 0)


def require_agreement(take: OuterStep, stepper: Stepper, first: int) -> None:
    """Raise `NotReplayable` unless a stepper goes where plain steps go.

    One fast step is compared with a plain one, and what the stepper does with as many fast steps.
    The loss and its parts are compared as they are, and the weights by how far apart they are
    against how far they came. The norm of raw gradients is not compared: where a code's deviation
    is almost 0 it is mostly rounding.
    """
    is_exact = not torch.backends.cuda.matmul.allow_tf32
    fast = OneByOne(take)
    with take.plainly():
        start, plain, expected = _tried(take, fast, first, 1)
    _, weights, found = _tried(take, fast, first, 1)
    distance = _distance(expected, found)
    if not distance <= (_TOLERANCE if is_exact else _TF32_TOLERANCE):
        raise NotReplayable(f"the loss is {distance:.1g} away from a plain step's")
    astray = float((weights - plain).norm() / (plain - start).norm().clamp(min=1e-12))
    if not astray <= (_ASTRAY if is_exact else _TF32_ASTRAY):
        raise NotReplayable(f"a step goes {astray:.1%} astray from where a plain one goes")
    if stepper.steps > 1:
        _, weights, expected = _tried(take, fast, first, stepper.steps)
        _, replayed, found = _tried(take, stepper, first, stepper.steps)
        distance = max(_distance(expected, found), _distance(weights, replayed))
        if not distance <= _TOLERANCE:
            raise NotReplayable(f"a replay is {distance:.1g} away from the same steps one by one")


def _tried(
    take: OuterStep, stepper: Stepper, first: int, count: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Take steps and go back; returns the weights before and after, and the metrics."""
    before = _state(take)
    metrics = stepper(first, count)[..., :_TERMS]
    after = _state(take)
    _restore(take, before)
    return _weights(before), _weights(after), metrics


def _first_line(error: Exception) -> str:
    line = next(iter(str(error).splitlines()), "")
    return line if isinstance(error, NotReplayable) else f"{type(error).__name__}: {line}"


def _distance(one: Tensor, other: Tensor) -> float:
    """Return the largest difference, against the number itself where that is above 1."""
    return float(((one - other).abs() / one.abs().clamp(min=1)).amax())


class Done(NamedTuple):
    """Steps that were taken."""

    step: int  # the last one
    metrics: NDArray[np.float32]  # (steps, M, columns)
    seconds: float


class StepsAhead:
    """Takes steps a little ahead of whoever reads their metrics, on a GPU; else when asked.

    Parameters
    ----------
    stepper
        What takes them.
    step
        How many are taken already.
    device
        Where; a CUDA GPU works on one chunk of steps while the one before is read.

    Attributes
    ----------
    step
        The last one that is taken or under way.
    """

    def __init__(self, stepper: Stepper, step: int, device: torch.device) -> None:
        self.step = step
        self._stepper, self._device = stepper, device
        self._chunks: deque[_Chunk] = deque()
        self._most_under_way = 2 if device.type == "cuda" else 1
        self._rate = 0.0
        self._done_at = 0.0

    @property
    def is_under_way(self) -> bool:
        """Whether steps are taken whose metrics nobody has read."""
        return bool(self._chunks)

    def launch(self, until: int, *, is_single: bool = False) -> None:
        """Take steps up to number `until`, or one: as many as keep the device at work."""
        most = 1 if is_single else self._most_under_way
        while len(self._chunks) < most and self.step < until:
            count = 1 if is_single else min(self._count(), until - self.step)
            launched_at = time.perf_counter()
            metrics = self._stepper(self.step, count)
            self.step += count
            self._chunks.append(_Chunk(self.step, metrics, launched_at))

    def next(self) -> Done:
        """Wait for the oldest steps that are under way."""
        chunk = self._chunks.popleft()
        metrics = chunk.wait()
        now = time.perf_counter()
        seconds = now - max(chunk.launched_at, self._done_at)
        self._done_at = now
        self._rate = len(metrics) / seconds
        return Done(chunk.step, metrics, seconds)

    def rest(self) -> Iterator[Done]:
        """Wait for all that is under way."""
        while self._chunks:
            yield self.next()

    def _count(self) -> int:
        """Return how many steps make a chunk, whole replays where there are any."""
        together = self._stepper.steps
        return max(1, round(self._rate * _SECONDS_OF_A_CHUNK / together)) * together


class _Chunk:
    """Steps under way, and their metrics on the way to the host."""

    def __init__(self, step: int, metrics: Tensor, launched_at: float) -> None:
        self.step, self.launched_at = step, launched_at
        self._event: torch.cuda.Event | None = None
        if metrics.is_cuda:
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


def _weights(state: _State) -> Tensor:
    return torch.cat([tensor.flatten() for weights, _ in state for tensor in weights.values()])
