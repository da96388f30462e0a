"""Tests of the y range of curves that grow."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from leo_studio.ui.widgets.canvas import Canvas


def ranges_of(canvas: Canvas, values: NDArray[np.float64]) -> list[tuple[float, float]]:
    """Return the y ranges that are seen while values come one by one, each range once."""
    seen: list[tuple[float, float]] = []
    for count in range(2, len(values) + 1):
        low, high = float(values[:count].min()), float(values[:count].max())
        canvas.fit_y(low, high, is_exact=count == 2)
        now = canvas.ranges[1]
        assert now[0] <= low and high <= now[1]
        if not seen or not np.allclose(seen[-1], now, rtol=1e-6):
            seen.append(now)
    return seen


def test_the_y_range_of_a_growing_curve_changes_in_few_steps(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    canvas = Canvas("accuracy", parent)
    steps = np.arange(300)
    rising = 0.2 + 0.6 * (1 - np.exp(-steps / 80)) + 0.01 * np.sin(7.0 * steps)
    assert len(ranges_of(canvas, rising)) <= 14
    assert len(ranges_of(canvas, -rising)) <= 14


def test_values_inside_of_the_range_leave_it_as_it_is(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    canvas = Canvas("loss", parent)
    canvas.fit_y(0.0, 2.0, is_exact=False)
    before = canvas.ranges[1]
    canvas.fit_y(0.0, 2.3, is_exact=False)
    assert canvas.ranges[1] == before
