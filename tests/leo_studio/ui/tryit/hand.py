"""A hand that draws letters of the glyphs' alphabet with the mouse, never twice alike."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from engine.data.glyphs import DOTS, bezier, letter
from leo_studio.ui.tryit.canvas import DrawingCanvas

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def drawn_letter(label: int, generator: np.random.Generator) -> list[NDArray[np.float64]]:
    """Return the strokes of a letter as somebody draws them who slants, squeezes and shakes."""
    control = letter(label)
    control = control + generator.normal(0, 0.03, control.shape)
    control = control + generator.normal(0, 0.02, (len(control), 1, 2))
    x = control[..., 0] * generator.uniform(0.8, 1.2)
    x = x - control[..., 1] * generator.uniform(-0.3, 0.3)
    y = control[..., 1] + x * generator.uniform(-0.15, 0.15)
    return list(bezier(np.stack([x, y], axis=-1), DOTS[::2]))


def draw(canvas: DrawingCanvas, strokes: Sequence[NDArray[np.float64]], size: float = 0.6) -> None:
    """Draw strokes with the mouse in the middle of the canvas, `size` of it large."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    square = canvas.square()
    scale = size * square.width() / (high - low).max()
    for stroke in strokes:
        at = [
            (square.center() + QPointF(x, y)).toPoint()
            for x, y in (stroke - (low + high) / 2) * scale
        ]
        QTest.mousePress(canvas, LEFT, NONE, at[0])
        for place in at[1:]:
            QTest.mouseMove(canvas, place)
        QTest.mouseRelease(canvas, LEFT, NONE, at[-1])
