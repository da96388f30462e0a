"""A combo box whose text is shortened where it has no room."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QStyle, QStyleOptionComboBox, QStylePainter, QWidget

from leo_studio.ui.widgets.wheel import ComboBox

_SPARE = 4  # pixels, without which the last letter may be cut off


class ElidingBox(ComboBox):
    """A combo box that shortens a long text with a sign; Qt itself cuts the end off without one.

    Parameters
    ----------
    mode
        What is left out. Names have what tells them apart at the beginning and at the end.
    """

    def __init__(
        self,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._mode = mode

    def shortened(self, text: str, room: int) -> str:
        """Return as much of a text as has room, in pixels."""
        return self.fontMetrics().elidedText(text, self._mode, room)

    def wanted_width(self) -> int:
        """Return the width in which what is chosen is shown whole."""
        return self.wanted_width_of(self.currentText())

    def wanted_width_of(self, text: str) -> int:
        """Return the width in which a text is shown whole."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        around = option.rect.width() - self._room(option)
        return self.fontMetrics().horizontalAdvance(text) + _SPARE + around

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the box with as much of the text as there is room for."""
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        text = option.currentText or self.placeholderText()
        option.currentText = self.shortened(text, self._room(option) - _SPARE)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def _room(self, option: QStyleOptionComboBox) -> int:
        """Return the width that there is for the text."""
        whole, text = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        return self.style().subControlRect(whole, option, text, self).width()
