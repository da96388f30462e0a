"""How a study is to be carried out: whole or a first look, how many runs at once, and where."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from leo_studio.services.records import DeviceEntry
from leo_studio.services.study_records import FirstLook, StudyView, StudyWanted
from leo_studio.ui.widgets.flow_layout import FlowLayout
from leo_studio.ui.widgets.number_boxes import WholeBox
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.workers_choice import WorkersChoice, named_field, whole_box

_MOST_SEEDS, _MOST_STEPS = 1000, 100_000_000


class StudyControls(QWidget):
    """Choices for a study that is to be carried out.

    Parameters
    ----------
    devices
        Where runs can be trained.
    usual_count
        Returns how many runs a device trains at once.
    """

    changed = Signal()  # what is to be shown is another study now, by a person
    counted = Signal()  # another number at once

    def __init__(self, devices: Sequence[DeviceEntry], usual_count: Callable[[str], int]) -> None:
        super().__init__()
        usual = FirstLook()
        self.workers = WorkersChoice("study", "Runs", devices, usual_count, self)
        self.at_once, self.device = self.workers.at_once, self.workers.device
        tip = "Runs of each trained learner"
        self.seeds = whole_box("study-seeds", "Seeds", tip, _MOST_SEEDS, usual.seeds)
        tip = "Outer steps of each run"
        self.steps = whole_box("study-steps", "Steps", tip, _MOST_STEPS, usual.steps)
        self.steps.setStepType(WholeBox.StepType.AdaptiveDecimalStepType)
        self.first_look = QCheckBox("&First look")
        self.first_look.setObjectName("study-first-look")
        tip = "Fewer seeds and steps than the study says; these are runs of their own"
        self.first_look.setToolTip(as_tip(tip))
        flow = FlowLayout(self)
        flow.setContentsMargins(0, 0, 0, 0)
        self.workers.add_to(flow)
        flow.addWidget(self.first_look)
        for text, box in (("S&eeds", self.seeds), ("S&teps", self.steps)):
            flow.addWidget(named_field(text, box))
        self.first_look.toggled.connect(self._choose)
        self.seeds.valueChanged.connect(lambda _: self.changed.emit())
        self.steps.valueChanged.connect(lambda _: self.changed.emit())
        self.workers.counted.connect(self.counted)

    def show_view(self, view: StudyView) -> None:
        """Show with which choices a study is shown."""
        blockers = [QSignalBlocker(each) for each in (self.first_look, self.seeds, self.steps)]
        self.first_look.setChecked(view.first_look is not None)
        if view.first_look is not None:
            self.seeds.setValue(view.first_look.seeds)
            self.steps.setValue(view.first_look.steps)
        del blockers
        self._enable()

    def set_busy(self, is_busy: bool) -> None:
        """Let nothing be chosen while a study is carried out."""
        self.first_look.setEnabled(not is_busy)
        self.workers.set_enabled(not is_busy)
        self._enable()

    def wanted(self, name: str) -> StudyWanted:
        """Return a study with what is chosen."""
        look = FirstLook(self.seeds.value(), self.steps.value())
        is_cut = self.first_look.isChecked()
        return StudyWanted(name, False, look if is_cut else None, self.workers.place)

    def _choose(self, _is_cut: bool) -> None:
        self._enable()
        self.changed.emit()

    def _enable(self) -> None:
        is_cut = self.first_look.isChecked() and self.first_look.isEnabled()
        for box in (self.seeds, self.steps):
            box.setEnabled(is_cut)
