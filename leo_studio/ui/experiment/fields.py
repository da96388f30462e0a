"""One input for one setting, of the kind that the setting asks for.

A field shows a value, right or wrong, and says what a person makes of it; it judges nothing.
"""

from collections.abc import Sequence
from typing import get_args, get_origin

from pydantic.fields import FieldInfo
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QWidget,
)

from leo_studio.analysis.experiment.numbers import is_integer, parsed, stepped
from leo_studio.analysis.typed_numbers import number_text
from leo_studio.ui.widgets.eliding_box import ElidingBox
from leo_studio.ui.widgets.flow_layout import FlowLayout
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.roles import set_role
from leo_studio.ui.widgets.wheel import pass_wheel


class Field(QWidget):
    """The input of one setting.

    `edited` has the new value, which may be wrong; `left` says that the keyboard went elsewhere.
    """

    edited = Signal(object)
    left = Signal()

    def show_value(self, value: object) -> None:
        """Show a value; what somebody types that means the same stays as it is typed."""
        raise NotImplementedError

    def show_wrong(self, is_wrong: bool) -> None:
        """Mark the input as wrong, or not."""
        set_role(self.input, "error" if is_wrong else "")

    @property
    def input(self) -> QWidget:
        """The widget that takes the keyboard."""
        raise NotImplementedError

    def wanted_width(self) -> int:
        """Return the width in which all of the value is seen; 0 where that does not matter."""
        return 0

    def _hold(self, *widgets: QWidget) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for index, widget in enumerate(widgets):
            layout.addWidget(widget, 0 if index else 1)
        self.setFocusProxy(widgets[0])


_LARGEST = 1e300  # steps from here stay finite


class NumberBox(QAbstractSpinBox):
    """A text that should be a number, with arrows that step it.

    Anything can be typed, and stays. The wheel steps only where the keyboard is, so that it does
    not change what it passes over while somebody scrolls.
    """

    left = Signal()

    def __init__(self, info: FieldInfo, *, singly: bool = False) -> None:
        super().__init__()
        self._setting = info
        self._singly = singly
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        leave_undo_alone(self)  # which asks its line without filters
        leave_undo_alone(self.lineEdit())
        self.editingFinished.connect(self._write_usually)

    def number(self) -> object:
        """Return what is typed: a number, or the text where it is none."""
        return parsed(self.text().strip(), integer=is_integer(self._setting))

    def stepBy(self, steps: int) -> None:
        """Step the number, unless what is typed is none, or is beyond all that can be stepped."""
        number = self.number()
        if isinstance(number, int | float) and -_LARGEST < number < _LARGEST:
            value = stepped(number, steps, self._setting, singly=self._singly)
            self.lineEdit().setText(number_text(value))
            self.lineEdit().selectAll()

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """Say that both arrows work."""
        both = QAbstractSpinBox.StepEnabledFlag
        return both.StepUpEnabled | both.StepDownEnabled

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step only where the keyboard is."""
        if not pass_wheel(self, event):
            super().wheelEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell that the keyboard went elsewhere."""
        super().focusOutEvent(event)
        self.left.emit()

    def _write_usually(self) -> None:
        """Write a number that is one in its usual form: "0,25" is 0.25."""
        number = self.number()
        if not isinstance(number, str) and self.text() != number_text(number):
            self.lineEdit().setText(number_text(number))


class NumberField(Field):
    """A number; with a check box for none where the setting may be null."""

    def __init__(self, info: FieldInfo, *, nothing: str = "", singly: bool = False) -> None:
        super().__init__()
        self._box = NumberBox(info, singly=singly)
        self._nothing = QCheckBox(nothing, self)  # else it would be shown as a window
        self._nothing.setVisible(type(None) in get_args(info.annotation))
        self._hold(self._box, self._nothing)
        self._last = number_text(info.get_default()) or "1"
        self._box.lineEdit().textChanged.connect(self._tell)
        self._box.left.connect(self.left)
        self._nothing.toggled.connect(self._toggle)

    @property
    def input(self) -> QWidget:
        """The widget that takes the keyboard."""
        return self._box

    @property
    def nothing(self) -> QCheckBox:
        """The check box for no number at all; hidden where there must be one."""
        return self._nothing

    def show_value(self, value: object) -> None:
        """Show a number, None, or a text that is no number."""
        is_nothing = value is None
        signals = self._nothing.blockSignals(True), self._box.lineEdit().blockSignals(True)
        self._nothing.setChecked(is_nothing)
        self._box.setEnabled(not is_nothing)
        number = self._box.number()
        if is_nothing:
            self._box.lineEdit().setText("")
        elif number != value or type(number) is not type(value):
            self._box.lineEdit().setText(number_text(value))
        if not is_nothing:
            self._last = number_text(value)
        self._nothing.blockSignals(signals[0])
        self._box.lineEdit().blockSignals(signals[1])

    def _tell(self) -> None:
        self.edited.emit(self._box.number())

    def _toggle(self, is_nothing: bool) -> None:
        if is_nothing:
            self.edited.emit(None)
        else:
            self._box.setEnabled(True)
            self._box.lineEdit().setText(self._last)
            self._box.setFocus()


class TextField(Field):
    """A line of text."""

    def __init__(self) -> None:
        super().__init__()
        self._line = QLineEdit()
        leave_undo_alone(self._line)
        self._hold(self._line)
        self._line.textEdited.connect(lambda text: self.edited.emit(text))
        self._line.editingFinished.connect(self.left)

    @property
    def input(self) -> QWidget:
        """The widget that takes the keyboard."""
        return self._line

    def show_value(self, value: object) -> None:
        """Show a text."""
        if self._line.text() != str(value):
            self._line.setText(str(value))


class ChoiceBox(ElidingBox):
    """A combo box that long entries do not widen."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(self.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def showPopup(self) -> None:
        """Open the list, as wide as its entries."""
        view = self.view()
        view.setMinimumWidth(max(self.width(), view.sizeHintForColumn(0)))
        super().showPopup()


class ChoiceField(Field):
    """One of some values, each with the words that a person reads."""

    def __init__(self, choices: Sequence[tuple[str, object]]) -> None:
        super().__init__()
        self._box = ChoiceBox()
        for words, value in choices:
            self._box.addItem(words, value)
        self._hold(self._box)
        self._box.activated.connect(lambda index: self.edited.emit(self._box.itemData(index)))

    @property
    def input(self) -> QWidget:
        """The widget that takes the keyboard."""
        return self._box

    def wanted_width(self) -> int:
        """Return the width of what is chosen."""
        return self._box.wanted_width()

    def show_value(self, value: object) -> None:
        """Choose a value; one that was not to be chosen from is added."""
        if self._box.findData(value) < 0:
            self._box.addItem(str(value), value)
        self._box.setCurrentIndex(self._box.findData(value))
        self._box.setToolTip(as_tip(self._box.currentText()))


class FlagField(Field):
    """Yes or no."""

    def __init__(self) -> None:
        super().__init__()
        self._check = QCheckBox("Yes")
        self._hold(self._check)
        self._check.clicked.connect(lambda is_on: self.edited.emit(is_on))

    @property
    def input(self) -> QWidget:
        """The widget that takes the keyboard."""
        return self._check

    def show_value(self, value: object) -> None:
        """Show yes or no."""
        self._check.setChecked(value is True)


class SeveralField(Field):
    """Some of a few values, a check box each, in their order."""

    def __init__(self, choices: Sequence[str]) -> None:
        super().__init__()
        self._checks = {choice: QCheckBox(choice) for choice in choices}
        layout = FlowLayout(self)  # a line of them can be wider than the form
        layout.setContentsMargins(0, 0, 0, 0)
        for check in self._checks.values():
            layout.addWidget(check)
            check.clicked.connect(self._tell)
        self.setFocusProxy(self.input)

    @property
    def input(self) -> QWidget:
        """The widget that takes the keyboard."""
        return next(iter(self._checks.values()))

    def show_value(self, value: object) -> None:
        """Check the boxes of the values in a list."""
        for choice, check in self._checks.items():
            check.setChecked(isinstance(value, list) and choice in value)

    def _tell(self) -> None:
        self.edited.emit([choice for choice, check in self._checks.items() if check.isChecked()])


class UndoFilter(QObject):
    """Leaves undo and redo to the menu, where a line of text would take them for itself."""

    def eventFilter(self, _line: QObject, event: QEvent) -> bool:
        """Let the keys of undo and redo pass."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = QKeySequence.StandardKey
            if event.matches(keys.Undo) or event.matches(keys.Redo):
                event.ignore()
                return True
        return False


def leave_undo_alone(line: QWidget) -> None:
    """Let a line of text give the keys of undo and redo to the menu."""
    line.installEventFilter(UndoFilter(line))


def field_for(info: FieldInfo, *, nothing: str = "", singly: bool = False) -> Field:
    """Return the input that a setting's declaration asks for."""
    annotation = info.annotation
    if get_origin(annotation) is tuple:
        return SeveralField([str(choice) for choice in get_args(get_args(annotation)[0])])
    literals = _literals(annotation)
    if literals:
        return ChoiceField([(str(choice).replace("_", " "), choice) for choice in literals])
    if annotation is bool:
        return FlagField()
    if annotation is str:
        return TextField()
    return NumberField(info, nothing=nothing, singly=singly)


def _literals(annotation: object) -> tuple[object, ...]:
    choices = get_args(annotation)
    return choices if choices and all(isinstance(each, str) for each in choices) else ()
