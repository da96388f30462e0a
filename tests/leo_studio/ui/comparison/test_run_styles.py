"""The sign of a run in a legend has the shape that it has in the plot."""

import numpy as np
from numpy.typing import NDArray
from pyqtgraph.functions import ndarray_from_qimage
from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter

from leo_studio.ui.comparison.run_styles import MARKER_SIZE, run_style
from leo_studio.ui.widgets.theme import ThemeManager

_HEIGHT = 20
_SCALE = 8  # pixels for one, to see shapes
_STYLES = 6


def painted(image: QImage) -> NDArray[np.bool_]:
    """Return which pixels are painted, and more than half."""
    image = image.convertToFormat(QImage.Format.Format_ARGB32)  # the array is its memory
    found: NDArray[np.bool_] = ndarray_from_qimage(image)[..., 3] > 127
    return found


def shape_of(marker: str, side: int) -> NDArray[np.bool_]:
    """Return the pixels of a marker as plots have it, in the middle of a square."""
    image = QImage(side, side, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.translate(side / 2, side / 2)
    painter.scale(MARKER_SIZE * _SCALE, MARKER_SIZE * _SCALE)
    painter.fillPath(Symbols[marker], QColor("black"))
    painter.end()
    return painted(image)


def test_a_sign_has_the_marker_of_the_plot(themes: ThemeManager) -> None:
    side = _HEIGHT * _SCALE
    for number in range(_STYLES):
        style = run_style(number, themes.current)
        key = style.key(_HEIGHT, _SCALE)
        sign = painted(key.pixmap(key.availableSizes()[0]).toImage())
        start = (sign.shape[1] - side) // 2
        sign = sign[:, start : start + side]
        shape = shape_of(style.marker, side)
        is_beside_line = np.ones(side, dtype=bool)
        is_beside_line[side // 2 - 2 : side // 2 + 2] = False
        ours, theirs = sign[is_beside_line], shape[is_beside_line]
        assert (ours & theirs).sum() > 0.85 * (ours | theirs).sum(), style.marker
