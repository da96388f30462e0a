"""A strip of small pictures of different classes, with the names of these."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from leo_studio.ui.widgets.eliding_label import ElidingLabel
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.roles import set_role

if TYPE_CHECKING:
    from engine.images.looking import Sample

_LINES = 3.4  # of text, as high as a picture is


class PictureStrip(QWidget):
    """Shows as many pictures as there is room for; hidden where there are none."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("samples")
        self._cells: list[_Cell] = []
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addStretch(1)
        self.hide()

    def show_samples(self, samples: "Sequence[Sample]") -> None:
        """Show other pictures."""
        for cell in self._cells:
            self._layout.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        self._cells = [_Cell(sample, self) for sample in samples]
        for place, cell in enumerate(self._cells):
            self._layout.insertWidget(place, cell)
        names = ", ".join(sample.class_name for sample in samples)
        self.setAccessibleName(f"Pictures of {names}" if names else "")
        self.setVisible(bool(samples))
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """Return the room for one picture; the others are left out where there is none."""
        hint = super().minimumSizeHint()
        return QSize(self._cells[0].minimumWidth() if self._cells else 0, hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show more pictures, or fewer."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if not self._cells:
            return
        gap, count = self._layout.spacing(), len(self._cells)
        most = (self.width() + gap) // (self._cells[0].minimumWidth() + gap)
        shown = min(count, max(1, most))
        # Spread over all of them, since they stand in the order of their classes.
        kept = {place * count // shown for place in range(shown)}
        for place, cell in enumerate(self._cells):
            cell.setVisible(place in kept)


class _Cell(QWidget):
    """One picture, with the name of its class."""

    def __init__(self, sample: "Sample", parent: QWidget) -> None:
        super().__init__(parent)
        height, width, _ = sample.pixels.shape
        form = QImage.Format.Format_RGB888
        # A copy: Qt does not keep the array alive.
        self._image = QImage(sample.pixels.tobytes(), width, height, 3 * width, form).copy()
        self._picture, self._name = Label(), ElidingLabel()
        self._name.setText(sample.class_name.rpartition("/")[2])
        self._name.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        set_role(self._name, "muted")
        self.setToolTip(as_tip(sample.class_name))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._picture)
        layout.addWidget(self._name)
        self._scale()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of the text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._scale()

    def _scale(self) -> None:
        side = round(_LINES * self.fontMetrics().lineSpacing())
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap.fromImage(
            self._image.scaled(
                QSize(round(side * ratio), round(side * ratio)),
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        )
        pixmap.setDevicePixelRatio(ratio)
        self._picture.setPixmap(pixmap)
        self.setFixedWidth(side)
