"""A bar of colours with numbers below it: what the colours of a matrix stand for."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from leo_studio.ui.widgets.theme import Theme, ThemeManager

_STOPS = 32  # of the gradient; colours between them are mixed
_LETTERS = 46  # in width
_BAR_LINES, _LINES = 0.7, 2.1  # of the bar and of all, in heights of a line


class ColorScale(QWidget):
    """Shows which colour stands for which number.

    Parameters
    ----------
    themes
        Colours.
    name
        For people who cannot see it, and for tests.
    """

    def __init__(self, themes: ThemeManager, name: str) -> None:
        super().__init__()
        self.setObjectName(name.replace(" ", "-"))
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._themes = themes
        self._colors: Callable[[Theme, float], QColor] | None = None
        self._ends = (0.0, 1.0)
        self.labels: Sequence[str] = ()
        themes.changed.connect(self.update)

    def show_scale(
        self,
        colors: Callable[[Theme, float], QColor],
        ends: tuple[float, float],
        labels: Sequence[str],
    ) -> None:
        """Explain other colours.

        Parameters
        ----------
        colors
            As of the matrix.
        ends
            The numbers that the bar goes from and to, as the matrix has them.
        labels
            What is written below it, evenly from end to end.
        """
        self._colors, self._ends, self.labels = colors, ends, labels
        self.setAccessibleDescription(f"from {labels[0]} to {labels[-1]}")
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for a bar that is read at a glance, with its numbers below."""
        metrics = self.fontMetrics()
        return QSize(_LETTERS * metrics.averageCharWidth(), round(_LINES * metrics.height()))

    def minimumSizeHint(self) -> QSize:
        """Return half of that width."""
        best = self.sizeHint()
        return QSize(best.width() // 2, best.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it."""
        if self._colors is None:
            return
        theme, line = self._themes.current, self.fontMetrics().height()
        painter = QPainter(self)
        width = min(self.width(), self.sizeHint().width()) - 1
        bar = QRectF(0.5, 0.5, width, _BAR_LINES * line)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        low, high = self._ends
        for place in range(_STOPS + 1):
            share = place / _STOPS
            gradient.setColorAt(share, self._colors(theme, low + share * (high - low)))
        painter.fillRect(bar, gradient)
        painter.setPen(QColor(theme.border))  # an end may have the colour of what is behind it
        painter.drawRect(bar)
        painter.setPen(QColor(theme.muted))
        for place, text in enumerate(self._labels_with_room(width)):
            self._write(painter, text, bar, place / max(1, len(self.labels) - 1))

    def _labels_with_room(self, width: float) -> list[str]:
        """Return all labels; in a narrow bar only those at its ends, and "" for the others."""
        needed = sum(map(self.fontMetrics().horizontalAdvance, self.labels))
        gaps = len(self.labels) * self.fontMetrics().averageCharWidth()
        if needed + gaps <= width:
            return list(self.labels)
        last = len(self.labels) - 1
        return [text if place in (0, last) else "" for place, text in enumerate(self.labels)]

    def _write(self, painter: QPainter, text: str, bar: QRectF, share: float) -> None:
        """Write a label below its place, and within the bar's ends."""
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(text)
        middle = bar.left() + share * bar.width()
        left = min(max(middle - width / 2, bar.left()), bar.right() - width)
        place = QRectF(left, bar.bottom() + 0.15 * metrics.height(), width + 1, metrics.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft, text)
