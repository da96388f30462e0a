"""The status bar."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QMainWindow,
    QProgressBar,
    QSizeGrip,
    QStatusBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.events import State, Waiting
from leo_studio.services.controller import Controller
from leo_studio.services.records import RunEntry, TrainingStatus
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.status_bar import TrainingFields, device_text, fill_status_bar
from leo_studio.ui.window.task_bar import TaskBar

RUNNING = TrainingStatus(
    state="running",
    run=str(Path("runs", "mini-1shot")),
    step=12_345,
    steps=100_000,
    steps_per_second=86.3,
    seconds=540,
    seconds_so_far=600,
    seconds_left=4320,
    device="cpu",
)


@pytest.fixture
def fields(controller: Controller, themes: ThemeManager, qtbot: QtBot) -> Iterator[TrainingFields]:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.setCentralWidget(QWidget())
    fields = fill_status_bar(window.statusBar(), controller, themes)
    window.resize(1400, 200)
    window.show()
    yield fields  # the window lives for as long as this function


def tell(controller: Controller, status: TrainingStatus) -> None:
    controller.status = status
    controller.status_changed.emit(status)


def label(fields: TrainingFields, name: str) -> QLabel:
    found = fields.findChild(QLabel, f"status-{name}")
    assert found is not None
    return found


def texts(fields: TrainingFields) -> set[str]:
    return {each.text() for each in fields.findChildren(QLabel) if each.isVisible()} - {""}


def test_a_run_is_told_in_full(fields: TrainingFields, controller: Controller) -> None:
    tell(controller, RUNNING)
    assert {"Running", "12,345 / 100,000", "86 steps/s", "1 h 12 min left"} <= texts(fields)
    assert "10 min so far" in texts(fields)
    tell(controller, replace(RUNNING, seconds_so_far=660, is_left_at_least=True))
    assert {"11 min so far", "over 1 h 12 min left"} <= texts(fields)
    progress = fields.findChild(QProgressBar)
    assert progress is not None
    assert (progress.value(), progress.maximum()) == (12_345, 100_000)


def test_a_validation_takes_the_place_of_the_rate(
    fields: TrainingFields, controller: Controller
) -> None:
    status = TrainingStatus(
        state="running", step=1000, steps=3000, validation=(1200, 2000), seconds_left=20
    )
    tell(controller, status)
    assert {"validating 1,200 of 2,000", "20 s left"} <= texts(fields)
    assert not label(fields, "rate").isVisible()


def test_before_anything_trains_the_device_has_the_room_of_what_is_empty(
    fields: TrainingFields, controller: Controller, qtbot: QtBot
) -> None:
    device, reason = label(fields, "device"), device_text("", controller)
    assert texts(fields) == {"Idle", reason}
    fields.window().resize(device.fontMetrics().horizontalAdvance(reason) + 300, 200)
    qtbot.waitUntil(lambda: device.width() >= device.fontMetrics().horizontalAdvance(reason))
    tell(controller, RUNNING)
    assert device.width() < device.fontMetrics().horizontalAdvance(reason)
    assert label(fields, "steps").isVisible()


def test_what_waits_is_counted_and_named(fields: TrainingFields, controller: Controller) -> None:
    controller.queue_changed.emit((Waiting(1, "mini-5shot", 10), Waiting(2, "toy", None)))
    assert "2 waiting" in texts(fields)
    assert "mini-5shot" in label(fields, "queue").toolTip()
    controller.queue_changed.emit(())
    assert "2 waiting" not in texts(fields)


def test_nothing_moves_while_it_counts(fields: TrainingFields, controller: Controller) -> None:
    def places() -> list[tuple[int, int]]:
        names = ("state", "steps", "queue", "device")
        return [(label(fields, name).x(), label(fields, name).width()) for name in names]

    tell(controller, RUNNING)
    QApplication.processEvents()  # the number of steps decides how wide their field is
    before = places()
    for status in (
        TrainingStatus(state="running", step=9, steps=100_000, steps_per_second=0.01),
        TrainingStatus(state="running", step=100_000, steps=100_000, validation=(1, 88_888)),
        TrainingStatus(state="preparing", steps=100_000),
    ):
        tell(controller, status)
        QApplication.processEvents()
        assert places() == before


def test_every_state_has_an_icon_and_a_word(fields: TrainingFields, controller: Controller) -> None:
    looks = set()
    for state in get_args(State):
        tell(controller, TrainingStatus(state=state))
        assert state.capitalize() in texts(fields)
        icon = next(each for each in fields.findChildren(QLabel) if not each.pixmap().isNull())
        looks.add((state, bytes(icon.pixmap().toImage().constBits())))
    assert len({look for _, look in looks}) >= 6  # preparing and stopping look alike


@pytest.mark.parametrize("width", [250, 400, 700, 1000])
def test_in_a_small_window_state_and_device_remain(
    fields: TrainingFields, controller: Controller, qtbot: QtBot, width: int
) -> None:
    tell(controller, RUNNING)
    window = fields.window()
    window.resize(width, 200)
    qtbot.waitUntil(lambda: window.width() == width and fields.width() < width)
    assert "Running" in texts(fields)
    device = label(fields, "device")
    assert device.isVisible()
    assert fields.rect().contains(device.geometry())
    assert "12,345 / 100,000" in label(fields, "state").toolTip()


def test_the_reason_for_no_gpu_is_there_in_full(
    fields: TrainingFields, controller: Controller
) -> None:
    text = device_text("cpu", controller)
    assert label(fields, "device").toolTip() == as_tip(text)
    has_gpu = any(entry.name.startswith("cuda") for entry in controller.devices)
    assert has_gpu or controller.device_reason in text


def test_one_sentence_is_shown_at_a_time(fields: TrainingFields, controller: Controller) -> None:
    bar = fields.window().findChild(QStatusBar)
    assert bar is not None
    device = label(fields, "device")
    tell(controller, TrainingStatus())
    whole = device_text("", controller)  # such as "CPU: this build of torch is for the CPU alone"
    assert device.text() == whole
    bar.showMessage("Measure whether uncertainty tells which answers are wrong")
    tell(controller, TrainingStatus(state="preparing"))
    assert device.text() == whole.partition(":")[0]
    assert device.toolTip() == as_tip(whole)
    bar.clearMessage()
    assert device.text() == whole


def test_what_has_no_words_is_named(fields: TrainingFields) -> None:
    assert label(fields, "icon").accessibleName() and label(fields, "icon").toolTip()
    grip = fields.window().findChild(QSizeGrip)
    assert grip is not None and grip.accessibleName() and "Drag" in grip.toolTip()


def test_larger_text_gets_more_room(
    fields: TrainingFields, controller: Controller, themes: ThemeManager, qtbot: QtBot
) -> None:
    tell(controller, RUNNING)
    themes.choose("dark", 2.0)
    steps = label(fields, "steps")
    qtbot.waitUntil(
        lambda: steps.width() >= steps.fontMetrics().horizontalAdvance("100,000 / 100,000")
    )


def test_training_is_shown_to_its_end(
    fields: TrainingFields,
    controller: Controller,
    toy_experiment: Experiment,
    wait_for_state: Callable[[State], None],
) -> None:
    controller.train(toy_experiment)
    wait_for_state("finished")
    assert {"Finished", "40 / 40"} <= texts(fields)


def test_a_run_that_has_ended_is_told_while_it_is_the_current_one(
    fields: TrainingFields, controller: Controller, toy_run: RunEntry, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: controller.current.path == toy_run.path)
    tell(controller, replace(RUNNING, state="finished", run=str(toy_run.path)))
    assert label(fields, "state").text() == "Finished"
    tell(controller, replace(RUNNING, state="finished"))  # of another run
    assert label(fields, "state").text() == "Idle" and label(fields, "steps").text() == ""
    tell(controller, RUNNING)
    assert label(fields, "state").text() == "Running"


def test_the_bar_keeps_as_high_a_place_as_hidden_work_needs_when_all_has_its_look(
    fields: TrainingFields, themes: ThemeManager
) -> None:
    bar = fields.window().findChild(QStatusBar)
    tasks = fields.window().findChild(TaskBar)
    assert bar is not None and tasks is not None
    QApplication.processEvents()
    heights = [bar.sizeHint().height()]
    cancel = tasks.findChild(QToolButton, "task-cancel")
    assert cancel is not None and tasks.isHidden()
    for height in (80, 0):  # as text that becomes larger, and small again
        cancel.setMinimumHeight(height)
        themes.settled.emit()
        QApplication.processEvents()
        heights.append(bar.sizeHint().height())
    first, largest, last = heights
    assert largest > 80
    assert last == first
