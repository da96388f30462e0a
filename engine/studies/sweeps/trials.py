"""How a sweep stands: what its folder holds of each trial; no torch, no Optuna.

```
sweep.yaml             what was asked for
sweep.lock             held by the process that carries it out
runs/                  a run for each trial; one that has ended has its trial.json
final/                 runs of the best, on train and validation classes: the folder of a study
claims/                a lock for each trial, held by the worker that carries it out
journal.log            the same for Optuna's own tools; made again from the runs wherever it is not
workers/               what each worker printed
```

The truth about a trial is its run folder: its values stand in its experiment, and trial.json says
how it ended.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from engine.config import load_experiment
from engine.errors import BadInput
from engine.io.files import write_text
from engine.io.text import read_text
from engine.runs.record import Record, read_record
from engine.studies.standing import StudyFolder
from engine.studies.sweeps.halving import Seen
from engine.studies.sweeps.space import Value
from engine.studies.sweeps.sweep import FILE, Sweep
from engine.studies.work_folder import WorkFolder

OUTCOME = "trial.json"
SCHEMA = 1
_RUN = re.compile(r"trial-(\d{4,})-")

State = Literal["complete", "pruned", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a trial ended.

    Attributes
    ----------
    number
        The trial's.
    values
        Of the settings that vary, by dotted path.
    state
        "complete" at its last step, "pruned" where it was ended early, "failed" where it learned
        nothing (its loss was not a number).
    accuracies
        At its validations, in their order.
    step
        The outer step that it ended at.
    value
        Its best validation accuracy; None unless it is complete.
    best_step
        The step of that validation.
    why
        What went wrong, in a sentence.
    """

    number: int
    values: Mapping[str, Value]
    state: State
    accuracies: Sequence[float]
    step: int
    value: float | None = None
    best_step: int | None = None
    why: str = ""

    @property
    def seen(self) -> Seen:
        """What others are measured against."""
        return Seen(self.number, self.accuracies)

    @property
    def sentence(self) -> str:
        """How it ended, in words."""
        if self.state == "failed":
            return f"failed at step {self.step:,}: {self.why}"
        if self.value is None:
            return f"ended early at step {self.step:,}, {100 * self.accuracies[-1]:.2f} %"
        return f"validation accuracy {100 * self.value:.2f} %"

    def write(self, run: Path) -> None:
        """Write it into its run's folder, in one move."""
        text = json.dumps({"schema": SCHEMA, **asdict(self)}, indent=1, allow_nan=True)
        write_text(run / OUTCOME, text + "\n")


def read_outcome(run: Path) -> Outcome | None:
    """Read how a trial ended; None where it has not, or where what is written is damaged."""
    try:
        values = json.loads(read_text(run / OUTCOME))
        if values.pop("schema") != SCHEMA:
            return None
        outcome = Outcome(**values)
    except (OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return None
    return outcome if outcome.state in ("complete", "pruned", "failed") else None


@dataclass(frozen=True, slots=True)
class Trial:
    """How a trial stands.

    Attributes
    ----------
    number
        From 0.
    run
        The folder of its run; None where it has not begun.
    record
        What the run says of itself; None where that is not read any more, as it has ended.
    values
        Of the settings that vary; empty where it has not begun.
    outcome
        How it ended; None as long as it has not.
    """

    number: int
    run: Path | None = None
    record: Record | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    outcome: Outcome | None = None

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.outcome is not None

    @property
    def share_done(self) -> float:
        """How much of it is done, 0 to 1."""
        if self.outcome is not None:
            return 1.0
        return 0.0 if self.record is None else self.record.step / max(self.record.steps, 1)


class SweepFolder(WorkFolder):
    """The folder of a sweep."""

    file_name = FILE
    lock_name = "sweep.lock"

    @property
    def journal(self) -> Path:
        """What Optuna's own tools read."""
        return self.path / "journal.log"

    @property
    def final(self) -> StudyFolder:
        """Where the runs of the best are."""
        return StudyFolder(self.path / "final")


class History:
    """Looks at how the trials of a sweep stand; what has ended it does not read again."""

    def __init__(self, sweep: Sweep, folder: SweepFolder) -> None:
        self.sweep, self.folder = sweep, folder
        self._ended: dict[int, Trial] = {}

    def look(self) -> list[Trial]:
        """Return how each trial stands, by number."""
        found = dict(self._ended)
        places = _run_folders(self.folder.runs)
        for number in range(self.sweep.trials):
            # One whose run was taken away is none any more.
            if number in found and found[number].run in places.get(number, ()):
                continue
            self._ended.pop(number, None)
            found[number] = self._read(number, places.get(number, ()))
            if found[number].is_over:
                self._ended[number] = found[number]
        return [found[number] for number in range(self.sweep.trials)]

    def look_at(self, number: int) -> Trial:
        """Return how one trial stands."""
        return self._read(number, _run_folders(self.folder.runs).get(number, ()))

    def _read(self, number: int, runs: Sequence[Path]) -> Trial:
        for run in runs:
            outcome = read_outcome(run)
            if outcome is not None and outcome.number == number:
                return Trial(number, run, None, outcome.values, outcome)
        # Two only where a file system without locks let two workers begin the same trial.
        begun = [trial for run in runs for trial in self._under_way(number, run)]
        return max(begun, key=lambda trial: trial.share_done, default=Trial(number))

    def _under_way(self, number: int, run: Path) -> Iterator[Trial]:
        """Yield a trial whose run is there; none for a run that is half made."""
        try:
            record, experiment = read_record(run), load_experiment(run / "experiment.yaml")
        except BadInput:
            return
        yield Trial(number, run, record, self.sweep.space.values_of(experiment))


def _run_folders(runs: Path) -> dict[int, list[Path]]:
    """Return the folders that are named after trials, by the trials' numbers."""
    found: dict[int, list[Path]] = {}
    try:
        folders = sorted(runs.iterdir())
    except OSError:
        return found
    for folder in folders:
        if match := _RUN.match(folder.name):
            found.setdefault(int(match[1]), []).append(folder)
    return found


def best_of(trials: Sequence[Trial]) -> Outcome | None:
    """Return the trial that validated best, the earliest where several are equal."""
    complete = [each for each in outcomes(trials) if each.value is not None]
    return max(complete, key=lambda each: (each.value, -each.number), default=None)


def outcomes(trials: Sequence[Trial]) -> list[Outcome]:
    """Return how the trials ended that have."""
    return [trial.outcome for trial in trials if trial.outcome is not None]
