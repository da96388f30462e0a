"""The page of a panel that has nothing to show yet: a sentence, and a button for what to do."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from leo_studio.ui.widgets.labels import Label


class EmptyPage(QWidget):
    """Says why a panel is empty, in its middle, and has a button for the next step below it.

    Parameters
    ----------
    text
        Why it is empty, and what will stand there.
    words
        What the button says.
    """

    def __init__(self, text: str, words: str) -> None:
        super().__init__()
        self.label = Label(text)
        self.label.setProperty("role", "muted")
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.label.setWordWrap(True)
        self.label.setMargin(24)
        self.button = QPushButton(words)
        column = QVBoxLayout(self)
        column.addStretch()
        column.addWidget(self.label)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
