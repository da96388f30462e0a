"""What stands beside the matrix of classes: lists, pictures, and the way to the episodes."""

from PySide6.QtCore import QEvent
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QTabWidget, QVBoxLayout, QWidget

from leo_studio.ui.classes.class_pictures import ClassPictures

_LISTS, _PICTURES = 3, 2  # shares of the height


class BesideMatrix(QWidget):
    """Leaves the pictures' height to the lists where it is too low for pictures.

    Parameters
    ----------
    lists, pictures, button
        From the top.
    """

    def __init__(self, lists: QTabWidget, pictures: ClassPictures, button: QPushButton) -> None:
        super().__init__()
        self._pictures, self._button = pictures, button
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(lists, _LISTS)
        column.addWidget(pictures, _PICTURES)
        column.addWidget(button)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the height."""
        super().resizeEvent(event)
        self._use_height()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._use_height()

    def _use_height(self) -> None:
        room = self.height() - self._button.sizeHint().height()
        share = room * _PICTURES // (_LISTS + _PICTURES)
        self._pictures.setVisible(share >= self._pictures.least_height())
