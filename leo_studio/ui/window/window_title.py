"""The title of the window: the run that trains, with its state, or else the current run."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from leo_studio.ui.widgets.people import as_title

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

_PROGRAM = "LEO Studio"


class WindowTitle(QObject):
    """Names a window after its run, as it stands now.

    Parameters
    ----------
    controller
        Knows what trains, and which run is the current one.
    window
        The window.
    """

    def __init__(self, controller: "Controller", window: QWidget) -> None:
        super().__init__(window)
        self._controller = controller
        self._window = window
        for changed in (
            controller.status_changed,
            controller.runs_changed,
            controller.current.changed,
        ):
            changed.connect(self._show)
        self._show()

    def _show(self, *_: object) -> None:
        status, current = self._controller.status, self._controller.current
        path = Path(status.run) if status.is_active else current.path
        titles = (run.title for run in self._controller.runs if run.path == path)
        state = status.state if status.is_active else ""
        words = (as_title(next(titles, "")), state, _PROGRAM)
        self._window.setWindowTitle(" · ".join(filter(None, words)))
