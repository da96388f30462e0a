"""Learners that are not LEO, in the window: what it offers for them, and why it offers no more."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.events import ProbesInspected, State
from engine.runs.library import Library
from leo_studio.analysis.comparison.results import validation_steps
from leo_studio.services.episode_links import EpisodeLink
from leo_studio.services.records import Notice, RunEntry
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.window.main_window import MainWindow
from tests.conftest import TrainedCopy
from tests.leo_studio.ui.conftest import OpenWindow

PANELS = ("latents", "episodes", "episode", "classes")
HINTS = ("latent-hint", "episodes-nothing", "episode-nothing", "classes-nothing")
NEEDING = (
    "latents.paper",
    "latents.play",
    "latents.export",
    "episodes.next",
    "episodes.hardest",
    "episodes.export",
    "episode.keep",
    "classes.export",
)
Open = Callable[..., MainWindow]


@pytest.fixture
def protonet(toy_experiment: Experiment) -> Experiment:
    return toy_experiment.with_settings({"name": "proto", "learner.kind": "protonet"})


@pytest.fixture
def ridge(toy_experiment: Experiment) -> Experiment:
    return toy_experiment.with_settings({"name": "plain", "learner.kind": "ridge"})


@pytest.fixture
def open_on(
    open_window: OpenWindow, library_home: Path, trained_copy: TrainedCopy, qtbot: QtBot
) -> Open:
    """Open a window, with all its panels, on a library that has runs of some experiments."""

    def open_one(*experiments: Experiment) -> MainWindow:
        for experiment in experiments:
            trained_copy(Library(library_home).runs, experiment)
        window = open_window()
        qtbot.waitUntil(lambda: window.is_complete)
        qtbot.waitUntil(lambda: len(window.controller.runs) == len(experiments))
        return window

    return open_one


def run_of(window: MainWindow, experiment: Experiment) -> RunEntry:
    """Return the newest run of an experiment."""
    runs = window.controller.runs
    return next(run for run in runs if run.experiment and run.experiment.name == experiment.name)


def is_stopped(window: MainWindow, experiment: Experiment) -> bool:
    """Whether the list of runs says that a run of an experiment is stopped."""
    return any(
        run.experiment and run.experiment.name == experiment.name and run.status == "stopped"
        for run in window.controller.runs
    )


def hint(window: MainWindow, name: str) -> str:
    (label,) = window.findChildren(QLabel, name)
    return label.text() if label.isVisible() else ""


def look_at_each(window: MainWindow, qtbot: QtBot) -> list[str]:
    """Bring the panels of episodes to the front, one by one; returns what each says."""
    said = []
    for panel, name in zip(PANELS, HINTS, strict=True):
        window.docks.show(panel)
        qtbot.waitUntil(lambda name=name: window.findChildren(QLabel, name)[0].isVisible())  # type: ignore[misc]
        said.append(hint(window, name))
    return said


def button(parent: QWidget, text: str) -> QPushButton:
    buttons = parent.findChildren(QPushButton)
    return next(each for each in buttons if each.text().replace("&", "") == text)


def wait_for(window: MainWindow, state: State, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.controller.status.state == state)


def train_to_the_end(window: MainWindow, experiment: Experiment, qtbot: QtBot) -> RunEntry:
    """Put an experiment into the form, press Train, and wait for the finished run."""
    known = {run.path for run in window.controller.runs}
    window.experiment.load(experiment)
    window.docks.show("experiment")
    QTest.mouseClick(button(window.experiment, "Train"), Qt.MouseButton.LeftButton)

    def finished() -> list[RunEntry]:
        runs = window.controller.runs
        return [run for run in runs if run.path not in known and run.status == "finished"]

    qtbot.waitUntil(lambda: bool(finished()))
    wait_for(window, "finished", qtbot)
    return finished()[0]


def test_runs_of_all_kinds_are_compared_but_episodes_are_offered_of_those_with_latent_codes_alone(
    open_on: Open, toy_experiment: Experiment, protonet: Experiment, ridge: Experiment, qtbot: QtBot
) -> None:
    few = [
        each.with_settings({"evaluation.episodes": 30})
        for each in (toy_experiment, protonet, ridge)
    ]
    window = open_on(*few)
    latents, page = window.episode_panels.latents, window.episode_panels.episode
    for picker in (latents.picker, window.episode_panels.episodes.picker):
        model = picker.run.model()
        offered = {
            picker.run.itemText(place): (
                bool(model.flags(model.index(place, 0)) & Qt.ItemFlag.ItemIsEnabled),
                picker.run.itemData(place, Qt.ItemDataRole.ToolTipRole),
            )
            for place in range(picker.run.count())
        }
        assert offered == {
            (name := run_of(window, toy_experiment).title): (
                True,
                as_tip(str(run_of(window, toy_experiment).path)),
            ),
            (name := run_of(window, protonet).title): (
                False,
                as_tip(f"{name} learns by prototypical networks; it has no latent codes."),
            ),
            (name := run_of(window, ridge).title): (
                False,
                as_tip(f"{name} learns by ridge regression; it has no latent codes."),
            ),
        }
        # It shows the current run, which is the newest of all, whatever it learns by.
        assert picker.run.currentText() == window.controller.runs[0].title
    for experiment in (ridge, protonet, toy_experiment):
        run = run_of(window, experiment)
        window.controller.current.choose(run.path)
        for picker in (latents.picker, window.episode_panels.episodes.picker):
            assert picker.run.currentText() == run.title
    window.episode_panels.selection.show(3)
    window.docks.show("episode")
    qtbot.waitUntil(lambda: page.inspection is not None)
    compared = [page.header.compare.itemText(i) for i in range(1, page.header.compare.count())]
    assert compared and all("of this run" in text for text in compared)

    # Nor does the list of runs offer episodes of others.
    action, run = window.actions_registry["runs.episodes"], run_of(window, protonet)
    window.runs.select(run_of(window, toy_experiment).path)
    qtbot.waitUntil(action.isEnabled)
    window.runs.select(run.path)
    qtbot.waitUntil(lambda: not action.isEnabled())
    assert action.toolTip() == as_tip(
        f"{run.title} learns by prototypical networks; it has no latent codes."
    )
    assert window.actions_registry["runs.evaluate"].isEnabled()

    # But all are compared, on the same episodes.
    window.compare_runs(window.controller.runs)
    QTest.mouseClick(
        button(window.comparison, "Evaluate 3 runs on test"), Qt.MouseButton.LeftButton
    )
    qtbot.waitUntil(lambda: all(run.evaluations for run in window.controller.runs))
    (text,) = window.comparison.findChildren(QLabel, "paired-differences")
    qtbot.waitUntil(lambda: "not evaluated" not in text.text())
    assert text.text().count("on the same 30 episodes") == 3
    (steps,) = [row.values for row in window.comparison.rows() if row.path == "steps"]
    assert sorted(steps) == ["40 of 40", "40 of 40", "–"]


def test_a_link_to_a_run_without_latent_codes_says_why_in_a_toast_and_in_every_panel(
    open_on: Open, toy_experiment: Experiment, protonet: Experiment, qtbot: QtBot
) -> None:
    window = open_on(toy_experiment, protonet)
    notices: list[Notice] = []
    window.controller.notified.connect(notices.append)
    run, leo = run_of(window, protonet), run_of(window, toy_experiment)
    sentence = f"{run.title} learns by prototypical networks; it has no latent codes."
    window.episode_panels.open_link(EpisodeLink(run.name, "val", 3))
    assert [notice.text for notice in notices] == [sentence]
    assert window.episode_panels.episode.isVisible()
    window.controller.annotate(leo, "a note", ())  # news of runs, which offer nothing else
    qtbot.waitUntil(lambda: run_of(window, toy_experiment).note == "a note")
    assert look_at_each(window, qtbot) == [sentence] * 4
    for name in NEEDING:
        action = window.actions_registry[name]
        assert (action.isEnabled(), action.toolTip()) == (False, as_tip(sentence)), name

    # Another run is chosen, and everything is there.
    picker = window.episode_panels.episodes.picker
    assert picker.isEnabled() and picker.run.currentText() == run.title
    picker.run.setCurrentIndex(picker.run.findText(leo.title))
    picker.run.activated.emit(picker.run.currentIndex())
    window.docks.show("episodes")
    qtbot.waitUntil(lambda: window.episode_panels.episodes.table is not None)
    window.docks.show("latents")
    qtbot.waitUntil(lambda: window.episode_panels.latents.shown is not None)
    for name in NEEDING:
        action = window.actions_registry[name]
        assert sentence not in action.toolTip(), name
        assert action.isEnabled() or name == "episode.keep", name  # no episode is looked at


def test_without_a_run_with_latent_codes_the_panels_say_why_until_there_is_one(
    open_on: Open, toy_experiment: Experiment, ridge: Experiment, qtbot: QtBot
) -> None:
    window = open_on(ridge)
    live = window.actions_registry["latents.live"]
    window.docks.show("latents")
    live.trigger()
    assert hint(window, "latent-hint").startswith("Live shows a run while it trains")
    live.trigger()

    sentence = f"{run_of(window, ridge).title} learns by ridge regression; it has no latent codes."
    for said in look_at_each(window, qtbot):
        assert said.startswith(sentence)
    leo = train_to_the_end(window, toy_experiment, qtbot)
    selection = window.episode_panels.selection
    qtbot.waitUntil(lambda: selection.source is not None and selection.source.run == leo.path)
    window.docks.show("latents")
    qtbot.waitUntil(lambda: window.episode_panels.latents.shown is not None)
    assert hint(window, "latent-hint") == ""


def test_live_latents_ask_nothing_of_a_run_that_has_none_and_go_on_with_one_that_has(
    open_on: Open,
    toy_experiment: Experiment,
    protonet: Experiment,
    unhurried: pytest.MonkeyPatch,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    window = open_on()
    controller, live = window.controller, window.actions_registry["latents.live"]
    asked: list[bool] = []
    watch = controller.watch_probes

    def watch_probes(is_watching: bool) -> None:
        asked.append(is_watching)
        watch(is_watching)

    monkeypatch.setattr(controller, "watch_probes", watch_probes)
    frames: list[ProbesInspected] = []

    def count(event: object) -> None:
        if isinstance(event, ProbesInspected):
            frames.append(event)

    controller.happened.connect(count)
    window.docks.show("latents")
    live.trigger()
    assert asked.pop()
    controller.train(protonet.with_settings({"schedule.steps": 10_000_000}))
    controller.train(toy_experiment.with_settings({"schedule.steps": 10_000_000}))
    qtbot.waitUntil(lambda: "learns by prototypical networks" in hint(window, "latent-hint"))
    assert not asked.pop()
    assert live.isEnabled() and live.isChecked()  # it can be left
    live.trigger()
    assert not live.isEnabled()
    title = controller.title_of(Path(controller.status.run))
    no_codes = as_tip(f"{title} learns by prototypical networks; it has no latent codes.")
    assert live.toolTip() == no_codes

    window.actions_registry["train.stop"].trigger()  # the next one has codes
    qtbot.waitUntil(live.isEnabled)
    assert "probes" not in live.toolTip() and "no latent codes" not in live.toolTip()
    live.trigger()
    qtbot.waitUntil(lambda: bool(frames))
    qtbot.waitUntil(lambda: window.episode_panels.latents.shown is not None)


def test_what_needs_no_training_is_finished_at_once_and_evaluated(
    open_on: Open, ridge: Experiment, qtbot: QtBot
) -> None:
    window = open_on()
    run = train_to_the_end(window, ridge, qtbot)
    assert (run.step, run.checkpoints) == (0, (0,))
    assert validation_steps(run).tolist() == [0]
    assert window.curves.isVisible() and not window.curves.grid.isVisible()
    (label,) = [
        each for each in window.curves.findChildren(QLabel) if "nothing to draw" in each.text()
    ]
    assert run.title in label.text() and label.isVisible()
    for name in ("pause", "step", "stop", "checkpoint"):
        assert not window.actions_registry[f"train.{name}"].isEnabled()

    window.runs.select(run.path)
    resume = window.actions_registry["runs.resume"]
    qtbot.waitUntil(lambda: run.title in resume.toolTip())
    assert resume.toolTip() == as_tip(f"{run.title} is finished; it needs no training.")
    further = window.actions_registry["runs.train_further"]
    needs_none = as_tip(f"{run.title} needs no training.")
    assert (further.isEnabled(), further.toolTip()) == (False, needs_none)
    steps = window.runs.model.index(window.runs.model.row_of(run.path), 3)
    assert steps.data() == "–"

    window.evaluate_run(run)
    window.evaluation.form.episodes.setValue(50)
    QTest.mouseClick(window.evaluation.form.start_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(run_of(window, ridge).evaluations))
    assert run_of(window, ridge).evaluations[0].step == 0


def test_a_protonet_is_trained_drawn_stopped_and_resumed_and_what_needs_no_training_waits_its_turn(
    open_on: Open,
    protonet: Experiment,
    ridge: Experiment,
    unhurried: pytest.MonkeyPatch,
    validations_tell_at_once: None,
    qtbot: QtBot,
) -> None:
    window = open_on()
    window.experiment.load(protonet.with_settings({"schedule.steps": 10_000_000}))
    QTest.mouseClick(button(window.experiment, "Train"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.controller.status.step > 20)
    path = Path(window.controller.status.run)
    qtbot.waitUntil(lambda: window.curves.points_of(path) > 20)
    assert window.curves.grid.isVisible()
    titles = {window.curves.plots[name].kind.title for name in window.curves.visible_plots()}
    assert {"Loss", "Accuracy"} <= titles and "Learning rates" not in titles
    window.actions_registry["train.stop"].trigger()
    wait_for(window, "stopped", qtbot)
    qtbot.waitUntil(lambda: is_stopped(window, protonet))
    step = run_of(window, protonet).step
    window.runs.select(path)
    qtbot.waitUntil(window.actions_registry["runs.resume"].isEnabled)
    window.actions_registry["runs.resume"].trigger()
    qtbot.waitUntil(lambda: window.controller.status.step > step)
    assert window.controller.status.run == str(path)
    qtbot.waitUntil(lambda: window.curves.points_of(path) > step)

    # Two that need no training wait their turn; the first is held, goes on and is stopped.
    actions = window.actions_registry
    endless = ridge.with_settings({"schedule.validation_episodes": 100_000_000})
    for _ in range(2):
        window.controller.train(endless)
    window.docks.show("queue")
    qtbot.waitUntil(lambda: window.queue.list.count() == 2)
    assert window.queue.list.item(0).text().endswith("needs no training")
    actions["train.stop"].trigger()
    qtbot.waitUntil(lambda: window.controller.status.validation is not None)
    wait_for(window, "running", qtbot)
    first = window.controller.status.run
    actions["train.pause"].trigger()
    wait_for(window, "paused", qtbot)
    held = window.controller.status.validation
    actions["train.pause"].trigger()
    wait_for(window, "running", qtbot)
    qtbot.waitUntil(lambda: window.controller.status.validation not in (None, held))
    actions["train.stop"].trigger()
    qtbot.waitUntil(lambda: is_stopped(window, ridge))

    # The window closes while the second is validated, and leaves nothing.
    qtbot.waitUntil(lambda: window.controller.status.run != first)
    qtbot.waitUntil(lambda: window.controller.status.validation is not None)


def test_latent_space_is_there_again_after_a_run_without_codes(
    open_on: Open, toy_experiment: Experiment, ridge: Experiment, qtbot: QtBot
) -> None:
    window = open_on(toy_experiment, ridge)
    window.docks.show("latents")
    leo, other = run_of(window, toy_experiment), run_of(window, ridge)
    panel = window.episode_panels.latents
    window.controller.current.choose(leo.path)
    qtbot.waitUntil(lambda: panel.shown is not None)
    window.controller.current.choose(other.path)
    qtbot.waitUntil(lambda: "no latent codes" in hint(window, "latent-hint"))
    window.controller.current.choose(leo.path)
    qtbot.waitUntil(lambda: panel.shown is not None and not hint(window, "latent-hint"))
