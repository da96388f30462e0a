"""What stands in the plots' place while there is nothing to draw."""

from fonticon_mdi7 import MDI7
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.theme import ThemeManager

_NO_RUN = (
    "Curves appear here when training starts.\n"
    "Press Train (Ctrl+Return), or show a finished run from the Runs panel."
)
_NOT_TRAINED = (
    "There is nothing to draw: {name} is not trained, as its learner needs no training.\n"
    "Compare it, or look at its accuracy in the Evaluation panel."
)
_HIDDEN = "This run's curves are hidden: open its eye in Runs."


class Hint(QWidget):
    """Says how curves come.

    `show_wanted` is emitted when somebody wants to see the hidden curves again.
    """

    show_wanted = Signal()

    def __init__(self, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self.setObjectName("curves_hint")
        column = QVBoxLayout(self)
        self._icon = Label(parent=self)
        self._text = Label(_NO_RUN, self)
        self._text.setProperty("role", "muted")
        self._text.setWordWrap(True)
        column.addStretch()
        for label in (self._icon, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        self._show = QPushButton("Show")
        self._show.setObjectName("show_hidden_here")
        self._show.setAccessibleName("Show this run's curves")
        self._show.clicked.connect(lambda _checked: self.show_wanted.emit())
        column.addWidget(self._show, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        self._show.hide()

    def explain(self, untrained: str, *, is_hidden: bool) -> None:
        """Say that what has this name has no curves, that they are hidden, or how they come."""
        text = _NOT_TRAINED.format(name=untrained) if untrained else _NO_RUN
        self._text.setText(_HIDDEN if is_hidden else text)
        self._show.setVisible(is_hidden)

    def recolor(self) -> None:
        """Take the theme's colours."""
        icon = self._themes.icon(MDI7.chart_line, self._themes.current.muted)
        self._icon.setPixmap(icon.pixmap(self.fontMetrics().height() * 4))
