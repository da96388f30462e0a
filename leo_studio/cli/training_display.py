"""The display of training in a terminal: reads its events, for one run or many together."""

from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from leo_studio.cli.console import ProgressBar, progress_bar, remarks

if TYPE_CHECKING:
    from engine.events import Failed, StepsTaken, TrainingEvent, Validated, Validating
    from engine.learners.columns import ColumnSpec
    from engine.runs.run import Run
    from engine.training import MemberEvent


def follow_one(
    events: "Generator[TrainingEvent]", run: "Run", tensorboard: Path | None, received: list[int]
) -> None:
    """Train a run to its end, or until a signal is in `received`; shows it beside a bar."""
    with closing(events), progress_bar() as bar:
        pairs = ((0, event) for event in events)
        _follow(pairs, TrainingDisplay([run], bar), tensorboard, received)


def follow_many(
    events: "Generator[MemberEvent]",
    runs: "Sequence[Run]",
    tensorboard: Path | None,
    received: list[int],
) -> None:
    """Train runs together to their ends, or until a signal is in `received`."""
    with closing(events), progress_bar() as bar:
        _follow(events, PopulationDisplay(runs, bar), tensorboard, received)


class TrainingDisplay:
    """Shows the training of one run: a bar, and a line for each validation.

    Parameters
    ----------
    runs
        What is trained.
    bar
        Where progress is shown.

    Attributes
    ----------
    runs
        What is trained.
    """

    def __init__(self, runs: "Sequence[Run]", bar: ProgressBar) -> None:
        self.runs = runs
        self._bar, self._task = bar, bar.add_task("Preparing", total=None, note="")

    def show(self, member: int, event: "TrainingEvent | Failed") -> None:
        """Show what happened to a run."""
        from engine import events

        match event:
            case events.Prepared():
                start, last = event.step, event.steps
                self._bar.update(self._task, completed=start, description=self._doing)
                if last:
                    self._bar.update(self._task, total=last)
                self._say_where(event.device, start)
            case events.StepsTaken():
                note = self._rate(member, event)
                self._bar.update(self._task, completed=event.step, note=note)
            case events.Validating():
                self._bar.update(self._task, note=self._validating(member, event))
            case events.Validated():
                self._say_validated(member, event)
            case events.CheckpointSaved() | events.ProbesInspected():
                pass
            case events.Finished():
                self._say_finished(member, event.step, stopped_early=event.stopped_early)
            case events.Failed():
                self._say_failed(member, event.sentence)
            case _:
                assert_never(event)

    def _say_where(self, device: str, step: int) -> None:
        where = f" from step {step}" if step else ""
        how = "" if self._is_trained else ", without training"
        remarks.print(f"{self._doing} on {device}{where}{how}.", style="dim")

    @property
    def _is_trained(self) -> bool:
        return self.runs[0].experiment.learner.is_trained

    @property
    def _doing(self) -> str:
        return "Training" if self._is_trained else "Validating"

    def _rate(self, member: int, event: "StepsTaken") -> str:
        run, means = self.runs[member], event.metrics.mean(0)
        words = [
            f"{column.name.replace('_', ' ')} {mean:.3f}"
            for column, mean in zip(run.columns, means, strict=True)
            if column in _told_columns(run)
        ]
        return "  ".join([*words, f"{event.steps_per_second:.0f} steps/s"])

    def _validating(self, member: int, event: "Validating") -> str:
        return f"validating, {event.done} of {event.episodes} episodes"

    def _say_validated(self, member: int, event: "Validated") -> None:
        best = "  best so far" if event.is_best else ""
        spec = self.runs[member].scores[0]
        score = event.scores[spec.name]
        text = spec.text(score.value, score.ci95)
        remarks.print(f"step {event.step:>7}  validation {text}{best}")

    def _say_finished(self, member: int, step: int, *, stopped_early: bool) -> None:
        if stopped_early:
            remarks.print(f"Stopped early at step {step}: no better validation since.")

    def _say_failed(self, member: int, sentence: str) -> None:
        remarks.print(f"{self.runs[member].name}: {sentence}")


class PopulationDisplay(TrainingDisplay):
    """Shows the training of many runs as one: a bar, and a line for each validation of all."""

    def __init__(self, runs: "Sequence[Run]", bar: ProgressBar) -> None:
        super().__init__(runs, bar)
        self._values: defaultdict[int, dict[int, float]] = defaultdict(dict)
        self._ended: set[int] = set()

    def _say_where(self, device: str, step: int) -> None:
        pass  # once for each run would be too often

    def _rate(self, member: int, event: "StepsTaken") -> str:
        rate = event.steps_per_second * (len(self.runs) - len(self._ended))
        return f"{len(self.runs)} runs  {rate:.0f} model steps/s"

    def _validating(self, member: int, event: "Validating") -> str:
        return f"validating {self.runs[member].name}"

    def _say_validated(self, member: int, event: "Validated") -> None:
        """Say how all runs did at a step, once the last of them is known."""
        spec = self.runs[member].scores[0]
        at_step = self._values[event.step]
        at_step[member] = event.scores[spec.name].value
        if len(at_step) + len(self._ended - at_step.keys()) < len(self.runs):
            return
        best = max(at_step, key=lambda place: spec.goodness(at_step[place]))
        mean = sum(at_step.values()) / len(at_step)
        remarks.print(
            f"step {event.step:>7}  validation, mean {spec.text(mean)}, "
            f"best {spec.text(at_step[best])} ({self.runs[best].name})"
        )

    def _say_finished(self, member: int, step: int, *, stopped_early: bool) -> None:
        self._ended.add(member)
        if stopped_early:
            remarks.print(f"{self.runs[member].name} stopped early at step {step}.")

    def _say_failed(self, member: int, sentence: str) -> None:
        self._ended.add(member)
        super()._say_failed(member, sentence)


def _told_columns(run: "Run") -> "Sequence[ColumnSpec]":
    """Return what is told of steps: the loss, and what validation measures too."""
    measured = run.scores[0].quantity
    told = [column for column in run.columns[1:] if column.quantity == measured]
    return [*run.columns[:1], *told[:1]]


def _follow(
    events: "Iterator[MemberEvent]",
    display: TrainingDisplay,
    tensorboard: Path | None,
    received: list[int],
) -> None:
    """Show events and write them down, until there are no more or a signal is received.

    Whoever calls closes the events, which is what stops the training.
    """
    from engine.events import Failed

    with ExitStack() as stack:
        writers = [stack.enter_context(_event_writer(run, tensorboard)) for run in display.runs]
        for member, event in events:
            display.show(member, event)
            if not isinstance(event, Failed):  # which is none of the events of training
                writers[member](event)
            if received:
                return


@contextmanager
def _event_writer(
    run: "Run", tensorboard: Path | None
) -> "Iterator[Callable[[TrainingEvent], None]]":
    """Hand on what else is done with each event: an event file written, or nothing."""
    if tensorboard is None:
        yield lambda _: None
        return
    from engine.export.tensorboard import live_events

    with live_events(run, tensorboard) as write:
        yield write
