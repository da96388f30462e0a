"""A part of a page: what it is called, what is seen there, and the part itself."""

from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from leo_studio.ui.widgets.labels import Label


class Part(QWidget):
    """A widget under its title and a sentence.

    Parameters
    ----------
    title
        What it is called.
    caption
        What is seen there, and how to read it.
    widget
        The part.
    stretches
        Whether it uses more height than it needs.
    """

    def __init__(self, title: str, caption: str, widget: QWidget, *, stretches: bool) -> None:
        super().__init__()
        head, self.caption = Label(title), Label(caption)
        head.setProperty("role", "title")
        self.caption.setProperty("role", "muted")
        self.caption.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(head)
        layout.addWidget(self.caption)
        layout.addWidget(widget, 1 if stretches else 0)
        if not stretches:
            layout.addStretch(1)
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
