"""The panel with real presets and stores, and hands that use it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from engine.data.store import EmbeddingStore
from leo_studio.services.controller import Controller
from leo_studio.ui.experiment import ExperimentPanel
from leo_studio.ui.experiment.fields import NumberBox
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager


@pytest.fixture
def make_panel(
    controller: Controller, actions: ActionRegistry, themes: ThemeManager, qtbot: QtBot
) -> Callable[[], ExperimentPanel]:
    def make() -> ExperimentPanel:
        panel = ExperimentPanel(controller, actions, themes)
        qtbot.addWidget(panel)
        panel.resize(480, 900)
        panel.show()
        qtbot.waitExposed(panel)
        return panel

    return make


@pytest.fixture
def panel(make_panel: Callable[[], ExperimentPanel], controller: Controller) -> ExperimentPanel:
    controller.refresh_presets()
    controller.refresh_stores()
    return make_panel()


@pytest.fixture
def toy_in_library(library_home: Path, toy_store: EmbeddingStore) -> str:
    """A store of 12, 8 and 8 classes of 30 examples, as the library knows it."""
    stores = library_home / "stores"
    stores.mkdir(parents=True, exist_ok=True)
    (stores / "toy.h5").write_bytes(toy_store.path.read_bytes())
    return "toy"


class Hands:
    """What a person does to a panel, by the settings' paths and the widgets' names."""

    def __init__(self, panel: ExperimentPanel) -> None:
        self.panel = panel

    def find(self, name: str) -> QWidget:
        # Several kinds of learner have a setting of that name: the one that is shown is meant.
        found = self.panel._form.rows.get(name) or self.panel.findChild(QWidget, name)
        assert found is not None, name
        return found

    def text(self, name: str) -> str:
        return str(self.find(name).property("text")).replace("\u200b", "")

    def box(self, path: str) -> NumberBox:
        box = self.find(path).findChild(NumberBox)
        assert box is not None
        return box

    def type(self, path: str, text: str) -> None:
        """Replace what is in a field by typing."""
        box: NumberBox | QLineEdit | None = self.find(path).findChild(NumberBox)
        box = box or self.find(path).findChild(QLineEdit)
        assert box is not None
        box.setFocus()
        box.selectAll()
        QTest.keyClicks(box, text)

    def press(self, name: str) -> None:
        button = self.find(name)
        assert button.isEnabled()
        assert button.isVisible()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    @property
    def train_button(self) -> QPushButton:
        button = self.panel.findChild(QPushButton, "train")
        assert button is not None
        return button


@pytest.fixture
def hands(panel: ExperimentPanel) -> Hands:
    return Hands(panel)
