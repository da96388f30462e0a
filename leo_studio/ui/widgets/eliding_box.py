"""A combo box whose text is shortened where it has no room."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent, QPaintEvent
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import QStyle, QStyleOptionComboBox, QStylePainter, QToolTip, QWidget

from leo_studio.ui.widgets.people import as_tip
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

    def showPopup(self) -> None:
        """Open the list, as wide as its longest text, which Qt would cut off at the box's width."""
        view = self.view()
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        wanted = view.sizeHintForColumn(0) + bar + 2 * view.frameWidth()
        view.setMinimumWidth(min(wanted, self.screen().availableGeometry().width()))
        super().showPopup()

    def event(self, event: QEvent) -> bool:
        """Show what is chosen in full, before the box's own tip, where it is shortened."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            option = QStyleOptionComboBox()
            self.initStyleOption(option)
            text, own = self.currentText(), self.toolTip()
            is_whole = self.shortened(text, self._room(option) - _SPARE) == text
            if not (is_whole or text in own or GuiQt.mightBeRichText(own)):
                tip = "\n".join(filter(None, (text, own)))
                QToolTip.showText(event.globalPos(), as_tip(tip), self)
                return True
        return super().event(event)

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
