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
def selection() -> EpisodeSelection:
    return EpisodeSelection()


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
