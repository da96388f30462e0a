"""The report's figures: each plot alone, since a narrow screen has room for one at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.inspection.records import EpisodeTable, Inspection, Latents, position_name
from engine.projection import LinearBasis, fit_pca
from leo_studio.figures.records import (
    Arrows,
    Bars,
    Ellipses,
    Histogram,
    Layer,
    Line,
    LineStyle,
    Marker,
    Matrix,
    Plot,
    Points,
    Rule,
)
from leo_studio.report.results import Numbers, Result

WIDTH, HEIGHT = 4.1, 2.7  # inches; two beside each other are as wide as a page
_SQUARE, _LOW = 3.6, 2.3
_BINS = 24
_SHARE = (0.0, 1.0)
STYLES: tuple[LineStyle, ...] = ("solid", "dashed", "dotted", "dashdot")
MARKERS: tuple[Marker, ...] = ("circle", "square", "triangle", "diamond", "cross", "plus", "star")
_RADIUS_95 = float(np.sqrt(-2 * np.log(0.05)))  # of the ellipse that holds 95 % of a Gaussian
_CLASSES = 10  # hardest and easiest
_NUMBERED_WAYS, MATRIX_WAYS = 10, 30
_DRAWN_PATHS = 8


@dataclass(frozen=True, slots=True)
class Picture:
    """A plot, its size in inches, and what it shows in words, for who cannot see it."""

    plot: Plot
    words: str
    width: float = WIDTH
    height: float = HEIGHT


def evaluation(result: Result) -> list[Picture]:
    """Picture how accuracy spreads over episodes, and how well confidence is calibrated."""
    pictures = []
    if len(result.accuracies) > 1:
        low, high = np.quantile(result.accuracies, (0.05, 0.95))
        pictures.append(
            Picture(
                Plot(
                    [
                        _histogram(result.accuracies, 0),
                        Rule(x=result.accuracy, label=f"mean {result.accuracy:.1%}", color="text"),
                    ],
                    "Accuracy of single episodes",
                    "accuracy",
                    "episodes",
                    is_x_percent=True,
                ),
                f"Histogram of accuracy over {result.episodes:,} episodes: mean "
                f"{result.accuracy:.1%}, nine of ten between {low:.1%} and {high:.1%}.",
            )
        )
    held = result.bin_counts > 0
    if held.any():
        confidences, accuracies = result.bin_confidences[held], result.bin_accuracies[held]
        diagonal = np.array(_SHARE)
        pictures.append(
            Picture(
                Plot(
                    [
                        Line(diagonal, diagonal, "perfect", "muted", "dashed"),
                        Line(confidences, accuracies, "these weights", 0, marker="circle"),
                    ],
                    "Calibration",
                    "confidence",
                    "accuracy",
                    x_range=(0.0, 1.02),
                    y_range=(0.0, 1.02),
                    has_percent=True,
                    is_x_percent=True,
                ),
                "Accuracy of queries by the confidence of their prediction; the expected "
                f"calibration error is {result.calibration_error:.1%}.",
            )
        )
    return pictures


def classes(result: Result) -> list[Picture]:
    """Picture the classes that came out worst and best."""
    ranked = sorted(result.classes, key=lambda name: result.classes[name])
    if len(ranked) <= 2 * _CLASSES:
        parts = [("Accuracy of each class", ranked)]
    else:
        parts = [
            (f"The {_CLASSES} hardest classes", ranked[:_CLASSES]),
            (f"The {_CLASSES} easiest classes", ranked[-_CLASSES:][::-1]),
        ]
    return [
        Picture(
            Plot(
                [
                    Bars(
                        [short(name) for name in names],
                        np.array([result.classes[name] for name in names]),
                        color=1 if place == 0 else 2,
                    )
                ],
                title,
                "mean accuracy on queries",
                x_range=_SHARE,
                is_x_percent=True,
            ),
            title + ": " + ", ".join(f"{name} {result.classes[name]:.1%}" for name in names) + ".",
            height=max(1.2, 0.9 + 0.2 * len(names)),
        )
        for place, (title, names) in enumerate(parts)
        if names
    ]


def adaptation(table: EpisodeTable) -> list[Picture]:
    """Picture what adaptation does to the accuracy of many episodes."""
    before, after = table.accuracies[:, 0], table.accuracies[:, 2]
    diagonal = np.array([min(before.min(), after.min()), 1.0])
    opacity = float(np.clip(120 / len(before), 0.08, 0.7))
    better = float((table.gains > 0).mean())
    return [
        Picture(
            Plot(
                [
                    Points(before, after, "", 0, size=0.7, opacity=opacity),
                    Line(diagonal, diagonal, "no change", "muted", "dashed"),
                ],
                "Accuracy before and after adaptation",
                "accuracy before",
                "accuracy after fine-tuning",
                has_percent=True,
                is_x_percent=True,
            ),
            f"Accuracy of {len(before):,} episodes before and after adaptation; it rises in "
            f"{better:.0%} of them.",
        ),
        Picture(
            Plot(
                [
                    _histogram(table.gains, 2),
                    Rule(
                        x=float(table.gains.mean()),
                        label=f"mean {100 * table.gains.mean():+.1f} points",
                        color="text",
                    ),
                ],
                "What adaptation gains",
                "accuracy after less before",
                "episodes",
                is_x_percent=True,
            ),
            f"Histogram of the gain in accuracy over {len(before):,} episodes: mean "
            f"{100 * table.gains.mean():+.1f} points.",
        ),
    ]


def latent_space(latents: Latents, first: Inspection) -> list[Picture]:
    """Picture codes before and after the inner loop: of many episodes, and of one in full."""
    size = latents.codes.shape[-1]
    before = latents.codes[:, 0].reshape(-1, size)
    after = latents.codes[:, latents.inner_steps].reshape(-1, size)
    basis = fit_pca(after)
    if len(basis.axes) < 2:
        return []
    start, end = basis.project(before), basis.project(after)
    moved = np.linalg.norm(after - before, axis=1)
    layers: list[Layer] = [
        Points(start[:, 0], start[:, 1], "before", 1, "ring", 0.7, 0.8),
        Points(end[:, 0], end[:, 1], "after the inner loop", 0, "circle", 0.6, 0.8),
    ]
    if latents.inner_steps:
        layers.insert(0, Arrows(start[:, 0], start[:, 1], end[:, 0], end[:, 1], opacity=0.25))
    many = Picture(
        Plot(
            layers,
            f"Codes of {len(latents.numbers):,} episodes",
            *basis.labels,
            is_equal=True,
        ),
        f"{len(before):,} latent codes, one for each class of {len(latents.numbers):,} episodes, "
        f"before and after the inner loop, in the plane of largest variance: {basis.labels[0]}, "
        f"{basis.labels[1]}. They move by {moved.mean():.2f} code units on average.",
        height=_SQUARE,
    )
    return [many, _one_episode(first, basis)]


def _one_episode(first: Inspection, basis: LinearBasis) -> Picture:
    names = class_names(first)
    shown = min(len(names), _DRAWN_PATHS)
    covariances = basis.covariances(first.deviation[0])
    layers: list[Layer] = []
    for place in range(shown):
        path = basis.project(first.codes[0, : first.inner_steps + 1, place])
        x, y = path[:, 0], path[:, 1]
        values, vectors = np.linalg.eigh(covariances[place])
        if values[-1] > 0:
            axes = 2 * _RADIUS_95 * np.sqrt(np.clip(values, 0, None))
            degrees = np.degrees(np.arctan2(vectors[1:, -1], vectors[:1, -1]))
            layers.append(Ellipses(x[:1], y[:1], axes[1:], axes[:1], degrees, color=place))
        style, marker = STYLES[place % len(STYLES)], MARKERS[place % len(MARKERS)]
        layers.append(Line(x, y, color=place, style=style, width=0.8))
        layers.append(Points(x[-1:], y[-1:], short(names[place]), place, marker, 1.2))
        layers.append(Points(x[:1], y[:1], "", place, "ring", 0.8))
    rest = f", {shown} of {len(names)} classes" if shown < len(names) else ""
    return Picture(
        Plot(layers, f"Episode {int(first.numbers[0])}{rest}", *basis.labels, is_equal=True),
        f"Latent codes of the classes of episode {int(first.numbers[0])} and their way through "
        "the inner loop; ellipses hold 95 % of the distribution that each code is drawn from. "
        "Classes: " + ", ".join(names[:shown]) + ".",
        height=_SQUARE,
    )


def confusion(seen: Inspection) -> list[Picture]:
    """Picture one episode: accuracy along adaptation, and which class is taken for which."""
    names = class_names(seen)
    along = np.arange(seen.query_accuracy.shape[1], dtype=float)
    query, support = (
        each[0].astype(float) for each in (seen.query_accuracy, seen.support_accuracy)
    )
    pictures = [
        Picture(
            Plot(
                [
                    Line(along, support, "support", 1, "dashed", marker="ring"),
                    Line(along, query, "queries", 0, marker="circle"),
                    Rule(x=float(seen.inner_steps), label="end of the inner loop"),
                ],
                "Accuracy along adaptation",
                "gradient step",
                "accuracy",
                y_range=(0.0, 1.03),
                has_percent=True,
            ),
            "Accuracy on queries along adaptation: "
            + ", ".join(
                f"{position_name(seen, place)} {query[place]:.1%}"
                for place in sorted(set(seen.stages))
            )
            + ".",
            height=_LOW,
        )
    ]
    if len(names) <= MATRIX_WAYS:
        pictures.append(_matrix(seen, names))
    return pictures


def _matrix(seen: Inspection, names: Sequence[str]) -> Picture:
    """Picture a confusion matrix; columns have the places that rows and the table name."""
    count = len(names)
    is_small = count <= _NUMBERED_WAYS
    places = [str(place) for place in range(1, count + 1)]
    rows = [f"{place}  {short(name, 18)}" for place, name in zip(places, names, strict=True)]
    if not is_small:
        places = [
            str(place) if place % 5 == 0 or place == 1 else "" for place in range(1, count + 1)
        ]
        rows = places
    shares = "share of the class's queries"
    layer = Matrix(
        confusion_shares(seen), rows, places, ".0%" if is_small else "", _SHARE, value_label=shares
    )
    return Picture(
        Plot([layer], "What queries are taken for", "taken for class", "" if is_small else "class"),
        f"Confusion matrix after fine-tuning. {'; '.join(confusion_words(seen, len(names)))}.",
        height=_LOW if is_small else _SQUARE,
    )


def class_names(seen: Inspection) -> list[str]:
    """Return the names of an episode's classes, in its order."""
    return [seen.class_names[label] for label in seen.classes[0].tolist()]


def confusion_shares(seen: Inspection) -> Numbers:
    """Return which share of each class's queries is taken for which, (N, N)."""
    n_way = seen.classes.shape[1]
    predicted = seen.predictions[0, -1]
    counts = np.stack([(predicted == label).sum(1) for label in range(n_way)], 1)
    shares: Numbers = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    return shares


def confusion_words(seen: Inspection, most: int) -> list[str]:
    """Say for each class what its queries are taken for most often, if not for itself."""
    names, shares = class_names(seen), confusion_shares(seen)
    words = []
    for place in range(min(most, len(names))):
        wrong = shares[place].copy()
        wrong[place] = 0.0
        other = int(wrong.argmax())
        said = f"{names[place]} is right in {shares[place, place]:.0%}"
        if wrong[other] > 0:
            said += f" and taken for {names[other]} in {wrong[other]:.0%}"
        words.append(said)
    return words


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


def short(name: str, most: int = 28) -> str:
    """Keep the end of a long name, which tells it apart, and nothing that cannot be printed."""
    name = "".join(letter if letter.isprintable() else "\ufffd" for letter in name)
    return name if len(name) <= most else "…" + name[-(most - 1) :]
