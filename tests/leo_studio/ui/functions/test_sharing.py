"""Points that are kept from the panel Functions, and opened again with this and other runs."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtWidgets import QFileDialog, QInputDialog
from pytestqt.qtbot import QtBot

from engine.inspection.functions import load_functions
from engine.inspection.kept_points import read_points
from engine.runs.run import Run
from leo_studio.services.controller import Controller
from leo_studio.services.records import Notice
from leo_studio.ui.functions import FunctionsPanel
from leo_studio.ui.widgets.actions import ActionRegistry
from tests.leo_studio.ui.functions.conftest import STEPS, AddRun
from tests.leo_studio.ui.functions.test_panel import drag, settle


@pytest.fixture
def told(controller: Controller) -> list[Notice]:
    notices: list[Notice] = []
    controller.notified.connect(notices.append)
    return notices


def kept_from(panel: FunctionsPanel, actions: ActionRegistry, path: Path, note: str) -> None:
    """Keep the points as a person does: command, note, file."""
    actions["functions.keep"].trigger()
    question = panel.findChild(QInputDialog, "points-note")
    assert question is not None
    question.setTextValue(note)
    question.accept()
    dialog = panel.findChild(QFileDialog, "points-file")
    assert dialog is not None
    dialog.fileSelected.emit(str(path))
    dialog.reject()


def opened_in(panel: FunctionsPanel, actions: ActionRegistry, path: Path) -> None:
    actions["functions.open"].trigger()
    dialog = panel.findChild(QFileDialog, "points-to-open")
    assert dialog is not None
    dialog.fileSelected.emit(str(path))
    dialog.reject()


def predicted(run: Run, path: Path) -> NDArray[np.float32]:
    """Return the mean that a run predicts of the points in a file."""
    kept = read_points(path)
    return load_functions(run, STEPS).record_of(*kept.points, number=kept.number).mean


def test_edited_points_are_kept_and_come_back(
    panel: FunctionsPanel,
    add_functions: AddRun,
    actions: ActionRegistry,
    qtbot: QtBot,
    told: list[Notice],
    tmp_path: Path,
) -> None:
    run, path = add_functions(), tmp_path / "edited.json"
    settle(panel, qtbot)
    panel.look_at(5)
    own = settle(panel, qtbot)
    drag(panel, 0, float(own.support_y[0]) + 1.5)
    edited = settle(panel, qtbot)
    assert edited.is_changed
    kept_from(panel, actions, path, "higher\nat the left")
    kept = read_points(path)
    assert (kept.number, kept.step, kept.note) == (5, STEPS, "higher\nat the left")
    assert (kept.run, kept.run_id) == (run.path.name, run.record.id)
    np.testing.assert_array_equal(kept.points[1], edited.support_y)
    np.testing.assert_array_equal(np.array(kept.own_y, np.float32), own.support_y)
    assert told[-1].text == f"Kept the points as {path.name}."
    actions["functions.open"].trigger()  # begins where the points went
    dialog = panel.findChild(QFileDialog, "points-to-open")
    assert dialog is not None and Path(dialog.directory().path()) == tmp_path
    dialog.reject()
    qtbot.waitUntil(lambda: panel.findChild(QFileDialog, "points-to-open") is None)
    panel.look_at(2)
    assert not settle(panel, qtbot).is_changed
    opened_in(panel, actions, path)
    again = settle(panel, qtbot)
    assert (again.number, again.is_changed) == (5, True)
    np.testing.assert_array_equal(again.support_x, edited.support_x)
    np.testing.assert_allclose(again.mean, edited.mean, rtol=1e-5, atol=1e-5)
    assert "higher\nat the left" in told[-1].text and "another task" not in told[-1].text
    actions["functions.back"].trigger()
    assert not settle(panel, qtbot).is_changed
    opened_in(panel, actions, path)  # of the task that is shown
    assert settle(panel, qtbot).is_changed
    panel.look_at(3)
    assert not settle(panel, qtbot).is_changed
    panel.look_at(5)
    assert not settle(panel, qtbot).is_changed  # they were opened once


@pytest.mark.parametrize(
    ("name", "file"), [("Left: a/b, higher", "Left-a-b-higher.json"), ("", "task-5.json")]
)
def test_points_are_offered_a_file_of_their_name(
    panel: FunctionsPanel,
    add_functions: AddRun,
    actions: ActionRegistry,
    qtbot: QtBot,
    name: str,
    file: str,
) -> None:
    add_functions()
    settle(panel, qtbot)
    panel.look_at(5)
    settle(panel, qtbot)
    actions["functions.keep"].trigger()
    question = panel.findChild(QInputDialog, "points-note")
    assert question is not None
    question.setTextValue(name)
    question.accept()
    dialog = panel.findChild(QFileDialog, "points-file")
    assert dialog is not None
    assert [Path(each).name for each in dialog.selectedFiles()] == [file]
    dialog.reject()


def test_points_of_somebody_else_are_shown_to_another_run(
    panel: FunctionsPanel,
    add_functions: AddRun,
    actions: ActionRegistry,
    qtbot: QtBot,
    told: list[Notice],
    tmp_path: Path,
) -> None:
    add_functions()
    settle(panel, qtbot)
    panel.look_at(5)
    drag(panel, 1, float(settle(panel, qtbot).support_y[1]) - 1.0)
    settle(panel, qtbot)
    path = tmp_path / "shared.json"
    kept_from(panel, actions, path, "")
    other = add_functions("maml", **{"task.k_shot": 3})  # whose task 5 has other points
    assert len(settle(panel, qtbot).support_x) == 3
    opened_in(panel, actions, path)
    seen = settle(panel, qtbot)
    assert len(seen.support_x) == 5 and seen.is_changed and seen.truth is None
    np.testing.assert_allclose(seen.mean, predicted(other, path), rtol=1e-4, atol=1e-5)
    assert "they are of another task, and stand in the place of task 5's own" in told[-1].text


def test_opened_points_are_seen_wherever_they_lie(
    panel: FunctionsPanel,
    add_functions: AddRun,
    actions: ActionRegistry,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    add_functions()
    own = settle(panel, qtbot)
    of_the_task = panel.plot.box.viewRange()
    path = tmp_path / "far.json"
    kept_from(panel, actions, path, "")
    far = json.loads(path.read_text())
    far["x"][:2], far["y"][0] = (float(own.grid[0]) - 3, float(own.grid[-1]) + 2), 40.0
    path.write_text(json.dumps(far))
    opened_in(panel, actions, path)
    settle(panel, qtbot)
    (left, right), (bottom, top) = panel.plot.box.viewRange()
    for x, y in zip(far["x"], far["y"], strict=True):
        assert left <= x <= right and bottom <= y <= top
    actions["functions.back"].trigger()
    settle(panel, qtbot)
    assert panel.plot.box.viewRange() == of_the_task
    actions["functions.undo"].trigger()
    settle(panel, qtbot)
    (left, right), (bottom, top) = panel.plot.box.viewRange()
    assert left <= min(far["x"]) and max(far["x"]) <= right and max(far["y"]) <= top
    actions["functions.undo"].trigger()
    settle(panel, qtbot)
    assert panel.plot.box.viewRange() == of_the_task


def test_a_bad_file_is_a_sentence_and_changes_nothing(
    panel: FunctionsPanel,
    add_functions: AddRun,
    actions: ActionRegistry,
    qtbot: QtBot,
    told: list[Notice],
    tmp_path: Path,
) -> None:
    assert not actions["functions.keep"].isEnabled() and not actions["functions.open"].isEnabled()
    add_functions()
    before = settle(panel, qtbot)
    path = tmp_path / "bad.json"
    path.write_text(json.dumps({"kind": "points", "schema": 9}))
    opened_in(panel, actions, path)
    assert told[-1].kind == "error" and "update LEO Studio" in told[-1].text
    panel.sharing.open(tmp_path / "gone.json")
    assert "cannot be read" in told[-1].text
    panel.sharing.keep(path / "points.json")  # below a file
    assert told[-1].kind == "error" and "bad.json" in told[-1].text
    assert settle(panel, qtbot) is before
