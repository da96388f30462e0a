"""Images of examples: pictures as they are, drawings as the run will see them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QFileDialog, QWidget

from leo_studio.services.try_records import Example, Stroke
from leo_studio.ui.widgets.last_folders import LastFolder

# Shares of a picture's side, as the built-in glyphs have them: the pen's width, the longer side of
# what is drawn.
PEN = 2.4 / 28
_HEIGHT = 17.5 / 28
_PICTURES = "Pictures (*.png *.jpg *.jpeg *.bmp *.gif *.webp *.tif *.tiff *.ppm *.pgm)"


def chosen_pictures(title: str, parent: QWidget, last: LastFolder) -> list[Path]:
    """Let a person choose files of pictures, beginning where the last ones were."""
    kinds = f"{_PICTURES};;All files (*)"
    paths, _ = QFileDialog.getOpenFileNames(parent, title, last.read(), kinds)
    if paths:
        last.remember(Path(paths[0]))
    return list(map(Path, paths))


def ink_pen(is_bright_on_black: bool, width: float) -> QPen:
    """Return the pen of drawings."""
    return QPen(
        QColor("white" if is_bright_on_black else "black"),
        width,
        Qt.PenStyle.SolidLine,
        Qt.PenCapStyle.RoundCap,
        Qt.PenJoinStyle.RoundJoin,
    )


def paint_strokes(painter: QPainter, lines: Sequence[QPolygonF], pen: QPen) -> None:
    """Paint strokes, also those of one point alone."""
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for line in lines:
        if line.size() == 1:
            painter.drawPoint(line.at(0))
        else:
            painter.drawPolyline(line)


def example_pixmap(
    example: Example, side: int, ratio: float, is_bright_on_black: bool
) -> QPixmap | None:
    """Return what is shown of an example, so many logical pixels large; None for nothing."""
    pixels = round(side * ratio)
    if example.strokes:
        image = _drawing(example.strokes, pixels, is_bright_on_black)
    elif example.image is not None:
        image = array_image(example.image).scaled(
            pixels,
            pixels,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    else:
        return None
    pixmap = QPixmap.fromImage(image)
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def array_image(array: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> QImage:
    """Return an image of an array (h, w, 1 or 3)."""
    height, width, channels = array.shape
    form = QImage.Format.Format_Grayscale8 if channels == 1 else QImage.Format.Format_RGB888
    # A copy: Qt does not keep the array alive.
    return QImage(array.tobytes(), width, height, channels * width, form).copy()


def pasted_picture(image: QImage) -> Example:
    """Return the picture of the clipboard as an example."""
    pixels = image_array(image)
    return Example("pasted picture", pixels, pixels=pixels)


def image_array(image: QImage) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return an image as an array (h, w, 3), on white where it is transparent."""
    ground = QImage(image.size(), QImage.Format.Format_RGB888)
    ground.fill(QColor("white"))
    painter = QPainter(ground)
    painter.drawImage(0, 0, image)
    painter.end()
    width, height = ground.width(), ground.height()
    lines = np.frombuffer(ground.constBits(), np.uint8).reshape(height, ground.bytesPerLine())
    return lines[:, : 3 * width].reshape(height, width, 3).copy()


def _drawing(strokes: Sequence[Stroke], pixels: int, is_bright: bool) -> QImage:
    """Draw strokes as large and in the place that the run sees them."""
    image = QImage(pixels, pixels, QImage.Format.Format_RGB32)
    image.fill(QColor("black" if is_bright else "white"))
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    longer = float((high - low).max())
    scale = _HEIGHT * pixels / longer if longer > 0 else 0.0
    lines = [
        QPolygonF([QPointF(*point) for point in (stroke - (low + high) / 2) * scale + pixels / 2])
        for stroke in strokes
    ]
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_strokes(painter, lines, ink_pen(is_bright, PEN * pixels))
    painter.end()
    return image
