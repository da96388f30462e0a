"""The halves of the panel Evaluation: what is asked for, and beside or below it the result."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from leo_studio.ui.widgets.theme import ThemeManager

BEST_LETTERS = 74  # of the form where there is room: a run's name with its date is read in full
# The result is beside the form where the panel is so many letters wide.
_WIDE = 112
_BESIDE, _BELOW = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


class Halves(QSplitter):
    """Keeps the form as many letters wide as somebody made it, whatever the text's size.

    Parameters
    ----------
    form
        What tells how high the form has to be, down to its button, above the result.
    themes
        Tells when the text has another size.
    """

    def __init__(self, form: QWidget, themes: ThemeManager) -> None:
        super().__init__(_BESIDE)
        self.setChildrenCollapsible(False)
        self._form = form
        self._letters = float(BEST_LETTERS)
        self.splitterMoved.connect(self._keep_width)
        themes.settled.connect(self._share_width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the result beside the form where there is room, else below it."""
        wide = max(_WIDE * self._letter(), self._least_beside())
        wanted = _BESIDE if self.width() >= wide else _BELOW
        is_turned = self.orientation() != wanted
        self.setOrientation(wanted)
        super().resizeEvent(event)
        self._share_width()
        if is_turned and wanted == _BELOW:  # both scroll
            form = self._form.sizeHint().height() + 3 * self.fontMetrics().height()
            self.setSizes([form, max(self.height() - form, 1)])

    def minimumSizeHint(self) -> QSize:
        """Return room for either half: where both have none beside each other, they turn."""
        return QSize(max(self._least_widths(), default=0), super().minimumSizeHint().height())

    def _least_beside(self) -> int:
        """Return the width in which both halves have room beside each other."""
        return sum(self._least_widths()) + self.handleWidth()

    def _least_widths(self) -> list[int]:
        halves = (self.widget(place) for place in range(self.count()))
        return [half.minimumSizeHint().width() for half in halves if half is not None]

    def _share_width(self, *_: object) -> None:
        if self.orientation() == _BESIDE:
            form = round(self._letters * self._letter())
            self.setSizes([form, max(self.width() - self.handleWidth() - form, 1)])

    def _keep_width(self, *_: object) -> None:
        if self.orientation() == _BESIDE:
            self._letters = self.sizes()[0] / self._letter()

    def _letter(self) -> int:
        return self.fontMetrics().averageCharWidth()
