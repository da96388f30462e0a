"""A figure as Python: the statements that draw it with matplotlib, and the numbers they name.

What draws a figure runs these statements, and a script prints them, so a script that somebody
copies draws what was seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leo_studio.figures.layers import key_looks, write_layer
from leo_studio.figures.records import Figure, Line, Numbers, Plot, Points
from leo_studio.figures.statements import Code, Statements, named, text_of
from leo_studio.figures.styles import Style

_LETTER_WIDTH = 0.55  # of a letter's height, on average
_FEW = 20_000  # points
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


def source_of(figure: Figure, style: Style, width: float) -> Source:
    """Return the statements that draw a figure, `width` inches wide, in a style."""
    writer = Statements(style)
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


def _write_plot(writer: Statements, plot: Plot) -> None:
    for layer in plot.layers:
        write_layer(writer, layer)
    for name, text in (("title", plot.title), ("xlabel", plot.x_label), ("ylabel", plot.y_label)):
        if text:
            writer.call(f"ax.set_{name}", text)
    for axis, is_logarithmic in (("x", plot.is_x_logarithmic), ("y", plot.is_y_logarithmic)):
        if is_logarithmic:
            # Where nothing is positive, there is no such axis, and matplotlib warns.
            writer.say(
                f'if ax.dataLim.minpos{axis} < float("inf"):', f'    ax.set_{axis}scale("log")'
            )
    for axis, ends in (("x", plot.x_range), ("y", plot.y_range)):
        if ends is not None:
            writer.call(f"ax.set_{axis}lim", *(float(end) for end in ends))
    for axis, is_logarithmic in (("x", plot.is_x_logarithmic), ("y", plot.is_y_logarithmic)):
        if is_logarithmic:
            nothing = writer.need("matplotlib.ticker", "NullFormatter")
            writer.say(
                f'ax.{axis}axis.set_major_formatter("{{x:g}}")',
                f"is_short = max(ax.get_{axis}lim()) < 20 * min(ax.get_{axis}lim())",
                f'ax.{axis}axis.set_minor_formatter("{{x:g}}" if is_short else {nothing}())',
            )
    if plot.x_names:
        names = list(plot.x_names)
        writer.call("ax.set_xticks", list(range(len(names))), names)
        writer.call("ax.set_xlim", -0.6, len(names) - 0.4)
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
    labels = [label for layer in plot.layers if (label := getattr(layer, "label", ""))]
    if labels and plot.legend != "nowhere":
        beside: dict[str, object] = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)}
        # The best place is looked for among all points, which takes long with many.
        inside: dict[str, object] = {"loc": "best" if _size(plot) < _FEW else "upper right"}
        where = beside if plot.legend == "beside" else inside
        writer.call("ax.legend", **_hidden_handles(writer, labels), **where, markerscale=1.2)


def _hidden_handles(writer: Statements, labels: Sequence[str]) -> dict[str, object]:
    """Name what is in the legend, where matplotlib by itself would leave out a name with "_"."""
    if not any(label.startswith("_") for label in labels):
        return {}
    writer.say(
        f"labels = {text_of(list(labels))}",
        "drawn_ones = (*ax.get_children(), *ax.containers)",
        "labelled = [each for each in drawn_ones if each.get_label() in labels]",
    )
    return {"handles": Code("labelled")}


def _size(plot: Plot) -> int:
    return sum(len(layer.x) for layer in plot.layers if isinstance(layer, Line | Points))


def _write_keys(writer: Statements, keys: Sequence[Line], width: float, title: str) -> None:
    line = writer.need("matplotlib.lines", "Line2D")
    writer.say("", "keys = [")
    for key in keys:
        writer.say(f"    {line}([], [], {named(key_looks(writer, key))}),")
    writer.say("]")
    size = writer.style.text_size
    longest = max(len(key.label) for key in keys) * _LETTER_WIDTH * size + _KEY_WIDTH * size
    columns = min(len(keys), max(1, int(72 * width / longest)))
    place: dict[str, object] = {"loc": "outside upper left", "ncols": columns}
    if title:
        place |= {"title": title, "alignment": "left"}
    writer.call("figure.legend", handles=Code("keys"), **place)
