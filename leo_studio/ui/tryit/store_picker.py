"""The dialog that takes examples of a class of the run's store."""

from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from leo_studio.services.try_records import TryTools
from leo_studio.ui.widgets.number_boxes import WholeBox
from leo_studio.ui.widgets.wheel import ComboBox

_MOST = 100
_FIRST_SPLITS = ("test", "val")  # what a run was not trained on comes first
_LINES = 12


class StoreChoice(NamedTuple):
    """What is to be taken of a store."""

    split: str
    label: int
    name: str
    examples: int
    queries: int


class StorePicker(QDialog):
    """Asks for a class, how many examples of it, and how many others to ask about.

    Parameters
    ----------
    tools
        Knows the classes.
    shots
        How many examples are offered.
    """

    chosen = Signal(object)  # `StoreChoice`

    def __init__(self, tools: TryTools, shots: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Examples of the store")
        self.setObjectName("store-picker")
        self._tools = tools
        self.split = ComboBox()
        order = [each for each in _FIRST_SPLITS if each in tools.classes]
        self.split.addItems([*order, *(each for each in tools.classes if each not in order)])
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Part of a name")
        self.classes = QListWidget()
        self.classes.setMinimumHeight(_LINES * self.fontMetrics().height())
        self.examples, self.queries = WholeBox(), WholeBox()
        self.examples.setRange(0, _MOST)
        self.queries.setRange(0, _MOST)
        self.examples.setValue(shots)
        self.queries.setValue(2)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        form = QFormLayout()
        form.addRow("&Split", self.split)
        form.addRow("&Find", self.filter)
        form.addRow("&Class", self.classes)
        form.addRow("&Examples", self.examples)
        form.addRow("&Others to ask about", self.queries)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.buttons)
        self.split.currentTextChanged.connect(self._show_classes)
        self.filter.textChanged.connect(self._show_classes)
        self.classes.currentItemChanged.connect(self._enable)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.accepted.connect(self._tell)
        self._show_classes()

    def _show_classes(self, *_: object) -> None:
        self.classes.clear()
        wanted = self.filter.text().strip().casefold()
        for label, (name, size) in enumerate(self._tools.classes[self.split.currentText()]):
            if wanted in name.casefold():
                item = QListWidgetItem(f"{name} ({size:,})")
                item.setData(Qt.ItemDataRole.UserRole, label)
                self.classes.addItem(item)
        self.classes.setCurrentRow(0)
        self._enable()

    def _enable(self, *_: object) -> None:
        button = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        button.setEnabled(self.classes.currentItem() is not None)

    def _tell(self) -> None:
        item = self.classes.currentItem()
        split, label = self.split.currentText(), int(item.data(Qt.ItemDataRole.UserRole))
        name = self._tools.classes[split][label][0]
        self.chosen.emit(
            StoreChoice(split, label, name, self.examples.value(), self.queries.value())
        )
