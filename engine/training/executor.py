"""Executors of outer steps: eager ones, and CUDA graphs of several steps that are replayed.

Either gives the same numbers for the same steps; a fast one is used only where it was found to
agree with plain steps.
"""

from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor

from engine.devices.selection import usable_cores
from engine.training.cuda_graph import GraphCapture, Work
from engine.training.outer_step import OuterStep
from engine.training.prefetch import Prefetch
from engine.training.trainee import Trainee

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


class StepExecutor(Protocol):
    """Takes outer steps."""

    steps: int  # that are best taken together

    def __call__(self, first: int, count: int) -> Tensor:
        """Take `count` steps from number `first` on; returns metrics (count, M, columns)."""

    def close(self) -> None:
        """Take no more."""


class ExecutorUnusable(Exception):
    """Why a step cannot be taken fast."""


class EagerExecutor:
    """Takes each step by itself, with Python's help."""

    steps = 1

    def __init__(self, trainee: Trainee) -> None:
        self._trainee = trainee

    def __call__(self, first: int, count: int) -> Tensor:
        """Take steps; see `StepExecutor`."""
        steps = (range(step, step + 1) for step in range(first, first + count))
        return torch.cat([self._trainee(step) for step in steps])

    def close(self) -> None:
        """Take no more."""


class AheadExecutor(EagerExecutor):
    """Takes each step by itself on one core; another makes the next one's tasks and draws."""

    def __init__(self, outer_step: OuterStep) -> None:
        super().__init__(outer_step)
        self._outer_step = outer_step
        outer_step.prepare_ahead()

    def close(self) -> None:
        """Take no more."""
        self._outer_step.prepare_in_turn()


class GraphExecutor:
    """Takes steps by replaying a CUDA graph of several; what is left over goes one by one.

    Parameters
    ----------
    outer_step
        What takes a step; its weights and moments may be others when this returns.
    steps
        How many a replay takes.
    capture
        What records.

    Raises
    ------
    ExecutorUnusable
        If it cannot be recorded.
    """

    def __init__(self, outer_step: OuterStep, steps: int, capture: GraphCapture) -> None:
        self._outer_step, self._eager = outer_step, EagerExecutor(outer_step)
        self.steps = steps
        self._next = torch.zeros((), dtype=torch.int64, device=outer_step.device)
        self._metrics = torch.zeros(
            steps,
            len(outer_step.members),
            len(outer_step.learner.columns),
            device=outer_step.device,
        )
        self._places = torch.arange(steps, device=outer_step.device)
        # What the host samples is put where the recording looks for it.
        self._prefetch = (
            Prefetch(self._sampled, steps) if outer_step.tasks.samples_on_host else None
        )
        self._tasks: Any = None
        if self._prefetch is not None:
            self._tasks = self._prefetch(0)
        try:
            self._replay: Work = capture(self._work)
        except RuntimeError as error:
            self.close()
            raise ExecutorUnusable(
                f"it cannot be recorded ({str(error).splitlines()[0]})"
            ) from error

    def __call__(self, first: int, count: int) -> Tensor:
        """Take steps; see `StepExecutor`."""
        metrics = torch.empty(count, *self._metrics.shape[1:], device=self._metrics.device)
        self._next.fill_(first)
        whole = count - count % self.steps
        for start in range(0, whole, self.steps):
            if self._prefetch is not None and self._tasks is not None:
                for place, task in zip(self._tasks, self._prefetch(first + start), strict=True):
                    place.copy_(task, non_blocking=True)
            self._replay()
            metrics[start : start + self.steps] = self._metrics
        if whole < count:
            metrics[whole:] = self._eager(first + whole, count - whole)
        return metrics

    def close(self) -> None:
        """Take no more."""
        if self._prefetch is not None:
            self._prefetch.close()

    def _sampled(self, first: int) -> Any:
        return self._outer_step.tasks.sample(range(first, first + self.steps))

    def _work(self) -> None:
        """Take the steps from `_next` on; the values of that tensor are the device's alone."""
        steps = self._next + self._places
        tasks = self._tasks if self._tasks is not None else self._outer_step.tasks.sample(steps)
        self._metrics.copy_(self._outer_step.learn(steps, tasks))
        self._next += self.steps


def eager_executor(outer_step: OuterStep) -> EagerExecutor:
    """Return what takes steps one by one, with a second core's help where this process has one."""
    if outer_step.device.type == "cpu" and usable_cores() > 1:
        return AheadExecutor(outer_step)
    return EagerExecutor(outer_step)


def choose_executor(
    outer_step: OuterStep,
    first: int,
    *,
    every: int,
    capture: GraphCapture | None,
    log: Callable[[str], None],
) -> StepExecutor:
    """Return the fastest way to take steps that agrees with plain ones.

    What is fast is tried first, on the same draws, from the weights as they are; they are the same
    again when this returns. Where it does not agree it is not used, and `log` is told why.

    Parameters
    ----------
    outer_step
        What takes a step.
    first
        The step that comes next.
    every
        After so many steps there is a pause, which a replay should end at.
    capture
        What records steps; None to take them one by one.
    log
        Takes a sentence.
    """
    if capture is not None and not outer_step.has_constant_rate:
        # A replay knows no other step size than the one that it was recorded with.
        log("takes steps one by one, since their size changes (optimizer.decay, warm_up)")
        capture = None
    if capture is None and outer_step.is_plain:
        return eager_executor(outer_step)
    before = _state(outer_step)
    executor: StepExecutor = EagerExecutor(outer_step)
    try:
        if capture is not None:
            executor = GraphExecutor(
                outer_step, steps_per_replay(len(outer_step.members), every), capture
            )
            _restore(outer_step, before)
        require_agreement(outer_step, executor, first)
    except Exception as error:
        # Also what a compiler of kernels raises, which has no class in common. A mistake of plain
        # steps is raised again as soon as one is taken.
        log(f"takes plain steps, one by one: {_first_line(error)}")
        executor.close()
        outer_step.become_plain()
        executor = EagerExecutor(outer_step)
    _restore(outer_step, before)
    if isinstance(executor, EagerExecutor):
        return eager_executor(outer_step)
    if executor.steps > 1:
        log(f"replays {executor.steps} steps at a time")
    return executor


def steps_per_replay(members: int, every: int) -> int:
    """Return how many steps to record: as many as may be of which `every` is a multiple."""
    most = max(1, min(_STEPS_OF_A_REPLAY, _MODELS_OF_A_REPLAY // members))
    return max(count for count in range(1, most + 1) if every % count == 0)


def require_agreement(outer_step: OuterStep, executor: StepExecutor, first: int) -> None:
    """Raise `ExecutorUnusable` unless an executor goes where plain steps go.

    One fast step is compared with a plain one, and what the executor does with as many fast steps.
    The loss and its parts are compared as they are, and the weights by how far apart they are
    against how far they came. The norm of raw gradients is not compared: where a code's deviation
    is almost 0 it is mostly rounding.
    """
    is_exact = not torch.backends.cuda.matmul.allow_tf32
    fast = EagerExecutor(outer_step)
    with outer_step.plainly():
        start, plain, expected = _tried(outer_step, fast, first, 1)
    _, weights, found = _tried(outer_step, fast, first, 1)
    distance = _distance(expected, found)
    if not distance <= (_TOLERANCE if is_exact else _TF32_TOLERANCE):
        raise ExecutorUnusable(f"the loss is {distance:.1g} away from a plain step's")
    astray = float((weights - plain).norm() / (plain - start).norm().clamp(min=1e-12))
    if not astray <= (_ASTRAY if is_exact else _TF32_ASTRAY):
        raise ExecutorUnusable(f"a step goes {astray:.1%} astray from where a plain one goes")
    if executor.steps > 1:
        _, weights, expected = _tried(outer_step, fast, first, executor.steps)
        _, replayed, found = _tried(outer_step, executor, first, executor.steps)
        distance = max(_distance(expected, found), _distance(weights, replayed))
        if not distance <= _TOLERANCE:
            raise ExecutorUnusable(
                f"a replay is {distance:.1g} away from the same steps one by one"
            )


def _tried(
    outer_step: OuterStep, executor: StepExecutor, first: int, count: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Take steps and go back; returns the weights before and after, and the metrics."""
    before = _state(outer_step)
    metrics = executor(first, count)[..., : outer_step.loss_columns]
    after = _state(outer_step)
    _restore(outer_step, before)
    return _weights(before), _weights(after), metrics


def _first_line(error: Exception) -> str:
    line = next(iter(str(error).splitlines()), "")
    return line if isinstance(error, ExecutorUnusable) else f"{type(error).__name__}: {line}"


def _distance(one: Tensor, other: Tensor) -> float:
    """Return the largest difference, against the number itself where that is above 1."""
    return float(((one - other).abs() / one.abs().clamp(min=1)).amax())


_State = list[tuple[dict[str, Tensor], dict[str, Tensor]]]


def _state(outer_step: OuterStep) -> _State:
    """Return a copy of all that steps change."""
    return [
        (
            {name: tensor.clone() for name, tensor in outer_step.weights(member).items()},
            {name: tensor.clone() for name, tensor in outer_step.moments(member).items()},
        )
        for member in range(len(outer_step.members))
    ]


def _restore(outer_step: OuterStep, state: _State) -> None:
    for member, (weights, moments) in enumerate(state):
        outer_step.restore(weights, moments, member)


def _weights(state: _State) -> Tensor:
    return torch.cat([tensor.flatten() for weights, _ in state for tensor in weights.values()])
