"""Figures in files and on the clipboard: PNG, SVG and PDF of what a plot shows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pyqtgraph import InfiniteLine, PlotCurveItem, ViewBox
from PySide6.QtCore import QBuffer, QByteArray, QMarginsF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QImageWriter, QPageLayout, QPageSize, QPainter, QPdfWriter, QPen
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsItem, QGraphicsView

from engine.errors import BadInput
from engine.files import replacing
from leo_studio.ui.svg import marked_clips, portable_svg

Draw = Callable[[QPainter, QRectF], None]
"""Paints a figure into a rectangle, whose units are the screen's logical pixels."""

FILTERS = "PNG image (*.png);;SVG drawing (*.svg);;PDF document (*.pdf)"
_PIXELS_PER_INCH = 96  # of a logical pixel, so that a figure on paper is as large as on the screen


def paint_scene(painter: QPainter, target: QRectF, view: QGraphicsView) -> None:
    """Paint what a view shows, its background too, into a rectangle; its shape is kept."""
    source = view.mapToScene(view.viewport().rect()).boundingRect()
    boxes = [item for item in view.scene().items() if isinstance(item, ViewBox)]
    is_svg = isinstance(painter.device(), QSvgGenerator)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(target, view.backgroundBrush())
    with _exported(view.scene().items(), painter), marked_clips(boxes if is_svg else []):
        view.scene().render(painter, target, source, Qt.AspectRatioMode.KeepAspectRatio)
    painter.restore()


def render_image(draw: Draw, size: QSize, scale: float = 2.0) -> QImage:
    """Return a figure as an image with `scale` pixels per logical pixel."""
    image = QImage(
        round(size.width() * scale), round(size.height() * scale), QImage.Format.Format_ARGB32
    )
    image.setDevicePixelRatio(scale)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    draw(painter, QRectF(0, 0, size.width(), size.height()))
    painter.end()
    return image


def save_figure(path: Path, draw: Draw, size: QSize, scale: float = 2.0) -> None:
    """Save a figure in the format that the file's name ends with.

    Parameters
    ----------
    path
        Ends with .png, .svg or .pdf; the file is whole or absent.
    draw
        Paints the figure.
    size
        The figure's size in logical pixels.
    scale
        Pixels of a PNG per logical pixel.

    Raises
    ------
    BadInput
        For another ending, or where the file cannot be written.
    """
    save = {".png": _save_png, ".svg": _save_svg, ".pdf": _save_pdf}.get(path.suffix.lower())
    if save is None:
        raise BadInput(f"{path.name} must end with .png, .svg or .pdf; choose one of these.")
    with replacing(path) as draft:
        save(draft, draw, size, scale)


def _save_png(draft: Path, draw: Draw, size: QSize, scale: float) -> None:
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(render_image(draw, size, scale))
    draft.write_bytes(buffer.data().data())


def _save_svg(draft: Path, draw: Draw, size: QSize, _scale: float) -> None:
    buffer = QBuffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setTitle("")
    generator.setDescription("Drawn by LEO Studio")
    generator.setResolution(_PIXELS_PER_INCH)
    generator.setSize(size)
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    _draw_on(generator, draw, size)
    draft.write_bytes(portable_svg(bytes(buffer.data().data())))


def _save_pdf(draft: Path, draw: Draw, size: QSize, _scale: float) -> None:
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    inches = QSizeF(size.width() / _PIXELS_PER_INCH, size.height() / _PIXELS_PER_INCH)
    exact = QPageSize.SizeMatchPolicy.ExactMatch
    writer.setPageSize(QPageSize(inches, QPageSize.Unit.Inch, "", exact))
    writer.setPageMargins(QMarginsF(), QPageLayout.Unit.Point)
    # At this resolution a pen of one pixel is as thick as on the screen.
    writer.setResolution(_PIXELS_PER_INCH)
    writer.setCreator("LEO Studio")
    _draw_on(writer, draw, size)
    draft.write_bytes(buffer.data().data())


def _draw_on(device: QSvgGenerator | QPdfWriter, draw: Draw, size: QSize) -> None:
    painter = QPainter(device)
    draw(painter, QRectF(0, 0, size.width(), size.height()))
    painter.end()


@contextmanager
def _exported(items: list[QGraphicsItem], painter: QPainter) -> Iterator[None]:
    """Have pyqtgraph's items paint shapes instead of the pixmaps they keep, and lines as thick.

    A cosmetic pen is so many pixels of the image wide, however many there are.
    """
    scale = painter.device().devicePixelRatio()
    exported = [item for item in items if hasattr(item, "setExportMode")]
    curves = [(item, item.opts["pen"]) for item in items if isinstance(item, PlotCurveItem)]
    lines = [(item, item.currentPen) for item in items if isinstance(item, InfiniteLine)]
    try:
        for item in exported:
            item.setExportMode(True, {"antialias": True, "painter": painter})
        for curve, pen in curves:
            curve.opts["pen"] = _scaled(pen, scale)
        for line, pen in lines:
            line.currentPen = _scaled(pen, scale)
        yield
    finally:
        for curve, pen in curves:
            curve.opts["pen"] = pen
        for line, pen in lines:
            line.currentPen = pen
        for item in exported:
            item.setExportMode(False)


def _scaled(pen: QPen | None, scale: float) -> QPen | None:
    if pen is None or scale == 1 or not pen.isCosmetic():
        return pen
    thicker = QPen(pen)
    thicker.setWidthF(max(1.0, pen.widthF()) * scale)
    return thicker
