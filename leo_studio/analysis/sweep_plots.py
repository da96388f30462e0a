"""What the plots of a sweep show, as numbers: the best so far, and parallel coordinates."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from engine.studies.sweeps.space import Parameter, Value
from engine.studies.sweeps.sweep import Sweep
from engine.studies.sweeps.trials import Trial
from leo_studio.analysis.curves.ticks import linear_ticks, log_ticks
from leo_studio.analysis.sweep_tables import accuracy_of, short_names, value_text

Numbers = NDArray[np.float64]
TrialState = Literal["complete", "pruned", "failed", "under way"]
STATES: Final[tuple[TrialState, ...]] = ("complete", "pruned", "failed", "under way")
_MOST_TICKS = 5
_MOST_WHOLE = 9  # values of a setting that are all named on its axis


@dataclass(frozen=True, slots=True)
class BestSoFar:
    """Accuracies of trials in percent over their numbers, and the best of those up to each.

    Attributes
    ----------
    points
        Numbers and accuracies of trials, (n,) each, by how they stand; what failed has no
        accuracy, and what is under way that of its best validation so far.
    best
        Numbers and the best accuracy of complete trials up to there, (n,) each.
    own
        What the preset's own values came to; NaN where nobody knows.
    """

    points: Mapping[TrialState, tuple[Numbers, Numbers]]
    best: tuple[Numbers, Numbers]
    own: float

    @property
    def span(self) -> tuple[float, float]:
        """The least and the greatest accuracy; 0 and 100 where there is none."""
        known = np.concatenate([accuracies for _, accuracies in self.points.values()])
        known = known[np.isfinite(known)]
        return (float(known.min()), float(known.max())) if len(known) else (0.0, 100.0)


def state_of(trial: Trial) -> TrialState:
    """Return how a trial stands."""
    return "under way" if trial.outcome is None else trial.outcome.state


def shown_accuracy(trial: Trial) -> float:
    """Return a trial's accuracy, 0 to 1: under way, its best so far; NaN where there is none."""
    record = trial.record
    if trial.outcome is None and record is not None and record.best is not None:
        return record.best.value
    return accuracy_of(trial)


def best_so_far(trials: Sequence[Trial]) -> BestSoFar:
    """Return what the plot of the best so far shows, of trials by number."""
    begun = [trial for trial in trials if trial.run is not None]
    points = {}
    for state in STATES:
        those = [each for each in begun if state_of(each) == state]
        points[state] = (
            np.array([each.number for each in those], np.float64),
            np.array([100 * shown_accuracy(each) for each in those], np.float64),
        )
    numbers, accuracies = points["complete"]
    best = (numbers, np.maximum.accumulate(accuracies) if len(accuracies) else accuracies)
    own = 100 * accuracy_of(begun[0]) if begun and begun[0].number == 0 else math.nan
    return BestSoFar(points, best, own)


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of parallel coordinates.

    Attributes
    ----------
    title
        What stands at it.
    note
        How it is scaled, where that is not by differences: "log" or "choices".
    ticks
        Places, 0 at the bottom to 1 at the top, and their texts.
    places
        Of the trials, (n,); NaN where one has none.
    """

    title: str
    note: str
    ticks: tuple[tuple[float, str], ...]
    places: Numbers


def axes(sweep: Sweep, trials: Sequence[Trial]) -> list[Axis]:
    """Return an axis for each setting that varies, and last that of the accuracy.

    `trials` are those that have a run.
    """
    paths = list(sweep.parameters)
    found = [
        _axis(name, sweep.parameters[path], [trial.values.get(path) for trial in trials])
        for name, path in zip(short_names(paths), paths, strict=True)
    ]
    return [*found, _accuracy_axis(trials)]


def _axis(name: str, parameter: Parameter, values: Sequence[Value]) -> Axis:
    if parameter.choices is not None:
        texts, last = [value_text(each) for each in parameter.choices], len(parameter.choices) - 1
        ticks = tuple((place / last, text) for place, text in enumerate(texts))
        places = [texts.index(value_text(each)) / last for each in values]
        return Axis(name, "choices", ticks, np.array(places, np.float64))
    assert parameter.low is not None
    assert parameter.high is not None
    low, high, note = parameter.low, parameter.high, ""
    numbers = np.array(values, np.float64)
    if parameter.log:
        low, high, note, numbers = math.log10(low), math.log10(high), "log", np.log10(numbers)
        found = log_ticks(low, high, _MOST_TICKS)
    else:
        is_short = parameter.step is not None and (high - low) / parameter.step < _MOST_WHOLE
        found = linear_ticks(low, high, _MOST_WHOLE if is_short else _MOST_TICKS)
    ticks = tuple(((place - low) / (high - low), text) for place, text in found)
    return Axis(name, note, ticks, (numbers - low) / (high - low))


def _accuracy_axis(trials: Sequence[Trial]) -> Axis:
    accuracies = np.array([100 * shown_accuracy(trial) for trial in trials], np.float64)
    known = accuracies[np.isfinite(accuracies)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 100.0)
    if high - low < 1e-9:
        low, high = low - 1.0, high + 1.0
    found = linear_ticks(low, high, _MOST_TICKS)
    ticks = tuple(((place - low) / (high - low), text) for place, text in found)
    return Axis("accuracy, %", "", ticks, (accuracies - low) / (high - low))
