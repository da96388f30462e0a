"""One current run: what is selected in Runs is shown, evaluated and exported everywhere."""

from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from leo_studio.services.records import RunEntry
from leo_studio.ui.runs.table import EYE
from leo_studio.ui.widgets.run_banner import RunBanner
from leo_studio.ui.window.export_dialog import ExportDialog
from leo_studio.ui.window.main_window import MainWindow
from tests.leo_studio.ui.conftest import OpenWindow, Train

PANELS = ("curves", "latents", "episodes", "episode", "classes", "evaluation")


@pytest.fixture
def runs(add_run: Train, toy_experiment: Experiment) -> tuple[RunEntry, RunEntry]:
    return add_run(toy_experiment), add_run(toy_experiment.with_settings({"run.seed": 1}))


@pytest.fixture
def window(open_window: OpenWindow, runs: tuple[RunEntry, RunEntry], qtbot: QtBot) -> MainWindow:
    made = open_window()
    qtbot.waitUntil(lambda: made.is_complete and len(made.controller.runs) == len(runs))
    return made


def select(window: MainWindow, run: RunEntry) -> None:
    """Click on a run in Runs."""
    table = window.runs.table
    source = window.runs.model.index(window.runs.model.row_of(run.path), 2)
    place = table.visualRect(table.order.mapFromSource(source)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def banners(window: MainWindow) -> dict[str, str]:
    """Return the title that stands above each panel."""
    found = {}
    for name in PANELS:
        banner = window.docks[name].findChild(RunBanner)
        assert isinstance(banner, RunBanner), name
        found[name] = banner.box.currentText()
    return found


def turn_eye(window: MainWindow, run: RunEntry) -> None:
    """Click on a run's eye in Runs."""
    table = window.runs.table
    source = window.runs.model.index(window.runs.model.row_of(run.path), EYE)
    place = table.visualRect(table.order.mapFromSource(source)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def has_curves(window: MainWindow, run: RunEntry) -> bool:
    return window.curves.points_of(run.path) == run.steps


def title(window: MainWindow, run: RunEntry) -> str:
    return window.controller.title_of(run.path)


def exported(window: MainWindow) -> str:
    """Return which run Export model begins with."""
    window.actions_registry["model.export"].trigger()
    (dialog,) = window.findChildren(ExportDialog)
    begins_with = dialog.run.currentText()
    dialog.reject()
    QTest.qWait(1)
    return begins_with


def test_a_click_in_runs_moves_every_panel_and_every_export(
    window: MainWindow, runs: tuple[RunEntry, RunEntry], qtbot: QtBot
) -> None:
    for run in (*runs, runs[0]):  # the newest one is first by itself
        select(window, run)
        assert set(banners(window).values()) == {title(window, run)}
        assert window.evaluation.run is not None and window.evaluation.run.path == run.path
        source = window.episode_panels.selection.source
        assert source is not None and source.run == run.path
        assert exported(window) == title(window, run)
        assert title(window, run) in window.windowTitle()
        qtbot.waitUntil(partial(has_curves, window, run))


def test_other_ways_to_a_run_choose_it_too(
    window: MainWindow, runs: tuple[RunEntry, RunEntry]
) -> None:
    older, newer = (window.runs.model.entry(window.runs.model.row_of(run.path)) for run in runs)
    for choose in (
        partial(window.evaluate_run, older),
        partial(window.episode_panels.show_run, newer),
        partial(window.show_run, older.path),
    ):
        choose()
        assert len(set(banners(window).values())) == 1
        (selected,) = window.runs.selected()
        assert selected.title in banners(window).values()


def test_a_pinned_panel_stays_with_its_run_and_says_so(
    window: MainWindow, runs: tuple[RunEntry, RunEntry]
) -> None:
    select(window, runs[0])
    window.docks.show("evaluation")
    banner = window.docks["evaluation"].findChild(RunBanner)
    assert isinstance(banner, RunBanner)
    QTest.mouseClick(banner.pin, Qt.MouseButton.LeftButton)
    assert banner.pin.text() == "Pinned"
    select(window, runs[1])
    pinned = title(window, runs[0])
    assert {name for name, text in banners(window).items() if text == pinned} == {"evaluation"}
    assert window.evaluation.run is not None and window.evaluation.run.path == runs[0].path
    assert exported(window) == title(window, runs[1])
    QTest.mouseClick(banner.pin, Qt.MouseButton.LeftButton)
    assert set(banners(window).values()) == {title(window, runs[1])}


def test_an_eye_draws_a_run_over_the_others_and_leaves_the_choice_of_runs_alone(
    window: MainWindow, runs: tuple[RunEntry, RunEntry], qtbot: QtBot
) -> None:
    first, second = runs
    select(window, first)
    qtbot.waitUntil(lambda: window.curves.shown_runs() == (first.path,), timeout=10_000)
    turn_eye(window, second)
    assert set(window.curves.shown_runs()) == {first.path, second.path}
    turn_eye(window, second)
    turn_eye(window, first)
    assert window.curves.shown_runs() == ()
    assert window.runs.selected() == (first,)
    assert window.controller.current.path == first.path
    (hint,) = window.curves.findChildren(QWidget, "curves_hint")
    texts = [label.text() for label in hint.findChildren(QLabel) if label.text()]
    assert texts == ["This run's curves are hidden: open its eye in Runs."]
    (button,) = hint.findChildren(QPushButton)
    button.click()
    assert window.curves.shown_runs() == (first.path,)
