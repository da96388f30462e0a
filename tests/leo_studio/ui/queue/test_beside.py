"""Runs of the queue train beside one another, each in a process of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.runs.record import Status
from engine.runs.run import Run
from leo_studio.services.controller import Controller
from leo_studio.services.records import Notice, RunEntry
from leo_studio.ui.queue.panel import QueuePanel
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager
from tests.bits import assert_same_bits

LONG = 100_000
SECONDS = 120_000  # milliseconds; processes begin with torch, beside other tests


@pytest.fixture
def panel(
    controller: Controller, actions: ActionRegistry, themes: ThemeManager, qtbot: QtBot
) -> Iterator[QueuePanel]:
    made = QueuePanel(controller, actions, themes)
    qtbot.addWidget(made)
    made.show()
    yield made


@pytest.fixture
def queue(controller: Controller, toy_experiment: Experiment) -> Callable[..., None]:
    """Puts runs of these seeds and steps into the queue."""

    def add(*runs: tuple[int, int]) -> None:
        for seed, steps in runs:
            changes = {"run.seed": seed, "schedule.steps": steps, "run.device": "cpu"}
            controller.train(toy_experiment.with_settings(changes))

    return add


def run_of(controller: Controller, seed: int) -> RunEntry | None:
    found = (each for each in controller.runs if each.experiment is not None)
    return next((each for each in found if each.experiment.run.seed == seed), None)  # type: ignore[union-attr]


def has_status(controller: Controller, seed: int, status: Status) -> Callable[[], bool]:
    def holds() -> bool:
        found = run_of(controller, seed)
        return found is not None and found.status == status

    return holds


def test_one_at_a_time_is_what_it_begins_with(
    controller: Controller, panel: QueuePanel, queue: Callable[..., None], qtbot: QtBot
) -> None:
    queue((0, LONG), (1, 20))
    qtbot.waitUntil(lambda: controller.status.step > 0, timeout=SECONDS)
    qtbot.wait(1200)  # two looks
    assert controller.beside.runs == ()
    assert len(controller.waiting) == 1
    assert not panel.beside.isVisible()


def test_what_waits_trains_beside_to_the_same_bits(
    controller: Controller,
    panel: QueuePanel,
    queue: Callable[..., None],
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    told: list[Notice] = []
    controller.notified.connect(told.append)
    controller.beside.at_once = 2
    queue((0, LONG), (1, 40), (2, LONG))
    qtbot.waitUntil(has_status(controller, 1, "finished"), timeout=SECONDS)
    assert controller.status.steps == LONG  # the first one still trains here
    beside = run_of(controller, 1)
    assert beside is not None
    ended = f"{beside.name} has ended."
    qtbot.waitUntil(lambda: ended in [each.text for each in told], timeout=SECONDS)

    # Then the next one has its place; there is a row for it, whose button stops it.
    qtbot.waitUntil(lambda: bool(controller.beside.runs), timeout=SECONDS)
    assert controller.waiting == ()
    (row,) = panel.beside.rows.values()
    qtbot.waitUntil(lambda: row.progress.maximum() == LONG, timeout=SECONDS)
    assert panel.beside.isVisible()
    assert "is training beside" in row.name.text()
    qtbot.waitUntil(has_status(controller, 2, "running"), timeout=SECONDS)
    QTest.mouseClick(row.stop_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not controller.beside.runs, timeout=SECONDS)
    qtbot.waitUntil(has_status(controller, 2, "stopped"), timeout=SECONDS)
    assert not panel.beside.isVisible()
    assert not any(each.kind == "error" for each in told)

    controller.stop()
    qtbot.waitUntil(lambda: not controller.status.is_active, timeout=SECONDS)
    controller.beside.at_once = 1
    queue((1, 40))
    qtbot.waitUntil(lambda: controller.status.state == "finished", timeout=SECONDS)
    assert_same_bits(Run(beside.path), Run(Path(controller.status.run)))


def test_closing_stops_what_trains_beside_and_it_keeps_a_checkpoint(
    controller: Controller, queue: Callable[..., None], qtbot: QtBot
) -> None:
    controller.beside.at_once = 3
    queue((0, LONG), (1, LONG), (2, LONG))
    for seed in (1, 2):
        qtbot.waitUntil(has_status(controller, seed, "running"), timeout=SECONDS)
    runs = controller.beside.runs
    controller.begin_closing()
    qtbot.waitUntil(controller.is_closed, timeout=SECONDS)
    assert len(runs) == 2
    for run in map(Run, runs):
        assert run.status == "stopped"
        assert run.checkpoint("last").step == run.record.step > 0


def test_what_cannot_be_trained_says_why_and_the_next_one_is_taken(
    controller: Controller,
    queue: Callable[..., None],
    toy_experiment: Experiment,
    qtbot: QtBot,
) -> None:
    told: list[Notice] = []
    controller.notified.connect(told.append)
    controller.beside.at_once = 2
    queue((0, LONG))
    qtbot.waitUntil(lambda: controller.status.step > 0, timeout=SECONDS)
    controller.train(toy_experiment.with_settings({"data.store": "nowhere", "run.seed": 1}))
    queue((2, 20))
    qtbot.waitUntil(has_status(controller, 2, "finished"), timeout=SECONDS)
    errors = [each for each in told if each.kind == "error"]
    assert len(errors) == 1
    assert "nowhere" in errors[0].text


def test_a_run_that_was_stopped_goes_on_beside_and_one_that_is_gone_says_so(
    controller: Controller, queue: Callable[..., None], qtbot: QtBot, tmp_path: Path
) -> None:
    told: list[Notice] = []
    controller.notified.connect(told.append)
    queue((1, LONG))
    qtbot.waitUntil(lambda: controller.status.step > 0, timeout=SECONDS)
    stopped = Path(controller.status.run)
    controller.stop()
    qtbot.waitUntil(lambda: not controller.status.is_active, timeout=SECONDS)
    step = Run(stopped).record.step

    controller.beside.at_once = 2
    queue((0, LONG))
    qtbot.waitUntil(lambda: controller.status.step > 0, timeout=SECONDS)
    controller.resume_run(tmp_path / "gone")
    controller.resume_run(stopped, step + 40)
    qtbot.waitUntil(has_status(controller, 1, "finished"), timeout=SECONDS)
    assert Run(stopped).record.step == step + 40
    (error,) = [each for each in told if each.kind == "error"]
    assert error.text.startswith("gone could not be trained: ")
    assert str(tmp_path / "gone") in error.text
