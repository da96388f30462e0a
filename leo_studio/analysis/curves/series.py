"""The metrics of one run, growing while it is trained.

Measured numbers are float32, as the engine has them: nothing is lost, and a million steps take half
the memory. Steps and times are float64.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.config import Experiment
from engine.events import StepsTaken, Validated
from engine.learners.columns import ColumnSpec
from engine.runs.metrics import interval_column, validation_columns, validation_numbers
from engine.runs.record import best_of
from engine.tasks.scores import ScoreSpec
from leo_studio.analysis.curves.quantities import (
    RATE,
    THROUGHPUT,
    PlotKind,
    Quantity,
    Source,
    XAxis,
)
from leo_studio.analysis.curves.smoothing import Smoother
from leo_studio.services.records import Curves

Floats = NDArray[np.floating]

_FIRST_CAPACITY = 1024


class Table:
    """Named columns of equal length that grow at their ends.

    Parameters
    ----------
    names
        The columns.
    dtype
        Of all of them.
    """

    def __init__(self, names: Sequence[str], dtype: type[np.floating]) -> None:
        self._rows = {name: row for row, name in enumerate(names)}
        self._cells = np.empty((len(names), 0), dtype)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def columns(self) -> dict[str, Floats]:
        """All columns by name."""
        return {name: self[name] for name in self._rows}

    def __getitem__(self, name: str) -> Floats:
        view: Floats = self._cells[self._rows[name], : self._length]
        return view

    def extend(self, columns: Mapping[str, Floats | Sequence[float]]) -> None:
        """Append to every column."""
        count = len(next(iter(columns.values())))
        needed = self._length + count
        if needed > self._cells.shape[1]:
            capacity = max(_FIRST_CAPACITY, needed, self._cells.shape[1] * 3 // 2)
            grown = np.empty((len(self._rows), capacity), self._cells.dtype)
            grown[:, : self._length] = self._cells[:, : self._length]
            self._cells = grown
        for name, row in self._rows.items():
            self._cells[row, self._length : needed] = columns[name]
        self._length = needed

    def truncate(self, length: int) -> None:
        """Forget the rows from `length` on."""
        self._length = min(self._length, length)


class RunSeries:
    """All metrics of one run.

    Parameters
    ----------
    path
        The run's folder.
    columns, scores
        What each step reports and a validation measures; nothing until that is known.

    Attributes
    ----------
    experiment
        What was trained; None until it was read.
    checkpoints
        Steps that a checkpoint was kept of.
    best_step
        The step of the best validation.
    version
        Another number after every change.
    """

    def __init__(
        self,
        path: Path,
        columns: Sequence[ColumnSpec] = (),
        scores: Sequence[ScoreSpec] = (),
    ) -> None:
        self.path = path
        self.columns, self.scores = tuple(columns), tuple(scores)
        self._kinds: dict[tuple[Source, str], str] = {
            **({("training", RATE): THROUGHPUT.name} if columns else {}),
            **{("training", each.name): each.quantity.name for each in columns},
            **{("validation", each.name): each.quantity.name for each in scores},
        }
        self.experiment: Experiment | None = None
        self.checkpoints: list[int] = []
        self.best_step: int | None = None
        self.version = 0
        self._clock = Table(("step", "seconds"), np.float64)
        self._measured = Table([*(column.name for column in columns), RATE], np.float32)
        self._validation = Table(validation_columns(scores), np.float64)
        self._smoothed: dict[str, tuple[Smoother, Table]] = {}

    @classmethod
    def from_curves(cls, curves: Curves) -> "RunSeries":
        """Take over what was read from disk; some ten milliseconds for a million rows."""
        series = cls(curves.path, curves.columns, curves.scores)
        series.experiment = curves.experiment
        series.checkpoints = list(curves.checkpoints)
        series.best_step = curves.best_step
        training = curves.training
        times = spread_seconds(training["seconds"], training["steps_per_second"])
        series._clock.extend({"step": training["step"], "seconds": times})
        series._measured.extend(training)
        series._validation.extend(curves.validation)
        return series

    @property
    def last_step(self) -> int:
        """The newest step; 0 before there is one."""
        return int(self._clock["step"][-1]) if len(self._clock) else 0

    @property
    def steps(self) -> Floats:
        """All steps, ascending."""
        return self._clock["step"]

    @property
    def seconds(self) -> Floats:
        """Seconds of training until each step was done."""
        return self._clock["seconds"]

    def take_steps(self, event: StepsTaken) -> bool:
        """Append what is new in an event; returns False, and takes nothing, if steps are missing.

        The engine drops the oldest rows of a reader that stays away for long; they are on disk.
        """
        count = len(event.metrics)
        first = event.step - count + 1
        known = self.last_step + 1 - first
        if known < 0:
            return False
        if known >= count:
            return True
        rows = event.metrics[known:]
        before = float(self.seconds[-1]) if len(self._clock) else 0.0
        times = spread_seconds(
            np.full(len(rows), event.seconds), np.full(len(rows), event.steps_per_second), before
        )
        steps = np.arange(first + known, event.step + 1, dtype=np.float64)
        self._clock.extend({"step": steps, "seconds": times})
        names = [column.name for column in self.columns]
        columns: dict[str, Floats] = dict(zip(names, rows.T, strict=True))
        columns[RATE] = np.full(len(rows), event.steps_per_second)
        self._measured.extend(columns)
        self.version += 1
        return True

    def take_validation(self, event: Validated) -> None:
        """Append a validation, unless it is known."""
        known = self._validation["step"]
        if len(known) and known[-1] >= event.step:
            return
        row = {"step": event.step, **validation_numbers(event.scores, self.scores)}
        self._validation.extend({name: [number] for name, number in row.items()})
        if event.is_best:
            self.best_step = event.step
        self.version += 1

    def take_checkpoint(self, step: int) -> None:
        """Note a checkpoint."""
        if step not in self.checkpoints:
            self.checkpoints.append(step)
            self.version += 1

    def truncate(self, step: int) -> None:
        """Forget what came after a step: a resumed run takes those steps again."""
        rows = int(np.searchsorted(self.steps, step, side="right"))
        self._clock.truncate(rows)
        self._measured.truncate(rows)
        self._validation.truncate(
            int(np.searchsorted(self._validation["step"], step, side="right"))
        )
        self.checkpoints = [each for each in self.checkpoints if each <= step]
        if self.best_step is not None and self.best_step > step:
            names = validation_columns(self.scores)
            columns = [self._validation[name].tolist() for name in names]
            rows_left = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
            best = best_of(rows_left, self.scores)
            self.best_step = None if best is None else best.step
        self._smoothed.clear()
        self.version += 1

    def measures(self, quantity: Quantity) -> bool:
        """Whether a quantity is measured here, and is what its plot draws."""
        return self._kinds.get((quantity.source, quantity.column)) == quantity.plot

    def values(self, quantity: Quantity) -> Floats:
        """Return a quantity as it was measured; nothing of what this run does not measure."""
        if not self.measures(quantity):
            return np.empty(0, np.float32)
        table = self._measured if quantity.source == "training" else self._validation
        return table[quantity.column]

    def smoothed(self, quantity: Quantity, decay: float) -> Floats:
        """Return a quantity smoothed over the whole run; what was smoothed before is kept."""
        values = self.values(quantity)
        if decay == 0 or quantity.source == "validation":
            return values
        kept = self._smoothed.get(quantity.column)
        if kept is None or kept[0].decay != decay:
            kept = (Smoother(decay), Table(("value",), np.float32))
            self._smoothed[quantity.column] = kept
        smoother, table = kept
        if len(table) < len(values):
            table.extend({"value": smoother.extend(values[len(table) :])})
        return table["value"]

    @property
    def measured(self) -> Mapping[str, Floats]:
        """What was measured of each step, by the columns of train.csv."""
        return self._measured.columns

    @property
    def validations(self) -> Mapping[str, Floats]:
        """What validations measured, by the columns of validation.csv."""
        return self._validation.columns

    def interval(self, quantity: Quantity) -> Floats | None:
        """Return half the widths of a score's intervals; None for what has none."""
        named = (spec for spec in self.scores if spec.name == quantity.column)
        spec = next(named, None) if quantity.source == "validation" else None
        if spec is None or not spec.has_interval:
            return None
        return self._validation[interval_column(spec, self.scores)]

    def places(self, source: Source, axis: XAxis) -> tuple[Floats, float] | None:
        """Return where a source's rows are on an x axis: numbers, and what to multiply them with.

        None where that is not known yet.
        """
        steps = self.steps if source == "training" else self._validation["step"]
        if axis == "step":
            return steps, 1.0
        if axis == "episodes":
            if self.experiment is None:
                return None
            return steps, float(self.experiment.seen_in_step)
        return self.seconds if source == "training" else self.seconds_at(steps), 1.0

    def seconds_at(self, steps: Floats) -> Floats:
        """Return how long training had taken when steps were done."""
        if not len(self._clock):
            return np.full(len(steps), np.nan)
        times: Floats = np.interp(steps, self.steps, self.seconds)
        return times


def measured_by(kinds: Iterable[PlotKind], runs: Sequence[RunSeries]) -> dict[str, frozenset[str]]:
    """Return the keys of the quantities that runs measure, by the plot's name; no empty plots.

    The first run's plots come first, and the score that counts comes second.
    """
    kinds = list(kinds)
    offered = {
        kind.name: frozenset(
            each.key for each in kind.quantities if any(run.measures(each) for run in runs)
        )
        for kind in kinds
    }
    own = [] if not runs else _own_plots(kinds, runs[0])
    return {name: offered[name] for name in (*own, *offered) if offered[name]}


def _own_plots(kinds: Iterable[PlotKind], run: RunSeries) -> list[str]:
    names = [kind.name for kind in kinds if any(map(run.measures, kind.quantities))]
    score = run.scores[0].quantity.name if run.scores else ""
    if score in names[1:]:
        names.remove(score)
        names.insert(1, score)
    return names


def spread_seconds(
    seconds: NDArray[np.float64], rates: NDArray[np.float64], before: float = 0.0
) -> NDArray[np.float64]:
    """Return when each step was done, from times that were taken once for several steps.

    Parameters
    ----------
    seconds
        The time after the last of the steps that were told of together, repeated for each, (n,).
    rates
        Steps per second, likewise.
    before
        The time before the first step.
    """
    if not len(seconds):
        return np.empty(0)
    ends = np.append(np.flatnonzero(np.diff(seconds)), len(seconds) - 1)
    counts = np.diff(ends, prepend=-1)
    stops = np.maximum.accumulate(np.maximum(seconds[ends], before))
    rate = rates[ends]
    durations = np.divide(counts, rate, out=np.full(len(ends), np.inf), where=rate > 0)
    starts = np.maximum(stops - durations, np.concatenate([[before], stops[:-1]]))
    place = np.arange(len(seconds)) - np.repeat(ends - counts, counts)
    step = (stops - starts) / counts
    times: NDArray[np.float64] = np.repeat(starts, counts) + place * np.repeat(step, counts)
    return times
