"""Work in the background, in the status bar."""

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from leo_studio.services.background import Task
from leo_studio.services.controller import Controller
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.task_bar import TaskBar, TaskRow

Begin = Callable[[str], Task]


@pytest.fixture
def begin(controller: Controller) -> Iterator[Begin]:
    """Begin work that reports until it is cancelled, or the test is over."""
    end = threading.Event()

    def work(task: Task) -> None:
        while not end.wait(0.005):
            task.report(0.25, "counting")

    yield lambda title: controller.start(title, work, lambda _: None)
    end.set()


@pytest.fixture
def bar(controller: Controller, themes: ThemeManager, qtbot: QtBot) -> Iterator[TaskBar]:
    """Beside a neighbour that must not move."""
    window = QWidget()
    qtbot.addWidget(window)
    row = QHBoxLayout(window)
    bar = TaskBar(controller, themes)
    row.addWidget(bar, 1)
    row.addWidget(QLabel("neighbour"))
    window.resize(600, 40)
    window.show()
    yield bar  # the window lives for as long as this function


def title(bar: QWidget) -> str:
    label = bar.findChild(QLabel, "task-title")
    assert label is not None
    return label.text()


def button(bar: QWidget, name: str) -> QToolButton:
    found = bar.findChild(QToolButton, name)
    assert found is not None
    return found


def neighbour(bar: TaskBar) -> int:
    return next(
        label.x() for label in bar.window().findChildren(QLabel) if label.text() == "neighbour"
    )


def test_it_shows_what_is_done_and_how_far(bar: TaskBar, begin: Begin, qtbot: QtBot) -> None:
    assert not bar.isVisible()
    begin("Drawing glyphs")
    qtbot.waitUntil(lambda: title(bar) == "Drawing glyphs: counting")
    progress = bar.findChild(QProgressBar)
    assert progress is not None
    assert bar.isVisible()
    assert progress.value() == progress.maximum() // 4


def test_nothing_moves_when_work_begins_and_ends(bar: TaskBar, begin: Begin, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: neighbour(bar) > 100)
    before = neighbour(bar)
    task = begin("Drawing glyphs")
    qtbot.waitUntil(bar.isVisible)
    assert neighbour(bar) == before
    task.cancel()
    qtbot.waitUntil(lambda: not bar.isVisible())
    assert neighbour(bar) == before


def test_cancel_ends_the_task_that_is_shown(bar: TaskBar, begin: Begin, qtbot: QtBot) -> None:
    first, second = begin("First"), begin("Second")
    qtbot.waitUntil(lambda: title(bar).startswith("Second"))
    button(bar, "task-cancel").click()
    assert second.is_cancelled
    assert not first.is_cancelled
    qtbot.waitUntil(lambda: title(bar).startswith("First"))


def test_a_press_cancels_what_was_there_when_it_began(
    controller: Controller, begin: Begin, themes: ThemeManager, qtbot: QtBot
) -> None:
    row = TaskRow(themes)
    qtbot.addWidget(row)
    first, second = begin("First"), begin("Second")
    row.show_task(first)
    cancel = button(row, "task-cancel")
    cancel.pressed.emit()
    row.show_task(second)
    cancel.clicked.emit()
    assert first.is_cancelled
    assert not second.is_cancelled


# The offscreen platform has no popups of its own.
@pytest.mark.qt_log_ignore("does not support (raise|grabbing)", extend=True)
def test_all_tasks_are_listed_and_each_can_be_cancelled(
    bar: TaskBar, begin: Begin, qtbot: QtBot
) -> None:
    tasks = [begin(name) for name in ("First", "Second", "Third")]
    more = button(bar, "task-more")
    qtbot.waitUntil(lambda: more.text() == "+2")
    more.click()
    popup = next(
        widget for widget in QApplication.topLevelWidgets() if widget.objectName() == "task-list"
    )
    assert popup.isVisible()
    rows = popup.findChildren(TaskRow)
    assert [title(row).partition(":")[0] for row in rows] == ["First", "Second", "Third"]
    button(rows[0], "task-cancel").click()
    assert [task.is_cancelled for task in tasks] == [True, False, False]
    for task in tasks:
        task.cancel()
    qtbot.waitUntil(lambda: not popup.isVisible())


def test_work_that_nobody_waits_for_is_not_shown(
    bar: TaskBar, controller: Controller, qtbot: QtBot
) -> None:
    done: list[None] = []
    controller.start("Reading", lambda _: None, done.append, is_shown=False)
    assert not bar.isVisible()
    qtbot.waitUntil(lambda: bool(done))
    QTest.qWait(0)
    assert not bar.isVisible()
