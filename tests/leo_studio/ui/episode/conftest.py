"""A trained toy run, and the page of one of its episodes."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from leo_studio.services.controller import Controller
from leo_studio.services.records import EpisodeSource, RunEntry
from leo_studio.ui.episode import EpisodePanel
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager

EPISODE = 12


@pytest.fixture
def run(toy_run: RunEntry) -> RunEntry:
    return toy_run


@pytest.fixture
def selection() -> EpisodeSelection:
    return EpisodeSelection()


@pytest.fixture
def empty(
    controller: Controller,
    actions: ActionRegistry,
    themes: ThemeManager,
    selection: EpisodeSelection,
    qtbot: QtBot,
) -> Iterator[EpisodePanel]:
    made = EpisodePanel(controller, actions, themes, selection)
    made.resize(1200, 900)
    made.show()
    yield made
    made.close()
    made.deleteLater()
    qtbot.waitUntil(lambda: not Shiboken.isValid(made))


@pytest.fixture
def panel(
    empty: EpisodePanel, selection: EpisodeSelection, run: RunEntry, qtbot: QtBot
) -> EpisodePanel:
    """The page at an episode of the run's last checkpoint."""
    selection.set_source(EpisodeSource(run.path, run.checkpoints[-1], "val"))
    selection.show(EPISODE)
    qtbot.waitUntil(lambda: empty.inspection is not None, timeout=30_000)
    return empty
