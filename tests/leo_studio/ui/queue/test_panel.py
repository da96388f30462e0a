"""The queue is seen, put into another order and emptied."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.events import State
from leo_studio.services.controller import Controller
from leo_studio.services.records import TrainingStatus
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
    for seed in (1, 2, 3):
        controller.train(toy_experiment.with_settings({"run.seed": seed}))
    qtbot.waitUntil(lambda: controller.status.step > 0 and len(waiting(panel)) == 3, timeout=30_000)
    yield panel


def waiting(panel: QueuePanel) -> list[int]:
    """Return the seeds in the list, by which its titles end."""
    texts = [panel.list.item(row).text() for row in range(panel.list.count())]
    assert all("  4-way 2-shot, toy, seed " in text for text in texts)
    return [int(text.split(" seed ")[1].split()[0]) for text in texts]


def seeds(controller: Controller) -> list[int | None]:
    """Return the seeds of the experiments that wait."""
    waiting = (each.experiment for each in controller.waiting)
    return [None if experiment is None else experiment.run.seed for experiment in waiting]


def trained_seed(controller: Controller) -> int | None:
    """Return the seed of what trains now, once its run is listed."""
    path = Path(controller.status.run)
    experiments = (run.experiment for run in controller.runs if run.path == path)
    return next((each.run.seed for each in experiments if each is not None), None)


def test_an_empty_queue_says_how_it_is_filled(panel: QueuePanel) -> None:
    empty = panel.findChildren(QLabel, "queue-empty")[0]
    assert empty.isVisible()
    assert "Add to queue" in empty.text()
    assert panel.now.text() == "Nothing trains now."
    assert not panel.progress.isVisible()


def test_what_waits_is_moved_and_removed(
    busy: QueuePanel, controller: Controller, qtbot: QtBot
) -> None:
    assert waiting(busy) == [1, 2, 3]
    assert "training" in busy.now.text()
    assert busy.progress.isVisible() and busy.progress.maximum() == 100_000
    qtbot.waitUntil(lambda: "of 100,000" in busy.how_far.text())
    busy.list.setCurrentRow(2)
    busy.list.setFocus()
    QTest.keyClick(busy.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: waiting(busy) == [1, 3, 2])
    assert busy.list.currentRow() == 1
    QTest.keyClick(busy.list, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: waiting(busy) == [1, 2])
    assert seeds(controller) == [1, 2]


def test_dragging_changes_what_trains_next(
    busy: QueuePanel,
    controller: Controller,
    qtbot: QtBot,
    wait_for_state: Callable[[State], None],
) -> None:
    parent = QModelIndex()
    busy.list.model().moveRow(parent, 2, parent, 0)
    qtbot.waitUntil(lambda: seeds(controller) == [3, 1, 2])
    controller.stop()
    qtbot.waitUntil(lambda: trained_seed(controller) == 3, timeout=30_000)


def test_buttons_are_off_where_nothing_can_be_moved(
    busy: QueuePanel, actions: ActionRegistry
) -> None:
    busy.list.setCurrentRow(0)
    assert not actions["queue.up"].isEnabled()
    assert actions["queue.down"].isEnabled()
    busy.list.setCurrentRow(2)
    assert not actions["queue.down"].isEnabled()


def test_time_left_is_told_beside_the_steps(panel: QueuePanel, controller: Controller) -> None:
    status = TrainingStatus(
        state="running", run="r", step=60, steps=300, seconds_left=24, is_left_at_least=True
    )
    controller.status_changed.emit(status)
    assert panel.how_far.text() == "60 of 300 · over 24 s left"
