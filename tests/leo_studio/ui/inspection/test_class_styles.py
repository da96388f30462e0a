import numpy as np
import pyqtgraph
import pytest
from pyqtgraph.graphicsItems.ScatterPlotItem import drawSymbol
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from leo_studio.figures.plots import MARKERS
from leo_studio.ui.inspection.class_styles import SYMBOLS, symbol_scale


def ink(symbol: str, brush: QBrush, size: float) -> float:
    """Return how many pixels a marker covers."""
    image = QImage(40, 40, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(20, 20)
    pen = pyqtgraph.mkPen("k", width=1.3)
    drawSymbol(painter, symbol, size * symbol_scale(symbol), pen, brush)
    painter.end()
    alpha = np.frombuffer(image.constBits(), np.uint8).reshape(40, 40, 4)[..., 3]
    return float(alpha.sum()) / 255


def test_exported_figures_have_the_markers_of_the_window() -> None:
    names = {"o": "circle", "s": "square", "t": "down", "d": "diamond", "+": "plus", "x": "cross"}
    names |= {"star": "star", "t1": "triangle", "p": "pentagon", "t2": "right"}
    assert [names[symbol] for symbol in SYMBOLS[: len(names)]] == list(MARKERS[: len(names)])


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_every_marker_is_about_as_visible_as_a_circle(qapp: QApplication, symbol: str) -> None:
    for brush in (QBrush(QColor("black")), QBrush(Qt.BrushStyle.NoBrush)):
        share = ink(symbol, brush, 8) / ink("o", brush, 8)
        assert 0.65 < share < 1.75
