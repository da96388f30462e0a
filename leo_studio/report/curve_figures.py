"""The report's curves: metrics over outer steps, of one run and of several."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.learners.columns import LEARNING_RATES, ColumnSpec
from engine.runs.metrics import interval_column
from engine.tasks.scores import LOSS, Quantity, ScoreSpec
from leo_studio.figures.plots import MARKERS, STYLES, short
from leo_studio.figures.records import Band, Layer, Line, LineStyle, Plot, Rule
from leo_studio.report.figures import Picture
from leo_studio.report.results import Numbers

Columns = Mapping[str, Numbers]
_LOOKS: tuple[tuple[int, LineStyle], ...] = (  # colours and dashes, in turn
    (0, STYLES[0]),
    (1, STYLES[1]),
    (4, STYLES[3]),
    (2, STYLES[2]),
)
_DRAWN = 400  # numbers along a curve: more than it has dots


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run measured.

    Attributes
    ----------
    columns, scores
        What its learner reports and its tasks score.
    training, validation
        The numbers, by the columns of train.csv and validation.csv.
    """

    name: str
    columns: Sequence[ColumnSpec]
    scores: Sequence[ScoreSpec]
    training: Columns
    validation: Columns


def curves(run: Measured, marked: tuple[int, str]) -> list[Picture]:
    """Picture a run's metrics over outer steps, with a rule at a step, which is named."""
    rule = Rule(x=float(marked[0]), label=marked[1])
    score = run.scores[0]
    # What training reports of the score that counts; and what validation measures of the loss.
    trained = next((each for each in run.columns if each.quantity == score.quantity), None)
    pictures = [_curve(run, score.quantity, trained, score, rule)]
    for loss in run.columns[:1]:  # none where nothing is trained
        validated = next((each for each in run.scores if each.name == loss.name), None)
        if loss != trained:
            pictures.append(_curve(run, loss.quantity, loss, validated, rule))
    penalties = [each for each in run.columns if each.quantity == LOSS and not each.is_drawn]
    lines = _lines(run, penalties, _averaged)
    if lines:
        pictures.append(_over_steps("Penalties, running means", lines, "value (log scale)"))
    rates = [each for each in run.columns if each.quantity == LEARNING_RATES]
    lines = _lines(run, rates, _thinned)
    if lines:
        pictures.append(
            _over_steps("Learned learning rates, means", lines, "learning rate (log scale)")
        )
    return pictures


def compared_curves(runs: Sequence[Measured]) -> list[Picture]:
    """Picture the score that counts and the training loss of several runs.

    Runs whose tasks are scored otherwise have pictures of their own.
    """
    every = list(enumerate(runs))
    scores = dict.fromkeys(run.scores[0] for run in runs)
    losses = dict.fromkeys(_loss(run) for run in runs if run.columns)
    return [
        *(_compared_score([each for each in every if each[1].scores[0] == it]) for it in scores),
        *(_compared_loss([each for each in every if _loss(each[1]) == it]) for it in losses),
    ]


def _loss(run: Measured) -> tuple[str, Quantity] | None:
    """Return what a run minimises; learners that call it the same are drawn together."""
    return (run.columns[0].name, run.columns[0].quantity) if run.columns else None


def _compared_score(runs: Sequence[tuple[int, Measured]]) -> Picture:
    """Picture one score of several runs; their places say how each is drawn."""
    spec = runs[0][1].scores[0]
    layers: list[Layer] = []
    for place, run in runs:
        steps, values = run.validation["step"], run.validation[spec.name]
        half = _half_widths(run, spec)
        if half is not None:
            layers.append(Band(steps, values - half, values + half, color=place, opacity=0.12))
        style, marker = STYLES[place % len(STYLES)], MARKERS[place % len(MARKERS)]
        layers.append(Line(steps, values, short(run.name, 40), place, style, marker=marker))
    title, is_share = f"Validation {spec.label}", spec.quantity.is_fraction
    return Picture(
        Plot(layers, title, "outer step", _axis(spec.quantity), has_percent=is_share),
        f"{title} over outer steps of {', '.join(run.name for _, run in runs)}.",
        height=3.2,
    )


def _compared_loss(runs: Sequence[tuple[int, Measured]]) -> Picture:
    column = runs[0][1].columns[0]
    is_log = any(run.columns[0].is_log for _, run in runs)
    lines = [
        Line(
            *_averaged(run.training["step"], _drawable(run.training[column.name], is_log)),
            short(run.name, 40),
            place,
            STYLES[place % len(STYLES)],
        )
        for place, run in runs
    ]
    label = _axis(column.quantity, is_log)
    title = "Training loss, running mean"
    return Picture(
        Plot(lines, title, "outer step", label, is_y_logarithmic=is_log),
        f"Training loss over outer steps of {', '.join(run.name for _, run in runs)}.",
        height=3.2,
    )


def _curve(
    run: Measured,
    quantity: Quantity,
    column: ColumnSpec | None,
    score: ScoreSpec | None,
    rule: Rule,
) -> Picture:
    """Picture what training and what validation measures of one kind of number."""
    is_share, is_log = quantity.is_fraction, column is not None and column.is_log
    layers: list[Layer] = []
    said = []
    if column is not None:
        steps, raw = run.training["step"], run.training[column.name]
        drawn = _drawable(raw, is_log)
        layers += [
            Line(*_extremes(steps, drawn), color=0, width=0.5, opacity=0.25),
            Line(*_averaged(steps, drawn), label="training, running mean", color=0),
        ]
        said.append(f"on training episodes {_ends(raw, is_share)}")
    if score is not None and len(run.validation["step"]):
        at, values = run.validation["step"], run.validation[score.name]
        half = _half_widths(run, score)
        if half is not None:
            layers.append(Band(at, values - half, values + half, "95 % interval", 1))
        layers.append(Line(at, values, "validation", 1, "dashed", marker="circle"))
        said.append(f"on validation {_ends(values, is_share)}")
    plot = Plot(
        [*layers, rule],
        quantity.title,
        "outer step",
        _axis(quantity, is_log),
        is_y_logarithmic=is_log,
        has_percent=is_share,
    )
    return Picture(plot, f"{quantity.title} over outer steps: {'; '.join(said)}.")


def _half_widths(run: Measured, score: ScoreSpec) -> Numbers | None:
    """Return half the widths of a score's intervals; None where it has none."""
    if not score.has_interval:
        return None
    found = run.validation[interval_column(score, run.scores)]
    return found if np.isfinite(found).any() else None


def _axis(quantity: Quantity, is_log: bool = False) -> str:
    """Return an axis' label for paper: "loss in nats", and no unit beside percents."""
    words, _, unit = quantity.axis_label.partition(" (")
    if unit and not quantity.is_fraction:
        words = f"{words} in {unit.removesuffix(')')}"
    return f"{words} (log scale)" if is_log else words


def _lines(
    run: Measured,
    columns: Sequence[ColumnSpec],
    thinned: Callable[[Numbers, Numbers], tuple[Numbers, Numbers]],
) -> list[Line]:
    """Return lines of the columns that have numbers for a logarithmic axis."""
    return [
        Line(
            *thinned(run.training["step"], _positive(run.training[column.name])),
            column.long_label or column.label,
            *_LOOKS[place % len(_LOOKS)],
        )
        for place, column in enumerate(columns)
        if np.nansum(run.training[column.name] > 0) > 1
    ]


def _over_steps(title: str, lines: Sequence[Line], label: str) -> Picture:
    known = [(line.label, line.y[np.isfinite(line.y)]) for line in lines]
    ends = [f"{label} from {values[0]:.3g} to {values[-1]:.3g}" for label, values in known]
    plot = Plot(lines, title, "outer step", label, is_y_logarithmic=True)
    return Picture(plot, f"{title}, over outer steps: {', '.join(ends)}.")


def _ends(values: Numbers, is_share: bool) -> str:
    known = values[np.isfinite(values)]
    if not len(known):
        return "nothing was measured"
    few = max(1, len(known) // 100)
    first, last = float(known[:few].mean()), float(known[-few:].mean())
    return f"from {first:.1%} to {last:.1%}" if is_share else f"from {first:.3f} to {last:.3f}"


def _positive(values: Numbers) -> Numbers:
    """Leave out what has no place on a logarithmic axis."""
    return np.where(values > 0, values, np.nan)


def _drawable(values: Numbers, is_log: bool) -> Numbers:
    return _positive(values) if is_log else values


def _averaged(steps: Numbers, values: Numbers) -> tuple[Numbers, Numbers]:
    """Average over the fiftieth part of a run around each step; what is no number counts not."""
    width = max(1, len(values) // 50)
    if width > 1:
        known = np.isfinite(values)
        sums = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
        counts = np.concatenate([[0], np.cumsum(known)])
        places = np.arange(len(values))
        low = np.clip(places - width // 2, 0, None)
        high = np.clip(places + width // 2 + 1, None, len(values))
        count = counts[high] - counts[low]
        means = (sums[high] - sums[low]) / np.maximum(count, 1)
        values = np.where(count > 0, means, np.nan)
    return _thinned(steps, values)


def _thinned(steps: Numbers, values: Numbers) -> tuple[Numbers, Numbers]:
    """Keep some hundred of a smooth curve's numbers, the last one among them."""
    if len(values) <= _DRAWN:
        return steps, values
    kept = np.unique(np.linspace(0, len(values) - 1, _DRAWN).astype(np.int64))
    return steps[kept], values[kept]


def _extremes(steps: Numbers, values: Numbers) -> tuple[Numbers, Numbers]:
    """Keep the smallest and the largest number of each of some hundred blocks."""
    if len(values) <= 2 * _DRAWN:
        return steps, values
    kept: list[int] = []
    for block in np.array_split(np.arange(len(values)), _DRAWN):
        part = values[block]
        known = np.isfinite(part)
        if known.any():
            lowest = int(block[np.where(known, part, np.inf).argmin()])
            highest = int(block[np.where(known, part, -np.inf).argmax()])
            kept += sorted({lowest, highest})
    return steps[kept], values[kept]
