"""The progress of some work in the background, with a button that ends it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from leo_studio.analysis.experiment.form_layout import breakable
from leo_studio.ui.widgets.labels import Label

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller

_PARTS = 1000  # of a progress bar


class TaskProgress(QWidget):
    """Progress of the first task that is meant; hidden while there is none.

    Parameters
    ----------
    controller
        Knows what is under way.
    is_meant
        Whether a task is one to be shown.
    has_cancel
        Whether it has a button that cancels the task; not where another does.
    """

    def __init__(
        self,
        controller: "Controller",
        is_meant: Callable[["Task"], bool],
        *,
        has_cancel: bool = True,
    ) -> None:
        super().__init__()
        self._controller = controller
        self._is_meant = is_meant
        self._label = Label()
        self._label.setWordWrap(True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)  # unreadable on the edge of the bar
        # Shown without a parent it would be a window, and take the keyboard from the main one.
        self._cancel = QPushButton("Cancel", self)
        self._cancel.setObjectName("cancel import")
        self._cancel.clicked.connect(self._stop)
        line = QHBoxLayout()
        line.addWidget(self._bar, 1)
        line.addWidget(self._cancel)
        self._cancel.setVisible(has_cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._label)
        layout.addLayout(line)
        controller.tasks_changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Show how far the work is."""
        tasks = [task for task in self._controller.tasks if self._is_meant(task)]
        self.setVisible(bool(tasks))
        if not tasks:
            return
        task = tasks[0]
        note = f": {task.note}" if task.note else " ..."
        self._label.setText(breakable(task.title + note))
        self._bar.setRange(0, 0 if task.fraction is None else _PARTS)
        self._bar.setValue(round((task.fraction or 0) * _PARTS))
        self._cancel.setEnabled(not task.is_cancelled)
        self._cancel.setText("Ending..." if task.is_cancelled else "Cancel")

    def _stop(self) -> None:
        for task in self._controller.tasks:
            if self._is_meant(task):
                task.cancel()
        self.follow()
