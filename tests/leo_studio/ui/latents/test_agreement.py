"""What the latent space says in several places agrees, and covers nothing that it speaks of."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from leo_studio.services.controller import Controller
from leo_studio.services.records import EpisodeSource, RunEntry
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.latents import LatentsPanel
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.ui.latents.test_panel import open_panel, shown_step  # noqa: F401


@pytest.fixture
def selection(controller: Controller, actions: ActionRegistry) -> EpisodeSelection:
    return EpisodeSelection(controller.current, actions.parent())


@pytest.fixture
def panel(
    toy_run: RunEntry,
    open_panel: Callable[[], LatentsPanel],  # noqa: F811
    themes: ThemeManager,
    qtbot: QtBot,
) -> LatentsPanel:
    """The panel with 12 episodes of a run in it."""
    made = open_panel()
    qtbot.waitUntil(lambda: made.shown is not None, timeout=10_000)
    return made


def test_the_box_of_checkpoints_follows_the_player_and_leads_back(
    panel: LatentsPanel, toy_run: RunEntry, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    source, box = selection.source, panel.picker.step
    assert source is not None and box.currentData() == source.step
    other = next(step for step in toy_run.checkpoints if step != source.step)
    panel.step_bars.checkpoints.move_to(toy_run.checkpoints.index(other))
    qtbot.waitUntil(lambda: shown_step(panel) == other, timeout=10_000)
    assert box.currentData() == other and box.currentText().startswith(f"step {other:,}")
    assert selection.source == source
    box.setCurrentIndex(box.findData(source.step))
    box.activated.emit(box.currentIndex())
    qtbot.waitUntil(lambda: shown_step(panel) == source.step, timeout=10_000)
    assert panel.step_bars.checkpoints.label.text() == f"step {source.step:,}"
    assert box.currentData() == source.step and selection.source == source


def test_the_notice_of_a_better_checkpoint_follows_the_end_of_training(
    panel: LatentsPanel, toy_run: RunEntry, selection: EpisodeSelection, controller: Controller
) -> None:
    own, line = toy_run.own_step, panel.picker.line
    assert own is not None and toy_run.best is not None
    selection.set_source(EpisodeSource(toy_run.path, own, "val"))
    later = next(step for step in toy_run.checkpoints if step != own)
    best = toy_run.best.model_copy(update={"step": later})
    trains = replace(toy_run, best=best, kept_best=None, status="running")
    stays = f"stays at step {own:,}; the best is step {later:,}"
    for run, said in (
        (trains, f"Training goes on, and this {stays} now."),
        (replace(trains, status="finished"), f"This {stays}."),
    ):
        controller.runs = (run,)
        controller.runs_changed.emit(controller.runs)
        assert line.isVisible() and line.label.text() == said
