"""Closes the window: what trains is stopped first, and keeps a checkpoint."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMessageBox, QWidget

from engine.errors import BadInput
from leo_studio.ui.window.closing_question import agrees_to_stop

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

# A store of gigabytes that is being read cannot be interrupted; after this long the process ends
# anyway, and the run reads as interrupted.
_SECONDS = 20.0
_STEP_MILLISECONDS = 20


class Closing(QObject):
    """Answers a window's wish to close, and closes it when nothing trains any more.

    Parameters
    ----------
    controller
        The way to the engine, which ends with the window.
    asks
        Says whether to ask before what trains is stopped.
    saves
        Each keeps something of the window for the next session.
    window
        What closes.
    """

    def __init__(
        self,
        controller: "Controller",
        asks: Callable[[], bool],
        saves: Sequence[Callable[[], None]],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._controller = controller
        self._asks = asks
        self._saves = saves
        self._window = window
        self.has_begun = False
        self._is_over = False

    def answer(self, event: QCloseEvent) -> None:
        """Let the window close where all has ended; otherwise begin with it, or go on."""
        if self._is_over:
            event.accept()
            return
        event.ignore()
        if self.has_begun:
            return
        controller = self._controller
        is_busy = (
            controller.status.is_active
            or controller.carrying_out.now is not None
            or bool(controller.beside.runs)
        )
        asks = self._asks() and is_busy
        if not asks or agrees_to_stop(self._controller, self._window):
            self.begin()

    def begin(self) -> None:
        """Stop what trains and close, without asking."""
        if self.has_begun:
            return
        self.has_begun = True
        for question in self._window.findChildren(QMessageBox):  # which nobody is there to answer
            question.reject()
        for save in self._saves:
            with suppress(BadInput):  # a full disk must not keep the window open
                save()
        self._window.setEnabled(False)
        self._controller.begin_closing()
        # Never from within `closeEvent`: Qt ignores a window that closes while it closes.
        QTimer.singleShot(0, self, lambda: self._wait_for_the_end(_SECONDS))

    def _wait_for_the_end(self, seconds: float) -> None:
        # In small steps, so that the window shows meanwhile that it is stopping.
        if self._controller.is_closed() or seconds <= 0:
            self._is_over = True
            self._window.close()
            return
        step = _STEP_MILLISECONDS
        QTimer.singleShot(step, self, lambda: self._wait_for_the_end(seconds - step / 1000))
