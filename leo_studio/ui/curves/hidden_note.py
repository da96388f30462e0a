"""The line that says that the curves of the run in the banner are hidden, and shows them again."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from leo_studio.ui.widgets.labels import Label


class HiddenNote(QWidget):
    """Stands beneath the banner while other runs' curves are shown, and not its own.

    `show_wanted` is emitted when somebody wants to see them again.
    """

    show_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("hidden_note")
        button = QPushButton("Show")
        button.setObjectName("show_hidden")
        button.setAccessibleName("Show this run's curves")
        button.clicked.connect(lambda _checked: self.show_wanted.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(Label("This run's curves are hidden."))
        row.addWidget(button)
        row.addStretch()
        self.hide()
