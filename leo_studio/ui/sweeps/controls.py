"""How a sweep is to be carried out: how many trials, how many at once, where, and how long."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from leo_studio.services.records import DeviceEntry
from leo_studio.services.sweep_records import SweepView, SweepWanted
from leo_studio.ui.widgets.flow_layout import FlowLayout
from leo_studio.ui.widgets.number_boxes import WholeBox
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.workers_choice import WorkersChoice, named_field, whole_box

_MOST_TRIALS, _MOST_SEEDS, _MOST_STEPS = 100_000, 1000, 100_000_000
_AS_BEGUN = "It was said when the sweep was begun; trials would not compare otherwise"


class SweepControls(QWidget):
    """Choices for a sweep; what makes trials comparable is chosen once, before it is begun.

    Parameters
    ----------
    devices
        Where trials can be trained.
    usual_count
        Returns how many a device trains at once.
    """

    changed = Signal()  # what is to be shown is another sweep now, by a person
    counted = Signal()  # another number at once

    def __init__(self, devices: Sequence[DeviceEntry], usual_count: Callable[[str], int]) -> None:
        super().__init__()
        self._is_new, self._is_busy = True, False
        tip = "Runs with other values each; with more than before, the sweep goes on"
        self.trials = whole_box("sweep-trials", "Trials", tip, _MOST_TRIALS, 1)
        self.workers = WorkersChoice("sweep", "Trials", devices, usual_count, self)
        self.at_once = self.workers.at_once
        self._steps_tip = "Outer steps of a trial that is not ended early"
        self.steps = whole_box("sweep-steps", "Steps", self._steps_tip, _MOST_STEPS, 1)
        self.steps.setStepType(WholeBox.StepType.AdaptiveDecimalStepType)
        tip = "Runs of the best on train and validation classes, which are tested; 0 for none"
        self.final_seeds = whole_box(
            "sweep-final-seeds", "Runs of the best", tip, _MOST_SEEDS, 0, least=0
        )
        self.pruning = QCheckBox("&End poor trials early")
        self.pruning.setObjectName("sweep-pruning")
        self._pruning_tip = "Hyperband: the best third goes on after the 1st, 3rd, 9th validation"
        flow = FlowLayout(self)
        flow.setContentsMargins(0, 0, 0, 0)
        flow.addWidget(named_field("&Trials", self.trials))
        self.workers.add_to(flow)
        flow.addWidget(named_field("St&eps", self.steps))
        flow.addWidget(named_field("Runs of the &best", self.final_seeds))
        flow.addWidget(self.pruning)
        self._boxes = (self.trials, self.steps, self.final_seeds)
        for box in self._boxes:
            box.valueChanged.connect(lambda _: self.changed.emit())
        self.pruning.toggled.connect(lambda _: self.changed.emit())
        self.workers.counted.connect(self.counted)

    def show_view(self, view: SweepView) -> None:
        """Show with which choices a sweep is shown."""
        blockers = [QSignalBlocker(each) for each in (*self._boxes, self.pruning)]
        sweep = view.sweep
        self.trials.setValue(sweep.trials)
        self.steps.setValue(sweep.experiment.schedule.steps)
        self.final_seeds.setValue(sweep.final_seeds)
        self.pruning.setChecked(sweep.pruning)
        del blockers
        self.set_new(view.standing == "new")

    def set_new(self, is_new: bool) -> None:
        """Say whether the sweep has not begun: only then all can be chosen."""
        self._is_new = is_new
        self._enable()

    def set_busy(self, is_busy: bool) -> None:
        """Let nothing be chosen while a sweep is carried out."""
        self._is_busy = is_busy
        self._enable()

    def wanted(self, shown: SweepWanted) -> SweepWanted:
        """Return the sweep that is shown with what is chosen."""
        return SweepWanted(
            shown.name,
            shown.preset,
            shown.space,
            self.trials.value(),
            self.final_seeds.value(),
            self.steps.value() if self._is_new else None,
            self.pruning.isChecked(),
            self.workers.place,
            self.at_once.value(),
        )

    def _enable(self) -> None:
        for box in (self.trials, self.final_seeds):
            box.setEnabled(not self._is_busy)
        self.workers.set_enabled(not self._is_busy)
        for field, tip in ((self.steps, self._steps_tip), (self.pruning, self._pruning_tip)):
            field.setEnabled(self._is_new and not self._is_busy)
            field.setToolTip(as_tip(tip if self._is_new else _AS_BEGUN))
