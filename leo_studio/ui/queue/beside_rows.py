"""The runs that train beside the first one of the queue: how far they are, and what stops them."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QToolButton, QVBoxLayout, QWidget

from leo_studio.ui.widgets.eliding_label import ElidingLabel
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller


class _Row(QWidget):
    """One run that trains beside."""

    def __init__(self, run: Path, controller: "Controller") -> None:
        super().__init__()
        self.setObjectName("queue-beside-row")
        self._run, self._controller = run, controller
        self.name, self.how_far = ElidingLabel(), Label()
        self.how_far.setProperty("role", "muted")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.stop_button = QToolButton()
        self.stop_button.setText("Stop")
        self.stop_button.clicked.connect(self._stop)
        line = QHBoxLayout(self)  # in one line: there may be as many as cores
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.name, 2)
        line.addWidget(self.progress, 1)
        line.addWidget(self.how_far)
        line.addWidget(self.stop_button)

    def refresh(self) -> None:
        """Say how far the run was when it was read last."""
        title = self._controller.title_of(self._run)
        found = next((each for each in self._controller.runs if each.path == self._run), None)
        step, steps = (0, 0) if found is None else (found.step, found.steps)
        self.name.setText(f"{title} is training beside")
        self.how_far.setText(f"{step:,} of {steps:,}" if steps else "")
        self.progress.setRange(0, max(steps, 1))
        self.progress.setValue(step)
        self.progress.setAccessibleName(f"Progress of {title}")
        self.stop_button.setAccessibleName(f"Stop {title}")
        self.stop_button.setToolTip(as_tip(f"Stop {title}; it keeps a checkpoint"))

    def _stop(self) -> None:
        self.stop_button.setEnabled(False)
        self._controller.beside.stop(self._run)


class BesideRows(QWidget):
    """A row for each run that trains beside; nothing where there is none.

    Parameters
    ----------
    controller
        Knows the runs.
    """

    def __init__(self, controller: "Controller", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("queue-beside")
        self._controller = controller
        self.rows: dict[Path, _Row] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        controller.beside.changed.connect(self._show)
        controller.runs_changed.connect(lambda _: self._refresh())
        self._show()

    def _show(self) -> None:
        runs = self._controller.beside.runs
        for run in set(self.rows) - set(runs):
            self.rows.pop(run).deleteLater()
        for run in runs:
            if run not in self.rows:
                self.rows[run] = _Row(run, self._controller)
                self._column.addWidget(self.rows[run])
        self.setVisible(bool(runs))
        self._refresh()

    def _refresh(self) -> None:
        for row in self.rows.values():
            row.refresh()
