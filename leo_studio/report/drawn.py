"""A report's plots drawn by matplotlib, in colours that the page puts its own in place of.

Texts stay texts, so that they are found, read aloud, and set in the page's own font.
"""

import io
import threading
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Ellipse
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from leo_studio.figures.records import (
    Arrows,
    Band,
    Bars,
    Color,
    Ellipses,
    Histogram,
    Layer,
    Line,
    Matrix,
    Plot,
    Points,
    Rule,
)
from leo_studio.report.figures import Picture

_INK, _MUTED, _GRID = "#1a1d23", "#5c6371", "#e6e8ec"
COLORS: Final[Mapping[str, str]] = {
    _INK: "var(--ink)",
    _MUTED: "var(--muted)",
    _GRID: "var(--grid)",
}
"""What the page's own colours take the place of."""
# Okabe and Ito's, in an order in which neighbours differ most; black is the page's ink.
_PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", _INK, "#f0e442")
_STYLE: Final[Mapping[str, Any]] = {
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": _INK,
    "text.parse_math": False,  # a name with two dollar signs is no formula
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelcolor": _INK,
    "axes.edgecolor": _MUTED,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": _GRID,
    "xtick.color": _MUTED,
    "ytick.color": _MUTED,
    "xtick.labelcolor": _INK,
    "ytick.labelcolor": _INK,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.4,
    "lines.markersize": 4,
    "svg.fonttype": "none",
    "savefig.transparent": True,
}
_MARKERS = {
    "circle": "o",
    "ring": "o",
    "square": "s",
    "triangle": "^",
    "diamond": "D",
    "cross": "x",
    "plus": "+",
    "star": "*",
}
# Matplotlib's settings are those of the whole program.
_LOCK = threading.Lock()


def svg_text(picture: Picture, name: str) -> str:
    """Draw a picture as an SVG file's text; `name` fixes the names inside, for the same bytes."""
    style: dict[Any, Any] = {**_STYLE, "svg.hashsalt": name}
    buffer = io.StringIO()
    with _LOCK, mpl.rc_context(style), warnings.catch_warnings():
        # Letters that matplotlib's font lacks are measured as boxes; a browser has them.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        canvas = Canvas(figsize=(picture.width, picture.height), layout="constrained")
        _draw(canvas.subplots(), picture.plot)
        canvas.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def _draw(axes: Axes, plot: Plot) -> None:
    for layer in plot.layers:
        _PAINTERS[type(layer)](axes, layer)
    axes.set_title(plot.title)
    axes.set_xlabel(plot.x_label)
    axes.set_ylabel(plot.y_label)
    if plot.is_x_logarithmic:
        axes.set_xscale("log")
    if plot.is_y_logarithmic:
        axes.set_yscale("log")
    for axis, is_logarithmic in (
        (axes.xaxis, plot.is_x_logarithmic),
        (axes.yaxis, plot.is_y_logarithmic),
    ):
        if is_logarithmic:
            axis.set_major_formatter(FuncFormatter(_plain))
            low, high = axis.get_view_interval()
            if high < 10 * low:
                axis.set_minor_formatter(FuncFormatter(_plain))
            else:
                axis.set_minor_formatter(NullFormatter())
    if plot.x_range is not None:
        axes.set_xlim(*plot.x_range)
    if plot.y_range is not None:
        axes.set_ylim(*plot.y_range)
    if plot.is_equal:
        axes.set_aspect("equal", adjustable="datalim")
    if plot.has_percent:
        axes.yaxis.set_major_formatter(FuncFormatter(_percent))
    if plot.is_x_percent:
        axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(_percent))
    if axes.get_legend_handles_labels()[1]:
        axes.legend(markerscale=1.2)


def _draw_line(axes: Axes, line: Line) -> None:
    axes.plot(
        line.x,
        line.y,
        label=line.label or None,
        color=_color(line.color),
        linestyle=line.style,
        linewidth=line.width * mpl.rcParams["lines.linewidth"],
        alpha=line.opacity,
        marker=None if line.marker is None else _MARKERS[line.marker],
        markerfacecolor="none" if line.marker == "ring" else None,
        drawstyle="steps-post" if line.is_stepped else "default",
    )


def _draw_band(axes: Axes, band: Band) -> None:
    axes.fill_between(
        band.x,
        band.low,
        band.high,
        label=band.label or None,
        color=_color(band.color),
        alpha=band.opacity,
        linewidth=0,
    )


def _draw_points(axes: Axes, points: Points) -> None:
    is_hollow = points.marker == "ring"
    colored: dict[str, Any] = {"color": _color(points.color)}
    if points.values is not None:
        colored = {"c": points.values, "cmap": "viridis"}
    elif is_hollow:
        colored = {"edgecolors": _color(points.color), "facecolors": "none"}
    found = axes.scatter(
        points.x,
        points.y,
        s=(4 * points.size) ** 2,
        marker=_MARKERS[points.marker],
        label=points.label or None,
        alpha=points.opacity,
        linewidths=0.8 if is_hollow or points.marker in ("cross", "plus") else 0,
        **colored,
    )
    if points.values is not None and axes.figure is not None:
        axes.figure.colorbar(found, ax=axes, label=points.value_label)


def _draw_arrows(axes: Axes, arrows: Arrows) -> None:
    axes.quiver(
        arrows.x,
        arrows.y,
        arrows.to_x - arrows.x,
        arrows.to_y - arrows.y,
        angles="xy",
        scale_units="xy",
        scale=1,
        width=0.002,
        color=_color(arrows.color),
        alpha=arrows.opacity,
        label=arrows.label or None,
    )


def _draw_ellipses(axes: Axes, ellipses: Ellipses) -> None:
    columns = (ellipses.x, ellipses.y, ellipses.width, ellipses.height, ellipses.degrees)
    for place, (x, y, width, height, degrees) in enumerate(zip(*columns, strict=True)):
        axes.add_patch(
            Ellipse(
                (x, y),
                width,
                height,
                angle=degrees,
                fill=False,
                edgecolor=_color(ellipses.color),
                alpha=ellipses.opacity,
                label=ellipses.label if place == 0 and ellipses.label else None,
            )
        )


def _draw_bars(axes: Axes, bars: Bars) -> None:
    places = np.arange(len(bars.names))
    drawing: dict[str, Any] = {"label": bars.label or None, "color": _color(bars.color)}
    if bars.is_horizontal:
        axes.barh(places, bars.lengths, xerr=bars.errors, **drawing)
        axes.set_yticks(places, list(bars.names))
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
    else:
        axes.bar(places, bars.lengths, yerr=bars.errors, **drawing)
        axes.set_xticks(places, list(bars.names), rotation=45, ha="right")
        axes.grid(visible=False, axis="x")


def _draw_histogram(axes: Axes, histogram: Histogram) -> None:
    axes.stairs(
        histogram.counts,
        histogram.edges,
        fill=True,
        label=histogram.label or None,
        color=_color(histogram.color),
        alpha=histogram.opacity,
    )


def _draw_rule(axes: Axes, rule: Rule) -> None:
    drawing: dict[str, Any] = {
        "label": rule.label or None,
        "color": _color(rule.color),
        "linestyle": rule.style,
        "linewidth": 1.0,
    }
    if rule.x is not None:
        axes.axvline(rule.x, **drawing)
    if rule.y is not None:
        axes.axhline(rule.y, **drawing)


def _draw_matrix(axes: Axes, matrix: Matrix) -> None:
    low, high = matrix.limits or (np.nanmin(matrix.values), np.nanmax(matrix.values))
    colors = "RdBu_r" if matrix.is_diverging else "Blues"
    image = axes.imshow(matrix.values, cmap=colors, vmin=low, vmax=high, aspect="auto")
    axes.set_xticks(range(len(matrix.column_names)), list(matrix.column_names))
    axes.set_yticks(range(len(matrix.row_names)), list(matrix.row_names))
    axes.grid(visible=False)
    if matrix.number_format:
        for (row, column), value in np.ndenumerate(matrix.values):
            red, green, blue, _ = image.cmap(image.norm(np.asarray(value)))
            is_dark = 0.3 * red + 0.59 * green + 0.11 * blue < 0.5
            axes.text(
                column,
                row,
                format(value, matrix.number_format),
                ha="center",
                va="center",
                fontsize=8,
                color="white" if is_dark else "black",
            )
    elif axes.figure is not None:
        axes.figure.colorbar(image, ax=axes, label=matrix.value_label)


_PAINTERS: Final[Mapping[type[Layer], Callable[[Axes, Any], None]]] = {
    Line: _draw_line,
    Band: _draw_band,
    Points: _draw_points,
    Arrows: _draw_arrows,
    Ellipses: _draw_ellipses,
    Bars: _draw_bars,
    Histogram: _draw_histogram,
    Rule: _draw_rule,
    Matrix: _draw_matrix,
}


def _percent(share: float, _place: int | None) -> str:
    return f"{100 * share:.4g}%".replace("-", "\N{MINUS SIGN}")


def _plain(value: float, _place: int | None) -> str:
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")


def _color(color: Color) -> str:
    if isinstance(color, int):
        return _PALETTE[color % len(_PALETTE)]
    return _INK if color == "text" else _MUTED
