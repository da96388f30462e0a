"""How much settings decide, found out again as trials end, but not more often than needed."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from leo_studio.analysis.sweep_words import FEWEST_WEIGHED
from leo_studio.services.sweep_records import Importance, SweepView

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller

_SECONDS_BETWEEN = 10  # a process of its own that takes seconds of a processor


class Weighing(QObject):
    """Knows the importance of the settings of the sweep that is shown.

    Parameters
    ----------
    controller
        As for every panel.
    show
        Gets what was found out.
    parent
        The panel.
    """

    def __init__(
        self, controller: "Controller", show: Callable[[Importance | None], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._sweeps, self._show = controller.sweeps, show
        self.importance: Importance | None = None
        self._task: Task | None = None
        self._view: SweepView | None = None
        self._rest = QTimer(self, singleShot=True, interval=1000 * _SECONDS_BETWEEN)
        self._rest.timeout.connect(self._weigh)

    @property
    def shares(self) -> Mapping[str, float]:
        """What is known; empty where nothing is."""
        return {} if self.importance is None else self.importance.shares

    def forget(self) -> None:
        """Know nothing: another sweep is shown."""
        if self._task is not None:
            self._task.cancel()
        self._task = self._view = self.importance = None
        self._rest.stop()

    def follow(self, view: SweepView) -> None:
        """Find it out again where more trials are complete than were weighed."""
        self._view = view
        if not self._rest.isActive():
            self._weigh()

    def _weigh(self) -> None:
        view, known = self._view, self.importance
        is_known = view is None or (known is not None and known.trials == view.complete)
        if view is None or is_known or self._task is not None or view.complete < FEWEST_WEIGHED:
            return
        self._rest.start()
        self._task = self._sweeps.importance(view, self._take)

    def _take(self, importance: Importance) -> None:
        self._task, self.importance = None, importance
        self._show(importance)
