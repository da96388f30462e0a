"""Preferences: a form made from their declaration, applied as they change."""

from collections.abc import Callable
from functools import partial
from itertools import groupby
from typing import Any, Literal, get_args, get_origin

import annotated_types
from pydantic.fields import FieldInfo
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from leo_studio.services.preferences import Preferences, shown_preferences
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.number_boxes import DecimalBox, WholeBox
from leo_studio.ui.widgets.people import as_tip

_SLIDER_STEP = 5  # percent


class PreferencesDialog(QDialog):
    """Asks for everything in `Preferences` that has a title.

    Parameters
    ----------
    preferences
        What is preferred now.
    parent
        The window that it belongs to.
    """

    changed = Signal(object)  # the new `Preferences`, at once

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("preferences-dialog")
        self.setWindowTitle("Preferences")
        self._preferences = preferences
        self._show: dict[str, Callable[[Any], None]] = {}
        column = QVBoxLayout(self)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area, self._form = area, QWidget()
        area.setWidget(self._form)
        column.addWidget(area)
        form = QFormLayout(self._form)
        form.setVerticalSpacing(self.fontMetrics().height() * 3 // 4)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for group, fields in groupby(shown_preferences(), lambda each: _extra(each[1], "group")):
            title = Label(group)
            title.setProperty("role", "title")
            form.addRow(title)
            for name, field in fields:
                self._add(form, name, field)
        self._clear = QPushButton("&Clear recent")
        self._clear.setObjectName("clear-recent")
        self._clear.setToolTip("Forget which presets, files and commands were used")
        self._clear.clicked.connect(lambda: self._change(self._preferences.without_recent()))
        column.addWidget(self._buttons())
        self.show_preferences(preferences)

    @property
    def preferences(self) -> Preferences:
        """The preferences in the form, with those that it does not show."""
        return self._preferences

    def show_preferences(self, preferences: Preferences) -> None:
        """Show what was changed elsewhere, such as by the menu; emits nothing."""
        self._preferences = preferences
        for name, show in self._show.items():
            show(getattr(preferences, name))
        recent = (preferences.recent_presets, preferences.recent_files, preferences.recent_commands)
        self._clear.setEnabled(any(recent))

    def showEvent(self, event: QShowEvent) -> None:
        """Take the size of the form, where the screen has room for it."""
        super().showEvent(event)
        if not event.spontaneous():
            margin = self.sizeHint() - self._area.sizeHint()
            # The bar for scrolling has its place also where there is none.
            bar = self._area.verticalScrollBar().sizeHint()
            wanted = self._form.sizeHint() + margin
            least = 32 * self.fontMetrics().height()
            wanted.setWidth(max(least, wanted.width() + bar.width()))
            height = self._form.heightForWidth(wanted.width() - margin.width() - bar.width())
            wanted.setHeight(max(wanted.height(), height + margin.height()))
            self.resize(wanted.boundedTo(self.screen().availableSize() * 0.9))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the wheel scroll the form, not change what the pointer happens to be over."""
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget):
            event.ignore()
            return not watched.hasFocus()
        return False

    def _add(self, form: QFormLayout, name: str, field: FieldInfo) -> None:
        title, description = field.title or name, field.description or ""
        changed = partial(self._change_one, name)
        control, show = _control(field, changed)
        editor = control if not isinstance(control, _Percent) else control.slider
        editor.setObjectName(f"preference-{name}")
        editor.setAccessibleName(title)
        editor.setAccessibleDescription(description)
        editor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        editor.installEventFilter(self)
        control.setToolTip(as_tip(description))
        self._show[name] = show
        note = Label(description)
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        cell = QVBoxLayout()
        cell.setSpacing(self.fontMetrics().height() // 4)
        cell.addWidget(control)
        cell.addWidget(note)
        if isinstance(control, QCheckBox):
            control.setText(title)
            form.addRow("", cell)
        else:
            label = Label(f"{title}:")
            label.setBuddy(editor)
            form.addRow(label, cell)

    def _change_one(self, name: str, value: object) -> None:
        self._change(self._preferences.changed(**{name: value}))

    def _change(self, preferences: Preferences) -> None:
        if preferences != self._preferences:
            self.show_preferences(preferences)
            self.changed.emit(preferences)

    def _buttons(self) -> QDialogButtonBox:
        kinds = QDialogButtonBox.StandardButton
        box = QDialogButtonBox(kinds.RestoreDefaults | kinds.Close)
        box.addButton(self._clear, QDialogButtonBox.ButtonRole.ResetRole)
        restore = box.button(kinds.RestoreDefaults)
        restore.setText("&Restore defaults")
        restore.setObjectName("restore-defaults")
        restore.clicked.connect(lambda: self._change(self._preferences.with_defaults()))
        box.button(kinds.Close).setText("Close")
        box.rejected.connect(self.close)
        return box


class _Percent(QWidget):
    """A slider with its value; a fraction of one outside, percent inside."""

    def __init__(self, low: float, high: float, changed: Callable[[float], None]) -> None:
        super().__init__()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        # Applied when it is let go: a slider that grows under the pointer runs away from it.
        self.slider.setTracking(False)
        self.slider.setRange(round(100 * low / _SLIDER_STEP), round(100 * high / _SLIDER_STEP))
        self.slider.setPageStep(2)
        self._label = Label("100 %")
        self._label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.slider.sliderMoved.connect(self._tell)
        self.slider.valueChanged.connect(self._tell)
        self.slider.valueChanged.connect(lambda value: changed(value * _SLIDER_STEP / 100))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.slider, 1)
        row.addWidget(self._label)
        self.setFocusProxy(self.slider)

    def show_fraction(self, fraction: float) -> None:
        """Show a value without telling of it."""
        self.slider.blockSignals(True)
        self.slider.setValue(round(100 * fraction / _SLIDER_STEP))
        self.slider.blockSignals(False)
        self._label.setText(f"{round(100 * fraction)} %")

    def _tell(self, value: int) -> None:
        self._label.setText(f"{value * _SLIDER_STEP} %")


def _control(
    field: FieldInfo, changed: Callable[[Any], None]
) -> tuple[QWidget, Callable[[Any], None]]:
    """Return what edits a preference, and what shows a value in it without telling of it."""
    kind, low, high = field.annotation, *_limits(field)
    if get_origin(kind) is Literal:
        combo = QComboBox()
        for choice in get_args(kind):
            combo.addItem(str(choice).capitalize(), choice)
        combo.currentIndexChanged.connect(lambda index: changed(combo.itemData(index)))
        return combo, _quiet(combo, lambda value: combo.setCurrentIndex(combo.findData(value)))
    if kind is bool:
        box = QCheckBox()
        box.toggled.connect(changed)
        return box, _quiet(box, box.setChecked)
    if kind is int:
        spin = WholeBox()
        spin.setRange(int(low), int(high))
        spin.setSuffix(f" {_extra(field, 'unit')}".rstrip())
        spin.valueChanged.connect(changed)
        return spin, _quiet(spin, spin.setValue)
    if _extra(field, "unit") == "%":
        percent = _Percent(low, high, changed)
        return percent, percent.show_fraction
    double = DecimalBox()
    double.setSingleStep(0.05)
    double.setRange(low, high)
    double.valueChanged.connect(changed)
    return double, _quiet(double, double.setValue)


def _quiet(widget: QWidget, show: Callable[[Any], None]) -> Callable[[Any], None]:
    def show_quietly(value: object) -> None:
        widget.blockSignals(True)
        show(value)
        widget.blockSignals(False)

    return show_quietly


def _limits(field: FieldInfo) -> tuple[float, float]:
    """Return the least and the greatest value; 0 and 0 where there are none."""
    low, high = 0.0, 0.0
    for limit in field.metadata:
        if isinstance(limit, annotated_types.Ge):
            low = float(limit.ge)  # type: ignore[arg-type]
        elif isinstance(limit, annotated_types.Le):
            high = float(limit.le)  # type: ignore[arg-type]
    return low, high


def _extra(field: FieldInfo, key: str) -> str:
    extra = field.json_schema_extra
    return str(extra[key]) if isinstance(extra, dict) else ""
