"""The queue: what trains now, what waits, and its order."""

from pathlib import Path
from typing import TYPE_CHECKING

from fonticon_mdi7 import MDI7
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.events import Waiting
from leo_studio.analysis.formats import format_number, format_time_left
from leo_studio.services.records import TrainingStatus
from leo_studio.services.run_titles import title_of_waiting
from leo_studio.ui.queue.beside_rows import BesideRows
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.eliding_label import ElidingLabel
from leo_studio.ui.widgets.kept_place import keep_place
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

_NUMBER = Qt.ItemDataRole.UserRole
_EMPTY = (
    "Nothing waits. While something trains, the button Train says “Add to queue” and puts an "
    "experiment here; it starts when the one before it ends.\n\nHow many train at once is said in "
    "Preferences, Training."
)
_WORDS = {
    "preparing": "is being prepared",
    "running": "is training",
    "paused": "is paused",
    "stopping": "is stopping",
}


class QueuePanel(QWidget):
    """Shows what is trained now and what waits, which can be moved, by dragging too, or removed."""

    def __init__(
        self,
        controller: "Controller",
        actions: ActionRegistry,
        _themes: ThemeManager,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("queue-panel")
        self._controller = controller
        self._actions = actions
        self.now = ElidingLabel()
        self.now.setObjectName("queue-now")
        self.now.setProperty("role", "title")
        # Beside the bar and not on it, where it is unreadable at the edge of what is done.
        self.how_far = Label()
        self.how_far.setObjectName("queue-how-far")
        self.how_far.setProperty("role", "muted")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setObjectName("queue-progress")
        self.progress.setAccessibleName("Progress of the run that trains")
        keep_place(self.progress)
        self.beside = BesideRows(controller, self)
        self.list = QListWidget()
        self.list.setObjectName("queue-list")
        self.list.setAccessibleName("What waits to be trained, the next first")
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.list.setSpacing(2)
        self._add_actions(actions)
        self._lay_out()
        self.list.currentRowChanged.connect(lambda _: self._enable())
        # Later: the list is in the midst of its own move when it says so.
        self.list.model().rowsMoved.connect(
            lambda *_: self._take_order(), Qt.ConnectionType.QueuedConnection
        )
        controller.queue_changed.connect(self._show)
        controller.status_changed.connect(self._follow)
        self._show(controller.waiting)
        self._follow(controller.status)

    def _add_actions(self, actions: ActionRegistry) -> None:
        add = actions.add
        self._up = add(
            "queue.up",
            "Train earlier",
            lambda: self._move(-1),
            menu="Train",
            shortcut="Alt+Up",
            glyph=MDI7.arrow_up,
            tip="Move what is selected in the queue up",
            within=self,
        )
        self._down = add(
            "queue.down",
            "Train later",
            lambda: self._move(1),
            menu="Train",
            shortcut="Alt+Down",
            glyph=MDI7.arrow_down,
            tip="Move what is selected in the queue down",
            within=self,
        )
        self._remove = add(
            "queue.remove",
            "Remove from queue",
            self._withdraw,
            menu="Train",
            shortcut="Delete",
            glyph=MDI7.close,
            tip="Take what is selected out of the queue; a run on disk stays",
            within=self,
        )

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        self._count = Label()
        self._count.setProperty("role", "muted")
        buttons.addWidget(self._count, 1)
        for action in (self._up, self._down, self._remove):
            button = QToolButton()
            button.setDefaultAction(action)
            button.setAccessibleName(action.text())
            buttons.addWidget(button)
        empty = Label(_EMPTY)
        empty.setObjectName("queue-empty")
        empty.setProperty("role", "muted")
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        empty.setWordWrap(True)
        self._places = QStackedWidget()
        self._places.addWidget(empty)
        self._places.addWidget(self.list)
        layout = QVBoxLayout(self)
        head = QHBoxLayout()
        head.addWidget(self.now, 1)
        head.addWidget(self.how_far)
        layout.addLayout(head)
        layout.addWidget(self.progress)
        layout.addWidget(self.beside)
        layout.addLayout(buttons)
        layout.addWidget(self._places, 1)

    def _show(self, waiting: tuple[Waiting, ...]) -> None:
        selected, row = self._selected(), self.list.currentRow()
        self.list.blockSignals(True)
        self.list.clear()
        for place, each in enumerate(waiting):
            title = title_of_waiting(each, self._controller.presets, self._controller.runs)
            item = QListWidgetItem(f"{place + 1}.  {title}   ·   {_steps_text(each.steps)}")
            item.setData(_NUMBER, each.number)
            self.list.addItem(item)
            if each.number == selected:
                row = place
        self.list.setCurrentRow(min(row, len(waiting) - 1))
        self.list.blockSignals(False)
        self._count.setText(f"{len(waiting)} waiting" if waiting else "")
        self._places.setCurrentIndex(int(bool(waiting)))
        self._enable()

    def _follow(self, status: TrainingStatus) -> None:
        if not status.is_active:
            self.now.setText("Nothing trains now.")
            self.progress.hide()
            self.how_far.clear()
            return
        self.progress.show()
        name = self._controller.title_of(Path(status.run)) if status.run else ""
        self.now.setText(f"{name or 'The next run'} {_WORDS[status.state]}")
        left = format_time_left(status.seconds_left, is_at_least=status.is_left_at_least)
        self.progress.setRange(0, max(status.steps, 1))
        self.progress.setValue(status.step)
        steps = f"{status.step:,} of {status.steps:,}" if status.steps else ""
        self.how_far.setText(" · ".join(filter(None, (steps, left))))

    def _selected(self) -> int | None:
        item = self.list.currentItem()
        return None if item is None else int(item.data(_NUMBER))

    def _move(self, places: int) -> None:
        if (number := self._selected()) is not None:
            self._controller.move(number, max(0, self.list.currentRow() + places))

    def _withdraw(self) -> None:
        if (number := self._selected()) is not None:
            self._controller.withdraw(number)

    def _take_order(self) -> None:
        """Tell the order that dragging left; whatever was trained meanwhile is no longer there."""
        for place in range(self.list.count()):
            self._controller.move(int(self.list.item(place).data(_NUMBER)), place)

    def _enable(self) -> None:
        row, count = self.list.currentRow(), self.list.count()
        nothing = "" if row >= 0 else "Select something in the queue first."
        is_last = row == count - 1
        reasons = {
            "up": nothing or ("It is the next one already." if row == 0 else ""),
            "down": nothing or ("It is the last one already." if is_last else ""),
            "remove": nothing,
        }
        for name, reason in reasons.items():
            self._actions.set_reason(f"queue.{name}", reason)


def _steps_text(steps: int | None) -> str:
    if steps is None:
        return "resumed"
    return f"{format_number(steps)} steps" if steps else "needs no training"
