"""A run to look at, and the browser on a selection."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from leo_studio.services.controller import Controller
from leo_studio.services.records import RunEntry
from leo_studio.ui.episodes import EpisodesPanel
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager


@pytest.fixture
def run(toy_run: RunEntry) -> RunEntry:
    return toy_run


@pytest.fixture
def selection(controller: Controller) -> EpisodeSelection:
    return EpisodeSelection(controller.current)


@pytest.fixture
def panel(
    controller: Controller,
    actions: ActionRegistry,
    themes: ThemeManager,
    selection: EpisodeSelection,
    qtbot: QtBot,
) -> Iterator[EpisodesPanel]:
    made = EpisodesPanel(controller, actions, themes, selection)
    made.count.setValue(150)
    made.resize(1000, 600)
    yield made
    made.cancel()
    made.close()
    made.deleteLater()
    qtbot.waitUntil(lambda: not Shiboken.isValid(made))


@pytest.fixture
def filled(panel: EpisodesPanel, run: RunEntry, qtbot: QtBot) -> EpisodesPanel:
    """The browser with 150 episodes of a trained run."""
    panel.show()
    qtbot.waitUntil(lambda: panel.table is not None and not panel.is_going, timeout=30_000)
    return panel
