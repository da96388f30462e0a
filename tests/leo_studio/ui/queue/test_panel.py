"""The queue is seen, put into another order and emptied."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.events import State
from leo_studio.services.controller import Controller
from leo_studio.ui.queue.panel import QueuePanel
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager


@pytest.fixture
def panel(
    controller: Controller, actions: ActionRegistry, themes: ThemeManager, qtbot: QtBot
) -> Iterator[QueuePanel]:
    made = QueuePanel(controller, actions, themes)
    qtbot.addWidget(made)
    made.resize(400, 400)
    made.show()
    qtbot.waitExposed(made)
    yield made


@pytest.fixture
def busy(
    panel: QueuePanel, controller: Controller, toy_experiment: Experiment, qtbot: QtBot
) -> Iterator[QueuePanel]:
    """A run that trains for long, and three that wait."""
    controller.train(toy_experiment.with_settings({"schedule.steps": 100_000}))
    for name in ("first", "second", "third"):
        controller.train(toy_experiment.with_settings({"name": name}))
    qtbot.waitUntil(lambda: controller.status.step > 0 and len(waiting(panel)) == 3, timeout=30_000)
    yield panel


def waiting(panel: QueuePanel) -> list[str]:
    return [panel.list.item(row).text().split()[1] for row in range(panel.list.count())]


def test_an_empty_queue_says_how_it_is_filled(panel: QueuePanel) -> None:
    empty = panel.findChildren(QLabel, "queue-empty")[0]
    assert empty.isVisible()
    assert "Add to queue" in empty.text()
    assert panel.now.text() == "Nothing trains now."


def test_what_waits_is_moved_and_removed(
    busy: QueuePanel, controller: Controller, qtbot: QtBot
) -> None:
    assert waiting(busy) == ["first", "second", "third"]
    assert "training" in busy.now.text()
    assert busy.progress.maximum() == 100_000
    qtbot.waitUntil(lambda: "of 100,000" in busy.how_far.text())
    busy.list.setCurrentRow(2)
    busy.list.setFocus()
    QTest.keyClick(busy.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: waiting(busy) == ["first", "third", "second"])
    assert busy.list.currentRow() == 1
    QTest.keyClick(busy.list, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: waiting(busy) == ["first", "second"])
    assert [each.name for each in controller.waiting] == ["first", "second"]


def test_dragging_changes_what_trains_next(
    busy: QueuePanel,
    controller: Controller,
    qtbot: QtBot,
    wait_for_state: Callable[[State], None],
) -> None:
    parent = QModelIndex()
    busy.list.model().moveRow(parent, 2, parent, 0)
    qtbot.waitUntil(
        lambda: [each.name for each in controller.waiting] == ["third", "first", "second"]
    )
    controller.stop()
    qtbot.waitUntil(lambda: controller.status.name.startswith("third"), timeout=30_000)


def test_buttons_are_off_where_nothing_can_be_moved(
    busy: QueuePanel, actions: ActionRegistry
) -> None:
    busy.list.setCurrentRow(0)
    assert not actions["queue.up"].isEnabled()
    assert actions["queue.down"].isEnabled()
    busy.list.setCurrentRow(2)
    assert not actions["queue.down"].isEnabled()
