"""Pages of widgets in files."""

import re
from pathlib import Path

import pyqtgraph
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from engine.errors import BadInput
from leo_studio.ui.widgets.pages import paint_scene, save_page


@pytest.fixture
def plot(qtbot: QtBot) -> pyqtgraph.PlotWidget:
    """A plot of a line that leaves what is seen."""
    widget = pyqtgraph.PlotWidget(background="w")
    widget.resize(600, 400)
    widget.plot([0.0, 1.0, 2.0], [0.0, 50.0, 0.0], pen=pyqtgraph.mkPen("#ff0000", width=1))
    widget.setLabel("bottom", "outer step")
    widget.setYRange(0, 1)
    qtbot.addWidget(widget)
    widget.show()
    return widget


def saved(plot: pyqtgraph.PlotWidget, path: Path, scale: float = 2.0) -> Path:
    def draw(painter: QPainter, target: QRectF) -> None:
        paint_scene(painter, target, plot)

    save_page(path, draw, plot.size(), scale)
    return path


def test_a_png_has_the_pixels_that_were_asked_for(
    plot: pyqtgraph.PlotWidget, tmp_path: Path
) -> None:
    image = QImage(str(saved(plot, tmp_path / "page.png", scale=3)))

    assert (image.width(), image.height()) == (1800, 1200)


def test_lines_in_a_png_grow_with_its_pixels(plot: pyqtgraph.PlotWidget, tmp_path: Path) -> None:
    def red_pixels(scale: float) -> int:
        image = QImage(str(saved(plot, tmp_path / "page.png", scale)))
        row = image.height() // 2
        colors = (image.pixelColor(column, row) for column in range(image.width()))
        return sum(color.red() - color.green() for color in colors)

    assert red_pixels(4) > 3 * red_pixels(1)


def test_saving_leaves_the_plot_as_it_was(plot: pyqtgraph.PlotWidget, tmp_path: Path) -> None:
    before = len(plot.scene().items())

    for ending in ("png", "pdf"):
        saved(plot, tmp_path / f"page.{ending}")

    assert len(plot.scene().items()) == before
    (curve,) = plot.getPlotItem().curves
    assert curve.curve.opts["pen"].widthF() == 1


def test_a_pdf_is_one_page_of_its_size(plot: pyqtgraph.PlotWidget, tmp_path: Path) -> None:
    content = saved(plot, tmp_path / "page.pdf").read_bytes()

    assert content.startswith(b"%PDF")
    (page,) = re.findall(rb"MediaBox \[([^]]*)\]", content)
    assert [float(number) for number in page.split()] == [0, 0, 450, 300]  # points


def test_another_ending_is_refused_in_a_sentence(
    plot: pyqtgraph.PlotWidget, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=r"page.svg must end with .pdf or .png"):
        saved(plot, tmp_path / "page.svg")


def test_a_folder_that_cannot_be_written_is_a_sentence(
    plot: pyqtgraph.PlotWidget, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(BadInput, match="cannot be written"):
        saved(plot, tmp_path / "file" / "page.png")
