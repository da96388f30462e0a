"""A study of a second in the library, and the panel on the real engine."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.io.files import write_text
from engine.io.yaml_text import written_yaml
from engine.runs.library import Library
from engine.studies.standing import StudyFolder
from engine.studies.study import load_study
from engine.studies.worker import work
from leo_studio.services.controller import Controller
from leo_studio.ui.studies import StudiesPanel
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager

WriteStudy = Callable[..., Path]
CarryOut = Callable[[], StudyFolder]

STUDY: dict[str, Any] = {
    "schema": 1,
    "name": "tiny",
    "about": "Whether LEO is better than nearest class mean on toys",
    "preset": "toy",
    "columns": [{"name": "1-shot", "set": {"task.k_shot": 1}}, {"name": "2-shot"}],
    "rows": [
        {"name": "Class mean", "set": {"learner.kind": "class_mean"}},
        {"name": "LEO", "set": {"schedule.steps": 30}},
    ],
    "seeds": 2,
    "episodes": 10,
    "against": "LEO",
}


@pytest.fixture
def write_study(library_home: Path, toy_experiment: Experiment) -> WriteStudy:
    """Writes a study's file among the library's, with some parts changed."""
    library = Library(library_home)
    library.save_preset("toy", toy_experiment.with_settings({"run.device": "cpu"}))

    def write(**changes: Any) -> Path:
        values = STUDY | changes
        path = library.studies / f"{values['name']}.yaml"
        write_text(path, written_yaml(values))
        return path

    write()
    return write


@pytest.fixture
def carry_out(library_home: Path, write_study: WriteStudy) -> CarryOut:
    """Carries the study out as a worker does, and returns its folder."""
    library = Library(library_home)

    def carry_all_out() -> StudyFolder:
        study = load_study(library.studies / "tiny.yaml")
        folder = StudyFolder(library.studies / study.name)
        write_text(folder.file, study.to_yaml())
        said: list[str] = []
        for _ in work(folder, library, "cpu", said.append):
            pass
        return folder

    return carry_all_out


@pytest.fixture
def panel(
    write_study: WriteStudy,
    qtbot: QtBot,
    controller: Controller,
    actions: ActionRegistry,
    themes: ThemeManager,
) -> StudiesPanel:
    """The panel, which has read its list."""
    made = StudiesPanel(controller, actions, themes)
    made.resize(900, 600)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: made.list.topLevelItemCount() > 0, timeout=30_000)
    return made


def open_tiny(panel: StudiesPanel, qtbot: QtBot) -> None:
    """Open the study, and wait until it was read."""
    panel.open_study("tiny")
    qtbot.waitUntil(lambda: panel.view is not None, timeout=30_000)


def texts(panel: StudiesPanel) -> Sequence[Sequence[str]]:
    """Return what stands in the table."""
    table = panel.page.table
    cells = [
        [table.item(row, column) for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]
    return [["" if cell is None else cell.text() for cell in row] for row in cells]
