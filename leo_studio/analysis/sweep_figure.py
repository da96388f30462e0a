"""A sweep as a figure and as tables, for files."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from leo_studio.analysis.sweep_plots import TrialState, axes, best_so_far
from leo_studio.analysis.sweep_tables import numbers, short_names
from leo_studio.figures.records import (
    Bars,
    Color,
    Exported,
    Figure,
    Layer,
    Line,
    Marker,
    Plot,
    Points,
    Rule,
    Table,
    Texts,
)
from leo_studio.services.sweep_records import Importance, SweepView

_LOOKS: Final[Mapping[TrialState, tuple[str, Color, Marker, bool]]] = {
    "complete": ("complete", 0, "circle", False),
    "pruned": ("ended early", 1, "down", True),
    "failed": ("failed", 3, "cross", False),
    "under way": ("under way", "muted", "square", True),
}
_BEST_SHARE = 0.75  # the lines of the best quarter have a colour


def exported_sweep(view: SweepView, importance: Importance | None) -> Exported | None:
    """Return what the page of a sweep shows; None where no trial has an accuracy."""
    plot = _best_so_far(view)
    if plot is None:
        return None
    plots, tables = [plot, _parallel(view)], [numbers(view.state)]
    if importance is not None and importance.shares:
        names = short_names(list(importance.shares))
        shares = np.array(list(importance.shares.values()))
        title = f"What decides, of {importance.trials} complete trials (fANOVA)"
        plots.append(Plot([Bars(names, shares)], title, "share of the variance", is_x_percent=True))
        tables.append(Table("importance", {"setting": list(importance.shares), "share": shares}))
    title = f"Sweep {view.name}: {view.ended} of {len(view.trials)} trials ended"
    return Exported(view.name, Figure(plots), tables, title)


def _best_so_far(view: SweepView) -> Plot | None:
    history = best_so_far(view.trials)
    layers: list[Layer] = []
    for state, (places, accuracies) in history.points.items():
        is_known = np.isfinite(accuracies)
        if is_known.any():
            label, color, marker, is_hollow = _LOOKS[state]
            y = accuracies[is_known] / 100
            layers.append(Points(places[is_known], y, label, color, marker, is_hollow))
    if not layers:
        return None
    x, best = history.best
    if len(x):
        end = float(len(view.trials) - 1)
        x, best = np.append(x, end), np.append(best, best[-1])
        layers.append(Line(x, best / 100, "best so far", 2, is_stepped=True))
    if np.isfinite(history.own):
        layers.append(Rule(y=history.own / 100, label="the preset's own values"))
    return Plot(
        layers, "Best so far", "trial", "validation accuracy", has_percent=True, legend="beside"
    )


def _parallel(view: SweepView) -> Plot:
    found = axes(view.sweep, view.begun)
    accuracies = found[-1].places
    layers: list[Layer] = [Rule(x=float(place), style="solid") for place in range(len(found))]
    across = np.arange(len(found), dtype=np.float64)
    order = np.argsort(np.nan_to_num(accuracies, nan=-1.0))
    for place in order:
        is_best = bool(accuracies[place] >= _BEST_SHARE)
        y = np.array([axis.places[place] for axis in found])
        layers.append(
            Line(across, y, "", 0 if is_best else "muted", opacity=0.9 if is_best else 0.4)
        )
    for place, axis in enumerate(found):
        words = [text for _, text in axis.ticks]
        heights = np.array([height for height, _ in axis.ticks], np.float64)
        layers.append(Texts(np.full(len(words), float(place)), heights, words))
    return Plot(
        layers,
        "Settings of each trial; in colour, the best quarter of the accuracies",
        "",
        "place between the ends of the axis",
        y_range=(-0.05, 1.05),
        x_range=(-0.3, len(found) - 0.3),
        legend="nowhere",
        x_names=[axis.title for axis in found],
    )
