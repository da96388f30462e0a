"""How many runs are trained at once, and where: for studies and sweeps."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from leo_studio.services.records import DeviceEntry
from leo_studio.ui.widgets.flow_layout import FlowLayout
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.number_boxes import WholeBox
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.wheel import ComboBox

_MOST_AT_ONCE = 1024
_CPU = "cpu"


class WorkersChoice(QObject):
    """Two fields; a machine with one device alone has no choice of it.

    Parameters
    ----------
    noun
        What is carried out: "study".
    runs
        What is trained, of which so many at once: "Runs".
    devices
        Where it can be.
    usual_count
        Returns how many a device trains at once.
    parent
        The widget that the fields are in.
    """

    counted = Signal()  # another number at once

    def __init__(
        self,
        noun: str,
        runs: str,
        devices: Sequence[DeviceEntry],
        usual_count: Callable[[str], int],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._usual_count, self._parent = usual_count, parent
        self._is_device_chosen = len(devices) > 1
        tip = "How many processes work at once; one LEO on a CPU uses one core"
        self.at_once = whole_box(f"{noun}-at-once", f"{runs} at once", tip, _MOST_AT_ONCE, 1)
        self.device = ComboBox()
        self.device.setObjectName(f"{noun}-device")
        self.device.setAccessibleName("Device")
        self.device.setToolTip("Where runs are trained")
        for each in devices:
            self.device.addItem(each.name, each.name)
        self.device.setCurrentIndex(max(self.device.findData(_CPU), 0))
        self._count_anew()
        self.device.activated.connect(self._count_anew)
        self.at_once.valueChanged.connect(lambda _: self.counted.emit())

    def add_to(self, flow: FlowLayout) -> None:
        """Put the fields into a layout."""
        flow.addWidget(named_field("At &once", self.at_once))
        if self._is_device_chosen:
            flow.addWidget(named_field("De&vice", self.device))
        else:
            self.device.setParent(self._parent)
            self.device.hide()

    def set_enabled(self, is_enabled: bool) -> None:
        """Let something be chosen, or nothing."""
        self.at_once.setEnabled(is_enabled)
        self.device.setEnabled(is_enabled)

    @property
    def place(self) -> str:
        """Where runs are trained."""
        return str(self.device.currentData())

    def _count_anew(self, *_: object) -> None:
        self.at_once.setValue(self._usual_count(self.place))


def whole_box(name: str, spoken: str, tip: str, most: int, value: int, least: int = 1) -> WholeBox:
    """Return a box for a whole number, with its names and limits."""
    box = WholeBox()
    box.setObjectName(name)
    box.setAccessibleName(spoken)
    box.setRange(least, most)
    box.setValue(value)
    box.setToolTip(as_tip(tip))
    return box


def named_field(text: str, field: QWidget) -> QWidget:
    """Return a field with its name before it."""
    both = QWidget()
    row = QHBoxLayout(both)
    row.setContentsMargins(0, 0, 0, 0)
    label = Label(text)
    label.setBuddy(field)
    row.addWidget(label)
    row.addWidget(field)
    return both
