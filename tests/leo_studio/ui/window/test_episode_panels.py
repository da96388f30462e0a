"""The panels that look at episodes, in the window: the flows that join them."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.events import ProbesInspected
from engine.inspection.what_if import WhatIf
from engine.runs.library import Library
from leo_studio.services.episode_links import EpisodeLink
from leo_studio.services.records import EpisodeSource, RunEntry
from leo_studio.ui.episode.chooser import Chooser
from leo_studio.ui.window.episode_panels import EpisodePanels
from leo_studio.ui.window.main_window import MainWindow
from tests.conftest import TrainedCopy
from tests.leo_studio.ui.conftest import OpenWindow

PATIENCE = 30_000


@pytest.fixture
def window(
    open_window: OpenWindow,
    library_home: Path,
    trained_copy: TrainedCopy,
    toy_experiment: Experiment,
    qtbot: QtBot,
) -> MainWindow:
    """A window with all panels and one finished run."""
    trained_copy(Library(library_home).runs, toy_experiment)
    made = open_window(experiment=toy_experiment)
    qtbot.waitUntil(lambda: bool(made.controller.runs), timeout=PATIENCE)
    qtbot.waitUntil(lambda: made.is_complete, timeout=PATIENCE)
    return made


@pytest.fixture
def run(window: MainWindow) -> RunEntry:
    return window.controller.runs[0]


@pytest.fixture
def episode_panels(window: MainWindow, run: RunEntry, qtbot: QtBot) -> EpisodePanels:
    """The panels at that run, its episodes gone through."""
    window.runs.select(run.path)
    qtbot.waitUntil(lambda: window.actions_registry["runs.episodes"].isEnabled())
    window.actions_registry["runs.episodes"].trigger()
    browser = window.episode_panels.episodes
    qtbot.waitUntil(lambda: browser.table is not None and not browser.is_going, timeout=PATIENCE)
    return window.episode_panels


def press(parent: object, text: str) -> None:
    buttons = parent.findChildren(QPushButton)  # type: ignore[attr-defined]
    (button,) = [each for each in buttons if each.text() == text]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_episode_that_adaptation_hurt_most_is_found_and_changed_with_the_mouse_alone(
    window: MainWindow, episode_panels: EpisodePanels, qtbot: QtBot
) -> None:
    browser, page = episode_panels.episodes, episode_panels.episode
    assert browser.isVisible()
    window.actions_registry["episodes.adaptation_hurt"].trigger()
    assert browser.table is not None
    worst = int(browser.table.numbers[browser.table.gains.argmin()])
    row = browser.view.visualRect(browser.view.episodes.index(0, 0)).center()
    for click in (QTest.mouseClick, QTest.mouseDClick):
        click(browser.view.viewport(), Qt.MouseButton.LeftButton, pos=row)
    qtbot.waitUntil(lambda: page.inspection is not None and not page.is_busy, timeout=PATIENCE)
    assert page.isVisible() and page.inspection is not None
    assert page.inspection.numbers.tolist() == [worst]
    accuracy = page.inspection.query_accuracy[0]
    assert accuracy[-1] - accuracy[0] == pytest.approx(browser.table.gains.min(), abs=1e-6)
    assert "from right to wrong" in page.left.summary.text()

    press(page, "What if")
    add = page.right.support.findChild(QToolButton, "add-0")
    assert isinstance(add, QToolButton)
    QTest.mouseClick(add, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.findChild(Chooser) is not None, timeout=PATIENCE)
    chooser = page.findChild(Chooser)
    assert isinstance(chooser, Chooser)
    press(chooser, "Take it")
    qtbot.waitUntil(lambda: not page.is_busy, timeout=PATIENCE)
    assert page.other is not None
    assert (page.other.support[0, 0] >= 0).sum() == 3
    assert not np.allclose(page.other.query_loss[0, -1], page.inspection.query_loss[0, -1])
    assert " right" in page.result.text()
    before, after = (set(each.support[0, 0].tolist()) for each in (page.inspection, page.other))
    (added,) = after - before
    assert page.what_if.words.text() == f"Changed: 1 support example added (val-{added})."


def test_an_empty_panel_of_classes_leads_to_the_episodes_that_fill_it(
    window: MainWindow, run: RunEntry, qtbot: QtBot
) -> None:
    window.runs.select(run.path)
    window.docks.show("classes")
    panel, browser = window.episode_panels.classes, window.episode_panels.episodes
    qtbot.waitUntil(lambda: window.episode_panels.selection.source is not None)
    assert panel.found is None and not browser.isVisible()
    press(panel, "Go through episodes")
    qtbot.waitUntil(lambda: browser.isVisible())
    qtbot.waitUntil(lambda: panel.found is not None, timeout=PATIENCE)
    assert panel.matrix.isVisible()


def test_the_panels_agree_on_what_is_selected_what_is_looked_at_and_the_axes_of_codes(
    window: MainWindow, episode_panels: EpisodePanels, qtbot: QtBot
) -> None:
    latents, browser = episode_panels.latents, episode_panels.episodes
    page, selection = episode_panels.episode, episode_panels.selection

    # What is selected in one panel is selected in the other.
    window.docks.show("latents")
    qtbot.waitUntil(lambda: latents.plot.shown is not None, timeout=PATIENCE)
    model = browser.view.selectionModel()
    selection.select({3, 4})
    assert {int(browser.view.episodes.numbers[i.row()]) for i in model.selectedRows()} == {3, 4}
    with qtbot.waitSignal(selection.selected_changed):
        browser.view.selectRow(7)
    assert selection.selected == {7}

    # The page draws codes on the axes of the latent space.
    qtbot.waitUntil(lambda: latents.basis is not None, timeout=PATIENCE)
    selection.show(2)
    window.docks.show("episode")
    qtbot.waitUntil(lambda: page.inspection is not None, timeout=PATIENCE)
    assert page.left.paths.basis is latents.basis

    # Next and previous on the page walk through the table.
    window.actions_registry["episodes.hardest"].trigger()
    order = browser.view.episodes.numbers.tolist()
    selection.show(order[4])
    qtbot.waitUntil(
        lambda: page.inspection is not None and page.inspection.numbers.tolist() == [order[4]],
        timeout=PATIENCE,
    )
    QTest.mouseClick(page.header.next, Qt.MouseButton.LeftButton)
    assert selection.current == order[5]
    QTest.mouseClick(page.header.previous, Qt.MouseButton.LeftButton)
    assert selection.current == order[4]

    # A double click on a cell of the classes opens an episode behind it.
    window.docks.show("classes")
    panel = episode_panels.classes
    qtbot.waitUntil(lambda: panel.found is not None and not page.isVisible(), timeout=PATIENCE)
    middle: QPointF = panel.matrix.rect_of(0, 0).center()
    with qtbot.waitSignal(selection.selected_changed):
        QTest.mouseDClick(panel.matrix, Qt.MouseButton.LeftButton, pos=middle.toPoint())
    assert selection.selected and selection.current in selection.selected
    qtbot.waitUntil(lambda: page.isVisible())


def test_latents_move_only_while_they_are_watched_and_a_window_that_closes_leaves_nothing(
    window: MainWindow,
    episode_panels: EpisodePanels,
    toy_experiment: Experiment,
    unhurried: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    frames: list[ProbesInspected] = []

    def count(event: object) -> None:
        if isinstance(event, ProbesInspected):
            frames.append(event)

    window.controller.happened.connect(count)
    window.docks.show("latents")
    window.actions_registry["latents.live"].trigger()
    window.experiment.load(toy_experiment.with_settings({"schedule.steps": 10_000_000}))
    window.actions_registry["train.start"].trigger()
    window.docks.show("latents")
    qtbot.waitUntil(lambda: len(frames) > 2, timeout=PATIENCE)
    assert not np.array_equal(frames[0].latents.codes, frames[-1].latents.codes)
    assert frames[-1].step > frames[0].step
    window.docks.show("curves")  # nobody sees them any more
    qtbot.waitUntil(lambda: not episode_panels.latents.isVisible())
    qtbot.wait(500)  # what was under way
    frames.clear()
    qtbot.wait(1500)
    assert not frames

    # The window closes in the middle of it all.
    window.actions_registry["latents.live"].trigger()
    episode_panels.episodes.count.setValue(100_000)
    episode_panels.episodes.start()
    window.docks.show("latents")
    window.actions_registry["latents.paper"].trigger()
    episode_panels.selection.show(9)


def test_a_link_opens_its_episode_with_its_changes(
    window: MainWindow, run: RunEntry, qtbot: QtBot
) -> None:
    link = EpisodeLink(run.name, "test", 5, "30", 8, WhatIf(inner_steps=1))
    window.episode_panels.open_link(link)
    page = window.episode_panels.episode
    qtbot.waitUntil(lambda: page.other is not None and not page.is_busy, timeout=PATIENCE)
    qtbot.waitUntil(lambda: page.other is not None and page.other.inner_steps == 1)
    assert page.isVisible() and page.inspection is not None and page.other is not None
    assert window.episode_panels.selection.source == EpisodeSource(run.path, 30, "test")
    assert page.inspection.numbers.tolist() == [5] and page.inspection.samples == 8
    assert page.link() == link


def test_what_is_selected_among_codes_is_shown_in_the_table_again_and_again(
    window: MainWindow, episode_panels: EpisodePanels, qtbot: QtBot
) -> None:
    latents, browser = episode_panels.latents, episode_panels.episodes
    window.docks.show("latents")
    qtbot.waitUntil(lambda: latents.plot.shown is not None, timeout=PATIENCE)
    last = int(browser.view.episodes.numbers[-1])
    wanted = {last - 40, last - 1}
    episode_panels.selection.select(wanted)
    for _ in range(2):
        window.docks.show("experiment")
        browser.view.scrollToTop()
        qtbot.waitUntil(lambda: not browser.isVisible())
        press(latents.drawing.selection_bar, "Show in list")
        qtbot.waitUntil(browser.isVisible)
        view = browser.view
        assert set(view.episodes.numbers.tolist()) == wanted  # they alone
        place = view.visualRect(view.episodes.index(0, 0))
        assert view.viewport().rect().contains(place.center())
        assert not view.visibleRegion().isEmpty()
