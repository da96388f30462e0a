"""What is made of points of a function as a figure, and the numbers behind it.

Shapes: K points, Q points of the grid, S samples, T inner steps, L latent size.
"""

import numpy as np
from numpy.typing import ArrayLike

from engine.inspection.function_records import FunctionRecord
from leo_studio.analysis.functions.sentences import step_names, summary
from leo_studio.figures.records import (
    Band,
    Column,
    Exported,
    Facts,
    Figure,
    Layer,
    Line,
    LineStyle,
    Numbers,
    Plot,
    Points,
    Table,
)

_MOST_SAMPLES = 60  # that are drawn: more are a surface
_FAINTEST, _FULLEST = 0.12, 0.9  # opacity of the least and the most likely sample
_FAMILY_STYLES: tuple[LineStyle, LineStyle] = ("solid", "dashed")


def exported_functions(record: FunctionRecord, step: int, learner: str, facts: Facts) -> Exported:
    """Return what a panel shows of points.

    Parameters
    ----------
    record, step
        What is shown, and the inner step.
    learner
        Whose prediction it is.
    facts
        Run, checkpoint and split.
    """
    number = -1 if record.number is None else record.number
    every = {**facts, "task": number, "points_changed": int(record.is_changed), "inner_step": step}
    tables = [_functions(record, step, every), _points(record, every)]
    if record.codes is not None:
        tables.append(_codes(record, every))
    title = f"Task {number}, {step_names(record.steps)[step]}: {summary(record, step, learner)}"
    changed = "-changed" if record.is_changed else ""
    plot = function_plot(record, step, learner)
    return Exported(f"functions-{number}{changed}", Figure([plot]), tables, title)


def function_plot(record: FunctionRecord, step: int, learner: str) -> Plot:
    """Plot what a learner makes of points after an inner step, beside the limit."""
    x, limit = _numbers(record.grid), record.limit
    layers: list[Layer] = []
    if limit is not None:
        low, high = (_numbers(edge) for edge in limit.band)
        layers.append(Band(x, low, high, "limit, 5 to 95 %", "muted", 0.3))
    if record.samples > 1:
        layers += _sample_lines(record, step)
    if limit is not None:
        layers.append(Line(x, _numbers(limit.mean), "limit's mean", "muted", "dotted"))
    if record.truth is not None:
        layers.append(Line(x, _numbers(record.truth), "true function", 2, "dashed", 1.4))
    layers.append(Line(x, _numbers(record.mean[step]), f"{learner}'s mean", "text", width=1.4))
    if record.samples > 1:
        names = (f"{learner}'s 5 to 95 %", "")
        layers += [
            Line(x, _numbers(edge), name, "text", "dashdot", 0.7)
            for edge, name in zip(record.band[step], names, strict=True)
        ]
    if record.others is not None:
        others = _numbers(record.others[0]), _numbers(record.others[1])
        layers.append(Points(*others, "other point", "text", is_hollow=True))
    given = _numbers(record.support_x), _numbers(record.support_y)
    layers.append(Points(*given, "given point", "text", size=1.4))
    return Plot(layers, x_label="x", y_label="y", legend="beside")


def _sample_lines(record: FunctionRecord, step: int) -> list[Layer]:
    """Return samples, each as opaque as it is likely; the first of each family has a name."""
    x, weights = _numbers(record.grid), record.weights[step]
    shares = np.sqrt(weights / max(float(weights.max()), 1e-12))
    is_told = record.is_first.shape[1] > 0
    families = np.where(record.is_first[step], 0, 1) if is_told else np.zeros(len(weights), int)
    named: set[int] = set()
    lines: list[Layer] = []
    # The likeliest ones, the faint before the others.
    for place in np.argsort(weights, kind="stable")[::-1][:_MOST_SAMPLES].tolist():
        family = int(families[place])
        name = f"sample, {record.families[family]}" if is_told else "sample"
        lines.append(
            Line(
                x,
                _numbers(record.values[step, place]),
                "" if family in named else name,
                family,
                _FAMILY_STYLES[family],
                0.5,
                float(max(_FAINTEST, _FULLEST * shares[place])),
            )
        )
        named.add(family)
    return lines[::-1]


def _functions(record: FunctionRecord, step: int, facts: Facts) -> Table:
    columns: dict[str, Column] = {"x": record.grid}
    if record.truth is not None:
        columns["true_function"] = record.truth
    if record.limit is not None:
        columns["limit_mean"] = record.limit.mean
        columns["limit_5_percent"], columns["limit_95_percent"] = record.limit.band
    columns["mean"] = record.mean[step]
    columns["5_percent"], columns["95_percent"] = record.band[step]
    columns["sample"] = record.values[step].T
    return Table("functions", columns, facts)


def _points(record: FunctionRecord, facts: Facts) -> Table:
    """Return the given points and, of a measured function, the others: 1 and 0."""
    points: dict[str, Column] = {"x": record.support_x, "y": record.support_y}
    if record.others is not None:
        x, y = record.others
        is_given = np.repeat([1, 0], [len(record.support_x), len(x)])
        points = {
            "x": np.concatenate([record.support_x, x]),
            "y": np.concatenate([record.support_y, y]),
            "is_given": is_given,
        }
    return Table("points", points, facts)


def _codes(record: FunctionRecord, facts: Facts) -> Table:
    """Return the code of the mean before and after each inner step."""
    assert record.codes is not None
    path = record.codes.path
    columns: dict[str, Column] = {
        "inner_step": np.arange(len(path)),
        "code": path,
        "deviation": np.tile(record.codes.deviation, (len(path), 1)),
    }
    return Table("codes", columns, facts)


def _numbers(values: ArrayLike) -> Numbers:
    return np.asarray(values, np.float64)
