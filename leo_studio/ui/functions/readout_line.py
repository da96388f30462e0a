"""The line above the plots of functions: the values under the mouse, else what the mouse can do."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent

from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.plot import Plot

_SPARE = 2  # pixels, without which the last letter may be cut off
_HINTS = (
    "Point at the plot for values. Drag a point to move it; a double click adds one, a right click "
    "removes one.",
    "Drag points; a double click adds one, a right click removes one.",
    "Drag, double-click or right-click points.",
)


class ReadoutLine(Label):
    """Stands beside the plots and not in them, where it would cover points; always one line."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("functions-readout")
        self.setProperty("role", "muted")
        self._ways: Sequence[str] = _HINTS
        self._read: Callable[[], Sequence[str]] | None = None  # while the mouse is in a plot

    def follow(self, plot: Plot, texts_at: Callable[[float, float], Sequence[str]]) -> None:
        """Show what is under the mouse in a plot.

        Parameters
        ----------
        plot
            One of the plots.
        texts_at
            Returns, for a place, the same said in fewer and fewer words; nothing for no values.
        """
        plot.pointed.connect(partial(self._point, texts_at))

    def refresh(self) -> None:
        """Say other values that have come to lie under the mouse."""
        self._ways = (self._read() if self._read is not None else ()) or _HINTS
        self._use_room()

    def minimumSizeHint(self) -> QSize:
        """Return room for an ellipsis alone."""
        return self.fontMetrics().boundingRect("...").size()

    def sizeHint(self) -> QSize:
        """Return the height of one line; the width is what there is."""
        return self.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say more, or less."""
        super().resizeEvent(event)
        self._use_room()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._use_room()

    def _point(
        self, texts_at: Callable[[float, float], Sequence[str]], where: tuple[float, float] | None
    ) -> None:
        self._read = None if where is None else partial(texts_at, *where)
        self.refresh()

    def _use_room(self) -> None:
        metrics, room = self.fontMetrics(), self.width() - _SPARE
        ways = self._ways
        fitting = next((way for way in ways if metrics.horizontalAdvance(way) <= room), ways[-1])
        self.setText(metrics.elidedText(fitting, Qt.TextElideMode.ElideRight, room))
