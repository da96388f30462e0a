"""`leo-studio train` of many runs at once: seeds, and grids of settings."""

import sys
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from rich.progress import Progress, TaskID

from leo_studio.cli.console import (
    accuracy_text,
    percent,
    print_json,
    print_table,
    progress_bar,
    remarks,
)
from leo_studio.cli.training import command, outcome, stop_signals, watched

if TYPE_CHECKING:
    from engine.config import Experiment
    from engine.data.store import EmbeddingStore
    from engine.events import Failed, TrainingEvent, Validated
    from engine.library import Library
    from engine.runs import Run


def train_many(
    library: "Library",
    experiments: "Sequence[Experiment]",
    runs_folder: Path | None,
    tensorboard: Path | None,
    *,
    as_json: bool,
) -> None:
    """Train many experiments, those that can be at once, and say how each went."""
    from engine.config import populations
    from engine.starting import new_run

    ready = [new_run(library, experiment, runs_folder) for experiment in experiments]
    groups = populations([each.run.experiment for each in ready])
    remarks.print(f"{len(ready)} runs in {ready[0].run.path.parent}", style="dim")
    with stop_signals() as received:
        for number, places in enumerate(groups, 1):
            if received:
                break
            if len(groups) > 1:
                remarks.print(f"Group {number} of {len(groups)}: {len(places)} runs", style="dim")
            runs = [ready[place].run for place in places]
            _follow(runs, ready[places[0]].store, tensorboard, received)
    runs = [each.run for each in ready]
    for run in runs:
        if run.record.status == "created":  # its group's turn never came
            run.update(status="stopped")
    if as_json:
        print_json([outcome(run) for run in runs])
    else:
        columns = ("run", "status", "step", "best validation", "at step")
        print_table(columns, [_row(run) for run in runs])
    if received:
        remarks.print(f"Stopped. Go on with each by: {command()} resume RUN")
        sys.exit(128 + received[0])


def _follow(
    runs: "Sequence[Run]", store: "EmbeddingStore", tensorboard: Path | None, received: list[int]
) -> None:
    """Train the runs of a group to their ends, or until a signal is received."""
    from engine.training import train_together

    events = train_together([run.experiment for run in runs], store, runs)
    with progress_bar() as bar, ExitStack() as stack:
        also = [stack.enter_context(watched(run, tensorboard)) for run in runs]
        teller = _Teller(runs, bar, bar.add_task("Preparing", total=None, note=""))
        for member, event in events:
            teller.show(member, event)
            if not teller.is_failure(event):
                also[member](event)  # type: ignore[arg-type]
            if received:
                events.close()
                break


class _Teller:
    """Shows a group's events in the terminal, as one."""

    def __init__(self, runs: "Sequence[Run]", bar: Progress, task: TaskID) -> None:
        self._runs, self._bar, self._task = runs, bar, task
        self._accuracies: defaultdict[int, dict[int, float]] = defaultdict(dict)
        self._ended: set[int] = set()

    @staticmethod
    def is_failure(event: "TrainingEvent | Failed") -> bool:
        """Whether a run failed, which is no event of training."""
        from engine.events import Failed

        return isinstance(event, Failed)

    def show(self, member: int, event: "TrainingEvent | Failed") -> None:
        """Show what happened to a run."""
        from engine import events

        name = self._runs[member].name
        match event:
            case events.Prepared():
                self._bar.update(
                    self._task, total=event.steps, completed=event.step, description="Training"
                )
            case events.StepsTaken():
                rate = event.steps_per_second * (len(self._runs) - len(self._ended))
                note = f"{len(self._runs)} runs  {rate:.0f} model steps/s"
                self._bar.update(self._task, completed=event.step, note=note)
            case events.Validating():
                self._bar.update(self._task, note=f"validating {name}")
            case events.Validated():
                self._validated(member, event)
            case events.CheckpointSaved() | events.ProbesInspected():
                pass
            case events.Finished():
                self._ended.add(member)
                if event.stopped_early:
                    remarks.print(f"{name} stopped early at step {event.step}.")
            case events.Failed():
                self._ended.add(member)
                remarks.print(f"{name}: {event.sentence}")
            case _:
                assert_never(event)

    def _validated(self, member: int, event: "Validated") -> None:
        """Say how all runs did at a step, once the last of them is known."""
        at_step = self._accuracies[event.step]
        at_step[member] = event.accuracy
        if len(at_step) + len(self._ended - at_step.keys()) < len(self._runs):
            return
        best = max(at_step, key=at_step.__getitem__)
        mean = sum(at_step.values()) / len(at_step)
        remarks.print(
            f"step {event.step:>7}  validation, mean {percent(mean)}, "
            f"best {percent(at_step[best])} ({self._runs[best].name})"
        )


def _row(run: "Run") -> tuple[object, ...]:
    """Return how a run stands, for a table."""
    best = run.record.best
    accuracy = accuracy_text(best.accuracy, best.ci95) if best else ""
    return run.name, run.status, run.record.step, accuracy, best.step if best else ""
