"""The curves as a figure, and every number behind them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leo_studio.analysis.curves.aggregation import Curve
from leo_studio.analysis.curves.decimation import decimate
from leo_studio.analysis.curves.end_labels import Axis, with_labels_apart
from leo_studio.analysis.curves.quantities import RATE, PlotKind, Quantity
from leo_studio.analysis.curves.scene import Range, Scene, Shown, x_label
from leo_studio.analysis.curves.series import RunSeries
from leo_studio.figures.plots import STYLES
from leo_studio.figures.records import (
    Band,
    Color,
    Column,
    Exported,
    Figure,
    Layer,
    Line,
    Marker,
    Plot,
    Points,
    Table,
    Texts,
)

Floats = NDArray[np.floating]
_BUCKETS = 1000  # of a curve; each gives its smallest and largest value
_NOTHING = np.zeros(0)
_LINE = 0.04  # of the height of a figure with one row of plots: a line of text
_MOST = 0.15  # of a plot's height, likewise, where there are many rows


@dataclass(frozen=True, slots=True)
class PlotState:
    """A plot as a person has set it.

    Attributes
    ----------
    quantities
        What is drawn.
    y_range
        Visible y, exponents of ten if `is_log`; None for all of it.
    """

    kind: PlotKind
    quantities: tuple[Quantity, ...]
    is_log: bool
    y_range: Range | None = None


def exported_curves(
    name: str,
    plots: Sequence[PlotState],
    scene: Scene,
    runs: Sequence[tuple[str, RunSeries]],
) -> Exported | None:
    """Return plots as they are seen, and every step and validation of the runs in them.

    Parameters
    ----------
    name
        Of the file.
    plots
        Those that are visible.
    scene
        What they draw.
    runs
        Names and metrics; they are copied, so that a run may go on meanwhile.
    """
    if not runs:
        return None
    keys = [
        Line(_NOTHING, _NOTHING, f"{shown.number} {shown.name}", scene.color_of(shown, 0))
        for shown in scene.shown
    ]
    title = scene.shown[0].name if len(scene.shown) == 1 else ""
    columns = 1 if len(plots) == 1 else 2
    line = min(_MOST, _LINE * -(-len(plots) // columns))
    figure = Figure(
        [_plot(state, scene, line) for state in plots],
        title,
        columns=columns,
        keys=keys if scene.has_many else (),
    )
    tables = [_steps(runs), _validations(runs)]
    words = ", ".join(run for run, _ in runs)
    return Exported(name, figure if plots else None, tables, f"Training curves of {words}")


# The figure


def _plot(state: PlotState, scene: Scene, line: float) -> Plot:
    kind = state.kind
    bottom, unit = x_label(scene)
    low, high = _numbers(scene.x_range, scene.is_log_x)
    x_range = (unit * low, unit * high)
    y_range = None if state.y_range is None else _numbers(state.y_range, state.is_log)
    layers: list[Layer] = []
    drawn: set[Quantity] = set()
    for shown in scene.shown:
        layers += _of_run(state, scene, shown, unit, drawn)
    if scene.has_many and len(state.quantities) > 1:
        # Colours are the runs'; dashes say what is drawn.
        for quantity in (each for each in state.quantities if each in drawn):
            style = STYLES[_row(kind, quantity) % len(STYLES)]
            layers.append(Line(_NOTHING, _NOTHING, quantity.label, "text", style))
    axes = Axis(x_range, scene.is_log_x), Axis(y_range, state.is_log)
    return Plot(
        list(with_labels_apart(layers, *axes, line)),
        kind.title,
        bottom,
        kind.y_label.removesuffix(" (%)"),
        is_x_logarithmic=scene.is_log_x,
        is_y_logarithmic=state.is_log,
        x_range=x_range,
        y_range=y_range,
        has_percent=kind.is_percentage,
    )


def _of_run(
    state: PlotState, scene: Scene, shown: Shown, unit: float, drawn: set[Quantity]
) -> Iterator[Layer]:
    """Draw the quantities of one run, or of the mean of several; add them to those drawn."""
    has_many, is_named = scene.has_many, False
    for quantity in state.quantities:
        curve = shown.drawable.curve(quantity, scene.axis, scene.decay)
        if curve is None:
            continue
        row = _row(state.kind, quantity)
        color = scene.color_of(shown, row)
        cut = _Cut(curve, scene, unit, state.is_log)
        label = "" if has_many else quantity.label
        if curve.lower is not None and curve.upper is not None:
            x, lower = cut(curve.lower)
            yield Band(x, lower, cut(curve.upper)[1], color=color, opacity=0.15)
        if curve.raw is not None:
            yield Line(*cut(curve.raw), color=color, width=0.5, opacity=0.3)
        x, y = cut(curve.line)
        if not np.isfinite(y).any():
            label = ""  # a legend has what is drawn
        else:
            drawn.add(quantity)
        marker: Marker | None = "circle" if curve.has_points or len(x) == 1 else None
        yield Line(x, y, label, color, STYLES[row % len(STYLES)], marker=marker)
        ends = np.flatnonzero(np.isfinite(x) & np.isfinite(y))[-1:]
        if has_many and not is_named and len(ends):
            yield Texts(x[ends], y[ends], [str(shown.number)], color)
            is_named = True
    marks = shown.drawable.marks(scene.axis)
    validated = any(quantity.source == "validation" for quantity in state.quantities)
    if marks.best is not None and validated and state.kind.name == marks.plot:
        x, y = (np.array([number]) for number in marks.best)
        label = "" if has_many else "best validation"
        mark: Color = scene.color_of(shown, 0) if has_many else "text"
        yield Points(unit * x, y, label, mark, "star", size=2.5)


class _Cut:
    """Takes of a series what is seen, in the units of the axes."""

    def __init__(self, curve: Curve, scene: Scene, unit: float, is_log: bool) -> None:
        self._x = curve.x
        self._scale = curve.scale
        self._unit = unit
        self._is_log = is_log
        low, high = _numbers(scene.x_range, scene.is_log_x)
        self._low, self._high = low / curve.scale, high / curve.scale

    def __call__(self, values: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        if self._is_log:
            values = np.where(values > 0, values, np.nan)
        x, y = decimate(self._x, values, self._low, self._high, _BUCKETS)
        return self._unit * self._scale * x.astype(np.float64), y.astype(np.float64)


def _row(kind: PlotKind, quantity: Quantity) -> int:
    return kind.quantities.index(quantity)


def _numbers(ends: Range, is_log: bool) -> Range:
    return (10 ** ends[0], 10 ** ends[1]) if is_log else ends


# The numbers


def _steps(runs: Sequence[tuple[str, RunSeries]]) -> Table:
    """Return a row for each outer step, as it was measured.

    `seconds` are as on the time axis: between the times that the engine took, steps are spread
    evenly.
    """
    counts = [len(series.steps) for _, series in runs]
    columns: dict[str, Column] = {
        "run": _names(runs, counts),
        "step": np.concatenate([series.steps for _, series in runs]).astype(np.int64),
        "seconds": np.concatenate([series.seconds for _, series in runs]),
        "episodes": np.concatenate([_episodes(series) for _, series in runs]),
    }
    measured = [series.measured for _, series in runs]
    names = dict.fromkeys(name for each in measured for name in each if name != RATE)
    for name in (*names, RATE):
        columns[name] = _joined(name, measured, counts)
    return Table("training", columns)


def _validations(runs: Sequence[tuple[str, RunSeries]]) -> Table:
    measured = [series.validations for _, series in runs]
    counts = [len(each["step"]) for each in measured]
    columns: dict[str, Column] = {"run": _names(runs, counts)}
    for name in dict.fromkeys(name for each in measured for name in each):
        columns[name] = _joined(name, measured, counts)
    return Table("validation", columns)


def _joined(name: str, runs: Sequence[Mapping[str, Floats]], counts: Sequence[int]) -> Floats:
    """Return a column of all runs; not-a-number of those that do not measure it."""
    dtype = next(columns[name].dtype for columns in runs if name in columns)
    return np.concatenate(
        [
            columns[name] if name in columns else np.full(count, np.nan, dtype)
            for columns, count in zip(runs, counts, strict=True)
        ]
    )


def _names(runs: Sequence[tuple[str, RunSeries]], counts: Sequence[int]) -> list[str]:
    return [name for (name, _), count in zip(runs, counts, strict=True) for _ in range(count)]


def _episodes(series: RunSeries) -> Floats:
    """Return how many episodes were seen until each step; not-a-number until that is known."""
    experiment = series.experiment
    factor = np.nan if experiment is None else float(experiment.seen_in_step)
    return np.asarray(series.steps * factor)
