"""How a study is to be carried out: whole or a first look, how many runs at once, and where."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from leo_studio.services.records import DeviceEntry
from leo_studio.services.study_records import FirstLook, StudyView, StudyWanted
from leo_studio.ui.widgets.flow_layout import FlowLayout
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.number_boxes import WholeBox
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.wheel import ComboBox

_MOST_AT_ONCE, _MOST_SEEDS, _MOST_STEPS = 1024, 1000, 100_000_000
_CPU = "cpu"


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
        self._usual_count = usual_count
        self.at_once, self.seeds, self.steps = WholeBox(), WholeBox(), WholeBox()
        self.first_look = QCheckBox("&First look")
        self.device = ComboBox()
        self._set_up(devices)
        self._lay_out(is_device_chosen=len(devices) > 1)
        self.first_look.toggled.connect(self._choose)
        self.seeds.valueChanged.connect(lambda _: self.changed.emit())
        self.steps.valueChanged.connect(lambda _: self.changed.emit())
        self.device.activated.connect(self._count_anew)
        self.at_once.valueChanged.connect(lambda _: self.counted.emit())

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
        for field in (self.first_look, self.at_once, self.device):
            field.setEnabled(not is_busy)
        self._enable()

    def wanted(self, name: str) -> StudyWanted:
        """Return a study with what is chosen."""
        look = FirstLook(self.seeds.value(), self.steps.value())
        is_cut = self.first_look.isChecked()
        return StudyWanted(name, False, look if is_cut else None, self.device.currentData())

    def _set_up(self, devices: Sequence[DeviceEntry]) -> None:
        usual = FirstLook()
        for box, name, spoken, tip, most, value in (
            (self.at_once, "study-at-once", "Runs at once", "", _MOST_AT_ONCE, 1),
            (self.seeds, "study-seeds", "Seeds", "", _MOST_SEEDS, usual.seeds),
            (self.steps, "study-steps", "Steps", "", _MOST_STEPS, usual.steps),
        ):
            box.setObjectName(name)
            box.setAccessibleName(spoken)
            box.setRange(1, most)
            box.setValue(value)
            box.setToolTip(as_tip(tip))
        self.at_once.setToolTip("How many processes work at once; one LEO on a CPU uses one core")
        self.seeds.setToolTip("Runs of each trained learner")
        self.steps.setToolTip("Outer steps of each run")
        self.steps.setStepType(WholeBox.StepType.AdaptiveDecimalStepType)
        self.first_look.setObjectName("study-first-look")
        tip = "Fewer seeds and steps than the study says; these are runs of their own"
        self.first_look.setToolTip(as_tip(tip))
        self.device.setObjectName("study-device")
        self.device.setAccessibleName("Device")
        self.device.setToolTip("Where runs are trained")
        for each in devices:
            self.device.addItem(each.name, each.name)
        self.device.setCurrentIndex(max(self.device.findData(_CPU), 0))
        self._count_anew()

    def _lay_out(self, *, is_device_chosen: bool) -> None:
        flow = FlowLayout(self)
        flow.setContentsMargins(0, 0, 0, 0)
        for text, field in (("At &once", self.at_once), ("De&vice", self.device)):
            if field is self.device and not is_device_chosen:
                field.setParent(self)
                field.hide()
                continue
            flow.addWidget(_named(text, field))
        flow.addWidget(self.first_look)
        for text, box in (("S&eeds", self.seeds), ("S&teps", self.steps)):
            flow.addWidget(_named(text, box))

    def _choose(self, _is_cut: bool) -> None:
        self._enable()
        self.changed.emit()

    def _count_anew(self, *_: object) -> None:
        self.at_once.setValue(self._usual_count(self.device.currentData()))

    def _enable(self) -> None:
        is_cut = self.first_look.isChecked() and self.first_look.isEnabled()
        for box in (self.seeds, self.steps):
            box.setEnabled(is_cut)


def _named(text: str, field: QWidget) -> QWidget:
    """Return a field with its name before it."""
    both = QWidget()
    row = QHBoxLayout(both)
    row.setContentsMargins(0, 0, 0, 0)
    label = Label(text)
    label.setBuddy(field)
    row.addWidget(label)
    row.addWidget(field)
    return both
