"""The small popup that asks for the number of an episode."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from leo_studio.ui.latents.options_popover import LARGEST_NUMBER
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.number_boxes import WholeBox


class NumberPopover(QFrame):
    """Asks which episode is to be shown; `chosen` has its number. Esc or a click beside closes it.

    Parameters
    ----------
    parent
        What it belongs to.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("latent-another")
        self.setProperty("role", "card")
        self.number = WholeBox()
        self.number.setObjectName("latent-another-number")
        self.number.setRange(0, LARGEST_NUMBER)
        self.show_button = QPushButton("Show")
        self.show_button.setObjectName("latent-another-show")
        label = Label("&Number of the episode")
        label.setBuddy(self.number)
        row = QHBoxLayout(self)
        for widget in (label, self.number, self.show_button):
            row.addWidget(widget)
        self.number.lineEdit().returnPressed.connect(self._choose)
        self.show_button.clicked.connect(self._choose)

    def ask(self, below: QWidget, number: int) -> None:
        """Open below a widget, with a number to begin with."""
        self.number.setValue(number)
        self.adjustSize()
        corner = below.mapToGlobal(QPoint(0, below.height() + 2))
        room = below.screen().availableGeometry()
        x = min(max(corner.x(), room.left()), room.right() - self.width())
        y = min(max(corner.y(), room.top()), room.bottom() - self.height())
        self.move(x, y)
        self.show()
        self.number.setFocus()
        self.number.selectAll()

    def _choose(self) -> None:
        self.number.interpretText()
        self.close()
        self.chosen.emit(self.number.value())
