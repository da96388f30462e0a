"""`leo-studio train` of many runs at once: seeds, and grids of settings."""

import sys
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import BadInput
from leo_studio.cli.console import print_json, print_table, remarks
from leo_studio.cli.following import stop_signals
from leo_studio.cli.outcomes import best_validation, command, outcome
from leo_studio.cli.training_display import follow_many

if TYPE_CHECKING:
    from engine.config import Experiment
    from engine.runs.library import Library
    from engine.runs.run import Run


def train_many(
    library: "Library",
    experiments: "Sequence[Experiment]",
    runs_folder: Path | None,
    tensorboard: Path | None,
    preset: str,
    *,
    as_json: bool,
) -> None:
    """Train many experiments of one preset, those that can be at once, and say how each went."""
    from engine.config import populations
    from engine.runs.preparation import new_run
    from engine.training import train_together

    prepared = [new_run(library, each, runs_folder, preset=preset) for each in experiments]
    groups = populations([each.run.experiment for each in prepared])
    remarks.print(f"{len(prepared)} runs in {prepared[0].run.path.parent}", style="dim")
    with stop_signals() as received:
        for number, places in enumerate(groups, 1):
            if received:
                break
            if len(groups) > 1:
                remarks.print(f"Group {number} of {len(groups)}: {len(places)} runs", style="dim")
            runs = [prepared[place].run for place in places]
            together = [run.experiment for run in runs]
            events = train_together(together, prepared[places[0]].store, runs)
            follow_many(events, runs, tensorboard, received)
    runs = [each.run for each in prepared]
    for run in runs:
        if run.record.status == "created":  # its group's turn never came
            run.update(status="stopped")
    with suppress(BadInput, OSError) if received else nullcontext():  # the terminal may be closed
        if as_json:
            print_json([outcome(run) for run in runs])
        else:
            columns = ("run", "status", "step", "best validation", "at step")
            print_table(columns, [_row(run) for run in runs])
    if received:
        remarks.print(f"Stopped. Go on with each by: {command()} resume RUN")
        sys.exit(128 + received[0])


def _row(run: "Run") -> tuple[object, ...]:
    """Return how a run stands, for a table."""
    best = run.record.best
    step = best.step if best else ""
    return run.name, run.status, run.record.step, best_validation(run), step
