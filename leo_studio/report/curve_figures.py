"""The report's curves: metrics over outer steps, of one run and of several."""

from collections.abc import Mapping, Sequence

import numpy as np

from leo_studio.figures.plots import MARKERS, STYLES, short
from leo_studio.figures.records import Band, Layer, Line, Plot, Rule
from leo_studio.report.figures import Picture
from leo_studio.report.results import Numbers

Columns = Mapping[str, Numbers]
_DRAWN = 400  # numbers along a curve: more than it has dots


def curves(training: Columns, validation: Columns, marked: tuple[int, str]) -> list[Picture]:
    """Picture a run's metrics over outer steps, with a rule at a step, which is named."""
    rule = Rule(x=float(marked[0]), label=marked[1])
    pictures = [
        _curve("Accuracy", training, "query_accuracy", validation, "accuracy", rule),
        _curve("Loss", training, "loss", validation, "loss", rule),
    ]
    penalties = [
        Line(*_averaged(training["step"], _positive(training[name])), label, color, style)
        for name, label, color, style in (
            ("kl", "KL divergence", 0, STYLES[0]),
            ("encoder_penalty", "encoder penalty", 1, STYLES[1]),
            ("l2", "L2, weighted", 4, STYLES[3]),
            ("orthogonality", "orthogonality, weighted", 2, STYLES[2]),
        )
        if name in training and np.nansum(training[name] > 0) > 1
    ]
    if penalties:
        pictures.append(_over_steps("Penalties, running means", penalties, "value (log scale)"))
    rates = [
        Line(*_thinned(training["step"], _positive(training[name])), label, color, style)
        for name, label, color, style in (
            ("inner_lr", "inner loop", 0, STYLES[0]),
            ("finetuning_lr", "fine-tuning", 1, STYLES[1]),
        )
        if name in training and np.nansum(training[name] > 0) > 1
    ]
    if rates:
        pictures.append(
            _over_steps("Learned learning rates, means", rates, "learning rate (log scale)")
        )
    return pictures


def compared_curves(runs: Sequence[tuple[str, Columns, Columns]]) -> list[Picture]:
    """Picture validation accuracy and training loss of several runs, by name."""
    lines: list[Layer] = []
    losses: list[Layer] = []
    for place, (name, training, validation) in enumerate(runs):
        style = STYLES[place % len(STYLES)]
        marker = MARKERS[place % len(MARKERS)]
        steps, accuracy = validation["step"], validation["accuracy"]
        half = validation["ci95"]
        lines.append(Band(steps, accuracy - half, accuracy + half, color=place, opacity=0.12))
        label = short(name, 40)
        lines.append(Line(steps, accuracy, label, place, style, marker=marker))
        if "loss" in training:  # else it needs no training
            losses.append(Line(*_averaged(training["step"], training["loss"]), label, place, style))
    names = ", ".join(name for name, *_ in runs)
    return [
        Picture(
            Plot(lines, "Validation accuracy", "outer step", "accuracy", has_percent=True),
            f"Validation accuracy over outer steps of {names}.",
            height=3.2,
        ),
        Picture(
            Plot(losses, "Training loss, running mean", "outer step", "loss in nats"),
            f"Training loss over outer steps of {names}.",
            height=3.2,
        ),
    ]


def _curve(
    title: str,
    training: Columns,
    trained_name: str,
    validation: Columns,
    validated_name: str,
    rule: Rule,
) -> Picture:
    is_share = validated_name == "accuracy"
    steps, raw = training["step"], training[trained_name]
    layers: list[Layer] = [
        Line(*_extremes(steps, raw), color=0, width=0.5, opacity=0.25),
        Line(*_averaged(steps, raw), label="training, running mean", color=0),
    ]
    at, values = validation["step"], validation[validated_name]
    if is_share and len(at):
        half = validation["ci95"]
        layers.append(Band(at, values - half, values + half, "95 % interval", 1))
    if len(at):
        layers.append(Line(at, values, "validation", 1, "dashed", marker="circle"))
    said = _ends(raw, is_share)
    if len(at):
        said += f"; on validation {_ends(values, is_share)}"
    return Picture(
        Plot(
            [*layers, rule],
            title,
            "outer step",
            "accuracy" if is_share else "loss in nats",
            has_percent=is_share,
        ),
        f"{title} over outer steps: on training episodes {said}.",
    )


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
