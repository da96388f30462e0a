"""Plots that the report and the window's panels both have: of evaluations, episodes and codes."""

from collections.abc import Sequence
from typing import Final, get_args

import numpy as np

from engine.inspection.records import EpisodeTable, Inspection, Provenance
from engine.inspection.uncertainty_record import UncertaintyRecord
from engine.projection.linear import LinearBasis
from leo_studio.figures.records import (
    Ellipses,
    Facts,
    Histogram,
    Layer,
    Line,
    LineStyle,
    Marker,
    Matrix,
    Numbers,
    Plot,
    Points,
    Rule,
)

Shares = Sequence[float]
STYLES: Final[tuple[LineStyle, ...]] = get_args(LineStyle)
MARKERS: Final[tuple[Marker, ...]] = get_args(Marker)
_BINS = 24
_NUMBERED_WAYS = 10
_RADIUS_95 = float(np.sqrt(-2 * np.log(0.05)))  # of the ellipse that holds 95 % of a Gaussian


def episode_histogram(accuracies: Numbers, mean: float) -> Plot:
    """Plot how accuracies (E,) of single episodes spread around their mean."""
    layers: list[Layer] = [
        _histogram(accuracies, 0),
        Rule(x=mean, label=f"mean {mean:.1%}", color="text"),
    ]
    title = "Accuracy of single episodes"
    return Plot(layers, title, "accuracy", "episodes", is_x_percent=True)


def calibration(confidences: Numbers, accuracies: Numbers) -> Plot:
    """Plot accuracy over confidence, of bins (n,) of queries."""
    ends = np.array((0.0, 1.0))
    return Plot(
        [
            Line(ends, ends, "perfect", "muted", "dashed"),
            Line(confidences, accuracies, "these weights", 0, marker="circle"),
        ],
        "Calibration",
        "confidence",
        "accuracy",
        x_range=(0.0, 1.02),
        y_range=(0.0, 1.02),
        has_percent=True,
        is_x_percent=True,
    )


def risk_coverage(record: UncertaintyRecord) -> Plot:
    """Plot the error among the answers that are given, over their share of all, by measure."""
    layers: list[Layer] = [
        Line(
            np.array(each.answered),
            np.array(each.risk_curve),
            each.name,
            place,
            STYLES[place % len(STYLES)],
        )
        for place, each in enumerate(record.measures)
        if each.risk_curve
    ]
    return Plot(
        layers,
        f"Error of the least uncertain answers, {record.episodes:,} episodes",
        "share of the queries answered",
        "error among them",
        x_range=(0.0, 1.0),
        has_percent=True,
        is_x_percent=True,
        legend="beside",
    )


def reliability(levels: Shares, shares: Shares, plain: Shares | None = None) -> Plot:
    """Plot the share of targets below the predicted quantile of each level, (n,) each.

    `plain` are the shares of samples that count alike, beside those that are weighted.
    """
    at, ends = np.asarray(levels, float), np.array((0.0, 1.0))
    layers: list[Layer] = [Line(ends, ends, "calibrated", "muted", "dashed")]
    if plain is not None:
        of_plain = np.asarray(plain, float)
        layers.append(Line(at, of_plain, "plain samples", 1, "dotted", marker="triangle"))
    name = "these weights" if plain is None else "weighted samples"
    layers.append(Line(at, np.asarray(shares, float), name, 0, marker="circle"))
    return Plot(
        layers,
        "Reliability",
        "level of the predicted quantile",
        "targets below it",
        x_range=(0.0, 1.0),
        y_range=(0.0, 1.0),
        has_percent=True,
        is_x_percent=True,
    )


def before_and_after(table: EpisodeTable) -> Plot:
    """Plot the accuracy of episodes after adaptation over that before it."""
    before, after = table.accuracies[:, 0], table.accuracies[:, 2]
    ends = np.array([min(before.min(), after.min()), 1.0])
    opacity = float(np.clip(120 / len(before), 0.08, 0.7))
    return Plot(
        [
            Points(before, after, "", 0, size=0.7, opacity=opacity),
            Line(ends, ends, "no change", "muted", "dashed"),
        ],
        "Accuracy before and after adaptation",
        "accuracy before",
        "accuracy after fine-tuning",
        has_percent=True,
        is_x_percent=True,
    )


def gains(table: EpisodeTable) -> Plot:
    """Plot how what adaptation gains spreads over episodes."""
    mean = float(table.gains.mean())
    rule = Rule(x=mean, label=f"mean {100 * mean:+.1f} points", color="text")
    return Plot(
        [_histogram(table.gains, 2), rule],
        "What adaptation gains",
        "accuracy after less before",
        "episodes",
        is_x_percent=True,
    )


def accuracy_along(seen: Inspection) -> Plot:
    """Plot the accuracy of one episode along its adaptation."""
    support, query = (
        each[0].astype(float) for each in (seen.support_accuracy, seen.query_accuracy)
    )
    return Plot(
        _along(seen, support, query),
        "Accuracy along adaptation",
        "gradient step",
        "accuracy",
        y_range=(0.0, 1.03),
        has_percent=True,
    )


def loss_along(seen: Inspection) -> Plot:
    """Plot the loss of one episode along its adaptation."""
    support, query = (each[0].astype(float) for each in (seen.support_loss, seen.query_loss))
    layers = _along(seen, support, query)
    return Plot(layers, "Loss along adaptation", "gradient step", "loss (nats)")


def confusion_matrix(seen: Inspection, position: int = -1) -> Plot:
    """Plot which class one episode's queries are taken for, at a position of its adaptation.

    Columns have the places that rows and the report's table name.
    """
    names, shares = class_names(seen), confusion_shares(seen, position)
    is_small = len(names) <= _NUMBERED_WAYS
    places = [str(place) for place in range(1, len(names) + 1)]
    rows = [f"{place}  {short(name, 18)}" for place, name in zip(places, names, strict=True)]
    if not is_small:
        rows = places = [each if int(each) % 5 == 0 or each == "1" else "" for each in places]
    label = "share of the class's queries"
    number_format = ".0%" if is_small else ""
    layer = Matrix(shares, rows, places, number_format, (0.0, 1.0), value_label=label)
    return Plot(
        [layer], "What queries are taken for", "taken for class", "" if is_small else "class"
    )


def episode_codes(seen: Inspection, basis: LinearBasis, most: int) -> Plot:
    """Plot the way of one episode's codes through the inner loop, of at most so many classes.

    Ellipses hold 95 % of the distributions that codes are drawn from.
    """
    names = class_names(seen)
    covariances = basis.covariances(seen.deviation[0])
    layers: list[Layer] = []
    for place in range(min(len(names), most)):
        path = basis.project(seen.codes[0, : seen.inner_steps + 1, place])
        x, y = path[:, 0], path[:, 1]
        values, vectors = np.linalg.eigh(covariances[place])
        if values[-1] > 0:
            axes = 2 * _RADIUS_95 * np.sqrt(np.clip(values, 0, None))
            degrees = np.degrees(np.arctan2(vectors[1:, -1], vectors[:1, -1]))
            layers.append(Ellipses(x[:1], y[:1], axes[1:], axes[:1], degrees, color=place))
        style, marker = STYLES[place % len(STYLES)], MARKERS[place % len(MARKERS)]
        layers.append(Line(x, y, color=place, style=style, width=0.8))
        layers.append(Points(x[-1:], y[-1:], short(names[place]), place, marker, size=1.2))
        layers.append(Points(x[:1], y[:1], "", place, is_hollow=True, size=0.8))
    rest = f", {most} of {len(names)} classes" if most < len(names) else ""
    title = f"Episode {int(seen.numbers[0])}{rest}"
    return Plot(layers, title, *basis.labels, is_equal=True)


def provenance_facts(provenance: Provenance) -> Facts:
    """Return which weights saw which episodes, as a table says it of all its rows."""
    return {
        "run": provenance.run,
        "step": provenance.step,
        "split": provenance.split,
        "seed": provenance.seed,
    }


def class_names(seen: Inspection) -> list[str]:
    """Return the names of an episode's classes, in its order."""
    return [seen.class_names[label] for label in seen.classes[0].tolist()]


def confusion_shares(seen: Inspection, position: int = -1) -> Numbers:
    """Return which share of each class's queries is taken for which, (N, N)."""
    n_way = seen.classes.shape[1]
    predicted = seen.predictions[0, position]
    counts = np.stack([(predicted == label).sum(1) for label in range(n_way)], 1)
    shares: Numbers = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    return shares


def short(name: str, most: int = 28) -> str:
    """Keep the end of a long name, which tells it apart, and nothing that cannot be printed."""
    name = "".join(letter if letter.isprintable() else "\ufffd" for letter in name)
    return name if len(name) <= most else "…" + name[-(most - 1) :]


def _along(seen: Inspection, support: Numbers, query: Numbers) -> Sequence[Layer]:
    places = np.arange(len(query), dtype=float)
    return [
        Line(places, support, "support", 1, "dashed", marker="circle", is_hollow=True),
        Line(places, query, "queries", 0, marker="circle"),
        Rule(x=float(seen.inner_steps), label="end of the inner loop"),
    ]


def _histogram(values: Numbers, color: int) -> Histogram:
    """Count shares of queries, each bar over as many possible shares as the next."""
    distinct = np.unique(values.round(9))
    step = float(np.diff(distinct).min()) if len(distinct) > 1 else 0.01
    shares = round((distinct[-1] - distinct[0]) / step)
    width = step * max(1, -(-shares // _BINS))
    bars = int((distinct[-1] - distinct[0]) / width + 1.5)
    edges = distinct[0] - step / 2 + width * np.arange(bars + 1)
    counts, _ = np.histogram(values, edges)
    return Histogram(edges, counts.astype(np.float64), color=color)
