"""Each kind of layer as statements of matplotlib on `ax`."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from leo_studio.figures.records import (
    Arrows,
    Band,
    Bars,
    Boxes,
    Ellipses,
    Histogram,
    Layer,
    Line,
    LineStyle,
    Marker,
    Matrix,
    Points,
    Rule,
    Texts,
)
from leo_studio.figures.statements import Code, Statements, named, text_of

_MARKERS: Final[Mapping[Marker, str]] = {
    "circle": "o",
    "square": "s",
    "triangle": "^",
    "diamond": "D",
    "cross": "X",
    "plus": "P",
    "star": "*",
    "down": "v",
    "left": "<",
    "right": ">",
    "pentagon": "p",
}
_SHORT_NAME = 4  # letters
_ROOMY = 24  # names beside a matrix; more are written smaller
_TEXT_GAP = 4  # points between a point and its word
_DEPTH = 2  # that of lines: layers lie upon one another in their order
# As matplotlib takes them; those that it has no name for are lengths on and off.
_DASHES: Final[Mapping[LineStyle, object]] = {
    "solid": "solid",
    "dashed": "dashed",
    "dotted": "dotted",
    "dashdot": "dashdot",
    "dashdotdot": (0, (5, 1.5, 1, 1.5, 1, 1.5)),
    "longdash": (0, (9, 3)),
}


def write_layer(writer: Statements, layer: Layer) -> None:
    """Add the statements that draw a layer."""
    _WRITERS[type(layer)](writer, layer)


def key_looks(writer: Statements, line: Line) -> dict[str, object]:
    """Return how a line looks in a legend, as named arguments of a `Line2D`."""
    marker = {"marker": _MARKERS[line.marker]} if line.marker else {}
    looks = {"color": writer.color(line.color), "linestyle": _DASHES[line.style]}
    return {**looks, **marker, "label": line.label}


def _write_line(writer: Statements, line: Line) -> None:
    is_shown = line.marker is not None
    is_plain = line.width == 1.0
    writer.call(
        "ax.plot",
        writer.name(line.x, line.label, "x"),
        writer.name(line.y, line.label, "y"),
        color=writer.color(line.color),
        linestyle=None if line.style == "solid" else _DASHES[line.style],
        linewidth=None if is_plain else line.width * writer.style.line_width,
        alpha=None if line.opacity == 1.0 else line.opacity,
        marker=_MARKERS[line.marker] if line.marker else None,
        markerfacecolor="none" if line.is_hollow else None,
        markersize=2.9 * writer.style.line_width if is_shown else None,
        drawstyle="steps-post" if line.is_stepped else None,
        label=line.label or None,
    )


def _write_band(writer: Statements, band: Band) -> None:
    writer.call(
        "ax.fill_between",
        writer.name(band.x, band.label, "x"),
        writer.name(band.low, band.label, "low"),
        writer.name(band.high, band.label, "high"),
        color=writer.color(band.color),
        alpha=band.opacity,
        linewidth=0,
        zorder=_DEPTH,
        label=band.label or None,
    )


def _write_points(writer: Statements, points: Points) -> None:
    looks: dict[str, object] = {"color": writer.color(points.color)}
    if points.values is not None:
        looks = _scaled(writer, points, is_hollow=points.is_hollow)
    elif points.is_hollow:
        looks = {"edgecolors": writer.color(points.color), "facecolors": "none"}
    has_bar = bool(points.value_label) and not points.is_hollow
    writer.call(
        "ax.scatter",
        writer.name(points.x, points.label, "x"),
        writer.name(points.y, points.label, "y"),
        s=(2.9 * writer.style.line_width * points.size) ** 2,
        marker=_MARKERS[points.marker],
        alpha=None if points.opacity == 1.0 else points.opacity,
        linewidths=0.6 * writer.style.line_width if points.is_hollow else 0,
        zorder=_DEPTH,
        label=points.label or None,
        **looks,
        result="drawn" if has_bar else "",
    )
    if has_bar:
        writer.call("figure.colorbar", Code("drawn"), ax=Code("ax"), label=points.value_label)


def _scaled(writer: Statements, points: Points, *, is_hollow: bool) -> dict[str, object]:
    """Return how points look that are coloured by a value each."""
    assert points.values is not None
    known = points.values[np.isfinite(points.values)]
    low, high = points.limits or ((known.min(), known.max()) if known.size else (0.0, 1.0))
    values = writer.name(points.values, points.value_label, "values")
    if not is_hollow:
        return {"c": values, "cmap": "viridis", "vmin": float(low), "vmax": float(high)}
    colors = writer.need("matplotlib", "colormaps")
    shares = f"({values} - {text_of(float(low))}) / {text_of(max(float(high - low), 1e-12))}"
    return {"edgecolors": Code(f'{colors}["viridis"]({shares})'), "facecolors": "none"}


def _write_arrows(writer: Statements, arrows: Arrows) -> None:
    x, y = writer.name(arrows.x, arrows.label, "from x"), writer.name(arrows.y, "from y")
    to_x, to_y = writer.name(arrows.to_x, "to x"), writer.name(arrows.to_y, "to y")
    writer.call(
        "ax.quiver",
        x,
        y,
        Code(f"{to_x} - {x}"),
        Code(f"{to_y} - {y}"),
        angles="xy",
        scale_units="xy",
        scale=1,
        width=0.002,
        color=writer.color(arrows.color),
        alpha=arrows.opacity,
        zorder=_DEPTH,
        label=arrows.label or None,
    )


def _write_ellipses(writer: Statements, ellipses: Ellipses) -> None:
    shape = writer.need("matplotlib.patches", "Ellipse")
    names = ("x", "y", "width", "height", "degrees")
    columns = [
        writer.name(getattr(ellipses, name), ellipses.label, "ellipse", name) for name in names
    ]
    color = writer.color(ellipses.color)
    looks = {"edgecolor": color, "alpha": ellipses.opacity, "zorder": _DEPTH}
    writer.say(
        "for *center, w, h, angle in zip(",
        *(f"    {column}," for column in columns),
        "):",
        f"    ax.add_patch({shape}(center, w, h, angle=angle, fill=False, {named(looks)}))",
    )
    if ellipses.label:
        writer.call("ax.plot", [], [], color=color, label=ellipses.label)


def _write_bars(writer: Statements, bars: Bars) -> None:
    places = list(range(len(bars.names)))
    errors = None if bars.errors is None else writer.name(bars.errors, bars.label, "errors")
    lengths = writer.name(bars.lengths, bars.label, "lengths")
    along, error = ("y", "xerr") if bars.is_horizontal else ("x", "yerr")
    looks: dict[str, Any] = {error: errors, "ecolor": writer.color("text") if errors else None}
    writer.call(
        "ax.barh" if bars.is_horizontal else "ax.bar",
        Code(f"range({len(places)})"),
        lengths,
        **looks,
        color=writer.color(bars.color),
        label=bars.label or None,
    )
    turned = {} if bars.is_horizontal else {"rotation": 45, "ha": "right"}
    writer.call(f"ax.set_{along}ticks", places, list(bars.names), **turned)
    if bars.is_horizontal:
        writer.say("ax.invert_yaxis()")
    writer.say(f'ax.grid(visible=False, axis="{along}")', f"ax.margins({along}=0.01)")


def _write_boxes(writer: Statements, boxes: Boxes) -> None:
    """Draw bars and lines: matplotlib's own boxes import its program for windows."""
    x, values = writer.name(boxes.x, boxes.label, "x"), writer.name(boxes.values, boxes.label)
    low, lower, median, upper, high = (Code(f"{values}[:, {place}]") for place in range(5))
    color, width = writer.color(boxes.color), 0.7 * writer.style.line_width
    writer.call(
        "ax.bar",
        x,
        Code(f"{upper} - {lower}"),
        boxes.width,
        lower,
        facecolor="none" if boxes.is_hollow else color,
        edgecolor=color,
        linewidth=width,
        zorder=_DEPTH,
        label=boxes.label or None,
    )
    line: dict[str, object] = {"color": color, "linewidth": width, "zorder": _DEPTH}
    for begin, end in ((low, lower), (upper, high)):
        writer.call("ax.vlines", x, begin, end, **line)
    line_at_median = line | {"linewidth": 2 * width}
    if not boxes.is_hollow:
        line_at_median["color"] = writer.style.background
    for height, half, looks in (
        (low, boxes.width / 4, line),
        (high, boxes.width / 4, line),
        (median, boxes.width / 2, line_at_median),
    ):
        ends = (Code(f"{x} - {half:g}"), Code(f"{x} + {half:g}"))
        writer.call("ax.hlines", height, *ends, **looks)
    writer.say('ax.grid(visible=False, axis="x")')


def _write_histogram(writer: Statements, histogram: Histogram) -> None:
    writer.call(
        "ax.stairs",
        writer.name(histogram.counts, histogram.label, "counts"),
        writer.name(histogram.edges, histogram.label, "edges"),
        fill=True,
        color=writer.color(histogram.color),
        alpha=None if histogram.opacity == 1.0 else histogram.opacity,
        label=histogram.label or None,
    )


def _write_rule(writer: Statements, rule: Rule) -> None:
    for function, place in (("ax.axvline", rule.x), ("ax.axhline", rule.y)):
        if place is not None:
            writer.call(
                function,
                float(place),
                color=writer.color(rule.color),
                linestyle=_DASHES[rule.style],
                linewidth=0.7 * writer.style.line_width,
                label=rule.label or None,
            )


def _write_matrix(writer: Statements, matrix: Matrix) -> None:
    known = matrix.values[np.isfinite(matrix.values)]
    low, high = matrix.limits or ((known.min(), known.max()) if known.size else (0.0, 1.0))
    values = writer.name(matrix.values, matrix.value_label, "cells")
    writer.call(
        "ax.imshow",
        values,
        cmap="RdBu_r" if matrix.is_diverging else "Blues",
        vmin=float(low),
        vmax=float(high),
        aspect="auto",
        result="drawn",
    )
    # Names stand upright where they would run into one another.
    is_long = max((len(name) for name in matrix.column_names), default=0) > _SHORT_NAME
    looks: dict[str, object] = {"rotation": 90} if is_long else {}
    rows, columns = list(matrix.row_names), list(matrix.column_names)
    if max(len(rows), len(columns)) > _ROOMY:
        looks["fontsize"] = _ROOMY * (writer.style.text_size - 1) / max(len(rows), len(columns))
    writer.call("ax.set_xticks", list(range(len(columns))), columns, **looks)
    looks.pop("rotation", None)
    writer.call("ax.set_yticks", list(range(len(rows))), rows, **looks)
    writer.say("ax.grid(visible=False)")
    if matrix.number_format:
        writer.say(
            f"for (row, column), value in np.ndenumerate({values}):",
            "    if np.isfinite(value):",
            "        is_dark = np.dot(drawn.cmap(drawn.norm(value))[:3], [0.3, 0.59, 0.11]) < 0.5",
            f'        text, color = f"{{value:{matrix.number_format}}}", "wk"[not is_dark]',
            '        ax.text(column, row, text, ha="center", va="center", color=color, '
            f"fontsize={writer.style.text_size - 1:g})",
        )
    else:
        label = matrix.value_label or None
        writer.call("figure.colorbar", Code("drawn"), ax=Code("ax"), label=label)


def _write_texts(writer: Statements, texts: Texts) -> None:
    x, y = writer.name(texts.x, "text x"), writer.name(texts.y, "text y")
    right = f"{_TEXT_GAP + texts.right * writer.style.text_size:g}"
    writer.say(
        f"for *point, word in zip({x}, {y}, {text_of(list(texts.words))}):",
        f'    ax.annotate(word, point, xytext=({right}, 0), textcoords="offset points", '
        f'va="center", color={text_of(writer.color(texts.color))})',
    )


_WRITERS: Final[Mapping[type[Layer], Callable[[Statements, Any], None]]] = {
    Line: _write_line,
    Band: _write_band,
    Points: _write_points,
    Arrows: _write_arrows,
    Ellipses: _write_ellipses,
    Bars: _write_bars,
    Boxes: _write_boxes,
    Histogram: _write_histogram,
    Rule: _write_rule,
    Matrix: _write_matrix,
    Texts: _write_texts,
}
