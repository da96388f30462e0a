"""Latent codes as a figure, and the numbers behind it.

Shapes: E episodes, N ways, L latent size.
"""

import textwrap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.inspection.records import Latents
from engine.projection import LinearBasis
from leo_studio.analysis.latents.options import (
    SCALE_TITLES,
    Options,
    class_places,
    hidden_codes,
    limits_of,
    quantity,
)
from leo_studio.analysis.latents.projected import Points as Places
from leo_studio.analysis.latents.projected import Projected, position_names
from leo_studio.analysis.latents.tried import TriedPoints
from leo_studio.figures.plots import MARKERS, provenance_facts, short
from leo_studio.figures.records import (
    Arrows,
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
)

_MOST_NAMED = 12  # classes in a legend
# After so many classes, eleven markers and eight colours (or a theme's seven) begin again.
_LOOKS = 77
_MANY = 2000  # codes: above, they are drawn smaller
_TITLE_WIDTH = 60  # letters


def exported_latents(
    shown: Projected,
    place: int,
    options: Options,
    selected: Collection[int] = (),
    hidden: Collection[str] = (),
    tried: TriedPoints | None = None,
    run_title: str = "",
) -> Exported:
    """Return codes at one of their positions, beside those before where these are drawn.

    Parameters
    ----------
    shown
        The codes and their points.
    place
        Which of `shown.positions`.
    options
        What is drawn, and how.
    selected
        Numbers of episodes that are selected; a column says so.
    hidden
        Names of classes that the figure leaves out; the tables have all, and a column says so.
    tried
        A person's own classes and queries, which are drawn too, and have a table.
    run_title
        What people call the run; its folder's name by default.
    """
    title = figure_title(shown, place, options, run_title)
    plot = Plot(
        [*_layers(shown, place, options, hidden), *_tried_layers(tried)],
        "",
        *shown.axis_labels,
        is_equal=True,
        legend="beside",
    )
    tables = [
        _codes(shown, _drawn_places(place, options), selected, hidden),
        _distributions(shown.latents),
    ]
    if isinstance(shown.basis, LinearBasis):
        basis = shown.basis
        columns = {"mean": basis.mean, "axis_1": basis.axes[0], "axis_2": basis.axes[1]}
        tables.append(Table("axes", columns, {"method": shown.basis_words}))
    if options.shows_samples and shown.has_samples:
        tables.append(_samples(shown))
    if tried is not None:
        tables.append(_tried_table(shown, tried))
    return Exported("latents", Figure([plot], textwrap.fill(title, _TITLE_WIDTH)), tables, title)


def figure_title(shown: Projected, place: int, options: Options, run_title: str = "") -> str:
    """Say what a figure shows: which episodes with which weights, and how they were placed."""
    latents, provenance = shown.latents, shown.latents.provenance
    run = f"{called}, " if (called := run_title or provenance.run) else ""
    masses = [f"{100 * mass:.0f}" for mass in _masses(options) if shown.is_linear]
    ellipses = f"; ellipses hold {' and '.join(masses)} % of each distribution" if masses else ""
    dots = "; small dots are sampled codes" if options.shows_samples and shown.has_samples else ""
    return (
        f"{run}step {provenance.step:,}: {len(latents.numbers):,} {provenance.split} episodes, "
        f"{shown.count:,} codes, {position_names(shown)[place]} ({shown.basis_words})"
        f"{ellipses}{dots}"
    )


# The figure


def _layers(
    shown: Projected, place: int, options: Options, hidden: Collection[str]
) -> Iterator[Layer]:
    is_drawn = ~hidden_codes(shown.latents, hidden)
    before, after = shown.at(0)[is_drawn], shown.at(place)[is_drawn]
    groups = list(_groups(shown.latents, options, is_drawn))
    if options.shows_samples and shown.has_samples:
        for group in groups:
            x, y = shown.samples_at(place)[group.rows].reshape(-1, 2).T
            yield Points(x, y, color=group.color_after, size=0.4, opacity=0.3)
    for mass in _masses(options):
        outlines = shown.outlines(mass)
        for group in groups if outlines is not None else ():
            assert outlines is not None
            yield _joined(outlines[group.rows], group.color, 0.6)
    if options.paths == "arrows" and place and options.shows_before:
        yield Arrows(before[:, 0], before[:, 1], after[:, 0], after[:, 1], opacity=0.3)
    elif options.paths == "trajectories" and place:
        ways = shown.path[:, : place + 1].transpose(0, 2, 1, 3).reshape(shown.count, place + 1, 2)
        for group in groups:
            yield replace(_joined(ways[group.rows], group.color, 0.6), opacity=0.6)
    size = 0.6 if shown.count > _MANY else 0.9
    if options.shows_before or not place:
        yield from _points(shown, 0, groups, options, size)
    if place:
        yield from _points(shown, place, groups, options, size)
    if _is_by_class(options):
        yield from _class_keys(shown.latents, options, size, is_drawn)


class _Group:
    """Codes that look alike."""

    def __init__(self, rows: NDArray[np.int64], look: int, options: Options) -> None:
        by_class, by_stage = options.color == "class", options.color == "stage"
        self.rows = rows
        self.color: int = look if by_class else 0
        self.color_after: int = 1 if by_stage else self.color
        has_marker = options.shape == "class"
        self.marker: Marker = MARKERS[look % len(MARKERS)] if has_marker else "circle"
        self.marker_after: Marker = "down" if options.shape == "stage" else self.marker


def _groups(latents: Latents, options: Options, is_drawn: NDArray[np.bool_]) -> Iterator[_Group]:
    """Put codes together that have one colour and one marker."""
    if not _is_by_class(options):
        yield _Group(np.flatnonzero(is_drawn), 0, options)
        return
    looks = class_places(latents) % _LOOKS
    for look in np.unique(looks[is_drawn]).tolist():
        yield _Group(np.flatnonzero((looks == look) & is_drawn), int(look), options)


def _is_by_class(options: Options) -> bool:
    return "class" in (options.color, options.shape)


def _points(
    shown: Projected, place: int, groups: list[_Group], options: Options, size: float
) -> Iterator[Layer]:
    """Draw the codes of one position; those before adaptation are hollow."""
    is_continuous, is_after = options.color in SCALE_TITLES, place > 0
    factor = 100.0 if options.color == "accuracy" else 1.0
    places, name = shown.at(place), position_names(shown)[place]
    for number, group in enumerate(groups):
        points = Points(
            places[group.rows, 0],
            places[group.rows, 1],
            label="" if _is_by_class(options) else name,
            color=group.color_after if is_after else group.color,
            marker=group.marker_after if is_after else group.marker,
            is_hollow=not is_after,
            size=size,
            opacity=0.85,
        )
        if is_continuous:
            low, high = limits_of(shown.latents, options.color)
            values = quantity(shown.latents, options.color).repeat(shown.latents.classes.shape[1])
            points = replace(
                points,
                values=factor * values[group.rows],
                limits=(factor * low, factor * high),
                value_label=SCALE_TITLES[options.color] if number == 0 else "",
            )
        yield points


def _class_keys(
    latents: Latents, options: Options, size: float, is_drawn: NDArray[np.bool_]
) -> Iterator[Layer]:
    """Name stages and classes in the legend, by points that are nowhere."""
    nothing = np.zeros(0)
    key = Points(nothing, nothing, color="text", size=size)
    if options.shows_before:
        yield replace(key, label="before (hollow)", is_hollow=True)
    labels = latents.classes.reshape(-1)[is_drawn]
    places, first = np.unique(class_places(latents)[is_drawn], return_index=True)
    for place, row in zip(places[:_MOST_NAMED].tolist(), first.tolist(), strict=False):
        group = _Group(first, int(place) % _LOOKS, options)
        color: Color = group.color if options.color == "class" else "text"
        name = short(latents.class_names[int(labels[row])])
        yield replace(key, label=name, color=color, marker=group.marker)
    if len(places) > _MOST_NAMED:
        rest = f"and {len(places) - _MOST_NAMED:,} more classes"
        yield replace(key, label=rest, color="muted", size=0.1)


def _tried_layers(tried: TriedPoints | None) -> Iterator[Layer]:
    """Draw a person's own classes, larger and named, and queries."""
    if tried is None:
        return
    for name, place, (x, y) in zip(tried.names, tried.places, tried.classes, strict=True):
        own = tried.queries[tried.winners == place]
        look = int(place) % _LOOKS
        marker = MARKERS[look % len(MARKERS)]
        yield Points(own[:, 0], own[:, 1], color=look, marker=marker, size=1.2)
        yield Points(
            np.array([x]),
            np.array([y]),
            label=f"yours: {short(name)}",
            color=look,
            marker=marker,
            size=2.2,
        )


def _drawn_places(place: int, options: Options) -> Sequence[int]:
    """Return the positions whose points are seen, or that trajectories lead through."""
    if options.paths == "trajectories":
        return range(place + 1)
    return sorted({0, place}) if options.shows_before else [place]


def _masses(options: Options) -> list[float]:
    return [0.5] * options.shows_half + [0.95] * options.shows_most


def _joined(lines: Places, color: int, width: float) -> Line:
    """Join lines (n, points, 2) into one, with gaps between them."""
    gaps = np.concatenate([lines, np.full((len(lines), 1, 2), np.nan)], axis=1).reshape(-1, 2)
    return Line(gaps[:, 0], gaps[:, 1], color=color, width=width, opacity=0.5)


# The numbers


def _of_each(latents: Latents) -> dict[str, Column]:
    """Return the columns that identify the codes of one position, E · N rows."""
    ways = latents.classes.shape[1]
    labels = latents.classes.reshape(-1).tolist()
    return {
        "episode": latents.numbers.repeat(ways),
        "way": np.tile(np.arange(ways), len(latents.numbers)),
        "class": [latents.class_names[label] for label in labels],
    }


def _repeated(column: Column, count: int) -> Column:
    if not isinstance(column, np.ndarray):
        return list(column) * count
    return np.concatenate([column] * count)


def _codes(
    shown: Projected,
    places: Collection[int],
    selected: Collection[int],
    hidden: Collection[str],
) -> Table:
    """Return a row for each code at each of some positions."""
    latents, names = shown.latents, position_names(shown)
    size, ways, count = latents.codes.shape[-1], latents.classes.shape[1], len(places)
    each = {name: _repeated(column, count) for name, column in _of_each(latents).items()}
    accuracies = latents.accuracies.repeat(ways, 0)
    columns: dict[str, Column] = {
        **each,
        "position": [names[place] for place in places for _ in range(shown.count)],
        "x": np.concatenate([shown.at(place)[:, 0] for place in places]),
        "y": np.concatenate([shown.at(place)[:, 1] for place in places]),
        "accuracy_before": np.tile(accuracies[:, 0], count),
        "accuracy_after_inner_loop": np.tile(accuracies[:, 1], count),
        "accuracy_after_finetuning": np.tile(accuracies[:, 2], count),
        "uncertainty_nats": np.tile(latents.uncertainties.repeat(ways), count),
        "is_selected": np.tile(np.isin(latents.numbers, list(selected)).repeat(ways), count),
        "is_hidden": np.tile(hidden_codes(latents, hidden), count),
        "code": np.concatenate(
            [latents.codes[:, shown.positions[place]].reshape(-1, size) for place in places]
        ),
    }
    return Table(
        "codes", columns, {**provenance_facts(latents.provenance), "axes": shown.basis_words}
    )


def _distributions(latents: Latents) -> Table:
    """Return the Gaussian over codes of each class of each episode."""
    size = latents.codes.shape[-1]
    columns = {
        **_of_each(latents),
        "mean": latents.codes[:, 0].reshape(-1, size),
        "deviation": latents.deviation.reshape(-1, size),
    }
    return Table("distributions", columns, provenance_facts(latents.provenance))


def _samples(shown: Projected) -> Table:
    """Return codes drawn from the distributions, and what the inner loop makes of them."""
    latents = shown.latents
    episodes, samples, ways, size = latents.sampled_before.shape
    labels = np.broadcast_to(latents.classes[:, None], (episodes, samples, ways)).reshape(-1)
    numbers = latents.numbers.repeat(samples * ways)
    columns: dict[str, Column] = {
        "episode": np.tile(numbers, 2),
        "sample": np.tile(np.tile(np.arange(samples).repeat(ways), episodes), 2),
        "way": np.tile(np.arange(ways), 2 * episodes * samples),
        "class": 2 * [latents.class_names[label] for label in labels.tolist()],
        "position": [
            name for name in ("before", "after the inner loop") for _ in range(len(numbers))
        ],
    }
    points = np.stack([shown.sampled_before, shown.sampled_after]).reshape(-1, 2)
    columns |= {"x": points[:, 0], "y": points[:, 1]}
    codes = np.stack([latents.sampled_before, latents.sampled_after])
    columns["code"] = codes.reshape(-1, size)
    return Table("samples", columns, provenance_facts(latents.provenance))


def _tried_table(shown: Projected, tried: TriedPoints) -> Table:
    """Return a row for each of a person's own classes, then for each query."""
    classes = dict(zip(tried.places.tolist(), tried.names, strict=True))
    columns: dict[str, Column] = {
        "kind": ["class"] * len(tried.classes) + ["query"] * len(tried.queries),
        "name": [*tried.names, *tried.query_names],
        "class": [*tried.names, *(classes[place] for place in tried.winners.tolist())],
        "is_none_of_these": np.concatenate([np.zeros(len(tried.classes), bool), tried.is_none]),
        "x": tried.all[:, 0],
        "y": tried.all[:, 1],
        "code": tried.codes,
    }
    provenance = shown.latents.provenance
    return Table(
        "yours",
        columns,
        {"run": provenance.run, "step": provenance.step, "axes": shown.basis_words},
    )
