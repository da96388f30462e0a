"""The progress of training, as the engine's events tell it: the one place that knows time left."""

import time
from collections.abc import Callable
from dataclasses import replace

from engine.config import Schedule
from engine.events import Event, Prepared, StateChanged, StepsTaken, Validated, Validating
from leo_studio.services.records import TrainingStatus

# The rate of the last seconds tells the time left better than that of the last tenth.
_RATE_SMOOTHING = 0.9
_ENDED = ("paused", "finished", "stopped", "failed")
_UNDER_WAY = ("preparing", "running", "stopping")


class TrainingProgress:
    """Follows the run that is trained: where it is, how fast, and how long it will take.

    Validations count: in the time so far, and in the time left, where each that is still to come
    takes as long as those before it on average. A pause counts in neither.

    Parameters
    ----------
    clock
        Returns the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = _Stopwatch(clock)
        self._begin()

    def _begin(self) -> None:
        self._rate = 0.0
        self._clock.reset()
        self._validations = _Validations(None, 0, 0.0)

    def after(self, status: TrainingStatus, event: Event) -> TrainingStatus:
        """Return how training stands after an event."""
        match event:
            case StateChanged():
                return self._entered(status, event)
            case Prepared():
                now = self._clock.seconds
                self._validations = _Validations(event.schedule, event.step, now)
                return replace(status, step=event.step, steps=event.steps, device=event.device)
            case StepsTaken():
                return self._timed(self._stepped(status, event))
            case Validating():
                self._validations.go_on(event, self._clock.seconds)
                return self._timed(replace(status, validation=(event.done, event.episodes)))
            case Validated():
                self._validations.end(event.step, self._clock.seconds)
                return self._timed(replace(status, validation=None))
            case _:
                return status

    def _entered(self, before: TrainingStatus, event: StateChanged) -> TrainingStatus:
        is_new = event.run != before.run
        status = TrainingStatus(run=event.run) if is_new else before
        # A new run is told of twice: before it has a folder, and then.
        if event.state == "preparing" and before.state != "preparing":
            self._begin()
            status = replace(status, seconds_so_far=0.0)
        self._clock.run(event.state in _UNDER_WAY)
        if event.state in _ENDED:
            status = replace(status, steps_per_second=0.0, seconds_left=None, validation=None)
        return replace(status, state=event.state)

    def _stepped(self, status: TrainingStatus, event: StepsTaken) -> TrainingStatus:
        old, new = self._rate, event.steps_per_second
        self._rate = _RATE_SMOOTHING * old + (1 - _RATE_SMOOTHING) * new if old else new
        self._validations.reach(event.step, self._clock.seconds)
        return replace(
            status,
            step=event.step,
            steps_per_second=self._rate,
            seconds=event.seconds,
            validation=None,
        )

    def _timed(self, status: TrainingStatus) -> TrainingStatus:
        """Return the status with the time so far and the time left."""
        so_far = self._clock.seconds
        steps_left = max(0, status.steps - status.step)
        training = 0.0 if not steps_left else steps_left / self._rate if self._rate else None
        validating = self._validations.seconds_left(so_far)
        parts = [part for part in (training, validating) if part is not None]
        return replace(
            status,
            seconds_so_far=so_far,
            seconds_left=sum(parts) if parts else None,
            is_left_at_least=None in (training, validating),
        )


def changes_a_run(event: Event) -> bool:
    """Whether the list of runs looks other after an event."""
    if isinstance(event, StateChanged):
        return event.state in _ENDED
    return isinstance(event, Prepared | Validated)


class _Stopwatch:
    """Measures how long training was under way."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Begin at nothing, and stand still."""
        self._before = 0.0
        self._since: float | None = None  # None while it stands still

    def run(self, is_running: bool) -> None:
        """Run, or stand still."""
        if is_running != (self._since is not None):
            self._before = self.seconds
            self._since = self._clock() if is_running else None

    @property
    def seconds(self) -> float:
        """How long it has run."""
        return self._before + (0.0 if self._since is None else self._clock() - self._since)


class _Validations:
    """The validations of a run: those measured, the one that is due or under way, those to come.

    Parameters
    ----------
    schedule
        When there are some; None where nobody knows.
    step
        Where training goes on; what was due there is done, as far as anybody knows.
    now
        When that is.
    """

    def __init__(self, schedule: Schedule | None, step: int, now: float) -> None:
        self._schedule = schedule
        self._step = step  # the last one that was reached
        self._told = now  # when something was told of last
        self._measured: list[float] = []
        self._began: float | None = None  # of the one that is due or under way; None for none
        self._prepared = 0.0  # since when its episodes are counted
        self._share = 0.0  # of its episodes that are done

    def reach(self, step: int, now: float) -> None:
        """Note that a step was taken; a validation may follow."""
        self._step, self._told, self._began = step, now, None
        if self._schedule is not None and self._schedule.is_validated_after(step):
            self._begin(now)

    def go_on(self, event: Validating, now: float) -> None:
        """Note how far a validation is."""
        if self._began is None:
            self._begin(self._told)
        self._step, self._told, self._share = event.step, now, event.done / event.episodes
        if not event.done:
            self._prepared = now

    def end(self, step: int, now: float) -> None:
        """Note that a validation is done."""
        # One so short that nothing was told of it has begun since then.
        self._measured.append(now - (self._told if self._began is None else self._began))
        self._step, self._told, self._began = step, now, None

    def seconds_left(self, now: float) -> float | None:
        """Return how long validations will take; None where nobody can say yet."""
        to_come = 0 if self._schedule is None else self._schedule.validations_after(self._step)
        is_under_way = self._began is not None
        if not to_come and not is_under_way:
            return 0.0
        if self._measured:
            each = sum(self._measured) / len(self._measured)
            return each * (to_come + (1 - self._share if is_under_way else 0))
        if self._began is None or not self._share:
            return None
        left = (now - self._prepared) * (1 - self._share) / self._share
        return left + to_come * (now - self._began + left)

    def _begin(self, now: float) -> None:
        self._began = self._prepared = now
        self._share = 0.0
