"""What stands in a plot whose curves all lie outside of the range that is seen."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip


class OutsideNote(QWidget):
    """Says so in the middle of a plot, and shows everything again.

    `fit_wanted` is emitted when somebody wants that.

    Parameters
    ----------
    name
        Of the plot.
    title
        What people call the plot.
    parent
        Whose middle it keeps to.
    """

    fit_wanted = Signal()

    def __init__(self, name: str, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(f"outside_{name}")
        words = Label("All curves lie outside of this range.")
        words.setProperty("role", "muted")
        button = QPushButton("Fit")
        button.setObjectName(f"fit_{name}")
        button.setAccessibleName(f"Fit: show all of {title}")
        button.setToolTip(as_tip("Show everything, in all plots (A)"))
        button.clicked.connect(lambda _checked: self.fit_wanted.emit())
        column = QVBoxLayout(self)
        column.addWidget(words)
        column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        parent.installEventFilter(self)
        self.hide()

    def show_if(self, is_outside: bool) -> None:
        """Say it, or not."""
        if is_outside:
            self._place()
        self.setVisible(is_outside)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the middle."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        self.adjustSize()
        if (parent := self.parentWidget()) is not None:
            room = parent.size() - self.size()
            self.move(room.width() // 2, max(0, room.height() // 2))
