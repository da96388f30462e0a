"""A note in a plot lies on no curve, where one corner is free of them."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, QSize

from leo_studio.ui.widgets.free_corner import free_corner

BOX, SIZE = QRectF(50, 10, 400, 200), QSize(100, 20)
X = np.linspace(0, 10, 50)
LOW, HIGH = np.full(50, 0.05), np.full(50, 0.95)


@pytest.mark.parametrize(
    ("values", "corner"),
    [
        ([], (346, 186)),
        ([0.5 + 0 * X], (346, 186)),
        ([LOW], (346, 14)),
        ([np.where(X > 5, LOW, HIGH), np.where(X > 5, HIGH, np.nan)], (54, 186)),
        ([np.where(X > 5, HIGH, 0.5), LOW], (54, 14)),
        ([LOW, HIGH], (346, 186)),  # no corner is free: where it always is
    ],
)
def test_a_note_lies_where_no_curve_goes(
    values: list[np.ndarray], corner: tuple[float, float]
) -> None:
    lines = [(X, each) for each in values]
    assert free_corner(BOX, ((0.0, 10.0), (0.0, 1.0)), SIZE, lines) == QPointF(*corner)
