"""The box of the checkpoints of a run."""

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QSizePolicy

from leo_studio.services.records import RunEntry
from leo_studio.ui.widgets.eliding_box import ElidingBox
from leo_studio.ui.widgets.people import as_tip

_LETTERS = 10  # at least: "step 3,000"


class CheckpointBox(ElidingBox):
    """Lists steps, the newest first; the best and the last say so.

    `name` is the widget's.
    """

    def __init__(self, name: str) -> None:
        super().__init__(Qt.TextElideMode.ElideRight)
        self.setObjectName(name)
        self.setToolTip(as_tip("The checkpoint: outer steps taken"))
        self.setAccessibleName("Checkpoint")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(_LETTERS * self.fontMetrics().averageCharWidth())

    def offer(self, run: RunEntry | None, step: int | None) -> None:
        """List the checkpoints of a run, of which one is chosen, without telling of it."""
        with QSignalBlocker(self):
            self.clear()
            self.setEnabled(run is not None)
            if run is not None:
                for each in reversed(run.checkpoints):
                    self.addItem(_label(run, each), each)
            self.setCurrentIndex(self.findData(step))


def _label(run: RunEntry, step: int) -> str:
    notes = []
    if step == run.best_step:
        notes.append("best")
    if step == run.checkpoints[-1]:
        notes.append("last")
    return f"step {step:,}" + (f" ({', '.join(notes)})" if notes else "")
