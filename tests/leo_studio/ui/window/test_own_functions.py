"""One's own functions in the window: chosen in the form, trained, looked at and evaluated."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QFileDialog, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from engine.config import Experiment, regression
from engine.runs.library import Library
from engine.runs.run import Run
from leo_studio.services.records import Notice
from leo_studio.ui.window.main_window import MainWindow
from tests.function_files import oscillations
from tests.leo_studio.ui.conftest import OpenWindow
from tests.leo_studio.ui.window.test_regression import SMALL, button, score_text, trained


@pytest.fixture
def own(library_home: Path) -> Experiment:
    preset = Library(library_home).experiment("sine-line-5shot")
    return preset.with_settings({**SMALL, "task.noise": 2.0})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return oscillations(tmp_path / "damped.csv", tasks=40)


def choose_file(window: MainWindow, file: Path) -> QLineEdit:
    """Choose a file in the form, by its button."""
    row = window.experiment.findChild(QWidget, "task.functions")
    assert row is not None
    (line,), (browse,) = row.findChildren(QLineEdit), row.findChildren(QPushButton)
    QTest.mouseClick(browse, Qt.MouseButton.LeftButton)
    (dialog,) = window.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(file))
    dialog.reject()
    return line


def test_own_functions_are_chosen_trained_looked_at_and_evaluated(
    open_window: OpenWindow, own: Experiment, file: Path, qtbot: QtBot
) -> None:
    window = open_window()
    notices: list[Notice] = []
    window.controller.notified.connect(notices.append)
    qtbot.waitUntil(lambda: window.is_complete)
    window.experiment.load(own)
    window.docks.show("experiment")
    line = choose_file(window, file)
    assert line.text() == str(file)
    made = window.experiment.experiment()
    assert made is not None and regression(made).functions == str(file)
    run = trained(window, made, qtbot)
    assert run.title.startswith("5-shot regression, damped, LEO for regression")
    assert str(file.parent) not in run.title and run.store == "damped.csv"
    window.docks.show("functions")
    functions = window.functions
    qtbot.waitUntil(lambda: functions.has_parts and functions.record is not None)
    assert functions.words.text().startswith("function station ")
    window.docks.show("evaluation")
    form, result = window.evaluation.form, window.evaluation.functions
    qtbot.waitUntil(lambda: form.run is not None and form.run.path == run.path)
    assert form.opponent_box.currentText() == "Nothing: no limit is known"
    assert "functions of damped.csv" in form.split_box.currentText()
    form.episodes.setValue(6)
    QTest.mouseClick(form.start_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: result.evaluation is not None and result.table.isVisible())
    columns = [
        result.table.horizontalHeaderItem(place) for place in range(result.table.columnCount())
    ]
    assert [column.text() for column in columns if column is not None] == [
        "Score",
        "Weighted\nsamples",
        "Plain\nsamples",
    ]
    texts = [score_text(window, row) for row in range(result.table.rowCount())]
    assert [text[0] for text in texts] == [
        "log likelihood",
        "50 % interval",
        "90 % interval",
        "squared error",
        "median squared error",
    ]
    assert not [label for label in result.findChildren(QLabel) if "nan" in label.text()]
    for name, hint in (
        ("latents", "latent-hint"),
        ("episodes", "episodes-nothing"),
        ("classes", "classes-nothing"),
    ):
        window.docks.show(name)
        (label,) = window.findChildren(QLabel, hint)
        qtbot.waitUntil(label.isVisible)
        assert "learns regression" in label.text()
    for name in ("comparison", "tryit", "curves"):
        window.docks.show(name)
        qtbot.waitUntil(window.docks[name].isVisible)
    curve = window.curves.plots["loss"]
    qtbot.waitUntil(curve.isVisible)
    assert not [notice.text for notice in notices if notice.kind in ("warning", "error")]


def test_the_form_says_what_a_file_of_functions_makes_of_other_settings(
    open_window: OpenWindow, own: Experiment, file: Path, qtbot: QtBot
) -> None:
    window = open_window()
    qtbot.waitUntil(lambda: window.is_complete)
    form = window.experiment
    form.load(own.with_settings({"task.families": ["varying_sine"]}))
    window.docks.show("experiment")

    def remarks() -> dict[str, str]:
        labels = (each for each in form.findChildren(QLabel) if each.isVisible())
        return {
            each.objectName().removeprefix("remark task."): each.text()
            for each in labels
            if each.objectName().startswith("remark ")
        }

    families = form.findChild(QWidget, "task.families")
    assert families is not None and remarks() == {}
    boxes = families.findChildren(QCheckBox)
    ticked = [box.isChecked() for box in boxes]
    assert all(box.isEnabled() for box in boxes)
    line = choose_file(window, file)
    said = remarks()
    assert list(said) == ["families", "functions", "queries", "noise"]
    assert said["families"].startswith("Not used") and "unit of its column y" in said["noise"]
    assert not any(box.isEnabled() or box.isChecked() for box in boxes)
    made = form.experiment()  # families of the form are not in the file's way
    assert made is not None and regression(made).functions == str(file)
    line.clear()
    line.textEdited.emit("")
    assert remarks() == {} and all(box.isEnabled() for box in boxes)
    assert [box.isChecked() for box in boxes] == ticked
    made = form.experiment()
    assert made is not None and regression(made).families == ("varying_sine",)


def test_a_missing_file_is_marked_and_nothing_is_trained(
    open_window: OpenWindow, own: Experiment, file: Path, qtbot: QtBot
) -> None:
    window = open_window()
    qtbot.waitUntil(lambda: window.is_complete)
    file.unlink()
    window.experiment.load(own.with_settings({"task.functions": str(file)}))
    assert window.experiment.experiment() is None
    assert "There is no file of functions at" in window.experiment.why_not
    assert not button(window, "Train").isEnabled()


def test_a_file_that_does_not_fit_is_a_notice_and_leaves_no_run(
    open_window: OpenWindow, own: Experiment, file: Path, qtbot: QtBot
) -> None:
    window = open_window()
    notices: list[Notice] = []
    window.controller.notified.connect(notices.append)
    qtbot.waitUntil(lambda: window.is_complete)
    window.experiment.load(own.with_settings({"task.functions": str(file), "task.k_shot": 20}))
    window.docks.show("experiment")
    QTest.mouseClick(button(window, "Train"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: any("fewer than 21 points" in each.text for each in notices))
    assert not window.controller.runs


def test_a_file_that_was_moved_is_asked_for(
    open_window: OpenWindow, own: Experiment, file: Path, qtbot: QtBot
) -> None:
    window = open_window()
    controller, notices = window.controller, list[Notice]()
    controller.notified.connect(notices.append)
    qtbot.waitUntil(lambda: window.is_complete)
    run = trained(window, own.with_settings({"task.functions": str(file)}), qtbot)
    moved = file.rename(file.with_name("moved.csv"))
    window.docks.show("evaluation")
    form = window.evaluation.form
    qtbot.waitUntil(lambda: form.run is not None and form.run.path == run.path)
    form.episodes.setValue(6)
    QTest.mouseClick(form.start_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: any("no file of functions" in each.text for each in notices))
    missing = next(each for each in notices if "no file of functions" in each.text)
    (action,) = missing.actions
    assert action.label == "Locate..."
    action.trigger()
    dialog = window.findChild(QFileDialog, "store_file")
    assert dialog is not None and "file of functions" in dialog.windowTitle()
    dialog.fileSelected.emit(str(moved))
    dialog.reject()
    qtbot.waitUntil(lambda: any("try again" in each.text for each in notices))
    assert Run(run.path).record.store.path == str(moved)
    QTest.mouseClick(form.start_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(controller.runs[0].function_evaluations))


def test_the_form_says_what_is_in_a_file_and_marks_what_is_wrong_until_it_is_mended(
    open_window: OpenWindow, own: Experiment, file: Path, qtbot: QtBot
) -> None:
    window = open_window()
    qtbot.waitUntil(lambda: window.is_complete)
    form = window.experiment
    form.load(own)
    window.docks.show("experiment")
    choose_file(window, file)
    (remark,) = form.findChildren(QLabel, "remark task.functions")
    qtbot.waitUntil(lambda: remark.text().startswith("40 functions ("))
    assert " points; x from " in remark.text() and " train" in remark.text()
    wrong = file.with_name("wrong.csv")
    wrong.write_text("name,time,value\na,1,2\n")
    choose_file(window, wrong)
    (problem,) = form.findChildren(QLabel, "problem task.functions")
    qtbot.waitUntil(problem.isVisible)
    assert "wrong.csv" in problem.text()
    assert form.experiment() is None and form.why_not
    wrong.write_bytes(file.read_bytes())  # the same path, mended elsewhere
    qtbot.waitUntil(lambda: form.experiment() is not None)
    assert not problem.isVisible() and remark.text().startswith("40 functions (")
    made = form.experiment()
    assert made is not None
    form.load(made.with_settings({"task.noise": 1e6}))  # more than all of the file's values
    assert form.experiment() is None and "all of them would be noise" in form.why_not
