"""The progress of training, as the engine's events tell it."""

from dataclasses import replace

from engine.events import Event, Prepared, StateChanged, StepsTaken, Validated, Validating
from leo_studio.services.records import TrainingStatus

# The rate of the last seconds tells the time left better than that of the last tenth.
_RATE_SMOOTHING = 0.9
_ENDED = ("paused", "finished", "stopped", "failed")


class TrainingProgress:
    """Follows the run that is trained: where it is, how fast, and how long it will take."""

    def __init__(self) -> None:
        self._rate = 0.0

    def after(self, status: TrainingStatus, event: Event) -> TrainingStatus:
        """Return how training stands after an event."""
        match event:
            case StateChanged():
                return self._entered(status, event)
            case Prepared():
                return replace(status, step=event.step, steps=event.steps, device=event.device)
            case StepsTaken():
                return self._stepped(status, event)
            case Validating():
                return replace(status, validation=(event.done, event.episodes))
            case Validated():
                return replace(status, validation=None)
            case _:
                return status

    def _entered(self, before: TrainingStatus, event: StateChanged) -> TrainingStatus:
        is_new = event.run != before.run
        status = TrainingStatus(run=event.run) if is_new else before
        if event.state == "preparing":
            self._rate = 0.0
        if event.state in _ENDED:
            status = replace(status, steps_per_second=0.0, seconds_left=None, validation=None)
        return replace(status, state=event.state)

    def _stepped(self, status: TrainingStatus, event: StepsTaken) -> TrainingStatus:
        old, new = self._rate, event.steps_per_second
        self._rate = _RATE_SMOOTHING * old + (1 - _RATE_SMOOTHING) * new if old else new
        left = max(0, status.steps - event.step) / self._rate if self._rate else None
        return replace(
            status,
            step=event.step,
            steps_per_second=self._rate,
            seconds=event.seconds,
            seconds_left=left,
            validation=None,
        )


def changes_a_run(event: Event) -> bool:
    """Whether the list of runs looks other after an event."""
    if isinstance(event, StateChanged):
        return event.state in _ENDED
    return isinstance(event, Prepared | Validated)
