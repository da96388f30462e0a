"""Figures in files: what a plot shows, in each format."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pyqtgraph
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from engine.errors import BadInput
from leo_studio.ui.figures import paint_scene, save_figure

SVG = "{http://www.w3.org/2000/svg}"


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

    save_figure(path, draw, plot.size(), scale)
    return path


def test_a_png_has_the_pixels_that_were_asked_for(
    plot: pyqtgraph.PlotWidget, tmp_path: Path
) -> None:
    image = QImage(str(saved(plot, tmp_path / "figure.png", scale=3)))

    assert (image.width(), image.height()) == (1800, 1200)


def test_lines_in_a_png_grow_with_its_pixels(plot: pyqtgraph.PlotWidget, tmp_path: Path) -> None:
    def red_pixels(scale: float) -> int:
        image = QImage(str(saved(plot, tmp_path / "figure.png", scale)))
        row = image.height() // 2
        colors = (image.pixelColor(column, row) for column in range(image.width()))
        return sum(color.red() - color.green() for color in colors)

    assert red_pixels(4) > 3 * red_pixels(1)


def test_an_svg_holds_its_text_as_text(plot: pyqtgraph.PlotWidget, tmp_path: Path) -> None:
    root = ElementTree.parse(saved(plot, tmp_path / "figure.svg")).getroot()

    texts = {"".join(text.itertext()).strip() for text in root.iter(f"{SVG}text")}
    assert "outer step" in texts
    assert not any(text.startswith("clip") for text in texts)


def test_an_svg_clips_curves_to_their_axes_and_nothing_else(
    plot: pyqtgraph.PlotWidget, tmp_path: Path
) -> None:
    root = ElementTree.parse(saved(plot, tmp_path / "figure.svg")).getroot()

    (clipped,) = [group for group in root.iter(f"{SVG}g") if group.get("clip-path")]
    assert any(group.get("stroke") == "#ff0000" for group in clipped.iter(f"{SVG}g"))
    assert not list(clipped.iter(f"{SVG}text"))
    (area,) = [rect for clip in root.iter(f"{SVG}clipPath") for rect in clip.iter(f"{SVG}rect")]
    box = plot.getViewBox().sceneBoundingRect()
    assert float(area.attrib["width"]) == pytest.approx(box.width(), abs=2)


def test_an_svg_has_lines_in_coordinates_of_the_figure(
    plot: pyqtgraph.PlotWidget, tmp_path: Path
) -> None:
    text = saved(plot, tmp_path / "figure.svg").read_text(encoding="utf-8")

    assert "non-scaling-stroke" not in text
    (path,) = re.findall(r'stroke="#ff0000"[^>]*>\s*<path[^>]* d="([^"]*)"', text)
    first = re.findall(r"([-\d.e]+),([-\d.e]+)", path)[0]
    where = plot.getViewBox().mapViewToScene(pyqtgraph.Point(0, 0))
    assert tuple(map(float, first)) == pytest.approx((where.x(), where.y()), abs=2)


def test_saving_leaves_the_plot_as_it_was(plot: pyqtgraph.PlotWidget, tmp_path: Path) -> None:
    before = len(plot.scene().items())

    for ending in ("png", "svg", "pdf"):
        saved(plot, tmp_path / f"figure.{ending}")

    assert len(plot.scene().items()) == before
    (curve,) = plot.getPlotItem().curves
    assert curve.curve.opts["pen"].widthF() == 1


def test_a_pdf_is_one_page_of_the_figures_size(plot: pyqtgraph.PlotWidget, tmp_path: Path) -> None:
    content = saved(plot, tmp_path / "figure.pdf").read_bytes()

    assert content.startswith(b"%PDF")
    (page,) = re.findall(rb"MediaBox \[([^]]*)\]", content)
    assert [float(number) for number in page.split()] == [0, 0, 450, 300]  # points


def test_another_ending_is_refused_in_a_sentence(
    plot: pyqtgraph.PlotWidget, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=r"figure.bmp must end with .png, .svg or .pdf"):
        saved(plot, tmp_path / "figure.bmp")


def test_a_folder_that_cannot_be_written_is_a_sentence(
    plot: pyqtgraph.PlotWidget, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(BadInput, match="cannot be written"):
        saved(plot, tmp_path / "file" / "figure.png")
