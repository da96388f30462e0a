"""Labels: of plain text, which may be anybody's, and of markup, which is ours alone.

Qt's own label guesses from a text whether it is markup, so that a class called "<b>x</b>" would
lose letters; no other file uses it.
"""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget


class Label(QLabel):
    """Shows a text as it is."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)


def sentence_label(name: str, role: str = "") -> Label:
    """Return a label for sentences, which take as many lines as they need."""
    label = Label()
    label.setObjectName(name)
    label.setProperty("role", role)
    label.setWordWrap(True)
    return label


def result_label(name: str, role: str = "") -> Label:
    """Return a label for sentences that a person may want to copy in part."""
    label = sentence_label(name, role)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


class MarkupLabel(QLabel):
    """Shows markup of ours; whatever others wrote is escaped in it."""

    def __init__(self, markup: str = "", parent: QWidget | None = None) -> None:
        super().__init__(markup, parent)
        self.setTextFormat(Qt.TextFormat.RichText)
