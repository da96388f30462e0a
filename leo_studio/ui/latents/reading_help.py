"""How to read the plot of codes: a short text that opens over it."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from leo_studio.ui.widgets.labels import MarkupLabel

_LETTERS = 62  # of a line
_INTRODUCTION = (
    "Every class of an episode has a <b>latent code</b>: the numbers that its classifier is made "
    "from. A point is one code; points that are near each other are codes that are alike."
)
_MARKS = (
    ("○ hollow dot", "the code before adaptation, the middle of its distribution"),
    ("● filled dot", "the same code after the steps at which the slider <b>Adaptation</b> stands"),
    ("→ arrow", "the way from the one to the other; shown for 30 episodes or fewer"),
    ("dashed ellipse", "holds 95 % of the code's distribution: how unsure the encoder is of it"),
    ("small dots", "codes that were drawn from that distribution, where the steps take them"),
    ("ring", "goes around the codes of the episode that is looked at"),
    ("colour and shape", "the class, as in the legend; <b>Options</b> lets them tell other things"),
)


class ReadingHelp(QFrame):
    """Says what dot, ring, arrow and ellipse are; it closes when somebody clicks elsewhere.

    Parameters
    ----------
    parent
        What it belongs to.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("latent-reading")
        self.setProperty("role", "card")
        rows = "".join(
            f"<tr><td style='padding-right: 12px'><b>{mark}</b></td><td>{meaning}</td></tr>"
            for mark, meaning in _MARKS
        )
        self.text = MarkupLabel(f"<p>{_INTRODUCTION}</p><table cellspacing='4'>{rows}</table>")
        self.text.setWordWrap(True)
        column = QVBoxLayout(self)
        column.addWidget(self.text)

    def open_below(self, button: QWidget) -> None:
        """Open below a button; in the middle of its window while the button is not seen."""
        self.text.setFixedWidth(_LETTERS * self.fontMetrics().averageCharWidth())
        self.adjustSize()
        is_seen = button.isVisible()
        beside = button if is_seen else button.window()
        place = QPoint(button.width() - self.width(), button.height() + 2)
        if not is_seen:
            place = beside.rect().center() - self.rect().center()
        corner, room = beside.mapToGlobal(place), beside.screen().availableGeometry()
        x = min(max(corner.x(), room.left()), room.right() - self.width())
        y = min(max(corner.y(), room.top()), room.bottom() - self.height())
        self.move(x, y)
        self.show()
