"""Work in the background, in the status bar: what it is, how far, and a way to end it."""

from typing import TYPE_CHECKING

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from leo_studio.ui.widgets.eliding_label import ElidingLabel
from leo_studio.ui.widgets.kept_place import keep_place
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import Theme, ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller

_WHOLE = 1000  # steps of a bar


class TaskRow(QWidget):
    """One task: its title and note, a bar, and a button that cancels it."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._task: Task | None = None
        self._aimed: Task | None = None
        self._label = ElidingLabel(Qt.TextElideMode.ElideMiddle)
        self._label.setObjectName("task-title")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._cancel = QToolButton()
        self._cancel.setObjectName("task-cancel")
        self._cancel.setAutoRaise(True)
        self._cancel.pressed.connect(self._aim)
        self._cancel.clicked.connect(self._end)
        line = self.fontMetrics().height()
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._bar.setFixedSize(4 * line, line * 2 // 3)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._label, 1)
        row.addWidget(self._bar)
        row.addWidget(self._cancel)
        themes.changed.connect(self._recolor)
        self._recolor(themes.current)

    def show_task(self, task: "Task") -> None:
        """Show how far a task is."""
        self._task = task
        note = "cancelling" if task.is_cancelled else task.note
        text = f"{task.title}: {note}" if note else task.title
        if text != self._label.text():
            self._label.setText(text)
            self._label.setToolTip(as_tip(text))
            self._bar.setAccessibleName(text)
        fraction = task.fraction
        # A bar with no end moves to and fro: nobody knows how far it is.
        self._bar.setRange(0, 0 if fraction is None else _WHOLE)
        if fraction is not None:
            self._bar.setValue(round(_WHOLE * min(max(fraction, 0.0), 1.0)))
        self._cancel.setEnabled(not task.is_cancelled)
        if self._cancel.accessibleName() != f"Cancel: {task.title}":
            self._cancel.setAccessibleName(f"Cancel: {task.title}")
            self._cancel.setToolTip(as_tip(f"Cancel: {task.title}"))

    def _aim(self) -> None:
        # Another task may take the row between the press and the release.
        self._aimed = self._task

    def _end(self) -> None:
        if self._aimed is not None:
            self._aimed.cancel()
            if self._aimed is self._task:
                self.show_task(self._aimed)

    def _recolor(self, _theme: Theme) -> None:
        self._cancel.setIcon(self._themes.icon(MDI7.close))


class TaskBar(QWidget):
    """The task that began last, and a button with the number of the others, which lists all.

    It keeps its place while there is nothing to show, so that nothing beside it moves.
    """

    def __init__(
        self, controller: "Controller", themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("task-bar")
        self._controller = controller
        self._themes = themes
        self._first = TaskRow(themes)
        self._more = QToolButton()
        self._more.setObjectName("task-more")
        self._more.clicked.connect(self._show_all)
        self._more.setAutoRaise(True)
        keep_place(self._more)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._first, 1)
        row.addWidget(self._more)
        self._list = _TaskList(themes, self)
        keep_place(self)
        controller.tasks_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        tasks = self._controller.tasks
        self.setVisible(bool(tasks))
        self._list.show_tasks(tasks)
        if not tasks:
            return
        self._first.show_task(tasks[-1])
        others = len(tasks) - 1
        if self._more.text() != f"+{others}":
            self._more.setText(f"+{others}")
            self._more.setToolTip(as_tip(f"Show all {len(tasks)} that are under way"))
            self._more.setAccessibleName(self._more.toolTip())
        self._more.setVisible(others > 0)

    def _show_all(self) -> None:
        self._list.open_above(self._more, self._controller.tasks)


class _TaskList(QFrame):
    """A popup with all tasks."""

    def __init__(self, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("task-list")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._themes = themes
        self._rows: list[TaskRow] = []
        self._column = QVBoxLayout(self)
        self.hide()

    def show_tasks(self, tasks: "list[Task]") -> None:
        """Show a row for each, as long as the popup is open."""
        if not self.isVisible():
            return
        if not tasks:
            self.close()
            return
        self._fill(tasks)

    def open_above(self, button: QWidget, tasks: "list[Task]") -> None:
        """Open above a button, their right edges aligned."""
        self.setFixedWidth(28 * self.fontMetrics().height())
        self._fill(tasks)
        corner = button.mapToGlobal(QPoint(button.width(), 0))
        room = button.screen().availableGeometry()
        left = max(room.left(), corner.x() - self.width())
        self.move(left, max(room.top(), corner.y() - self.height()))
        self.show()

    def _fill(self, tasks: "list[Task]") -> None:
        while len(self._rows) < len(tasks):
            row = TaskRow(self._themes)
            self._rows.append(row)
            self._column.addWidget(row)
        for row, task in zip(self._rows, tasks, strict=False):
            row.show_task(task)
        for index, row in enumerate(self._rows):
            row.setVisible(index < len(tasks))
        self.adjustSize()
