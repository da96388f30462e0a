"""What comes next: at the end of a run, after Stop, and where an action can do nothing."""

from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QStatusTipEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton, QToolBar, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from leo_studio.services.records import RunEntry
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import DARK, LIGHT
from leo_studio.ui.window import train_requests
from leo_studio.ui.window.export_dialog import ExportDialog
from leo_studio.ui.window.main_window import MainWindow
from leo_studio.ui.window.toast import Toast
from tests.leo_studio.ui.conftest import OpenWindow, Train

PATIENCE = 60_000  # milliseconds
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def ridge(toy_experiment: Experiment) -> Experiment:
    return toy_experiment.with_settings({"name": "plain", "learner.kind": "ridge"})


@pytest.fixture
def long(toy_experiment: Experiment, unhurried: pytest.MonkeyPatch) -> Experiment:
    """Longer than any test waits, and in no hurry."""
    return toy_experiment.with_settings(
        {"schedule.steps": 10_000_000, "schedule.validate_every": 1_000_000}
    )


def offered(window: MainWindow, title: str) -> str:
    """Return the sentence of a command in the palette."""
    window.palette_popup.open()
    rows = window.palette_popup._model.rows
    window.palette_popup.dismiss()
    return next(row.detail for row in rows if row.title == title)


def tool_button(window: MainWindow, identifier: str) -> QToolButton:
    bar = window.findChild(QToolBar, "toolbar")
    assert isinstance(bar, QToolBar)
    button = bar.widgetForAction(window.actions_registry[identifier])
    assert isinstance(button, QToolButton)
    return button


def ink(button: QToolButton) -> str:
    """Return the colour of a button's icon, of its most opaque pixel."""
    image = button.icon().pixmap(24, 24).toImage()
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return max(pixels, key=lambda each: each.alpha()).name()


def press(window: MainWindow, identifier: str) -> None:
    """Click an action's button in the toolbar."""
    QTest.mouseClick(tool_button(window, identifier), Qt.MouseButton.LeftButton)


def press_button(parent: QWidget, name: str) -> None:
    (button,) = [
        each
        for each in parent.findChildren(QPushButton)
        if each.text().replace("&", "") == name and each.isVisible()
    ]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def buttons(parent: QWidget) -> list[str]:
    return [each.text() for each in parent.findChildren(QPushButton) if each.isVisible()]


def toasts(window: MainWindow, words: str = "") -> list[Toast]:
    found = [each for each in window.findChildren(Toast) if each.isVisible()]
    return [each for each in found if words in each.notice.text]


def questions(window: MainWindow) -> list[QMessageBox]:
    return [box for box in window.findChildren(QMessageBox) if box.isVisible()]


def wait_until_trained(window: MainWindow, qtbot: QtBot, more: int = 1) -> None:
    first = window.controller.status.step
    qtbot.waitUntil(lambda: window.controller.status.step >= first + more, timeout=PATIENCE)


def test_the_end_of_each_run_says_how_well_it_did_and_leads_on_with_that_run(
    open_window: OpenWindow, toy_experiment: Experiment, ridge: Experiment, qtbot: QtBot
) -> None:
    window = open_window(experiment=toy_experiment.with_settings({"run.seed": 1}))
    window.resize(1400, 900)  # room for all notices
    window.toasts.set_seconds(600)
    for seed in (2, 3):
        press(window, "train.start")
        window.experiment.load(toy_experiment.with_settings({"run.seed": seed}))
    window.experiment.load(ridge)
    press(window, "train.start")

    def all_are_told() -> None:
        seen = [each.notice.text for each in toasts(window)]
        said = [past.notice.text for past in window.toasts.history()]
        assert len([text for text in seen if "is finished" in text]) == 3, (seen, said)

    qtbot.waitUntil(all_are_told, timeout=PATIENCE)

    told = toasts(window, "is finished")
    named = {run.title: run for run in window.controller.runs}
    runs = [named[each.notice.text.split(" is finished")[0]] for each in told]
    assert [run.experiment and run.experiment.learner.kind for run in runs] == [
        "leo", "leo", "ridge",
    ]  # fmt: skip
    assert [each.notice.text for each in told] == [
        f"{run.title} is finished: {run.best_text} on validation." for run in runs
    ]
    assert [run.best is not None and "±" in run.best_text for run in runs] == [True] * 3
    assert [buttons(each) for each in told] == [
        ["Evaluate", "Look at episodes", "Export"],
        ["Evaluate", "Look at episodes", "Export"],
        ["Evaluate", "Export"],  # it has no latent space to look at
    ]
    shown = sorted((each.geometry() for each in toasts(window)), key=lambda place: place.top())
    assert all(above.bottom() < below.top() for above, below in pairwise(shown))

    press_button(told[0], "Evaluate")
    assert window.evaluation.run is not None and window.evaluation.run.path == runs[0].path
    press_button(told[1], "Look at episodes")
    source = window.episode_panels.selection.source
    assert source is not None and source.run == runs[1].path
    press_button(told[2], "Export")
    (dialog,) = window.findChildren(ExportDialog)
    assert dialog.run.currentText() == runs[2].title
    dialog.reject()

    # Nothing is left to pause or to resume.
    assert window.actions_registry["train.pause"].text() == "Pause"
    assert window.actions_registry.reason("train.pause") == "Nothing is being trained."


def test_after_stop_the_run_is_selected_and_resume_stands_where_pause_stood(
    open_window: OpenWindow, add_run: Train, long: Experiment, ridge: Experiment, qtbot: QtBot
) -> None:
    finished = add_run(ridge)
    window = open_window(experiment=long)
    controller, action = window.controller, window.actions_registry["train.pause"]
    press(window, "train.start")
    wait_until_trained(window, qtbot)
    run = Path(controller.status.run)
    assert action.text() == "Pause"
    assert offered(window, "Train › Pause") == "Hold training between two outer steps"
    running = "4-way 2-shot, toy, seed 0 · running · LEO Studio"
    qtbot.waitUntil(lambda: window.windowTitle() == running, timeout=PATIENCE)
    window.runs.table.clearSelection()
    press(window, "train.stop")
    qtbot.waitUntil(lambda: action.text() == "Resume" and action.isEnabled(), timeout=PATIENCE)
    assert [each.path for each in window.runs.selected()] == [run]
    assert offered(window, "Train › Resume") == "Go on with 4-way 2-shot, toy, seed 0"
    assert window.windowTitle() == "4-way 2-shot, toy, seed 0 · LEO Studio"
    # It belongs to the current run.
    window.controller.current.choose(finished.path)
    assert (action.text(), action.isEnabled()) == ("Pause", False)
    assert window.windowTitle() == f"{finished.title} · LEO Studio"
    window.controller.current.choose(run)
    assert (action.text(), action.isEnabled()) == ("Resume", True)

    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_P, CONTROL)
    qtbot.waitUntil(lambda: controller.status.state == "running", timeout=PATIENCE)
    assert (Path(controller.status.run), action.text()) == (run, "Pause")
    press(window, "train.stop")
    qtbot.waitUntil(lambda: action.text() == "Resume", timeout=PATIENCE)

    # Another run takes the place.
    window.experiment.load(long.with_settings({"run.seed": 5}))
    press(window, "train.start")
    qtbot.waitUntil(lambda: action.text() == "Pause", timeout=PATIENCE)
    wait_until_trained(window, qtbot)
    assert Path(controller.status.run) != run
    press(window, "train.pause")
    qtbot.waitUntil(lambda: action.text() == "Continue", timeout=PATIENCE)


def test_a_double_click_trains_once_and_the_same_is_trained_again_only_if_it_is_meant(
    open_window: OpenWindow, long: Experiment, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    window = open_window(experiment=long)
    train, registry = tool_button(window, "train.start"), window.actions_registry
    names = ("train.start", "train.pause", "train.stop")
    assert [tool_button(window, each).property("role") or "" for each in names] == [
        "primary", "", "",
    ]  # fmt: skip
    monkeypatch.setattr(train_requests, "_ONE_REQUEST_MILLISECONDS", PATIENCE)
    QTest.mouseClick(train, Qt.MouseButton.LeftButton)
    window.controller.poll()
    QTest.mouseClick(train, Qt.MouseButton.LeftButton)
    wait_until_trained(window, qtbot)
    assert (questions(window), window.controller.waiting) == ([], ())
    assert registry["train.start"].text() == "Add to queue"
    assert [tool_button(window, each).property("role") for each in names] == [
        "", "primary", "primary",
    ]  # fmt: skip

    monkeypatch.setattr(train_requests, "_ONE_REQUEST_MILLISECONDS", 0)
    press(window, "train.start")
    (box,) = questions(window)
    assert box.text() == "The same experiment is being trained already."
    press_button(box, "Don't")
    qtbot.waitUntil(lambda: not questions(window))
    window.controller.poll()
    assert window.controller.waiting == ()

    other = long.with_settings({"run.seed": 9})
    window.experiment.load(other)
    press(window, "train.start")
    qtbot.waitUntil(lambda: len(window.controller.waiting) == 1)
    assert questions(window) == []
    press(window, "train.start")
    (box,) = questions(window)
    assert box.text() == "The same experiment waits in the queue already."
    press_button(box, "Add it again")
    qtbot.waitUntil(lambda: len(window.controller.waiting) == 2)


def test_keys_that_can_do_nothing_say_why(
    open_window: OpenWindow, toy_experiment: Experiment, qtbot: QtBot
) -> None:
    window = open_window(experiment=toy_experiment)
    registry = window.actions_registry
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_P, CONTROL)
    qtbot.waitUntil(lambda: len(toasts(window, "Nothing is being trained.")) == 1)
    line = window.runs.filters.line
    line.setFocus()
    QTest.keyClick(line, Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: len(toasts(window, "Select a run first.")) == 1)
    # Where the keys mean something else, they go on meaning it.
    line.setText("x")
    line.home(False)
    QTest.keyClick(line, Qt.Key.Key_Delete)
    assert line.text() == ""

    window.experiment.load(toy_experiment.with_settings({"task.n_way": 9, "task.queries": 1}))
    why = window.experiment.why_not
    assert why.endswith(".") and "classes" in why
    assert not registry["train.start"].isEnabled()
    assert not tool_button(window, "train.start").isEnabled()
    assert tool_button(window, "train.start").toolTip() == as_tip(why)
    QTest.keyClick(window, Qt.Key.Key_Return, CONTROL)
    qtbot.waitUntil(lambda: len(toasts(window, why)) == 1)
    assert window.controller.status.state == "idle"
    window.experiment.undo()
    assert registry["train.start"].isEnabled() and not registry.reason("train.start")


def test_every_action_that_is_disabled_says_why(
    open_window: OpenWindow, toy_experiment: Experiment, toy_run: RunEntry, qtbot: QtBot
) -> None:
    window = open_window(experiment=toy_experiment)
    registry = window.actions_registry
    qtbot.waitUntil(lambda: window.is_complete, timeout=PATIENCE)

    def check() -> int:
        disabled = [each for each in registry.all if not each.action.isEnabled()]
        for each in disabled:
            why = registry.reason(each.identifier)
            assert why.endswith("."), each.identifier
            assert each.action.statusTip() == why
        return len(disabled)

    assert check() > 20
    qtbot.waitUntil(lambda: bool(window.controller.runs), timeout=PATIENCE)
    window.runs.select(toy_run.path)
    check()
    window.episode_panels.show_run(toy_run)
    assert window.episode_panels.selection.source is not None
    check()


def test_icons_in_the_toolbar_and_the_sentence_on_them_follow_what_the_buttons_do(
    open_window: OpenWindow, long: Experiment, qtbot: QtBot
) -> None:
    window = open_window(experiment=long)
    registry, bar = window.actions_registry, window.statusBar()
    start, hold = (tool_button(window, each) for each in ("train.start", "train.pause"))
    assert ink(start) == LIGHT.on_accent
    QApplication.sendEvent(start, QStatusTipEvent(registry["train.start"].statusTip()))
    assert bar.currentMessage() == "Train the experiment in the form"
    press(window, "train.start")
    wait_until_trained(window, qtbot)
    assert bar.currentMessage() == "Train the experiment in the form after these"
    assert (ink(start), ink(hold)) == (LIGHT.text, LIGHT.on_accent)
    window.themes.choose("dark")
    assert (ink(start), ink(hold)) == (DARK.text, DARK.on_accent)
    press(window, "train.stop")
    qtbot.waitUntil(lambda: registry["train.pause"].text() == "Resume", timeout=PATIENCE)
    assert (ink(start), ink(hold)) == (DARK.on_accent, DARK.text)
    window.themes.choose("light")
    assert (ink(start), ink(hold)) == (LIGHT.on_accent, LIGHT.text)


def test_no_button_of_the_toolbar_moves_when_training_begins_and_ends(
    open_window: OpenWindow, long: Experiment, qtbot: QtBot
) -> None:
    window = open_window(experiment=long)
    names = ("train.start", "train.pause", "train.step", "train.stop", "train.checkpoint")

    def places() -> list[QRect]:
        return [tool_button(window, name).geometry() for name in names]

    QApplication.processEvents()
    before = places()
    press(window, "train.start")
    wait_until_trained(window, qtbot)
    QApplication.processEvents()
    assert window.actions_registry["train.start"].text() == "Add to queue"
    assert places() == before
    press(window, "train.stop")
    pause = window.actions_registry["train.pause"]
    qtbot.waitUntil(lambda: pause.text() == "Resume", timeout=PATIENCE)
    QApplication.processEvents()
    assert places() == before
