"""A widget that can be scrolled up and down, and that keeps its width."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QScrollArea, QStyle, QWidget

_FEWEST_LINES = 6


class Scrolled(QScrollArea):
    """Lets a widget be scrolled up and down where its height has no room."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(widget)
        self._inside = widget

    def minimumSizeHint(self) -> QSize:
        """Return the widget's width, and height for a few lines of text."""
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        width = self._inside.minimumSizeHint().width() + bar
        return QSize(width, _FEWEST_LINES * self.fontMetrics().height())

    def sizeHint(self) -> QSize:
        """Return the widget's own."""
        return self._inside.sizeHint()
