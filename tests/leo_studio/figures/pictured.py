"""Figures to draw, one with every kind of layer."""

import numpy as np

from leo_studio.figures.records import (
    Arrows,
    Band,
    Bars,
    Boxes,
    Ellipses,
    Exported,
    Figure,
    Histogram,
    Line,
    Matrix,
    Plot,
    Points,
    Rule,
    Table,
    Texts,
)

_X = np.arange(1.0, 31.0)
_CURVE = np.exp(-_X / 10)
_ONE = np.ones(1)


def every_layer() -> Figure:
    """Return a figure with every kind of layer, and words that are awkward in programs."""
    curves = Plot(
        [
            Band(_X, _CURVE - 0.1, _CURVE + 0.1, "interval"),
            Line(_X, _CURVE, 'a "quoted" \\ name', style="dashed", marker="circle", is_hollow=True),
            Rule(x=12.0, label="best"),
            Texts(_X[-1:], _CURVE[-1:], ["1"]),
        ],
        "Loss of $x$ and $y$",
        "outer step",
        "loss (nats)",
        is_y_logarithmic=True,
    )
    codes = Plot(
        [
            Points(_X, _CURVE, "before", marker="cross"),
            Points(_X, -_CURVE, "after", values=_CURVE, value_label="accuracy"),
            Arrows(_X, _CURVE, _X, -_CURVE),
            Ellipses(_ONE, _ONE, 2 * _ONE, 3 * _ONE, 30 * _ONE, "95 %"),
        ],
        "Codes",
        "PC 1",
        "PC 2",
        is_equal=True,
        legend="beside",
    )
    bars = Plot(
        [Bars(["ant", "bee"], np.array([0.5, 0.75]), np.array([0.1, 0.05]))],
        "Classes",
        "accuracy",
        is_x_percent=True,
    )
    counts = Plot([Histogram(np.arange(4.0), np.array([3.0, 5.0, 1.0]))], "Episodes")
    cells = Plot([Matrix(np.array([[0.9, 0.1], [np.nan, 1.0]]), ["a", "b"], ["a", "b"], ".0%")])
    scale = Plot([Matrix(np.eye(3), ["a", "b", "c"], ["x", "y", "z"], value_label="share")])
    spread = np.array([[0.1, 0.2, 0.5, 1.0, 9.0], [0.2, 0.3, 0.4, 0.5, 0.6]])
    boxes = Plot(
        [Boxes(_X[:2] - 1, spread, "values"), Boxes(_X[:1], spread[:1], "", 1, is_hollow=True)],
        "Curvature",
        is_y_logarithmic=True,
        x_names=["one", "the\nother"],
    )
    return Figure(
        [curves, codes, bars, counts, cells, scale, boxes],
        "Run glyphs",
        columns=2,
        keys=[Line(_X, _X, "1 glyphs-5way-1shot"), Line(_X, _X, "2 other", 1, "dashed")],
    )


def exported() -> Exported:
    """Return something with a figure and two tables."""
    training = Table(
        "training",
        {
            "step": np.array([1.0, 2.0, 3.0]),
            "loss": np.array([0.1, np.nan, 1.7], np.float32),
            "note": ["plain", 'with "quotes", a comma', "ä\nline"],
            "is_best": np.array([False, True, False]),
        },
        {"run": "glyphs", "seed": 7},
    )
    validation = Table("validation", {"step": np.array([2]), "accuracy": np.array([1 / 3])})
    return Exported("glyphs", every_layer(), [training, validation], "Run glyphs")
