"""Pictures and names of examples, by their rows."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap

from leo_studio.services.records import Examples


class Thumbnails:
    """Makes pictures of examples when they are first shown.

    Parameters
    ----------
    examples
        Names and images; None knows nothing.
    """

    def __init__(self, examples: Examples | None = None) -> None:
        self._examples = examples
        rows = [] if examples is None else examples.rows.tolist()
        self._places = {row: place for place, row in enumerate(rows)}
        self._made: dict[tuple[int, int], QPixmap] = {}

    @property
    def has_images(self) -> bool:
        """Whether the store keeps images."""
        return self._examples is not None and self._examples.images is not None

    def knows(self, row: int) -> bool:
        """Whether an example is among them."""
        return row in self._places

    def name(self, row: int) -> str:
        """Return what the store calls an example."""
        place = self._places.get(row)
        if place is None or self._examples is None:
            return f"row {row}"
        return self._examples.names[place]

    def picture(self, row: int, side: int, ratio: float = 1.0) -> QPixmap | None:
        """Return an example's image, at most `side` logical pixels large; None without one."""
        place = self._places.get(row)
        if place is None or self._examples is None or self._examples.images is None:
            return None
        pixels = round(side * ratio)
        if (row, pixels) not in self._made:
            self._made[row, pixels] = _scaled(self._examples, place, pixels, ratio)
        return self._made[row, pixels]


def _scaled(examples: Examples, place: int, pixels: int, ratio: float) -> QPixmap:
    assert examples.images is not None
    image = examples.images[place]
    height, width, channels = image.shape
    is_gray = channels == 1
    form = QImage.Format.Format_Grayscale8 if is_gray else QImage.Format.Format_RGB888
    # A copy: Qt does not keep the array alive.
    made = QImage(image.tobytes(), width, height, channels * width, form).copy()
    is_larger = pixels >= max(width, height)
    # Enlarged, the pixels stay what they are.
    mode = (
        Qt.TransformationMode.FastTransformation
        if is_larger
        else Qt.TransformationMode.SmoothTransformation
    )
    scaled = QPixmap.fromImage(
        made.scaled(QSize(pixels, pixels), Qt.AspectRatioMode.KeepAspectRatio, mode)
    )
    scaled.setDevicePixelRatio(ratio)
    return scaled
