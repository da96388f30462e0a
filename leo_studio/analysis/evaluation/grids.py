"""A grid of ways and shots as heat maps: its cells, what it is of, and its figure and numbers."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.grid_record import (
    GridEntry,
    GridEvaluation,
    Measured,
    Place,
    VaryingEntry,
)
from engine.io.listing import listed
from leo_studio.analysis.formats import format_accuracy
from leo_studio.figures.records import Exported, Figure, Matrix, Plot, Table

_LEAST_GAIN = 0.05  # of a scale: differences of a tenth of a point look like none


class HeatMap(NamedTuple):
    """The heat map of one store: ways down and shots across.

    Attributes
    ----------
    store
        Its name.
    values
        (ways, shots): accuracies, or gains on nearest class mean; not-a-number where there is none.
    texts
        In percent or percentage points, as they stand in the cells.
    rows, columns
        Names of ways and of shots.
    trained
        The cell that the run was trained for; None where it is not there.
    """

    store: str
    values: NDArray[np.float64]
    texts: list[list[str]]
    rows: list[str]
    columns: list[str]
    trained: tuple[int, int] | None


def heat_maps(grid: GridEvaluation, *, shows_gain: bool) -> list[HeatMap]:
    """Return a heat map for each store."""
    return [_heat_map(grid, store, shows_gain) for store in grid.stores]


def largest_gain(grid: GridEvaluation) -> float:
    """Return the end of the colours' scale for gains: the largest one, of either sign."""
    return max((abs(each.gain) for each in grid.entries if each.gain), default=0.0) or _LEAST_GAIN


def scale_labels(grid: GridEvaluation, *, shows_gain: bool) -> list[str]:
    """Return what stands below the scale of colours, evenly from end to end."""
    if not shows_gain:
        return [f"{percent} %" for percent in (0, 25, 50, 75, 100)]
    largest = 100 * largest_gain(grid)
    return [f"−{largest:.1f} points", "0", f"+{largest:.1f} points"]


def place_text(grid: GridEvaluation, place: Place) -> str:
    """Say what was measured at a place, or why nothing was."""
    where = f"{place.n_way}-way {place.k_shot}-shot on {place.store}"
    entry = grid.at(place)
    if entry is None:
        return f"{where} was not evaluated"
    return f"{where}: {_measured_text(entry)}"


def _measured_text(entry: Measured) -> str:
    if entry.accuracy is None or entry.gain is None:
        return entry.why_not
    low, high = entry.queries or (0, 0)
    queries = f"{low}" if low == high else f"{low} to {high}"
    return (
        f"{format_accuracy(entry.accuracy, entry.ci95)}; nearest class mean "
        f"{format_accuracy(entry.baseline)}, so {_points(entry)} points; {queries} queries a class"
    )


def varying_text(entry: VaryingEntry) -> str:
    """Say what was measured of episodes of varying ways and shots, or why nothing was."""
    ways, shots = (listed([str(each) for each in some]) for some in (entry.ways, entry.shots))
    where = f"Episodes of {ways} ways and {shots} shots, drawn for each, on {entry.store}"
    return f"{where}: {_measured_text(entry)}"


def place_of(grid: GridEvaluation, store: str, row: int, column: int) -> Place:
    """Return the place of a cell."""
    return Place(store, grid.ways[row], grid.shots[column])


def describe(grid: GridEvaluation) -> str:
    """Say what a grid is of."""
    trained = grid.trained
    return (
        f"Step {grid.checkpoint_step:,}, {grid.episode_words} of split {grid.split} at each "
        f"place, the same for all runs. It was trained for {trained.n_way}-way "
        f"{trained.k_shot}-shot on {trained.store}."
    )


def grid_name(grid: GridEvaluation) -> str:
    """Return what a list calls a grid: "test, step 2,000, 1,000 episodes"."""
    return f"{grid.split}, step {grid.checkpoint_step:,}, {grid.episode_words}"


def grid_as_text(grid: GridEvaluation) -> str:
    """Return a grid as text for the clipboard: a line for each place."""
    lines = [place_text(grid, entry.place) for entry in grid.entries]
    lines += map(varying_text, grid.varying)
    return "\n".join([f"{grid.run}. {describe(grid)}", *lines])


def exported_grid(grid: GridEvaluation, *, shows_gain: bool) -> Exported:
    """Return the heat maps that are shown, and all numbers behind them."""
    limit = 100 * largest_gain(grid)
    plots = []
    for each in heat_maps(grid, shows_gain=shows_gain):
        cells = Matrix(
            100 * each.values,
            each.rows,
            each.columns,
            number_format="+.1f" if shows_gain else ".1f",
            limits=(-limit, limit) if shows_gain else (0.0, 100.0),
            is_diverging=shows_gain,
        )
        what = "gain on nearest class mean (points)" if shows_gain else "accuracy (%)"
        plots.append(Plot([cells], f"{each.store}: {what}", "shots", "ways"))
    facts: dict[str, str | int | float] = {
        "run": grid.run,
        "step": grid.checkpoint_step,
        "split": grid.split,
        "episodes": grid.episodes,
    }
    places: dict[str, Any] = {
        "store": [entry.store for entry in grid.entries],
        "n_way": np.array([entry.n_way for entry in grid.entries]),
        "k_shot": np.array([entry.k_shot for entry in grid.entries]),
    }
    tables = [Table("grid", places | _measured_columns(grid.entries), facts=facts)]
    if grid.varying:
        drawn_from: dict[str, Any] = {
            "store": [entry.store for entry in grid.varying],
            "ways": [", ".join(map(str, entry.ways)) for entry in grid.varying],
            "shots": [", ".join(map(str, entry.shots)) for entry in grid.varying],
        }
        columns = drawn_from | _measured_columns(grid.varying)
        tables.append(Table("varying", columns, facts=facts))
    return Exported("grid", Figure(plots), tables, f"{grid.run}. {describe(grid)}")


def _measured_columns(entries: Sequence[Measured]) -> dict[str, Any]:
    queries = [entry.queries or (0, 0) for entry in entries]
    return {
        "accuracy": _column([entry.accuracy for entry in entries]),
        "ci95": _column([entry.ci95 for entry in entries]),
        "nearest_class_mean": _column([entry.baseline for entry in entries]),
        "gain": _column([entry.gain for entry in entries]),
        "gain_ci95": _column([entry.gain_ci95 for entry in entries]),
        "fewest_queries": np.array([low for low, _ in queries]),
        "most_queries": np.array([high for _, high in queries]),
        "why_not": [entry.why_not for entry in entries],
    }


def _heat_map(grid: GridEvaluation, store: str, shows_gain: bool) -> HeatMap:
    ways, shots = grid.ways, grid.shots
    entries = [[grid.at(Place(store, n_way, k_shot)) for k_shot in shots] for n_way in ways]
    values = [[_value(entry, shows_gain) for entry in row] for row in entries]
    sign = "+" if shows_gain else ""
    texts = [
        ["" if np.isnan(value) else f"{100 * value:{sign}.1f}" for value in row] for row in values
    ]
    trained = grid.trained
    is_there = store == trained.store and trained.n_way in ways and trained.k_shot in shots
    marked = (ways.index(trained.n_way), shots.index(trained.k_shot)) if is_there else None
    rows, columns = [f"{n_way}-way" for n_way in ways], [f"{k_shot}-shot" for k_shot in shots]
    return HeatMap(store, np.array(values), texts, rows, columns, marked)


def _value(entry: GridEntry | None, shows_gain: bool) -> float:
    found = None if entry is None else entry.gain if shows_gain else entry.accuracy
    return np.nan if found is None else found


def _column(values: list[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values])


def _points(entry: Measured) -> str:
    assert entry.gain is not None
    interval = "" if entry.gain_ci95 is None else f" ± {100 * entry.gain_ci95:.2f}"
    return f"{100 * entry.gain:+.2f}{interval}"
