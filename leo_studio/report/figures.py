"""The report's figures: each plot alone, since a narrow screen has room for one at a time."""

from dataclasses import dataclass

import numpy as np

from engine.evaluation.record import Evaluation
from engine.inspection.records import EpisodeTable, Inspection, Latents, position_name
from engine.inspection.uncertainty_record import UncertaintyRecord
from engine.projection import fit_pca
from leo_studio.figures.plots import (
    accuracy_along,
    before_and_after,
    calibration,
    class_names,
    confusion_matrix,
    confusion_shares,
    episode_codes,
    episode_histogram,
    gains,
    risk_coverage,
    short,
)
from leo_studio.figures.records import Arrows, Bars, Layer, Plot, Points

WIDTH, HEIGHT = 4.1, 2.7  # inches; two beside each other are as wide as a page
_SQUARE, _LOW = 3.6, 2.3
_CLASSES = 10  # hardest and easiest
_LOW_WAYS, MATRIX_WAYS = 10, 30
_DRAWN_PATHS = 8


@dataclass(frozen=True, slots=True)
class Picture:
    """A plot, its size in inches, and what it shows in words, for who cannot see it."""

    plot: Plot
    words: str
    width: float = WIDTH
    height: float = HEIGHT


def evaluation(result: Evaluation) -> list[Picture]:
    """Picture how accuracy spreads over episodes, and how well confidence is calibrated."""
    pictures = []
    if len(result.accuracies) > 1:
        low, high = np.quantile(result.accuracies, (0.05, 0.95))
        pictures.append(
            Picture(
                episode_histogram(result.accuracies, result.accuracy),
                f"Histogram of accuracy over {result.episodes:,} episodes: mean "
                f"{result.accuracy:.1%}, nine of ten between {low:.1%} and {high:.1%}.",
            )
        )
    bins = result.calibration
    held = bins.counts > 0
    if held.any():
        pictures.append(
            Picture(
                calibration(bins.confidences[held], bins.accuracies[held]),
                "Accuracy of queries by the confidence of their prediction; the expected "
                f"calibration error is {result.calibration_error:.1%}.",
            )
        )
    return pictures


def uncertainty(record: UncertaintyRecord) -> list[Picture]:
    """Picture how many of the least uncertain answers are wrong, by measure of uncertainty."""
    if not record.has_curves:
        return []
    best = min(record.measures, key=lambda each: each.risk_coverage.value)
    words = (
        f"Error among the answers that are given, over their share, by {len(record.measures)} "
        f"measures of uncertainty; the mean is the lowest by the {best.name}, "
        f"{best.risk_coverage.value:.1%}, where {record.error:.1%} of all answers are wrong."
    )
    return [Picture(risk_coverage(record), words, width=1.5 * WIDTH)]


def classes(result: Evaluation) -> list[Picture]:
    """Picture the classes that came out worst and best."""
    known = result.known_classes
    ranked = sorted(known, key=lambda name: known[name])
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
                        np.array([known[name] for name in names]),
                        color=1 if place == 0 else 2,
                    )
                ],
                title,
                "mean accuracy on queries",
                x_range=(0.0, 1.0),
                is_x_percent=True,
            ),
            title + ": " + ", ".join(f"{name} {known[name]:.1%}" for name in names) + ".",
            height=max(1.2, 0.9 + 0.2 * len(names)),
        )
        for place, (title, names) in enumerate(parts)
        if names
    ]


def adaptation(table: EpisodeTable) -> list[Picture]:
    """Picture what adaptation does to the accuracy of many episodes."""
    better = float((table.gains > 0).mean())
    count = len(table.numbers)
    return [
        Picture(
            before_and_after(table),
            f"Accuracy of {count:,} episodes before and after adaptation; it rises in "
            f"{better:.0%} of them.",
        ),
        Picture(
            gains(table),
            f"Histogram of the gain in accuracy over {count:,} episodes: mean "
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
    hollow = Points(start[:, 0], start[:, 1], "before", 1, is_hollow=True, size=0.7, opacity=0.8)
    filled = Points(end[:, 0], end[:, 1], "after the inner loop", 0, size=0.6, opacity=0.8)
    layers: list[Layer] = [hollow, filled]
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
    names = class_names(first)
    one = Picture(
        episode_codes(first, basis, _DRAWN_PATHS),
        f"Latent codes of the classes of episode {int(first.numbers[0])} and their way through "
        "the inner loop; ellipses hold 95 % of the distribution that each code is drawn from. "
        "Classes: " + ", ".join(names[:_DRAWN_PATHS]) + ".",
        height=_SQUARE,
    )
    return [many, one]


def confusion(seen: Inspection) -> list[Picture]:
    """Picture one episode: accuracy along adaptation, and which class is taken for which."""
    names, query = class_names(seen), seen.query_accuracy[0]
    pictures = [
        Picture(
            accuracy_along(seen),
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
        words = "; ".join(confusion_words(seen, len(names)))
        height = _LOW if len(names) <= _LOW_WAYS else _SQUARE
        picture = confusion_matrix(seen)
        pictures.append(
            Picture(picture, f"Confusion matrix after fine-tuning. {words}.", height=height)
        )
    return pictures


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
