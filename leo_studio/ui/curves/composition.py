"""Turns the runs that are shown, and how a person wants to see them, into a scene; no widgets."""

import math
import re
from collections.abc import Sequence
from pathlib import Path

from leo_studio.analysis.curves.aggregation import (
    Drawable,
    OneRun,
    SeedMean,
    row_at,
    runs_by_seed,
)
from leo_studio.analysis.curves.exported import PlotState, exported_curves
from leo_studio.analysis.curves.quantities import XAxis
from leo_studio.analysis.curves.scene import Range, Scene, Shown, whole_range
from leo_studio.analysis.curves.views import View, ViewHistory
from leo_studio.analysis.formats import format_duration, format_number
from leo_studio.figures.records import Exported
from leo_studio.ui.curves.run_legend import RunLabel
from leo_studio.ui.curves.runs_shown import RunsShown, ShownRun

DEFAULT_SMOOTHING = 0.9


class Composition:
    """What is drawn and how.

    Attributes
    ----------
    views
        What a person chose to see.
    pointed_at
        The key of the run that is emphasised; "" for none.
    """

    def __init__(self, runs: RunsShown) -> None:
        self._runs = runs
        self.axis: XAxis = "step"
        self.is_log_x = False
        self.decay = DEFAULT_SMOOTHING
        self.views = ViewHistory()
        self.averages_seeds = False
        self.pointed_at = ""
        self._groups: list[list[ShownRun]] = []
        self._means: dict[tuple[int, ...], SeedMean] = {}
        self._known: set[Path] = set()  # runs that have had points to draw

    def scene(self, is_growing: bool) -> Scene:
        """Return what to draw now."""
        extent = self._extent()
        whole = whole_range(extent, is_log=self.is_log_x, is_growing=is_growing)
        view = self.views.current
        groups = self._groups
        keys = {_key(group) for group in groups}
        shown = tuple(
            Shown(
                key=_key(group),
                name=_name(group),
                color=group[0].color,
                number=number,
                drawable=self._drawable(group),
                is_dimmed=self.pointed_at in keys and self.pointed_at != _key(group),
            )
            for number, group in enumerate(groups, 1)
        )
        return Scene(
            shown=shown,
            axis=self.axis,
            is_log_x=self.is_log_x,
            x_range=view.x or whole,
            x_whole=whole,
            y_ranges=view.y,
            x_extent=extent,
            decay=self.decay,
            is_growing=is_growing and view.x is None,
        )

    @property
    def color_alone(self) -> int | None:
        """The number of the colour of a run that is shown alone; None where there are several."""
        if len(self._groups) > 1:
            return None
        return self._groups[0][0].color if self._groups else 0

    def labels(self) -> tuple[RunLabel, ...]:
        """Return the legend of runs."""
        return tuple(
            RunLabel(
                _key(group),
                _name(group),
                number,
                group[0].color if len(self._groups) > 1 else None,
                _tip(group),
                is_removable=True,
                is_loading=any(run.is_loading for run in group),
            )
            for number, group in enumerate(self._groups, 1)
        )

    def exported(self, plots: Sequence[PlotState], is_growing: bool) -> Exported | None:
        """Return these plots as they are seen, and all numbers of the runs in them."""
        runs = [(run.name, run.series) for run in self._runs.all]
        name = runs[0][0] if len(runs) == 1 else "curves"
        return exported_curves(name, plots, self.scene(is_growing), runs)

    def paths_of(self, key: str) -> tuple[Path, ...]:
        """Return the runs that an entry of the legend stands for."""
        return next(
            (tuple(run.path for run in group) for group in self._groups if _key(group) == key), ()
        )

    def place_text(self, x: float | None) -> str:
        """Say where the crosshair is, in the units of all three axes, on the first run's step."""
        if x is None or not self._runs.all:
            return ""
        series = self._runs.all[0].series
        places = series.places("training", self.axis)
        if places is None or not len(places[0]):
            return ""
        place = 10**x if self.is_log_x else x
        row = row_at(places[0], place / places[1])
        if row is None:
            number = format_duration(place) if self.axis == "time" else format_number(place)
            return f"{self.axis} {number}"
        step = int(series.steps[row])
        text = f"step {step:,} · {format_duration(float(series.seconds[row]))}"
        if series.experiment is not None:
            count = step * series.experiment.seen_in_step
            seen = "pictures" if series.experiment.learner.reads_pictures else "episodes"
            text += f" · {format_number(count)} {seen}"
        return text

    def regroup(self) -> None:
        """Look again which runs there are, and which of them differ in their seed alone."""
        runs = self._runs.all
        by_series = {id(run.series): run for run in runs}
        groups = (
            runs_by_seed(run.series for run in runs)
            if self.averages_seeds
            else [[run.series] for run in runs]
        )
        self._groups = [[by_series[id(series)] for series in group] for group in groups]
        wanted = {_identity(group) for group in self._groups}
        self._means = {key: mean for key, mean in self._means.items() if key in wanted}

    def fit_to_newcomers(self) -> bool:
        """See everything where a run has come that has nothing in the range; returns whether."""
        extents = {run.path: _extent([run], self.axis) for run in self._runs.all}
        drawn = {path: ends for path, ends in extents.items() if ends[0] <= ends[1]}
        newcomers = [ends for path, ends in drawn.items() if path not in self._known]
        self._known = set(drawn)
        if (chosen := self.views.current.x) is None:
            return False
        low, high = (10 ** chosen[0], 10 ** chosen[1]) if self.is_log_x else chosen
        if all(first <= high and last >= low for first, last in newcomers):
            return False
        self.views.choose(View())
        return True

    def _drawable(self, group: list[ShownRun]) -> Drawable:
        if len(group) == 1:
            return OneRun(group[0].series)
        key = _identity(group)
        if key not in self._means:
            self._means[key] = SeedMean([run.series for run in group])
        return self._means[key]

    def _extent(self) -> Range:
        """Return the smallest and the largest x of all curves."""
        ends = [_extent(group, self.axis) for group in self._groups]
        return (
            min((first for first, _ in ends), default=math.inf),
            max((last for _, last in ends), default=0.0),
        )


def _extent(group: list[ShownRun], axis: XAxis) -> Range:
    """Return where a group's curves begin and end; a mean ends with its shortest run."""
    ends = []
    for run in group:
        places = [run.series.places(source, axis) for source in ("training", "validation")]
        known = [(x[0] * scale, x[-1] * scale) for x, scale in filter(None, places) if len(x)]
        if known:
            ends.append((min(low for low, _ in known), max(high for _, high in known)))
    if not ends:
        return math.inf, 0.0
    return float(max(low for low, _ in ends)), float(min(high for _, high in ends))


def _identity(group: list[ShownRun]) -> tuple[int, ...]:
    return tuple(id(run.series) for run in group)


def _key(group: list[ShownRun]) -> str:
    return "\n".join(str(run.path) for run in group)


def _name(group: list[ShownRun]) -> str:
    if len(group) == 1:
        return group[0].name
    # Their titles are one but for the seed, which stands at the end.
    what = re.sub(r", seed \d+( \(\d+\))?$", "", group[0].name)
    return f"{what}: mean of {len(group)} seeds ± 1 s.d."


def _tip(group: list[ShownRun]) -> str:
    lines = []
    for run in group:
        experiment = run.series.experiment
        seed = f", seed {experiment.run.seed}" if experiment is not None else ""
        state = "being read" if run.is_loading else f"{run.series.last_step:,} steps"
        lines.append(f"{run.name}{seed}: {state}\n{run.path}")
    return "\n".join(lines)
