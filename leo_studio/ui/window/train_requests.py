"""Requests to train what is in the form: one for a double click, a question before a repetition."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from engine.config import Experiment
from leo_studio.services.records import Notice, TrainingStatus
from leo_studio.services.run_titles import title_to_be

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

_ONE_REQUEST_MILLISECONDS = 1000  # after a request, the same one again is a slip of the hand


class TrainRequests(QObject):
    """Trains experiments, or puts them into the queue, as people mean it.

    `started` is emitted when an experiment is trained at once.

    Parameters
    ----------
    controller
        The way to training.
    window
        Above which questions are asked.
    """

    started = Signal()

    def __init__(self, controller: "Controller", window: QWidget) -> None:
        super().__init__(window)
        self._controller = controller
        self._window = window
        self._last: Experiment | None = None
        self._since = QElapsedTimer()
        controller.status_changed.connect(self._follow)

    def train(self, experiment: Experiment, preset: str) -> None:
        """Train what began as a preset, or ask first where the same is under way already."""
        is_again = experiment == self._last and self._since.isValid()
        if is_again and self._since.elapsed() < _ONE_REQUEST_MILLISECONDS:
            return
        where = self._controller.where_under_way(experiment)
        if where:
            self._ask(experiment, preset, where)
        else:
            self._begin(experiment, preset)

    def _begin(self, experiment: Experiment, preset: str) -> None:
        self._last = experiment
        self._since.start()
        is_waiting = self._controller.status.is_active
        self._controller.train(experiment, preset)
        if is_waiting:
            title = title_to_be(experiment, self._controller.presets, preset)
            is_alone = self._controller.beside.at_once == 1
            when = "when what trains has ended" if is_alone else "as soon as fewer train than may"
            text = f"{title} is in the queue; it starts {when}."
            self._controller.notified.emit(Notice("information", text))
        else:
            self.started.emit()

    def _ask(self, experiment: Experiment, preset: str, where: str) -> None:
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Add to queue")
        box.setTextFormat(Qt.TextFormat.PlainText)
        is_trained = where == "trained"
        box.setText(
            "The same experiment is being trained already."
            if is_trained
            else "The same experiment waits in the queue already."
        )
        box.setInformativeText("All settings are equal, so the result would be the same.")
        again = box.addButton("&Add it again", QMessageBox.ButtonRole.AcceptRole)
        dont = box.addButton("&Don't", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(dont)
        again.clicked.connect(lambda: self._begin(experiment, preset))
        box.open()

    def _follow(self, status: TrainingStatus) -> None:
        if status.state == "stopping":
            self._last = None  # who stops a run at once may well want to begin anew
