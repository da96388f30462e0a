"""Points that are kept from the panel Functions, and opened again with this and other runs."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QInputDialog, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from engine.inspection.functions import load_functions
from engine.inspection.kept_points import read_points
from engine.runs.run import Run
from leo_studio.services.controller import Controller
from leo_studio.services.records import Notice
from leo_studio.ui.functions import FunctionsPanel
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.kept_dialog import KeptDialog
from tests.leo_studio.ui.functions.conftest import STEPS, AddRun
from tests.leo_studio.ui.functions.test_panel import drag, settle


@pytest.fixture
def told(controller: Controller) -> list[Notice]:
    notices: list[Notice] = []
    controller.notified.connect(notices.append)
    return notices


@pytest.fixture
def folder(controller: Controller) -> Path:
    """Where the library has kept points."""
    return controller.library.points


def kept_from(
    panel: FunctionsPanel, actions: ActionRegistry, note: str, qtbot: QtBot, folder: Path
) -> Path:
    """Keep the points as a person does, by a command and a name, and return their file."""
    before = set(folder.glob("*.json"))
    actions["functions.keep"].trigger()
    question = panel.findChild(QInputDialog, "points-note")
    assert question is not None
    question.setTextValue(note)
    question.accept()
    qtbot.waitUntil(lambda: len(set(folder.glob("*.json"))) > len(before))
    (path,) = set(folder.glob("*.json")) - before
    return path


def open_list(panel: FunctionsPanel, actions: ActionRegistry, qtbot: QtBot) -> KeptDialog:
    actions["functions.kept"].trigger()
    return opened_list(panel, qtbot)


def opened_list(panel: FunctionsPanel, qtbot: QtBot) -> KeptDialog:
    qtbot.waitUntil(lambda: panel.findChild(KeptDialog, "kept-points") is not None)
    dialog = panel.findChild(KeptDialog, "kept-points")
    assert isinstance(dialog, KeptDialog)
    return dialog


def lines(dialog: KeptDialog) -> list[str]:
    return [dialog.list.item(place).text() for place in range(dialog.list.count())]


def click(dialog: KeptDialog, text: str) -> None:
    (button,) = [
        each
        for each in dialog.findChildren(QPushButton)
        if each.text().replace("&", "") == text and each.isVisible()
    ]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def closed(panel: FunctionsPanel, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: panel.findChild(KeptDialog) is None)


def opened_in(panel: FunctionsPanel, actions: ActionRegistry, path: Path, qtbot: QtBot) -> None:
    """Open a file from elsewhere, by the list's button."""
    dialog = open_list(panel, actions, qtbot)
    click(dialog, "Open a file...")
    files = dialog.findChild(QFileDialog, "points-to-open")
    assert files is not None
    files.fileSelected.emit(str(path))
    files.reject()
    closed(panel, qtbot)


def predicted(run: Run, path: Path) -> NDArray[np.float32]:
    """Return the mean that a run predicts of the points in a file."""
    kept = read_points(path)
    return load_functions(run, STEPS).record_of(*kept.points, number=kept.number).mean


def test_edited_points_are_kept_and_come_back_under_their_name(
    panel: FunctionsPanel,
    add_functions: AddRun,
    actions: ActionRegistry,
    qtbot: QtBot,
    told: list[Notice],
    folder: Path,
) -> None:
    run = add_functions()
    settle(panel, qtbot)
    panel.look_at(5)
    own = settle(panel, qtbot)
    drag(panel, 0, float(own.support_y[0]) + 1.5)
    edited = settle(panel, qtbot)
    assert edited.is_changed and panel.words.text().startswith("Points changed: ")
    path = kept_from(panel, actions, "higher\nat the left", qtbot, folder)
    kept = read_points(path)
    assert path.name.startswith("higher-")
    assert (kept.number, kept.step, kept.note) == (5, STEPS, "higher\nat the left")
    assert (kept.run, kept.run_id) == (run.path.name, run.record.id)
    np.testing.assert_array_equal(kept.points[1], edited.support_y)
    np.testing.assert_array_equal(np.array(kept.own_y, np.float32), own.support_y)
    qtbot.waitUntil(lambda: bool(told) and told[-1].text == "Kept the points: higher.")
    show, in_folder = told[-1].actions
    assert (show.label, in_folder.label) == ("Kept points", "Show in folder")
    assert panel.words.text().startswith('Kept points "higher"; ')
    panel.look_at(2)
    assert not settle(panel, qtbot).is_changed and "higher" not in panel.words.text()
    show.trigger()
    dialog = opened_list(panel, qtbot)
    name, about, more = lines(dialog)[0].splitlines()
    title = next(each.title for each in panel._controller.runs if each.id == run.record.id)
    assert (name, more) == ("higher", "at the left")
    assert about.startswith(f"Task 5 of {title}, step {STEPS}, 5 points, today ")
    dialog.list.itemActivated.emit(dialog.list.item(0))
    again = settle(panel, qtbot)
    assert (again.number, again.is_changed) == (5, True)
    np.testing.assert_array_equal(again.support_x, edited.support_x)
    np.testing.assert_allclose(again.mean, edited.mean, rtol=1e-5, atol=1e-5)
    assert panel.words.text().startswith('Kept points "higher"; ')
    assert "higher\nat the left" in told[-1].text and "another task" not in told[-1].text
    drag(panel, 1, float(again.support_y[1]) + 1.0)
    settle(panel, qtbot)
    assert panel.words.text().startswith('Kept points "higher", changed; ')
    actions["functions.undo"].trigger()
    settle(panel, qtbot)
    assert panel.words.text().startswith('Kept points "higher"; ')
    actions["functions.back"].trigger()
    assert not settle(panel, qtbot).is_changed and "higher" not in panel.words.text()
    closed(panel, qtbot)
    opened_in(panel, actions, path, qtbot)  # of the task that is shown
    assert settle(panel, qtbot).is_changed
    panel.look_at(3)
    assert not settle(panel, qtbot).is_changed
    panel.look_at(5)
    assert settle(panel, qtbot).is_changed  # as the task was left
    assert panel.words.text().startswith('Kept points "higher"; ')
    actions["functions.back"].trigger()
    settle(panel, qtbot)
    panel.look_at(3)
    settle(panel, qtbot)
    panel.look_at(5)
    assert not settle(panel, qtbot).is_changed  # they were opened once


def test_a_name_is_a_line_in_which_enter_keeps_and_no_file_is_asked_for(
    panel: FunctionsPanel,
    add_functions: AddRun,
    actions: ActionRegistry,
    qtbot: QtBot,
    folder: Path,
) -> None:
    add_functions()
    settle(panel, qtbot)
    actions["functions.keep"].trigger()
    question = panel.findChild(QInputDialog, "points-note")
    assert question is not None
    title = question.windowTitle()
    assert question.width() > 2.5 * question.fontMetrics().horizontalAdvance(title)
    line = question.findChild(QLineEdit)
    assert line is not None and line.isVisible()
    QTest.keyClicks(line, "as it is")
    QTest.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(list(folder.glob("*.json"))))
    assert not panel.findChildren(QFileDialog)
    qtbot.waitUntil(lambda: panel.words.text().startswith('Kept points "as it is"; '))


def test_an_empty_list_says_how_the_first_points_are_kept(
    panel: FunctionsPanel, add_functions: AddRun, actions: ActionRegistry, qtbot: QtBot
) -> None:
    add_functions()
    settle(panel, qtbot)
    dialog = open_list(panel, actions, qtbot)
    assert not lines(dialog) and dialog.hint.text().startswith("Nothing is kept. Keep puts")
    for button in dialog.findChildren(QPushButton):
        wanted = button.text().replace("&", "") in ("Close", "Open a file...", "Undo")
        assert button.isEnabled() == wanted, button.text()


def test_kept_points_get_another_name_and_go_to_the_trash_and_come_back(
    panel: FunctionsPanel,
    add_functions: AddRun,
    actions: ActionRegistry,
    controller: Controller,
    qtbot: QtBot,
    folder: Path,
) -> None:
    add_functions()
    settle(panel, qtbot)
    path = kept_from(panel, actions, "higher\nat the left", qtbot, folder)
    kept = read_points(path)
    (folder / "broken.json").write_text("{")
    qtbot.waitUntil(lambda: panel.words.text().startswith('Kept points "higher"; '))
    dialog = open_list(panel, actions, qtbot)
    first, broken = lines(dialog)
    assert first.startswith("higher\n") and broken.startswith("broken.json: ")
    click(dialog, "Rename...")
    question = dialog.findChild(QInputDialog, "points-name")
    assert question is not None and question.textValue() == "higher"
    question.setTextValue("lower")
    question.accept()
    qtbot.waitUntil(lambda: lines(dialog)[0].startswith("lower\n"))
    qtbot.waitUntil(lambda: panel.words.text().startswith('Kept points "lower"; '))
    assert read_points(path) == kept.model_copy(update={"note": "lower\nat the left"})
    contents = path.read_bytes()
    click(dialog, "Delete")
    qtbot.waitUntil(lambda: len(lines(dialog)) == 1)
    (thrown_away,) = controller.library.trash.glob("points--*.json")
    assert thrown_away.read_bytes() == contents and not path.exists()
    assert dialog.deleted.text() == "lower is in the trash."
    click(dialog, "Undo")
    qtbot.waitUntil(lambda: len(lines(dialog)) == 2)
    assert path.read_bytes() == contents and dialog.undo.isHidden()


def test_points_are_written_to_a_file_of_their_name(
    panel: FunctionsPanel,
    add_functions: AddRun,
    actions: ActionRegistry,
    qtbot: QtBot,
    told: list[Notice],
    folder: Path,
    tmp_path: Path,
) -> None:
    add_functions()
    settle(panel, qtbot)
    panel.look_at(5)
    settle(panel, qtbot)
    asked = saved_by(panel, tmp_path / "one.json", actions["functions.save"].trigger)
    assert asked == "task-5.json"  # without a name
    assert read_points(tmp_path / "one.json").number == 5
    assert told[-1].text == "Saved the points as one.json."
    path = kept_from(panel, actions, "Left: a/b, higher", qtbot, folder)
    qtbot.waitUntil(lambda: "Left: a/b" in panel.words.text())
    asked = saved_by(panel, tmp_path / "two.json", actions["functions.save"].trigger)
    assert asked == "Left-a-b-higher.json"
    dialog = open_list(panel, actions, qtbot)
    asked = saved_by(panel, tmp_path / "three.json", lambda: click(dialog, "Save to a file..."))
    assert asked == "Left-a-b-higher.json"
    assert read_points(tmp_path / "three.json") == read_points(path)
    assert read_points(tmp_path / "two.json").x == read_points(path).x


def saved_by(panel: FunctionsPanel, path: Path, ask: Callable[[], object]) -> str:
    """Save points to a file and return the name that is offered."""
    ask()
    dialog = panel.findChild(QFileDialog, "points-file")
    assert dialog is not None
    (name,) = [Path(each).name for each in dialog.selectedFiles()]
    dialog.fileSelected.emit(str(path))
    dialog.setObjectName("")
    dialog.reject()
    return name


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
    saved_by(panel, path, actions["functions.save"].trigger)
    other = add_functions("maml", **{"task.k_shot": 3})  # whose task 5 has other points
    assert len(settle(panel, qtbot).support_x) == 3
    opened_in(panel, actions, path, qtbot)
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
    saved_by(panel, path, actions["functions.save"].trigger)
    far = json.loads(path.read_text())
    far["x"][:2], far["y"][0] = (float(own.grid[0]) - 3, float(own.grid[-1]) + 2), 40.0
    path.write_text(json.dumps(far))
    opened_in(panel, actions, path, qtbot)
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
    for name in ("keep", "kept", "save"):
        assert not actions[f"functions.{name}"].isEnabled()
    add_functions()
    before = settle(panel, qtbot)
    path = tmp_path / "bad.json"
    path.write_text(json.dumps({"kind": "points", "schema": 9}))
    opened_in(panel, actions, path, qtbot)
    assert told[-1].kind == "error" and "update LEO Studio" in told[-1].text
    panel.sharing.open(tmp_path / "gone.json")
    assert "cannot be read" in told[-1].text
    saved_by(panel, tmp_path / "good.json", actions["functions.save"].trigger)
    kept = read_points(tmp_path / "good.json")
    panel.sharing.save(path / "points.json", kept)  # below a file
    assert told[-1].kind == "error" and "bad.json" in told[-1].text
    assert settle(panel, qtbot) is before
