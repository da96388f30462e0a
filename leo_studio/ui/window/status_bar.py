"""The status bar: how training stands.

Every number has an area of its own, as wide as the widest that can come, so that nothing jumps
while it counts.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QProgressBar,
    QSizeGrip,
    QSizePolicy,
    QStatusBar,
    QToolButton,
    QWidget,
)

from engine.events import State, Waiting
from engine.runs.folders import run_identity
from leo_studio.analysis.formats import (
    format_duration,
    format_progress,
    format_rate,
    format_time_left,
    format_validation,
)
from leo_studio.services.records import TrainingStatus
from leo_studio.services.run_titles import title_of_waiting
from leo_studio.ui.widgets.eliding_label import ElidingLabel
from leo_studio.ui.widgets.kept_place import keep_place
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import Theme, ThemeManager
from leo_studio.ui.window.docks import Docks
from leo_studio.ui.window.task_bar import TaskBar

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

# The icon of each state, and the theme's colour that it has.
_STATES: Final[dict[State, tuple[str, str]]] = {
    "idle": (MDI7.circle_outline, "muted"),
    "preparing": (MDI7.timer_sand, "accent"),
    "running": (MDI7.play, "success"),
    "paused": (MDI7.pause, "warning"),
    "stopping": (MDI7.timer_sand, "warning"),
    "finished": (MDI7.check_circle, "success"),
    "stopped": (MDI7.stop_circle, "muted"),
    "failed": (MDI7.alert_circle, "danger"),
}


def fill_status_bar(
    bar: QStatusBar, controller: "Controller", themes: ThemeManager
) -> "TrainingFields":
    """Put work in the background at the left, and training at the right.

    A message, such as an action's tip, takes the place at the left while it is shown.
    """
    left = QWidget()
    keep_place(left)  # or the fields would spread into it while a message is shown
    row = QHBoxLayout(left)
    row.setContentsMargins(0, 0, 0, 0)
    tasks = TaskBar(controller, themes)
    tasks.setMaximumWidth(32 * bar.fontMetrics().height())
    row.addWidget(tasks, 100)
    row.addStretch(1)
    fields = TrainingFields(controller, themes)
    bar.addWidget(left, 1)
    bar.addPermanentWidget(fields)
    _BarHeight(bar, themes)
    bar.messageChanged.connect(fields.make_way)
    grip = bar.findChild(QSizeGrip)
    if grip is not None:
        grip.setAccessibleName("Size of the window")
        grip.setToolTip(as_tip("Drag to change the window's size"))
    return fields


class _BarHeight(QObject):
    """Gives a bar the height of its widgets, of which the hidden ones have their look last.

    Qt tells nobody that a hidden widget needs another room, even where its place is kept.
    """

    def __init__(self, bar: QStatusBar, themes: ThemeManager) -> None:
        super().__init__(bar)
        self._bar = bar
        # A method, and no function: it is no longer called once the bar is gone.
        themes.settled.connect(self._measure_again)

    def _measure_again(self) -> None:
        for widget in self._bar.findChildren(QWidget):
            widget.updateGeometry()
            layout = widget.layout()
            if layout is not None:
                layout.invalidate()
        QApplication.sendEvent(self._bar, QEvent(QEvent.Type.LayoutRequest))


def add_unfold_button(bar: QStatusBar, themes: ThemeManager, docks: Docks) -> None:
    """Add the button that brings Runs back; it is there while they are folded away."""
    button = _UnfoldButton(bar, themes, docks)
    bar.addPermanentWidget(button)
    button.setVisible(docks.is_folded)  # the bar shows what it is given


class _UnfoldButton(QToolButton):
    def __init__(self, bar: QStatusBar, themes: ThemeManager, docks: Docks) -> None:
        super().__init__(bar)
        self._themes, self._docks = themes, docks
        self.setObjectName("unfold")
        self.setText("Runs")
        self.setToolTip(as_tip("Bring Runs back"))
        self.setAccessibleName("Bring Runs back")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setStyleSheet("padding: 0 4px")
        self.clicked.connect(lambda: docks.fold(False))
        # Methods, and no functions: they are no longer called once the button is gone.
        themes.changed.connect(self._recolor)
        docks.changed.connect(self._follow)
        self._recolor()
        self._follow()

    def _recolor(self, _theme: object = None) -> None:
        self.setIcon(self._themes.icon(MDI7.chevron_up))

    def _follow(self) -> None:
        self.setVisible(self._docks.is_folded)


class TrainingFields(QWidget):
    """Queue, pace, progress, state and device; where the room is small, the last ones alone."""

    def __init__(
        self, controller: "Controller", themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("training-fields")
        self._controller = controller
        self._themes = themes
        self._status = TrainingStatus()
        self._is_beside_sentence = False
        self._icon = Label()
        self._icon.setObjectName("status-icon")
        self._icon.setAccessibleName("State of training")
        self._word = _field("status-state", "State of training")
        self._progress = QProgressBar()
        self._progress.setObjectName("status-progress")
        self._progress.setAccessibleName("Progress of training")
        self._progress.setTextVisible(False)  # the steps stand beside it
        self._steps = _field("status-steps", "Outer steps")
        self._rate = _field("status-rate", "Outer steps per second")
        self._left = _field("status-time-left", "Time left")
        self._validation = _field("status-validation", "Validation under way")
        self._time = _field("status-time", "Time so far, with validations and without pauses")
        self._queue = _field("status-queue", "Runs that wait")
        self._device = ElidingLabel(Qt.TextElideMode.ElideMiddle)
        self._device.setObjectName("status-device")
        self._device.setAccessibleName("Device")
        self._device.setProperty("role", "muted")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._bar_place, self._pace = QWidget(), QWidget()
        _fill(self._bar_place, self._progress)
        # The rate shares its room with the validation, during which it stands still.
        _fill(self._pace, self._rate, self._validation)
        # The more important a field is, the further right it stands.
        self._fields = (
            self._word, self._icon, self._bar_place, self._steps, self._left,
            self._pace, self._queue, self._time,
        )  # fmt: skip
        for widget in (*reversed(self._fields), self._device):
            self._row.addWidget(widget)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        controller.status_changed.connect(self._show)
        controller.current.changed.connect(lambda: self._show(controller.status))
        controller.queue_changed.connect(self._show_queue)
        themes.changed.connect(self._recolor)
        self._show_queue(controller.waiting)
        self._show(controller.status)
        self._measure()
        self._recolor(themes.current)

    def make_way(self, message: str) -> None:
        """Name the device alone while a sentence is shown: two are not read at once."""
        self._is_beside_sentence = bool(message)
        self._show_device(self._status.device)

    def sizeHint(self) -> QSize:
        """Return the room for all fields, also for those that are hidden for want of it."""
        widths = [*(field.width() for field in self._fields), self._device_width()]
        return QSize(sum(widths) + self._row.spacing() * len(widths), self._height())

    def minimumSizeHint(self) -> QSize:
        """Return the room for state and device: the window may be made small."""
        device = self.fontMetrics().horizontalAdvance("cuda:0")
        widths = [*(field.width() for field in self._fields[:2]), device]
        return QSize(sum(widths) + self._row.spacing() * len(widths), self._height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many fields as there is room for, the more important ones first."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Measure again when the text has another size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._measure()

    # What is shown

    def _show(self, status: TrainingStatus) -> None:
        before = self._status
        status = self._status = self._of_interest(status)
        self._word.setText(status.state.capitalize())
        self._progress.setVisible(bool(status.steps))
        if status.steps:
            self._progress.setRange(0, status.steps)
            self._progress.setValue(status.step)
        self._steps.setText(format_progress(status.step, status.steps) if status.steps else "")
        is_moving = status.state == "running" and status.steps_per_second > 0
        self._rate.setText(format_rate(status.steps_per_second) if is_moving else "")
        left = format_time_left(status.seconds_left, is_at_least=status.is_left_at_least)
        self._left.setText(left if status.state == "running" else "")
        has_trained = status.is_active and status.seconds_so_far > 0
        so_far = f"{format_duration(status.seconds_so_far)} so far"
        self._time.setText(so_far if has_trained else "")
        validation = status.validation
        self._validation.setText("" if validation is None else format_validation(*validation))
        self._validation.setVisible(validation is not None)
        self._rate.setVisible(validation is None)
        if status.state != before.state:
            self._recolor(self._themes.current)
        if status.steps != before.steps:
            self._measure()
        self._show_device(status.device)
        self._explain()

    def _of_interest(self, status: TrainingStatus) -> TrainingStatus:
        """Return how training stands, without a run that has ended where another one is current."""
        current = self._controller.current.path
        has_ended = not status.is_active and bool(status.run)
        if has_ended and current is not None and current != run_identity(Path(status.run)):
            return TrainingStatus(device=status.device)
        return status

    def _explain(self) -> None:
        """Put all fields into the tooltip, also those without room."""
        shown = (
            self._word, self._steps, self._validation, self._rate, self._left,
            self._time, self._queue,
        )  # fmt: skip
        run = self._status.run
        title = self._controller.title_of(Path(run)) if run else ""
        parts = [title, *(label.text() for label in shown)]
        text = "\n".join(part for part in parts if part)
        for widget in (self._icon, self._word, self._progress):
            widget.setToolTip(as_tip(text))

    def _show_queue(self, waiting: tuple[Waiting, ...]) -> None:
        self._queue.setText(f"{len(waiting)} waiting" if waiting else "")
        known = self._controller.presets, self._controller.runs
        names = "\n".join(title_of_waiting(entry, *known) for entry in waiting)
        self._queue.setToolTip(as_tip(f"Trained next:\n{names}" if waiting else ""))
        self._fit()

    def _show_device(self, device: str) -> None:
        text = device_text(device, self._controller)
        self._device.setToolTip(as_tip(text))
        shown = text.partition(":")[0] if self._is_beside_sentence else text
        if shown != self._device.text():
            self._device.setText(shown)

    def _recolor(self, theme: Theme) -> None:
        glyph, color = _STATES[self._status.state]
        side = self.fontMetrics().height()
        icon = self._themes.icon(glyph, getattr(theme, color))
        self._icon.setPixmap(icon.pixmap(side, side))

    # Room

    def _measure(self) -> None:
        """Give every field the width of the widest text that it can have."""
        metrics, height = self.fontMetrics(), self._height()
        steps = max(self._status.steps, 99_999)

        def width(*texts: str) -> int:
            return max(metrics.horizontalAdvance(text) for text in texts) + 2

        pace = width("88,888 steps/s", format_validation(88_888, 88_888))
        self._icon.setFixedSize(metrics.height(), height)
        self._word.setFixedSize(width(*(state.capitalize() for state in _STATES)), height)
        self._progress.setFixedHeight(metrics.height())
        self._bar_place.setFixedSize(6 * metrics.height(), height)
        self._steps.setFixedSize(width(format_progress(steps, steps)), height)
        self._left.setFixedSize(width("over 88 h 88 min left"), height)
        self._rate.setFixedSize(pace, height)
        self._validation.setFixedSize(pace, height)
        self._pace.setFixedSize(pace, height)
        self._queue.setFixedSize(width("88 waiting"), height)
        self._time.setFixedSize(width("88 h 88 min so far"), height)
        self._device.setFixedHeight(height)
        self.updateGeometry()
        self._fit()

    def _fit(self) -> None:
        """Show the more important fields, as many as there is room for, then of the device.

        What is empty leaves its room to the device; once something trains, all have their places.
        """
        device = self.fontMetrics().horizontalAdvance("cuda:0")
        room, is_room = self.width() - device, True
        for field in self._fields:
            needed = field.width() + self._row.spacing()
            is_room = is_room and (needed <= room or self._is_empty(field))
            is_shown = is_room and not self._is_empty(field)
            room -= needed if is_shown else 0
            field.setVisible(is_shown)
        self._device.setFixedWidth(min(room + device, self._device_width()))
        self._row.activate()  # at once, or one frame has the fields where they were

    def _is_empty(self, field: QWidget) -> bool:
        """Whether a field has nothing to say since nothing has trained yet."""
        if self._status.steps or field in (self._word, self._icon):
            return False
        return field is not self._queue or not self._queue.text()

    def _device_width(self) -> int:
        return 19 * self.fontMetrics().height()

    def _height(self) -> int:
        return self.fontMetrics().height() + 4


def device_text(device: str, controller: "Controller") -> str:
    """Say where it trains, or would, and why that is no GPU where it is none."""
    has_gpu = any(entry.name.startswith("cuda") for entry in controller.devices)
    name = device or ("cuda" if has_gpu else "cpu")
    if name != "cpu":
        described = {entry.name: entry.description for entry in controller.devices}
        # "cuda" is the first of them.
        description = described.get(name) or described.get(f"{name}:0", "")
        return f"{name}: {description}" if description else name
    return "CPU, as the run asks" if has_gpu else f"CPU: {controller.device_reason}"


def _field(name: str, purpose: str) -> Label:
    label = Label()
    label.setObjectName(name)
    label.setAccessibleName(purpose)
    if name != "status-state":
        label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return label


def _fill(place: QWidget, *widgets: QWidget) -> None:
    row = QHBoxLayout(place)
    row.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        row.addWidget(widget)
