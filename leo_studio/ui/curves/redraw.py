"""Decides when plots are drawn: soon for a person, and not too often for new points."""

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from leo_studio.ui.curves.plot import CurvePlot

# Drawing for new points: at most ten times a second, and at most a tenth of the time, so that the
# engine has the rest. For a person, as soon as the screen can show it.
_MILLISECONDS = 100
_SLOWEST_MILLISECONDS = 600
_REST = 10
_AT_ONCE_MILLISECONDS = 12
_BETWEEN_PLOTS_MILLISECONDS = 1


class Redraw(QObject):
    """Draws plots that are dirty and on the screen, one per turn of the event loop.

    Parameters
    ----------
    panel
        Nothing is drawn while it is hidden.
    draw
        Draws one.
    """

    def __init__(self, panel: QWidget, draw: Callable[["CurvePlot"], None]) -> None:
        super().__init__(panel)
        self._panel = panel
        self._draw = draw
        self._order: list[CurvePlot] = []  # the one that was drawn longest ago first
        self._dirty: set[CurvePlot] = set()
        self._pause = _MILLISECONDS
        self._spent = 0.0  # milliseconds, on the plots that were drawn since all were
        self._timer = QTimer(panel, singleShot=True)
        self._timer.timeout.connect(self._draw_next)

    @property
    def is_due(self) -> bool:
        """Whether something will be drawn."""
        return self._timer.isActive()

    def add(self, plots: Iterable["CurvePlot"]) -> None:
        """Draw these too, from now on."""
        for plot in plots:
            self._order.append(plot)
            plot.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Draw a dirty plot that comes into sight: from under a picture, or by scrolling."""
        is_painted = event.type() == QEvent.Type.Paint
        if is_painted and watched in self._dirty and not self._timer.isActive():
            self._timer.start(_AT_ONCE_MILLISECONDS)
        return False

    def now(self) -> None:
        """Have all plots drawn at once."""
        self._within(_AT_ONCE_MILLISECONDS)

    def soon(self) -> None:
        """Have all plots drawn when it is time for new points."""
        self._within(self._pause)

    def stop(self) -> None:
        """Draw nothing until something is asked for again."""
        self._timer.stop()

    def _within(self, milliseconds: int) -> None:
        self._dirty = set(self._order)
        if not self._panel.isVisible():
            return
        if not self._timer.isActive() or self._timer.remainingTime() > milliseconds:
            self._timer.start(milliseconds)

    def _draw_next(self) -> None:
        started = time.perf_counter()
        waiting = [
            plot
            for plot in self._order
            if plot in self._dirty and not plot.visibleRegion().isEmpty()
        ]
        if waiting:
            plot = waiting[0]
            self._dirty.discard(plot)
            self._order.remove(plot)
            self._order.append(plot)
            self._draw(plot)
            # Painted here, so that its cost is part of what is measured.
            plot.canvas.view.viewport().repaint()
        self._spent += (time.perf_counter() - started) * 1000
        if len(waiting) > 1:
            self._timer.start(_BETWEEN_PLOTS_MILLISECONDS)
        else:
            self._pause = round(min(_SLOWEST_MILLISECONDS, max(_MILLISECONDS, _REST * self._spent)))
            self._spent = 0.0
