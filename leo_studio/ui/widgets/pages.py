"""A page of what widgets show in a file: as PNG or PDF.

Figures of single panels are `leo_studio.figures`' part.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pyqtgraph import InfiniteLine, PlotCurveItem
from PySide6.QtCore import QBuffer, QByteArray, QMarginsF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QImageWriter, QPageLayout, QPageSize, QPainter, QPdfWriter, QPen
from PySide6.QtWidgets import QGraphicsItem, QGraphicsView

from engine.errors import BadInput
from engine.io.files import write_bytes

Draw = Callable[[QPainter, QRectF], None]
"""Paints a page into a rectangle, whose units are the screen's logical pixels."""

_PIXELS_PER_INCH = 96  # of a logical pixel, so that a page on paper is as large as on the screen


def paint_scene(painter: QPainter, target: QRectF, view: QGraphicsView) -> None:
    """Paint what a view shows, its background too, into a rectangle; its shape is kept."""
    source = view.mapToScene(view.viewport().rect()).boundingRect()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(target, view.backgroundBrush())
    with _exported(view.scene().items(), painter):
        view.scene().render(painter, target, source, Qt.AspectRatioMode.KeepAspectRatio)
    painter.restore()


def save_page(path: Path, draw: Draw, size: QSize, scale: float = 2.0) -> None:
    """Save a page in the format that the file's name ends with.

    Parameters
    ----------
    path
        Ends with .png or .pdf; the file is whole or absent.
    draw
        Paints the page.
    size
        The page's size in logical pixels.
    scale
        Pixels of a PNG per logical pixel.

    Raises
    ------
    BadInput
        For another ending, or where the file cannot be written.
    """
    ending = path.suffix.lower()
    if ending not in (".png", ".pdf"):
        raise BadInput(f"{path.name} must end with .pdf or .png; choose one of these.")
    write_bytes(path, _pdf(draw, size) if ending == ".pdf" else _png(draw, size, scale))


def _png(draw: Draw, size: QSize, scale: float) -> bytes:
    image = QImage(
        round(size.width() * scale), round(size.height() * scale), QImage.Format.Format_ARGB32
    )
    image.setDevicePixelRatio(scale)
    image.fill(Qt.GlobalColor.transparent)
    _paint(QPainter(image), draw, size)
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


def _pdf(draw: Draw, size: QSize) -> bytes:
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
    _paint(QPainter(writer), draw, size)
    return bytes(buffer.data().data())


def _paint(painter: QPainter, draw: Draw, size: QSize) -> None:
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
