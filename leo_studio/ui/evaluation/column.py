"""A column of the panel Evaluation: it scrolls up and down, and is wide enough to be read."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QScrollArea, QWidget

from leo_studio.ui.widgets.scrolled import Scrolled

_FEWEST_LETTERS = 44


class Column(Scrolled):
    """Has room for some letters at least, and would like more.

    Parameters
    ----------
    inside
        What is scrolled; the column is never narrower than that.
    best_letters
        For how many letters it would like to have room.
    """

    def __init__(self, inside: QWidget, best_letters: int = _FEWEST_LETTERS) -> None:
        super().__init__(inside)
        self._best_letters = best_letters

    def minimumSizeHint(self) -> QSize:
        """Return the width of what is in it, or of some letters, with a scroll bar beside it."""
        least = super().minimumSizeHint()
        letters = _FEWEST_LETTERS * self.fontMetrics().averageCharWidth()
        inside = self._inside.minimumSizeHint().width()
        return QSize(least.width() - inside + max(inside, letters), least.height())

    def sizeHint(self) -> QSize:
        """Return a width in which names are read: the result can use the rest."""
        best = self._best_letters * self.fontMetrics().averageCharWidth()
        width = max(self.minimumSizeHint().width(), best)
        return QSize(width, QScrollArea.sizeHint(self).height())  # never as high as what is in it
