"""A trained toy run, and the page of one of its episodes."""

from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from engine.inspection.records import Inspection
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
def selection(controller: Controller) -> EpisodeSelection:
    return EpisodeSelection(controller.current)


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


def seen(panel: EpisodePanel) -> Inspection:
    assert panel.inspection is not None
    return panel.inspection


def other(panel: EpisodePanel) -> Inspection:
    assert panel.other is not None
    return panel.other


@pytest.fixture
def change(panel: EpisodePanel, qtbot: QtBot) -> Callable[[Callable[[], object]], Inspection]:
    """Do something at the right side, and wait for what comes of it."""

    def do(action: Callable[[], object]) -> Inspection:
        action()
        qtbot.waitUntil(lambda: not panel.is_busy)
        return other(panel)

    return do
