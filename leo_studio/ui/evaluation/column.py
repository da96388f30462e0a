"""A column of the evaluation panel: the form, or the result; each scrolls by itself."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QScrollArea, QWidget

_FEWEST_LETTERS = 44  # in the column of the form
_FEWEST_LINES = 6  # of the form, and of the result: a small window scrolls


class Column(QScrollArea):
    """Scrolls up and down, and is never narrower than what is in it."""

    def __init__(self, inside: QWidget, best_letters: int = _FEWEST_LETTERS) -> None:
        super().__init__()
        self._inside = inside
        self._best_letters = best_letters
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def minimumSizeHint(self) -> QSize:
        """Return the width of what is in it, with a scroll bar beside it."""
        inside = self._inside.minimumSizeHint()
        width = max(inside.width(), _FEWEST_LETTERS * self.fontMetrics().averageCharWidth())
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(width + bar, _FEWEST_LINES * self.fontMetrics().height())

    def sizeHint(self) -> QSize:
        """Return a width in which names are read: the result can use the rest."""
        width = max(
            self.minimumSizeHint().width(),
            self._best_letters * self.fontMetrics().averageCharWidth(),
        )
        return QSize(width, super().sizeHint().height())
