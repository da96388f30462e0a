"""Boxes for numbers, the same in every country: nothing else in the window takes a number.

Qt's own boxes follow the system's locale: they leave out the keys that it does not use, so that a
typed 0.5 becomes 5 in a country with a decimal comma. These take every key, and read what stands
there by `leo_studio.analysis.typed_numbers`. What is no number that fits is marked and explained
where it stands, and leaves the value as it was. A value changes when it is whole: at Enter, when
the keyboard goes elsewhere, and with arrows.
"""

import math
from typing import TypeAlias, cast

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QSpinBox, QToolTip, QWidget

from leo_studio.analysis.typed_numbers import number_text, read_decimal, read_whole
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.roles import set_role
from leo_studio.ui.widgets.wheel import pass_wheel

_Validation: TypeAlias = tuple[QValidator.State, str, int]
_MOST_DECIMALS = 323  # that Qt allows: a value is never rounded on its way into a box
_STEP_DIGITS = 12  # steps are rounded to as many, or 0.1 + 0.2 would show
_OWN_TIP = "own_tip"  # the property that keeps a box's own tip while it is marked
_USUAL = "0.0000"  # there is room for as much, also where the limits are shorter


class _Typed:
    """How both kinds of box take what is typed: all of it, and say what is wrong with it."""

    def validate(self, text: str, place: int) -> _Validation:
        """Let everything be typed; what can be taken is acceptable."""
        fits = self._typed(text) is not None
        state = QValidator.State.Acceptable if fits else QValidator.State.Intermediate
        return state, text, place

    def fixup(self, text: str) -> str:
        """Say why a text that was entered is not taken."""
        self._mark(text)
        _show_tip(cast(QAbstractSpinBox, self))
        return text

    def _typed(self, text: str) -> float | None:
        """Return the number that a text is, if it is one that fits."""
        raise NotImplementedError

    def _mark(self, text: str) -> None:
        """Mark the box unless a text is a number that fits."""
        raise NotImplementedError


class WholeBox(_Typed, QSpinBox):
    """A box for a whole number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setKeyboardTracking(False)
        self.lineEdit().textChanged.connect(self._mark)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step only where the keyboard is."""
        if not pass_wheel(self, event):
            super().wheelEvent(event)

    def value(self) -> int:
        """Return what stands in the box, or stood there before it was made to be no number."""
        typed = self._typed(self.text())
        return super().value() if typed is None else typed

    def setValue(self, value: int) -> None:
        """Show another value, and forget what was refused."""
        super().setValue(value)
        self._mark(self.text())

    def textFromValue(self, value: int) -> str:
        """Write a value."""
        return str(value)

    def valueFromText(self, text: str) -> int:
        """Read a value; one that is none leaves the value as it is."""
        typed = self._typed(text)
        return super().value() if typed is None else typed

    def _typed(self, text: str) -> int | None:
        number = read_whole(_bare(text, self.prefix(), self.suffix()))
        fits = number is not None and self.minimum() <= number <= self.maximum()
        return number if fits else None

    def _mark(self, text: str) -> None:
        if self._typed(text) is not None:
            _mark(self, "")
            return
        kept = f"; {super().value()} is kept."
        bare = _bare(text, self.prefix(), self.suffix())
        limits = f"{self.minimum()} to {self.maximum()}"
        _mark(self, f'"{bare}" is not a whole number from {limits}, in digits alone{kept}')


class DecimalBox(_Typed, QDoubleSpinBox):
    """A box for a number with decimals, as many as it has.

    With steps of Qt's adaptive kind, an arrow changes the second digit.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        super().setDecimals(_MOST_DECIMALS)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setKeyboardTracking(False)
        self.lineEdit().textChanged.connect(self._mark)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step only where the keyboard is."""
        if not pass_wheel(self, event):
            super().wheelEvent(event)

    def value(self) -> float:
        """Return what stands in the box, or stood there before it was made to be no number."""
        typed = self._typed(self.text())
        return super().value() if typed is None else typed

    def setValue(self, value: float) -> None:
        """Show another value, and forget what was refused."""
        super().setValue(value)
        self._mark(self.text())

    def textFromValue(self, value: float) -> str:
        """Write a value with a point and with all of its digits."""
        return number_text(float(value))

    def valueFromText(self, text: str) -> float:
        """Read a value; one that is none leaves the value as it is."""
        typed = self._typed(text)
        return super().value() if typed is None else typed

    def stepBy(self, steps: int) -> None:
        """Step the value, from what stands in the box, inside the limits."""
        value = self.value() + steps * self._step(steps > 0)
        value = min(max(round(value, _STEP_DIGITS), self.minimum()), self.maximum())
        self.setValue(value)
        self.selectAll()

    def sizeHint(self) -> QSize:
        """Return room for some decimals, also where the limits have none."""
        return self._roomy(super().sizeHint())

    def minimumSizeHint(self) -> QSize:
        """Return room for some decimals, also where the limits have none."""
        return self._roomy(super().minimumSizeHint())

    def _roomy(self, hint: QSize) -> QSize:
        metrics = self.fontMetrics()
        limits = (self.textFromValue(limit) for limit in (self.minimum(), self.maximum()))
        missing = metrics.horizontalAdvance(_USUAL) - max(map(metrics.horizontalAdvance, limits))
        return QSize(hint.width() + max(0, missing), hint.height())

    def _step(self, is_up: bool) -> float:
        if self.stepType() != self.StepType.AdaptiveDecimalStepType:
            return self.singleStep()
        # Just below a power of ten the step is already the smaller one on the way down.
        size = abs(self.value()) * (1 if is_up else 1 - 1e-9)
        return 0.01 if size == 0 else float(10.0 ** (math.floor(math.log10(size)) - 1))

    def _typed(self, text: str) -> float | None:
        number = read_decimal(_bare(text, self.prefix(), self.suffix()))
        fits = number is not None and self.minimum() <= number <= self.maximum()
        return number if fits else None

    def _mark(self, text: str) -> None:
        if self._typed(text) is not None:
            _mark(self, "")
            return
        kept = f"; {number_text(super().value())} is kept."
        bare = _bare(text, self.prefix(), self.suffix())
        limits = f"{number_text(self.minimum())} to {number_text(self.maximum())}"
        _mark(self, f'"{bare}" is not a number from {limits}, written like 0.5 or 1e-4{kept}')


def _bare(text: str, prefix: str, suffix: str) -> str:
    """Return a text without what a box writes before and after its number."""
    return text.strip().removeprefix(prefix.strip()).removesuffix(suffix.strip()).strip()


def _mark(box: QAbstractSpinBox, problem: str) -> None:
    """Mark a box and put what is wrong into its tip; "" brings its own tip back."""
    own = box.property(_OWN_TIP)
    if problem:
        if own is None:
            box.setProperty(_OWN_TIP, box.toolTip())
        box.setToolTip(as_tip(problem))
    elif own is not None:
        box.setProperty(_OWN_TIP, None)
        box.setToolTip(str(own))
    set_role(box, "error" if problem else "")


def _show_tip(box: QAbstractSpinBox) -> None:
    """Show a box's tip at once, below it."""
    if box.isVisible():
        QToolTip.showText(box.mapToGlobal(QPoint(0, box.height())), box.toolTip(), box)
