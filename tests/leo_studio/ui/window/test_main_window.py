"""Whole flows, by the buttons that a person presses, on the real engine."""

import gc
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QSlider,
    QToolBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.config import Experiment, leo_settings
from engine.data.store import EmbeddingStore
from engine.events import State, StepsTaken
from engine.runs.library import Library
from engine.runs.run import Run
from engine.training.outer_step import OuterStep
from leo_studio.services.records import Notice, RunEntry
from leo_studio.ui.panel_export.dialog import PanelExportDialog
from leo_studio.ui.widgets.number_boxes import WholeBox
from leo_studio.ui.window.main_window import MainWindow
from leo_studio.ui.window.toast import Toast
from tests.conftest import TrainedCopy
from tests.leo_studio.ui.conftest import OpenWindow, close_window
from tests.measured import STEP_COLUMNS

PATIENCE = 60_000  # milliseconds


@pytest.fixture
def long(toy_experiment: Experiment, unhurried: pytest.MonkeyPatch) -> Experiment:
    """Longer than any test waits, and in no hurry."""
    return toy_experiment.with_settings(
        {"schedule.steps": 10_000_000, "schedule.validate_every": 1_000_000}
    )


def press(window: MainWindow, identifier: str) -> None:
    """Click an action's button in the toolbar."""
    bar = window.findChild(QToolBar, "toolbar")
    assert isinstance(bar, QToolBar)
    button = bar.widgetForAction(window.actions_registry[identifier])
    assert isinstance(button, QToolButton)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def press_button(parent: QWidget, name: str) -> None:
    """Click a button that is found by what it says."""
    (button,) = [
        each
        for each in parent.findChildren(QPushButton)
        if each.text().replace("&", "") == name and each.isVisible()
    ]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def wait_for(window: MainWindow, state: State, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.controller.status.state == state, timeout=PATIENCE)


def wait_for_steps(window: MainWindow, more: int, qtbot: QtBot) -> None:
    first = window.controller.status.step
    qtbot.waitUntil(lambda: window.controller.status.step >= first + more, timeout=PATIENCE)


def listed(window: MainWindow, status: str, qtbot: QtBot) -> RunEntry:
    """Wait until the library's only run of that status is listed, and return it."""

    def found() -> list[RunEntry]:
        return [run for run in window.controller.runs if run.status == status]

    qtbot.waitUntil(lambda: len(found()) == 1, timeout=PATIENCE)
    return found()[0]


def toast_texts(window: MainWindow) -> list[str]:
    return [each.notice.text for each in window.findChildren(Toast)]


def test_a_first_session(
    open_window: OpenWindow,
    toy_experiment: Experiment,
    unhurried: pytest.MonkeyPatch,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    """Train, pause, step, go on, stop; reopen, resume; evaluate, compare and take a figure."""
    experiment = toy_experiment.with_settings(
        {"schedule.steps": 250, "schedule.validate_every": 200, "evaluation.episodes": 40}
    )
    window = open_window(experiment=experiment)
    press(window, "train.start")
    wait_for_steps(window, 20, qtbot)
    run = Path(window.controller.status.run)
    qtbot.waitUntil(lambda: window.curves.points_of(run) >= 20, timeout=PATIENCE)
    points = window.curves.points_of(run)
    qtbot.waitUntil(lambda: window.curves.points_of(run) > points, timeout=PATIENCE)

    press(window, "train.pause")
    wait_for(window, "paused", qtbot)
    assert window.actions_registry["train.pause"].text() == "Continue"
    held = window.controller.status.step
    press(window, "train.step")
    qtbot.waitUntil(lambda: window.controller.status.step == held + 1, timeout=PATIENCE)
    press(window, "train.pause")
    wait_for_steps(window, 5, qtbot)
    press(window, "train.stop")
    wait_for(window, "stopped", qtbot)
    stopped = listed(window, "stopped", qtbot)
    assert stopped.checkpoints[-1] == stopped.step == window.controller.status.step
    close_window(window, qtbot)
    unhurried.undo()

    window = open_window(experiment=experiment)
    again = listed(window, "stopped", qtbot)
    assert again.id == stopped.id
    window.runs.select(again.path)
    window.actions_registry["runs.resume"].trigger()
    wait_for(window, "finished", qtbot)
    finished = listed(window, "finished", qtbot)
    assert (finished.id, finished.step) == (stopped.id, 250)
    assert window.curves.points_of(run) == 250

    window.evaluate_run(finished)
    press_button(window.evaluation, "Evaluate")
    qtbot.waitUntil(lambda: bool(listed(window, "finished", qtbot).evaluations), timeout=PATIENCE)
    evaluation = listed(window, "finished", qtbot).evaluations[0]
    assert (evaluation.split, evaluation.episodes) == ("test", 40)

    other = toy_experiment.with_settings({"run.seed": 7, "evaluation.episodes": 40})
    window.experiment.load(other)
    press(window, "train.start")
    qtbot.waitUntil(
        lambda: [each.status for each in window.controller.runs] == ["finished"] * 2,
        timeout=PATIENCE,
    )
    window.compare_runs(window.controller.runs)
    settings = {row.path for row in window.comparison.rows()}
    assert "run.seed" in settings and "learner.dropout" not in settings

    window.actions_registry["curves.export"].trigger()
    (dialog,) = (each for each in window.findChildren(PanelExportDialog) if each.isVisible())
    dialog.target.setText(str(tmp_path / "curves.png"))
    dialog.save_button.click()
    qtbot.waitUntil((tmp_path / "curves.png").exists, timeout=PATIENCE)


def test_every_panel_that_shows_something_can_be_exported_and_copied(
    open_window: OpenWindow,
    toy_experiment: Experiment,
    trained_copy: TrainedCopy,
    library_home: Path,
    qtbot: QtBot,
) -> None:
    window = open_window()
    told: list[Notice] = []
    window.controller.notified.connect(told.append)
    qtbot.waitUntil(lambda: window.is_complete, timeout=PATIENCE)
    for name in ("curves", "evaluation", "library"):
        window.actions_registry[f"{name}.export"].trigger()
        assert "nothing to export" in told.pop().text
    for name in ("comparison", "latents", "episodes", "episode", "classes"):
        assert not window.actions_registry[f"{name}.export"].isEnabled()
    window.opener.open_path(str(trained_copy(Library(library_home).runs, toy_experiment).path))
    qtbot.waitUntil(lambda: window.curves.exported() is not None, timeout=PATIENCE)
    told.clear()
    window.curves.setFocus()
    window.actions_registry["copy.python"].trigger()
    qtbot.waitUntil(lambda: len(told) == 1, timeout=PATIENCE)
    text = QGuiApplication.clipboard().text()
    assert "import matplotlib.pyplot as plt" in text and "Training curves of" in text
    compile(text, "copied.py", "exec")
    window.actions_registry["copy.picture"].trigger()
    qtbot.waitUntil(lambda: len(told) == 2, timeout=PATIENCE)
    assert QGuiApplication.clipboard().image().width() > 500
    QGuiApplication.clipboard().clear()


@pytest.mark.parametrize(
    "moment", ["idle", "preparing", "drawing", "running", "paused", "validating", "queued"]
)
def test_closing_at_any_moment_loses_nothing(
    moment: str,
    open_window: OpenWindow,
    long: Experiment,
    unhurried: pytest.MonkeyPatch,
    validations_tell_at_once: None,
    library_home: Path,
    qtbot: QtBot,
) -> None:
    if moment == "running":
        unhurried.undo()
    if moment == "validating":
        long = long.with_settings(
            {"schedule.validate_every": 5, "schedule.validation_episodes": 10_000_000}
        )
    if moment == "drawing":
        window = open_window()
        (library_home / "stores" / "glyphs.h5").unlink()
        window.controller.draw_glyphs()
        window.controller.train(window.controller.library.experiment("glyphs-5way-1shot"))
    else:
        window = open_window(experiment=long)
    if moment not in ("idle", "drawing"):
        press(window, "train.start")
    if moment in ("running", "paused", "queued"):
        wait_for_steps(window, 5, qtbot)
    if moment == "validating":
        qtbot.waitUntil(lambda: window.controller.status.validation is not None, timeout=PATIENCE)
    if moment == "paused":
        press(window, "train.pause")
        wait_for(window, "paused", qtbot)
    if moment == "queued":
        window.experiment.load(long.with_settings({"run.seed": 9}))
        press(window, "train.start")
        qtbot.waitUntil(lambda: len(window.controller.waiting) == 1, timeout=PATIENCE)
    close_window(window, qtbot)
    runs = [Run(path.parent) for path in library_home.glob("runs/*/run.json")]
    assert len(runs) == (0 if moment in ("idle", "drawing") else len(runs[:1]))
    for run in runs:
        assert run.status == "stopped" and not run.has_owner()
        if moment != "preparing":
            assert run.checkpoint("last").step == run.record.step > 0
    assert not list(library_home.rglob("*.part"))
    # Nor was anything begun after all was asked to end, which drew it all the same.
    assert (library_home / "stores" / "glyphs.h5").exists() == (moment != "drawing")


def test_closing_asks_while_a_run_trains(
    open_window: OpenWindow, long: Experiment, qtbot: QtBot
) -> None:
    window = open_window(experiment=long)
    window.change_preferences(ask_before_closing=True)
    press(window, "train.start")
    wait_for_steps(window, 1, qtbot)
    answers = iter(["Keep training", "Stop and close"])

    def answer() -> None:
        box = QApplication.activeModalWidget()
        assert box is not None
        press_button(box, next(answers))

    QTimer.singleShot(50, window, answer)
    window.close()
    assert window.isVisible() and window.controller.status.is_active
    wait_for_steps(window, 1, qtbot)
    QTimer.singleShot(50, window, answer)
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE)


def test_closing_while_paused_asks_in_words_that_fit(
    open_window: OpenWindow, long: Experiment, qtbot: QtBot
) -> None:
    window = open_window(experiment=long)
    window.change_preferences(ask_before_closing=True)
    press(window, "train.start")
    wait_for_steps(window, 1, qtbot)
    press(window, "train.pause")
    wait_for(window, "paused", qtbot)
    said: list[str] = []

    def answer() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        said.append(box.text())
        press_button(box, "Leave it paused" if len(said) == 1 else "Stop and close")

    QTimer.singleShot(50, window, answer)
    window.close()
    assert window.isVisible() and window.controller.status.state == "paused"
    QTimer.singleShot(50, window, answer)
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE)
    assert all(text.endswith(" is paused.") for text in said) and len(said) == 2


def test_stop_is_told_at_once(open_window: OpenWindow, long: Experiment, qtbot: QtBot) -> None:
    window = open_window(experiment=long)
    press(window, "train.start")
    wait_for_steps(window, 1, qtbot)
    press(window, "train.stop")
    assert window.controller.status.state in ("stopping", "stopped")
    assert not window.actions_registry["train.stop"].isEnabled()
    wait_for(window, "stopped", qtbot)


def test_a_failure_is_told_and_the_window_goes_on(
    open_window: OpenWindow,
    toy_experiment: Experiment,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = OuterStep.__call__

    def broken(self: OuterStep, steps: range) -> object:
        if 20 in steps:
            raise RuntimeError("the device is gone")
        return whole(self, steps)

    window = open_window(experiment=toy_experiment)
    with monkeypatch.context() as breaking:
        breaking.setattr(OuterStep, "__call__", broken)
        press(window, "train.start")
        wait_for(window, "failed", qtbot)
    (toast,) = [
        each for each in window.findChildren(Toast) if "the device is gone" in each.notice.text
    ]
    assert "in broken" in toast.notice.details
    failed = listed(window, "failed", qtbot)
    assert failed.checkpoints == (15,)
    window.runs.select(failed.path)
    window.actions_registry["runs.resume"].trigger()
    wait_for(window, "finished", qtbot)
    assert listed(window, "finished", qtbot).id == failed.id


def test_an_interrupted_run_is_offered_and_resumed(
    open_window: OpenWindow,
    toy_experiment: Experiment,
    unhurried: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    settings = {"schedule.steps": 100, "schedule.validate_every": 50}
    window = open_window(experiment=toy_experiment.with_settings(settings))
    press(window, "train.start")
    wait_for_steps(window, 1, qtbot)
    press(window, "train.stop")
    wait_for(window, "stopped", qtbot)
    run = Run(Path(window.controller.status.run))
    close_window(window, qtbot)
    unhurried.undo()
    run.update(status="running")  # as a power cut leaves it

    window = open_window()
    qtbot.waitUntil(
        lambda: any("was interrupted" in text for text in toast_texts(window)), timeout=PATIENCE
    )
    press_button(window, "Resume")
    wait_for(window, "finished", qtbot)
    assert Run(run.path).status == "finished"


def test_opening_a_run_a_store_and_a_preset(
    open_window: OpenWindow,
    toy_experiment: Experiment,
    toy_store: EmbeddingStore,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    preset = tmp_path / "mine.yaml"
    preset.write_text(toy_experiment.with_settings({"learner.dropout": 0.123}).to_yaml())
    window = open_window(str(preset), str(toy_store.path))
    experiment = window.experiment.experiment()
    assert experiment is not None and leo_settings(experiment).dropout == 0.123
    assert window.preferences.recent_files[:2] == (str(toy_store.path), str(preset))
    press(window, "train.start")
    wait_for(window, "finished", qtbot)
    elsewhere = tmp_path / "copied"
    shutil.copytree(window.controller.status.run, elsewhere)
    close_window(window, qtbot)

    window = open_window(str(elsewhere))
    qtbot.waitUntil(
        lambda: any(run.path == elsewhere for run in window.controller.runs), timeout=PATIENCE
    )
    qtbot.waitUntil(lambda: window.curves.points_of(elsewhere) == 40, timeout=PATIENCE)
    window.opener.open_path(str(tmp_path / "nothing.h5"))
    assert any("There is nothing at" in text for text in toast_texts(window))


def test_the_first_start_is_ready_to_train_and_its_actions_can_be_told_apart(
    open_window: OpenWindow, toy_experiment: Experiment
) -> None:
    window = open_window()
    experiment = window.experiment.experiment()
    assert experiment is not None and experiment.name == "glyphs-5way-1shot"
    assert window.actions_registry["train.start"].isEnabled()
    assert not window.actions_registry["train.stop"].isEnabled()

    assert window.evaluation and window.comparison  # which have actions of their own
    everywhere: dict[str, str] = {}  # and those that work inside one panel alone
    inside: dict[str, str] = {}
    for registered in window.actions_registry.all:
        action, name = registered.action, registered.identifier
        assert action.text() and action.toolTip()
        is_everywhere = action.shortcutContext() == Qt.ShortcutContext.WindowShortcut
        for keys in (each.toString() for each in action.shortcuts()):
            assert everywhere.get(keys, name) == name, keys
            assert not is_everywhere or inside.get(keys, name) == name, keys
            (everywhere if is_everywhere else inside)[keys] = name

    # What cannot be trained is said.
    window.experiment.load(toy_experiment.with_settings({"task.n_way": 9, "task.queries": 1}))
    assert not window.actions_registry["train.start"].isEnabled()
    assert "classes" in window.actions_registry["train.start"].toolTip()


@pytest.mark.parametrize("path", ["task.n_way", "name"])
def test_undo_takes_back_the_edit_also_where_it_was_made(
    open_window: OpenWindow, path: str, qtbot: QtBot
) -> None:
    window = open_window()
    with qtbot.waitActive(window):
        window.activateWindow()
    window.experiment.reveal(path)
    box = QApplication.focusWidget()
    assert isinstance(box, QLineEdit | QAbstractSpinBox)
    line = box if isinstance(box, QLineEdit) else box.lineEdit()
    before = line.text()
    line.selectAll()
    QTest.keyClicks(box, "6")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert line.text() == "6"
    QTest.keyClick(box, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert line.text() == before
    assert not window.actions_registry["experiment.undo"].isEnabled()


def test_a_burst_of_text_sizes_is_applied_once_and_each_is_kept(
    open_window: OpenWindow, qtbot: QtBot
) -> None:
    window = open_window()
    size, applied = window.font().pointSizeF(), list[object]()
    window.themes.changed.connect(applied.append)
    window.actions_registry["preferences.open"].trigger()
    slider = window.findChild(QSlider, "preference-text_scale")
    assert isinstance(slider, QSlider)
    rest = window.themes._rest
    rest.setInterval(60_000)  # however busy the machine is
    for _ in range(10):
        QTest.keyClick(slider, Qt.Key.Key_Right)
    row = slider.parentWidget()
    assert row is not None
    value = row.findChild(WholeBox)
    assert value is not None
    assert value.text() == "150 %"
    assert applied == []
    rest.start(0)
    qtbot.waitUntil(lambda: window.font().pointSizeF() == 1.5 * size)
    assert len(applied) == 1
    QTest.keyClick(slider, Qt.Key.Key_Left)  # which waits while the window goes
    close_window(window, qtbot)
    text = (window.controller.library.root / "preferences.yaml").read_text()
    assert "text_scale: 1.45" in text


def test_themes_and_text_sizes_change_in_place_and_docks_come_back_where_they_were(
    open_window: OpenWindow, qtbot: QtBot
) -> None:
    window = open_window()
    window.docks["queue"].close()
    window.docks.show("evaluation")
    window.resize(1234, 777)
    size = window.font().pointSizeF()
    window.actions_registry["theme.dark"].trigger()
    assert window.actions_registry["theme.dark"].isChecked()
    qtbot.waitUntil(lambda: window.themes.current.is_dark)
    assert not window.actions_registry["theme.light"].isChecked()
    window.actions_registry["text.larger"].trigger()
    qtbot.waitUntil(lambda: window.font().pointSizeF() > size)
    close_window(window, qtbot)
    text = (window.controller.library.root / "preferences.yaml").read_text()
    assert "theme: dark" in text and "text_scale: 1.1" in text

    window = open_window()
    assert not window.docks["queue"].isVisible()
    assert window.docks["curves"].isVisible()
    window.actions_registry["layout.reset"].trigger()
    assert window.docks["queue"].isVisible()


@pytest.mark.slow
def test_twenty_thousand_events_leave_nothing_behind(
    open_window: OpenWindow, long: Experiment, qtbot: QtBot
) -> None:
    window = open_window(experiment=long)
    press(window, "train.start")
    wait_for_steps(window, 5, qtbot)
    press(window, "train.pause")
    wait_for(window, "paused", qtbot)
    run = Path(window.controller.status.run)
    qtbot.waitUntil(lambda: window.curves.points_of(run) > 0, timeout=PATIENCE)
    step = window.controller.status.step
    generator = np.random.default_rng(0)

    def census() -> tuple[int, int, int]:
        gc.collect()
        timers = [each for each in window.findChildren(QTimer) if each.isActive()]
        return threading.active_count(), len(timers), len(QApplication.allWidgets())

    def tell(events: int) -> None:
        nonlocal step
        for event in range(events):
            step += 3
            metrics = generator.random((3, len(STEP_COLUMNS)), dtype=np.float32)
            window.controller.channel.post(StepsTaken(step, metrics, step / 100, 100.0))
            if event % 10 == 0:
                window.controller.poll()
            if event % 500 == 0:
                qtbot.wait(1)
        window.controller.poll()  # the last ones too

    tell(1000)
    qtbot.waitUntil(lambda: window.is_complete, timeout=PATIENCE)
    qtbot.wait(500)
    before = census()
    tell(20_000)

    def is_as_before() -> None:
        now = census()
        assert all(few <= many for few, many in zip(now, before, strict=True)), (now, before)

    # A helper's thread or a one-shot timer may be under way at any one moment.
    qtbot.waitUntil(is_as_before, timeout=PATIENCE)
    assert window.curves.points_of(run) == step


def test_a_path_that_is_too_long_is_told_in_a_sentence(open_window: OpenWindow) -> None:
    window = open_window()
    told: list[Notice] = []
    window.controller.notified.connect(told.append)
    window.opener.open_path(f"/{'x' * 300}/a.h5")
    assert [(each.kind, each.details) for each in told] == [("error", "")]
    assert "File name too long" in told[0].text
