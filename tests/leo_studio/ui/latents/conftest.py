"""The panel, on a run that is chosen, in a window."""

from typing import Protocol

import pytest
from PySide6.QtWidgets import QMainWindow

from leo_studio.services.controller import Controller
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.latents import LatentsPanel
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager


class Open(Protocol):
    """Shows the panel on the first episodes; on what nobody has chosen for None."""

    def __call__(self, episodes: int | None = 12, height: int = 800) -> LatentsPanel: ...


@pytest.fixture
def selection(controller: Controller, actions: ActionRegistry) -> EpisodeSelection:
    return EpisodeSelection(controller.current, actions.parent())


@pytest.fixture
def open_panel(
    controller: Controller,
    actions: ActionRegistry,
    themes: ThemeManager,
    selection: EpisodeSelection,
) -> Open:
    def open_one(episodes: int | None = 12, height: int = 800) -> LatentsPanel:
        window = actions.parent()
        assert isinstance(window, QMainWindow)
        panel = LatentsPanel(controller, actions, themes, selection)
        if episodes is not None:
            panel.controls.set_scope("first", episodes)
        window.setCentralWidget(panel)
        window.resize(1000, height)
        window.show()
        return panel

    return open_one
