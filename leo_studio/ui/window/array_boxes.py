"""The boxes in which the arrays of a NumPy archive are chosen."""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QWidget

from engine.data.importers.array_roles import UNNAMED, ArrayInfo, ArrayNames
from leo_studio.services.recognised import Recognised
from leo_studio.ui.widgets.wheel import ComboBox


class ArrayBoxes(QWidget):
    """Two boxes to choose the arrays of an archive in; hidden where there is no choice."""

    chosen = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._embeddings, self._labels = ComboBox(), ComboBox()
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        for box, label in ((self._embeddings, "&Embeddings"), (self._labels, "&Labels")):
            box.setObjectName(f"array for {label[1:].lower()}")
            box.setPlaceholderText("Choose an array")
            form.addRow(label, box)
            box.activated.connect(lambda _index: self.chosen.emit())
        self.forget()

    @property
    def names(self) -> ArrayNames:
        """What was chosen."""
        if self.isHidden():
            return UNNAMED
        embeddings, labels = self._embeddings.currentData(), self._labels.currentData()
        return ArrayNames(str(embeddings or ""), str(labels or ""))

    def forget(self) -> None:
        """Offer nothing."""
        self._embeddings.clear()
        self._labels.clear()
        self.hide()

    def show_arrays(self, found: Recognised) -> None:
        """Offer the arrays of an archive, where there is more than one way to choose."""
        choices = found.choices
        if choices is None or not choices.are_several:
            self.forget()
            return
        _fill(self._embeddings, choices.embeddings, found.arrays.embeddings)
        _fill(self._labels, choices.labels, found.arrays.labels)
        self.show()


def _fill(box: QComboBox, arrays: tuple[ArrayInfo, ...], chosen: str) -> None:
    with QSignalBlocker(box):
        box.clear()
        for array in arrays:
            box.addItem(str(array), array.name)
        box.setCurrentIndex(box.findData(chosen) if chosen else -1)
