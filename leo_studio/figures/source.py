"""A figure as Python: the statements that draw it with matplotlib, and the numbers they name.

What draws a figure runs these statements, and a script prints them, so a script that somebody
copies draws what was seen.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from leo_studio.figures.records import (
    Arrows,
    Band,
    Bars,
    Color,
    Ellipses,
    Figure,
    Histogram,
    Layer,
    Line,
    Marker,
    Matrix,
    Numbers,
    Plot,
    Points,
    Rule,
    Texts,
)
from leo_studio.figures.styles import Style

_WIDEST = 100  # characters of a line
_MARKERS: Final[Mapping[Marker, str]] = {
    "circle": "o",
    "square": "s",
    "triangle": "^",
    "diamond": "D",
    "cross": "x",
    "plus": "+",
    "star": "*",
}
_STROKES = ("cross", "plus")  # markers without an inside
_LETTER_WIDTH = 0.55  # of a letter's height, on average
_KEY_WIDTH = 3.0  # of a legend's sample of a line with its gaps, in letters' heights


@dataclass(frozen=True, slots=True)
class Source:
    """Statements that draw on a matplotlib `figure`.

    Attributes
    ----------
    imports
        What they need besides numpy as np.
    values
        What they name.
    statements
        In order; `figure` is an empty figure.
    """

    imports: tuple[str, ...]
    values: Mapping[str, Numbers]
    statements: tuple[str, ...]


class _Code(str):
    """A piece of a program, which is not quoted."""

    __slots__ = ()


def source_of(figure: Figure, style: Style, width: float) -> Source:
    """Return the statements that draw a figure, `width` inches wide, in a style."""
    writer = _Writer(style)
    columns = min(figure.columns, len(figure.plots))
    rows = -(-len(figure.plots) // columns)
    if len(figure.plots) == 1:
        writer.say("ax = figure.subplots()")
    else:
        writer.say(f"axes = figure.subplots({rows}, {columns}, squeeze=False).flat")
    for place, plot in enumerate(figure.plots):
        if len(figure.plots) > 1:
            writer.say("", f"ax = axes[{place}]")
        _write_plot(writer, plot)
    for place in range(len(figure.plots), rows * columns):
        writer.say(f"axes[{place}].set_axis_off()")
    if figure.keys:
        _write_keys(writer, figure.keys, width, figure.title)
    elif figure.title:
        writer.call("figure.suptitle", figure.title, x=0.01, ha="left")
    return Source(writer.imports, writer.values, tuple(writer.statements))


class _Writer:
    """Collects statements, and names for the numbers in them."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self._imports: dict[str, set[str]] = {}
        self.values: dict[str, Numbers] = {}
        self.statements: list[str] = []
        self._names: dict[bytes, str] = {}

    def say(self, *statements: str) -> None:
        """Add statements as they are."""
        self.statements += statements

    def need(self, module: str, name: str) -> _Code:
        """Import a name."""
        self._imports.setdefault(module, set()).add(name)
        return _Code(name)

    @property
    def imports(self) -> tuple[str, ...]:
        """A statement for each module."""
        return tuple(
            f"from {module} import {', '.join(sorted(names))}"
            for module, names in sorted(self._imports.items())
        )

    def name(self, numbers: Numbers, *hints: str) -> _Code:
        """Return the name of some numbers; equal ones have one name."""
        numbers = np.asarray(numbers, np.float64)
        content = repr(numbers.shape).encode() + numbers.tobytes()
        if content not in self._names:
            words = re.sub(r"\W+", "_", " ".join(hints), flags=re.ASCII).strip("_").lower()[:30]
            stem = words.strip("_") if words[:1].isalpha() else f"values_{words}".strip("_")
            name, number = stem, 2
            while name in self.values or name in _TAKEN:
                name, number = f"{stem}_{number}", number + 1
            self._names[content] = name
            self.values[name] = numbers
        return _Code(self._names[content])

    def call(self, function: str, *given: object, result: object = "", **named: object) -> None:
        """Add a call; what is None is left out."""
        texts = [_text(each) for each in given]
        texts += [f"{key}={_text(value)}" for key, value in named.items() if value is not None]
        start = f"{result} = {function}" if result else function
        whole = f"{start}({', '.join(texts)})"
        if len(whole) > _WIDEST:
            whole = "\n".join([f"{start}(", *(f"    {text}," for text in texts), ")"])
        self.say(whole)

    def color(self, color: Color) -> str:
        """Return a colour as matplotlib knows it."""
        if isinstance(color, int):
            return f"C{color % len(self.style.palette)}"
        return self.style.text if color == "text" else self.style.muted


_LOCALS = "figure ax axes drawn keys row column value is_dark is_short text color"
_TAKEN = frozenset(f"np plt {_LOCALS} center w h angle point word".split(" "))


def _text(value: object) -> str:
    if isinstance(value, _Code):
        return value
    if isinstance(value, float | np.floating):
        return format(value, ".6g")
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)  # which Python reads alike
    if isinstance(value, list):
        return f"[{', '.join(_text(each) for each in value)}]"
    return repr(value)


def _named(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={_text(value)}" for name, value in values.items())


def _write_plot(writer: _Writer, plot: Plot) -> None:
    for layer in plot.layers:
        _WRITERS[type(layer)](writer, layer)
    for name, text in (("title", plot.title), ("xlabel", plot.x_label), ("ylabel", plot.y_label)):
        if text:
            writer.call(f"ax.set_{name}", text)
    for axis, is_logarithmic in (("x", plot.is_x_logarithmic), ("y", plot.is_y_logarithmic)):
        if is_logarithmic:
            writer.call(f"ax.set_{axis}scale", "log")
    for axis, ends in (("x", plot.x_range), ("y", plot.y_range)):
        if ends is not None:
            writer.call(f"ax.set_{axis}lim", *(float(end) for end in ends))
    for axis, is_logarithmic in (("x", plot.is_x_logarithmic), ("y", plot.is_y_logarithmic)):
        if is_logarithmic:
            nothing = writer.need("matplotlib.ticker", "NullFormatter")
            writer.say(
                f'ax.{axis}axis.set_major_formatter("{{x:g}}")',
                f"is_short = max(ax.get_{axis}lim()) < 10 * min(ax.get_{axis}lim())",
                f'ax.{axis}axis.set_minor_formatter("{{x:g}}" if is_short else {nothing}())',
            )
    if plot.is_equal:
        writer.call("ax.set_aspect", "equal", adjustable="datalim")
    if plot.has_percent:
        percent = writer.need("matplotlib.ticker", "PercentFormatter")
        writer.say(f"ax.yaxis.set_major_formatter({percent}(1))")
    if plot.is_x_percent:
        percent = writer.need("matplotlib.ticker", "PercentFormatter")
        locator = writer.need("matplotlib.ticker", "MaxNLocator")
        writer.say(f"ax.xaxis.set_major_locator({locator}(6, steps=[1, 2, 2.5, 5, 10]))")
        writer.say(f"ax.xaxis.set_major_formatter({percent}(1))")
    if any(getattr(layer, "label", "") for layer in plot.layers):
        beside: dict[str, object] = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)}
        # The best place is looked for among all points, which takes long with many.
        inside: dict[str, object] = {"loc": "best" if _size(plot) < _FEW else "upper right"}
        where = beside if plot.legend == "beside" else inside
        writer.call("ax.legend", **where, markerscale=1.2)


_FEW = 20_000  # points


def _size(plot: Plot) -> int:
    return sum(len(layer.x) for layer in plot.layers if isinstance(layer, Line | Points))


def _write_keys(writer: _Writer, keys: Sequence[Line], width: float, title: str) -> None:
    line = writer.need("matplotlib.lines", "Line2D")
    writer.say("", "keys = [")
    for key in keys:
        looks = {"color": writer.color(key.color), "linestyle": key.style, "label": key.label}
        writer.say(f"    {line}([], [], {_named(looks)}),")
    writer.say("]")
    size = writer.style.text_size
    longest = max(len(key.label) for key in keys) * _LETTER_WIDTH * size + _KEY_WIDTH * size
    columns = min(len(keys), max(1, int(72 * width / longest)))
    place: dict[str, object] = {"loc": "outside upper left", "ncols": columns}
    if title:
        place |= {"title": title, "alignment": "left"}
    writer.call("figure.legend", handles=_Code("keys"), **place)


def _write_line(writer: _Writer, line: Line) -> None:
    is_shown = line.marker is not None
    is_plain = line.width == 1.0
    writer.call(
        "ax.plot",
        writer.name(line.x, line.label, "x"),
        writer.name(line.y, line.label, "y"),
        color=writer.color(line.color),
        linestyle=None if line.style == "solid" else line.style,
        linewidth=None if is_plain else line.width * writer.style.line_width,
        alpha=None if line.opacity == 1.0 else line.opacity,
        marker=_MARKERS[line.marker] if line.marker else None,
        markerfacecolor="none" if line.is_hollow else None,
        markersize=2.9 * writer.style.line_width if is_shown else None,
        drawstyle="steps-post" if line.is_stepped else None,
        label=line.label or None,
    )


def _write_band(writer: _Writer, band: Band) -> None:
    writer.call(
        "ax.fill_between",
        writer.name(band.x, band.label, "x"),
        writer.name(band.low, band.label, "low"),
        writer.name(band.high, band.label, "high"),
        color=writer.color(band.color),
        alpha=band.opacity,
        linewidth=0,
        label=band.label or None,
    )


def _write_points(writer: _Writer, points: Points) -> None:
    is_stroke = points.marker in _STROKES
    is_hollow = points.is_hollow and not is_stroke
    looks: dict[str, object] = {"color": writer.color(points.color)}
    if points.values is not None:
        looks = _scaled(writer, points, is_hollow=is_hollow)
    elif is_hollow:
        looks = {"edgecolors": writer.color(points.color), "facecolors": "none"}
    has_bar = bool(points.value_label) and not is_hollow
    writer.call(
        "ax.scatter",
        writer.name(points.x, points.label, "x"),
        writer.name(points.y, points.label, "y"),
        s=(2.9 * writer.style.line_width * points.size) ** 2,
        marker=_MARKERS[points.marker],
        alpha=None if points.opacity == 1.0 else points.opacity,
        linewidths=0.6 * writer.style.line_width if points.is_hollow or is_stroke else 0,
        label=points.label or None,
        **looks,
        result="drawn" if has_bar else "",
    )
    if has_bar:
        writer.call("figure.colorbar", _Code("drawn"), ax=_Code("ax"), label=points.value_label)


def _scaled(writer: _Writer, points: Points, *, is_hollow: bool) -> dict[str, object]:
    """Return how points look that are coloured by a value each."""
    assert points.values is not None
    known = points.values[np.isfinite(points.values)]
    low, high = points.limits or ((known.min(), known.max()) if known.size else (0.0, 1.0))
    values = writer.name(points.values, points.value_label or "values")
    if not is_hollow:
        return {"c": values, "cmap": "viridis", "vmin": float(low), "vmax": float(high)}
    colors = writer.need("matplotlib", "colormaps")
    shares = f"({values} - {_text(float(low))}) / {_text(max(float(high - low), 1e-12))}"
    return {"edgecolors": _Code(f'{colors}["viridis"]({shares})'), "facecolors": "none"}


def _write_arrows(writer: _Writer, arrows: Arrows) -> None:
    x, y = writer.name(arrows.x, arrows.label, "from x"), writer.name(arrows.y, "from y")
    to_x, to_y = writer.name(arrows.to_x, "to x"), writer.name(arrows.to_y, "to y")
    writer.call(
        "ax.quiver",
        x,
        y,
        _Code(f"{to_x} - {x}"),
        _Code(f"{to_y} - {y}"),
        angles="xy",
        scale_units="xy",
        scale=1,
        width=0.002,
        color=writer.color(arrows.color),
        alpha=arrows.opacity,
        label=arrows.label or None,
    )


def _write_ellipses(writer: _Writer, ellipses: Ellipses) -> None:
    shape = writer.need("matplotlib.patches", "Ellipse")
    names = ("x", "y", "width", "height", "degrees")
    columns = [
        writer.name(getattr(ellipses, name), ellipses.label, "ellipse", name) for name in names
    ]
    looks = {"edgecolor": writer.color(ellipses.color), "alpha": ellipses.opacity}
    writer.say(
        "for *center, w, h, angle in zip(",
        *(f"    {column}," for column in columns),
        "):",
        f"    ax.add_patch({shape}(center, w, h, angle=angle, fill=False, {_named(looks)}))",
    )
    if ellipses.label:
        writer.call("ax.plot", [], [], color=looks["edgecolor"], label=ellipses.label)


def _write_bars(writer: _Writer, bars: Bars) -> None:
    places = list(range(len(bars.names)))
    errors = None if bars.errors is None else writer.name(bars.errors, bars.label, "errors")
    lengths = writer.name(bars.lengths, bars.label, "lengths")
    along, error = ("y", "xerr") if bars.is_horizontal else ("x", "yerr")
    looks: dict[str, Any] = {error: errors, "ecolor": writer.color("text") if errors else None}
    writer.call(
        "ax.barh" if bars.is_horizontal else "ax.bar",
        _Code(f"range({len(places)})"),
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


def _write_histogram(writer: _Writer, histogram: Histogram) -> None:
    writer.call(
        "ax.stairs",
        writer.name(histogram.counts, histogram.label, "counts"),
        writer.name(histogram.edges, histogram.label, "edges"),
        fill=True,
        color=writer.color(histogram.color),
        alpha=None if histogram.opacity == 1.0 else histogram.opacity,
        label=histogram.label or None,
    )


def _write_rule(writer: _Writer, rule: Rule) -> None:
    for function, place in (("ax.axvline", rule.x), ("ax.axhline", rule.y)):
        if place is not None:
            writer.call(
                function,
                float(place),
                color=writer.color(rule.color),
                linestyle=rule.style,
                linewidth=0.7 * writer.style.line_width,
                label=rule.label or None,
            )


def _write_matrix(writer: _Writer, matrix: Matrix) -> None:
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
        writer.call("figure.colorbar", _Code("drawn"), ax=_Code("ax"), label=label)


_SHORT_NAME = 4  # letters
_ROOMY = 24  # names beside a matrix; more are written smaller


def _write_texts(writer: _Writer, texts: Texts) -> None:
    x, y = writer.name(texts.x, "text x"), writer.name(texts.y, "text y")
    writer.say(
        f"for *point, word in zip({x}, {y}, {_text(list(texts.words))}):",
        f'    ax.annotate(word, point, xytext=(4, 0), textcoords="offset points", va="center", '
        f"color={_text(writer.color(texts.color))})",
    )


_WRITERS: Final[Mapping[type[Layer], Callable[[_Writer, Any], None]]] = {
    Line: _write_line,
    Band: _write_band,
    Points: _write_points,
    Arrows: _write_arrows,
    Ellipses: _write_ellipses,
    Bars: _write_bars,
    Histogram: _write_histogram,
    Rule: _write_rule,
    Matrix: _write_matrix,
    Texts: _write_texts,
}
