"""Preferences: a form made from their declaration, applied as they change."""

from collections.abc import Callable
from functools import partial
from itertools import groupby
from typing import Any, Literal, get_args, get_origin

import annotated_types
from pydantic.fields import FieldInfo
from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSlider,
    QSpacerItem,
    QVBoxLayout,
    QWidget,
)

from leo_studio.services.preferences import Preferences, shown_preferences
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.number_boxes import DecimalBox, WholeBox
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.wheel import ComboBox
from leo_studio.ui.window.kept_size import KeptSize

_SLIDER_STEP = 5  # percent
_LINES_WIDE = 38  # how wide the dialog is, in heights of a line


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
    cleared = Signal()  # what was used is to be forgotten everywhere

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("preferences-dialog")
        self.setWindowTitle("Preferences")
        self._preferences = preferences
        self._show: dict[str, Callable[[Any], None]] = {}
        self._column = column = QVBoxLayout(self)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area, self._form = area, QWidget()
        area.setWidget(self._form)
        column.addWidget(area)
        self._grid = QGridLayout(self._form)
        self._grid.setColumnStretch(1, 1)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._gaps: list[int] = []  # rows that part one preference from the next
        self._titles: list[Label] = []
        for group, fields in groupby(shown_preferences(), lambda each: _extra(each[1], "group")):
            self._add_title(group)
            for name, field in fields:
                self._add(name, field)
        self._clear = QPushButton("&Clear recent items")
        self._clear.setObjectName("clear-recent")
        self._clear.setToolTip("Forget which presets, files and commands were used")
        self._clear.clicked.connect(lambda: self._change(self._preferences.without_recent()))
        self._clear.clicked.connect(self.cleared)
        column.addWidget(_note("Every change applies at once."))
        column.addWidget(self._buttons())
        self._space()
        self.show_preferences(preferences)
        self._form.installEventFilter(self)
        KeptSize(self, begins_small=True)

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

    def sizeHint(self) -> QSize:
        """Return the size in which the whole form is seen, with room for a bar to scroll it."""
        around = super().sizeHint() - self._area.sizeHint()  # margins and buttons
        bar = self._area.verticalScrollBar().sizeHint().width()
        margins = self._column.contentsMargins()
        edges = margins.left() + margins.right() + bar
        width = max(
            _LINES_WIDE * self.fontMetrics().height(),
            self._form.minimumSizeHint().width() + edges,
            super().minimumSizeHint().width(),
        )
        return QSize(width, self._grid.totalHeightForWidth(width - edges) + around.height())

    def minimumSizeHint(self) -> QSize:
        """Return the same: only a small screen makes anybody scroll."""
        return self.sizeHint()

    def changeEvent(self, event: QEvent) -> None:
        """Keep the distances in proportion to the text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._space()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the form's size; let the wheel scroll it, not change what is under the pointer."""
        if watched is self._form:
            if event.type() == QEvent.Type.LayoutRequest:
                self._area.updateGeometry()  # the dialog grows with it
        elif event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget):
            event.ignore()
            return not watched.hasFocus()
        return False

    def _space(self) -> None:
        """Make the room between rows follow the text."""
        line = self.fontMetrics().height()
        self._grid.setVerticalSpacing(line // 4)
        self._grid.setHorizontalSpacing(line)
        for row in self._gaps:
            self._grid.setRowMinimumHeight(row, line // 2)
        for title in self._titles[1:]:
            title.setContentsMargins(0, line // 2, 0, 0)

    def _add_title(self, group: str) -> None:
        title = Label(group)
        title.setProperty("role", "title")
        self._titles.append(title)
        self._grid.addWidget(title, self._grid.rowCount(), 0, 1, 2)

    def _add(self, name: str, field: FieldInfo) -> None:
        """Add a row: what is asked for, what chooses it, and a sentence below that."""
        title, description = field.title or name, field.description or ""
        changed = partial(self._change_one, name)
        control, show = _control(field, changed)
        editor = control if not isinstance(control, _Percent) else control.slider
        editor.setObjectName(f"preference-{name}")
        editor.setAccessibleName(title)
        editor.setAccessibleDescription(description)
        editor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        editor.installEventFilter(self)
        if isinstance(control, _Percent):
            control.box.setObjectName(f"preference-{name}-exact")
            control.box.setAccessibleName(f"{title}, exact")
        control.setToolTip(as_tip(description))
        self._show[name] = show
        row, flag = self._grid.rowCount(), Qt.AlignmentFlag
        takes_width = isinstance(control, QCheckBox | _Percent)
        self._grid.addWidget(control, row, 1, flag(0) if takes_width else flag.AlignLeft)
        self._grid.addWidget(_note(description), row + 1, 1)
        self._grid.addItem(QSpacerItem(0, 0), row + 2, 1)
        self._gaps.append(row + 2)
        if isinstance(control, QCheckBox):
            control.setText(title)
        else:
            label = Label(f"{title}:")
            label.setBuddy(editor)
            self._grid.addWidget(label, row, 0)

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
        for button in (restore, self._clear, box.button(kinds.Close)):
            button.setAutoDefault(False)  # Enter in a box is for the box alone
        box.rejected.connect(self.close)
        return box


class _Percent(QWidget):
    """A slider, and a box for the exact value; a fraction of one outside, percent inside."""

    def __init__(self, low: float, high: float, changed: Callable[[float], None]) -> None:
        super().__init__()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        # Applied when it is let go: a slider that grows under the pointer runs away from it.
        self.slider.setTracking(False)
        self.slider.setRange(round(100 * low / _SLIDER_STEP), round(100 * high / _SLIDER_STEP))
        self.slider.setPageStep(1)
        self.box = WholeBox()
        self.box.setRange(round(100 * low), round(100 * high))
        self.box.setSingleStep(_SLIDER_STEP)
        self.box.setSuffix(" %")
        self.slider.sliderMoved.connect(self._tell)
        self.slider.valueChanged.connect(self._tell)
        self.slider.valueChanged.connect(lambda value: changed(value * _SLIDER_STEP / 100))
        self.box.valueChanged.connect(lambda percent: changed(percent / 100))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.slider, 1)
        row.addWidget(self.box)
        self.setFocusProxy(self.slider)

    def show_fraction(self, fraction: float) -> None:
        """Show a value without telling of it."""
        percent = round(100 * fraction)
        for control, value in ((self.slider, round(percent / _SLIDER_STEP)), (self.box, percent)):
            control.blockSignals(True)
            control.setValue(value)
            control.blockSignals(False)

    def _tell(self, value: int) -> None:
        """Show the value that the slider has, under the mouse too, and do not apply it."""
        self.box.blockSignals(True)
        self.box.setValue(value * _SLIDER_STEP)
        self.box.blockSignals(False)


def _note(text: str) -> Label:
    note = Label(text)
    note.setProperty("role", "muted")
    note.setWordWrap(True)
    return note


def _control(
    field: FieldInfo, changed: Callable[[Any], None]
) -> tuple[QWidget, Callable[[Any], None]]:
    """Return what edits a preference, and what shows a value in it without telling of it."""
    kind, low, high = field.annotation, *_limits(field)
    if get_origin(kind) is Literal:
        combo = ComboBox()
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
