"""One run, or the mean of several that differ in their seed alone, as something to draw."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.config import groups_of_seeds
from leo_studio.analysis.curves.quantities import Quantity, XAxis
from leo_studio.analysis.curves.series import RunSeries

Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Curve:
    """What is drawn of one quantity.

    Attributes
    ----------
    x, scale
        Places, ascending, (n,); to be multiplied with `scale`.
    line
        The curve, (n,).
    raw
        What it was smoothed from; None where it is the same.
    lower, upper
        A band around it: one standard deviation over seeds, or a confidence interval.
    has_points
        Whether each value is a measurement of its own that deserves a mark.
    """

    x: Floats
    scale: float
    line: Floats
    raw: Floats | None = None
    lower: Floats | None = None
    upper: Floats | None = None
    has_points: bool = False


class Drawable(Protocol):
    """A run, or several as one."""

    @property
    def version(self) -> object:
        """Something else after every change."""

    def curve(self, quantity: Quantity, axis: XAxis, decay: float) -> Curve | None:
        """Return a quantity's curve; None where there is nothing to draw yet."""

    def marks(self, axis: XAxis) -> "Marks":
        """Return what is marked in the plot of the score that picks the best."""

    def last_phase(self, axis: XAxis) -> float | None:
        """Return where the last of several phases of training begins; None where there is one."""

    def roots_end(self, axis: XAxis) -> float | None:
        """Return where tasks no longer count by the roots of their errors; None where none did."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Where the best validation and the checkpoints are, on an x axis."""

    best: tuple[float, float] | None = None  # x, and the score that picks it
    best_step: int | None = None
    checkpoints: tuple[float, ...] = ()
    plot: str = ""  # the name of that score's plot, where all this is marked


class OneRun:
    """Draws one run."""

    def __init__(self, series: RunSeries) -> None:
        self.series = series

    @property
    def version(self) -> object:
        """Something else after every change."""
        return (id(self.series), self.series.version)

    def curve(self, quantity: Quantity, axis: XAxis, decay: float) -> Curve | None:
        """Return a quantity's curve; None where there is nothing to draw yet."""
        values = self.series.values(quantity)
        places = self.series.places(quantity.source, axis)
        if places is None or not len(values):
            return None
        x, scale = places
        if quantity.source == "validation":
            half = self.series.interval(quantity)
            lower, upper = (None, None) if half is None else (values - half, values + half)
            return Curve(x, scale, values, None, lower, upper, has_points=True)
        line = self.series.smoothed(quantity, decay)
        return Curve(x, scale, line, values if decay else None)

    def marks(self, axis: XAxis) -> Marks:
        """Return what is marked in the plot of the score that picks the best."""
        series = self.series
        seen_in_step = series.experiment.seen_in_step if series.experiment else None
        steps: Floats = np.array(series.checkpoints, dtype=np.float64)
        best_step = series.best_step
        known = series.validations["step"]
        row = int(np.searchsorted(known, best_step)) if best_step is not None else len(known)
        best: Floats = (
            np.array([best_step], dtype=np.float64)
            if row < len(known) and known[row] == best_step
            else np.empty(0)
        )
        if axis == "episodes":
            if seen_in_step is None:
                return Marks()
            steps, best = steps * seen_in_step, best * seen_in_step
        elif axis == "time":
            steps, best = series.seconds_at(steps), series.seconds_at(best)
        point = None
        if len(best) and series.scores:
            point = float(best[0]), float(series.validations[series.scores[0].name][row])
        plot = series.scores[0].quantity.name if series.scores else ""
        return Marks(point, best_step, tuple(steps.tolist()), plot)

    def last_phase(self, axis: XAxis) -> float | None:
        """Return where the last of several phases of training begins; None where there is one.

        None, too, where training has not come as far, or the run's settings are not read yet.
        """
        if self.series.experiment is None:
            return None
        steps = self.series.experiment.schedule.steps
        phase = self.series.experiment.learner.phase_at(steps - 1, steps)
        return self._place_of(phase.first, axis) if phase.place > 0 else None

    def roots_end(self, axis: XAxis) -> float | None:
        """Return where tasks no longer count by the roots of their errors; None where none did.

        None, too, where that is the end of the phase, or training has not come as far.
        """
        if self.series.experiment is None:
            return None
        learner, steps = self.series.experiment.learner, self.series.experiment.schedule.steps
        end = learner.steps_of_roots(steps)
        return self._place_of(end, axis) if 0 < end < learner.phase_at(0, steps).end else None

    def _place_of(self, step: int, axis: XAxis) -> float | None:
        """Return where a step is on an axis; None where training has not come as far."""
        series = self.series
        if series.experiment is None or not len(series.steps) or series.steps[-1] <= step:
            return None
        if axis == "time":
            return float(series.seconds_at(np.array([step], dtype=np.float64))[0])
        return float(step * (series.experiment.seen_in_step if axis == "episodes" else 1))


class SeedMean:
    """Draws the mean of runs, with a band of one standard deviation, on the steps they share.

    Parameters
    ----------
    members
        Two runs or more.
    """

    def __init__(self, members: Sequence[RunSeries]) -> None:
        self.members = tuple(members)
        self._kept: dict[tuple[str, XAxis, float], tuple[object, Curve | None]] = {}

    @property
    def version(self) -> object:
        """Something else after every change."""
        return tuple((id(series), series.version) for series in self.members)

    def curve(self, quantity: Quantity, axis: XAxis, decay: float) -> Curve | None:
        """Return the mean of the runs' smoothed curves; None where they share none, or no step."""
        key, version = (quantity.key, axis, decay), self.version
        kept = self._kept.get(key)
        if kept is None or kept[0] != version:
            kept = (version, self._mean(quantity, axis, decay))
            self._kept[key] = kept
        return kept[1]

    def marks(self, axis: XAxis) -> Marks:
        """Return nothing: each of the runs has its own."""
        return Marks()

    def last_phase(self, axis: XAxis) -> float | None:
        """Return the same of all runs, whose settings differ in their seed alone, but for time."""
        return None if axis == "time" else OneRun(self.members[0]).last_phase(axis)

    def roots_end(self, axis: XAxis) -> float | None:
        """Return the same, likewise."""
        return None if axis == "time" else OneRun(self.members[0]).roots_end(axis)

    def _mean(self, quantity: Quantity, axis: XAxis, decay: float) -> Curve | None:
        if not all(len(series.values(quantity)) for series in self.members):
            return None  # another learner reports it
        steps = [_steps(series, quantity) for series in self.members]
        rows = shared_rows(steps)
        places = [series.places(quantity.source, axis) for series in self.members]
        if not len(steps[0][rows[0]]) or any(place is None for place in places):
            return None
        x = np.mean(
            [place[0][row] for place, row in zip(places, rows, strict=True) if place], axis=0
        )
        lines = [
            series.smoothed(quantity, decay)[row]
            for series, row in zip(self.members, rows, strict=True)
        ]
        mean, deviation = mean_and_deviation(lines)
        scale = places[0][1] if places[0] else 1.0
        has_points = quantity.source == "validation"
        return Curve(x, scale, mean, None, mean - deviation, mean + deviation, has_points)


def _steps(series: RunSeries, quantity: Quantity) -> Floats:
    return series.steps if quantity.source == "training" else series.validations["step"]


def shared_rows(steps: Sequence[Floats]) -> list[slice | NDArray[np.intp]]:
    """Return, for each of some ascending lists of steps, the rows of those that all of them have.

    As a slice where all begin alike, which they do but for runs that were cut by hand.
    """
    shortest = min(len(each) for each in steps)
    if all(np.array_equal(each[:shortest], steps[0][:shortest]) for each in steps[1:]):
        return [slice(shortest)] * len(steps)
    shared = reduce(np.intersect1d, steps)
    return [np.searchsorted(each, shared) for each in steps]


def mean_and_deviation(lines: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Return the mean over runs and the standard deviation of a run, with n - 1."""
    stacked = np.stack(lines).astype(np.float64)
    mean = stacked.mean(axis=0)
    if len(lines) < 2:
        return mean, np.zeros_like(mean)
    return mean, stacked.std(axis=0, ddof=1)


def runs_by_seed(runs: Iterable[RunSeries]) -> list[list[RunSeries]]:
    """Put runs together that differ in their seed alone, each group where its first run was.

    A run whose settings are not read yet is alone.
    """
    every = list(runs)
    known = [place for place, series in enumerate(every) if series.experiment is not None]
    experiments = [series.experiment for series in every if series.experiment is not None]
    groups = [[known[number] for number in group] for group in groups_of_seeds(experiments)]
    groups += [[place] for place, series in enumerate(every) if series.experiment is None]
    return [[every[place] for place in group] for group in sorted(groups)]


def row_at(x: NDArray[np.floating], place: float) -> int | None:
    """Return the row of the number nearest to a place, of ascending numbers.

    None beyond the ends, by more than half a row: where a curve has ended, it has no value.
    """
    after = int(np.searchsorted(x, place))
    if after == 0:
        gap = float(x[1] - x[0]) if len(x) > 1 else 1.0
        return 0 if x[0] - place <= gap / 2 else None
    if after == len(x):
        gap = float(x[-1] - x[-2]) if len(x) > 1 else 1.0
        return len(x) - 1 if place - x[-1] <= gap / 2 else None
    return after - 1 if place - x[after - 1] <= x[after] - place else after
