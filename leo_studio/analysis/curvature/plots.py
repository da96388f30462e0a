"""Plots of curvature and coverage, as data: runs side by side, or one step by step (figure 5)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from textwrap import wrap
from typing import NamedTuple, TypeVar

import numpy as np

from engine.inspection.curvature_record import Box, CurvatureRecord, PositionCurvature
from leo_studio.analysis.curvature.rows import Analysed, run_names, short_position
from leo_studio.figures.plots import short
from leo_studio.figures.records import Boxes, Layer, Line, Plot, Rule

T = TypeVar("T")

_LETTERS = 40  # of a line of titles, for all runs together
_FEWEST_LETTERS = 8  # of a line of one
_LONGEST_TITLE = 60
_NOTHING = np.empty(0)
_APART = 0.2  # of two boxes at a place
_ROOM, _LEAST_RATIO = 0.1, 2.0  # of a logarithmic range beyond its ends, and of its ends


class Kind(NamedTuple):
    """What a box is of: its name in the legend, its colour, and whether it is hollow."""

    label: str
    color: int
    is_hollow: bool = False


LATENT = Kind("in latent space", 0)
WEIGHTS = Kind("in weight space", 1)
FINETUNING = Kind("fine-tuning, in weight space", 2, is_hollow=True)
DECODER = Kind("singular values of the decoder", 3)
KEEPS_LENGTHS = Rule(y=1.0)


def side_by_side(runs: Sequence[Analysed]) -> list[Plot]:
    """Plot runs beside each other, as figure 5 does: curvature, the decoder, steps."""
    names = _in_lines(run_names(runs))
    records = [run.record for run in runs]
    with_decoder = [
        (name, box)
        for name, record in zip(names, records, strict=True)
        if (box := record.expansion) is not None
    ]
    plots = [
        _plot(
            [
                _boxes(LATENT, records, lambda record: record.whole.latent, -_APART),
                _boxes(WEIGHTS, records, lambda record: record.whole.weights, _APART),
            ],
            "Curvature",
            "absolute eigenvalue",
            names,
        )
    ]
    if with_decoder:
        values = np.array([box.values for _, box in with_decoder])
        places = np.arange(len(values), dtype=float)
        plots.append(
            _plot(
                [
                    Boxes(places, values, DECODER.label, DECODER.color),
                    KEEPS_LENGTHS,
                ],
                "Expansion",
                "singular value of the decoder",
                [name for name, _ in with_decoder],
            )
        )
    steps = [
        _boxes(LATENT, records, _inner_latent, -1.4 * _APART, 0.7),
        _boxes(WEIGHTS, records, _inner_weights, 0.0, 0.7),
        _boxes(FINETUNING, records, _finetuning, 1.4 * _APART, 0.7),
    ]
    if any(steps):
        plots.append(_plot(steps, "Steps (coverage)", "length of a step", names))
    return plots


def step_by_step(runs: Sequence[Analysed]) -> list[Plot]:
    """Plot runs along their adaptation: curvature at each position, and the steps between.

    Of several runs, all plots of a kind have one range, so that they are compared by eye.
    """
    names = run_names(runs) if len(runs) > 1 else [""]
    found = [_steps_of(run.record, name) for run, name in zip(runs, names, strict=True)]
    if len(found) == 1:
        return found[0]
    plots = [plot for each in found for plot in each]
    ranges = {label: _range_of(plots, label) for label in {plot.y_label for plot in plots}}
    return [replace(plot, y_range=ranges[plot.y_label]) for plot in plots]


def _range_of(plots: Sequence[Plot], label: str) -> tuple[float, float] | None:
    """Return a range for all boxes above 0 in the plots of a quantity; None for no boxes."""
    layers = (layer for plot in plots if plot.y_label == label for layer in plot.layers)
    values = [layer.values for layer in layers if isinstance(layer, Boxes)]
    positive = np.concatenate([each[each > 0] for each in values]) if values else _NOTHING
    if not positive.size:
        return None
    low, high = float(positive.min()), float(positive.max())
    room = max(high / low, _LEAST_RATIO) ** _ROOM
    return low / room, high * room


def _steps_of(record: CurvatureRecord, name: str) -> list[Plot]:
    """Plot one run along its adaptation; `name` tells it from others."""
    positions, whose = record.positions, f": {short(name, _LONGEST_TITLE)}" if name else ""
    names = [short_position(record, place) for place in range(len(positions))]
    plots = [
        _plot(
            [
                _boxes(LATENT, positions, lambda each: each.curvature.latent, -_APART),
                _boxes(WEIGHTS, positions, lambda each: each.curvature.weights, _APART),
            ],
            f"Curvature along adaptation{whose}",
            "absolute eigenvalue",
            names,
            "after step",
        )
    ]
    if len(positions) > 1:
        taken = positions[1:]
        layers = [
            _boxes(LATENT, taken, _step_latent, -_APART),
            _boxes(WEIGHTS, taken, lambda each: each.step.weights if each.step else None, _APART),
        ]
        title = f"Lengths of steps{whose}"
        plots.append(_plot(layers, title, "length of a step", names[1:], "step"))
    return plots


def keys_of(plots: Sequence[Plot]) -> list[Line]:
    """Return the legend of all plots together: how each kind of box looks."""
    found: dict[str, Line] = {}
    for layer in (layer for plot in plots for layer in plot.layers):
        if isinstance(layer, Boxes):
            found[layer.label] = Line(_NOTHING, _NOTHING, layer.label, layer.color, marker="square")
    return list(found.values())


def _inner_latent(record: CurvatureRecord) -> Box | None:
    return record.inner.latent if record.inner is not None else None


def _inner_weights(record: CurvatureRecord) -> Box | None:
    return record.inner.weights if record.inner is not None else None


def _finetuning(record: CurvatureRecord) -> Box | None:
    return record.finetuning.weights if record.finetuning is not None else None


def _step_latent(position: PositionCurvature) -> Box | None:
    return position.step.latent if position.step is not None else None


def _boxes(
    kind: Kind,
    things: Sequence[T],
    box_of: Callable[[T], Box | None],
    shift: float,
    width: float = 1.0,
) -> Boxes | None:
    """Put a box at the place of each thing that has one; None where none has."""
    found = [(place, box) for place, each in enumerate(things) if (box := box_of(each))]
    if not found:
        return None
    places = np.array([place + shift for place, _ in found])
    values = np.array([box.values for _, box in found])
    return Boxes(places, values, kind.label, kind.color, 0.3 * width, kind.is_hollow)


def _plot(
    layers: Sequence[Layer | None],
    title: str,
    y_label: str,
    names: Sequence[str],
    x_label: str = "",
) -> Plot:
    return Plot(
        [layer for layer in layers if layer is not None],
        title,
        x_label,
        y_label,
        is_y_logarithmic=True,
        legend="nowhere",
        x_names=names,
    )


def _in_lines(titles: Sequence[str]) -> list[str]:
    """Break titles into lines, so that they stand beside each other."""
    width = max(_FEWEST_LETTERS, _LETTERS // len(titles))
    lines = (wrap(short(title, _LONGEST_TITLE), width, break_long_words=False) for title in titles)
    return ["\n".join(each) for each in lines]
