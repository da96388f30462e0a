"""The panel "Try it" on the real engine: drawn, dropped, pasted, taken from the store, asked."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QGuiApplication, QImage, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QToolButton
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.data.glyphs import classes_of
from engine.data.store import EmbeddingStore
from engine.runs.library import Library
from engine.runs.run import Run
from engine.runs.run_store import store_record
from engine.training import train
from leo_studio.services.controller import Controller
from leo_studio.services.records import Notice, RunEntry
from leo_studio.services.try_records import Example, ReadExamples
from leo_studio.ui.tryit import TryItPanel
from leo_studio.ui.tryit.answer_table import ANSWER, DOUBT, PROBABILITY
from leo_studio.ui.tryit.class_row import ClassRow
from leo_studio.ui.tryit.memory import TryMemory
from leo_studio.ui.tryit.missing import NO_CLASSES, NO_QUERIES, NO_RUN
from leo_studio.ui.tryit.store_picker import StorePicker
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager
from tests.engine.images.pictures import write_folders
from tests.leo_studio.ui.tryit.hand import LEFT, NONE, draw, drawn_letter

Train = Callable[[Experiment], RunEntry]
LETTERS = [classes_of("test")[place] for place in (0, 5, 11, 17, 23)]


@pytest.fixture
def panel(
    qtbot: QtBot, controller: Controller, actions: ActionRegistry, themes: ThemeManager
) -> TryItPanel:
    made = TryItPanel(controller, actions, themes)
    made.resize(1100, 700)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def told(controller: Controller) -> list[Notice]:
    notices: list[Notice] = []
    controller.notified.connect(notices.append)
    return notices


@pytest.fixture
def glyphs_run(
    panel: TryItPanel, add_run: Train, glyphs_file: Path, controller: Controller, qtbot: QtBot
) -> RunEntry:
    """A run on the built-in glyphs, trained for some seconds."""
    preset = Library(controller.library.root).experiment("glyphs-5way-1shot")
    run = add_run(
        preset.with_settings(
            {"data.store": str(glyphs_file), "schedule.steps": 200, "run.device": "cpu"}
        )
    )
    wait_for_tools(panel, qtbot)
    return run


def wait_for_tools(panel: TryItPanel, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: panel._tools is not None and bool(panel._tools.classes))


def wait_for_examples(row: ClassRow, count: int, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: len(row.examples) == count)


def is_looking(panel: TryItPanel) -> bool:
    return panel._looking is not None


def click(button: QToolButton | QDialogButtonBox | object) -> None:
    QTest.mouseClick(button, LEFT)  # type: ignore[arg-type]  # any widget


def cell(panel: TryItPanel, row: int, column: int) -> str:
    item = panel.answers.table.item(row, column)
    return "" if item is None else item.text()


def answers(panel: TryItPanel, qtbot: QtBot) -> list[str]:
    """Wait until every query has its answer, and return them in the order they were asked in."""
    table = panel.answers.table

    def are_there() -> bool:
        found = [cell(panel, row, ANSWER) for row in range(table.rowCount())]
        return len(found) == len(panel.queries) and not {"", "..."} & set(found)

    qtbot.waitUntil(are_there)
    return [cell(panel, row, ANSWER) for row in range(table.rowCount())][::-1]


def test_what_was_drawn_pasted_and_asked_is_there_again_at_the_next_start(
    panel: TryItPanel,
    glyphs_run: RunEntry,
    controller: Controller,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    hand, canvas = np.random.default_rng(3), panel.drawing.canvas
    for letter in LETTERS[:2]:
        draw(canvas, drawn_letter(letter, hand))
        click(panel.drawing.add)
    panel.classes.rows[0].name.setText("A & B")
    file = write_folders(tmp_path, {"one": 1}) / "one" / "000.png"
    panel._read([file], panel.classes.rows[0])
    wait_for_examples(panel.classes.rows[0], 2, qtbot)
    controller.try_it.of_store(
        glyphs_run.path,
        "test",
        3,
        1,
        lambda read: panel.classes.rows[1].add_examples(read.examples),
    )
    wait_for_examples(panel.classes.rows[1], 2, qtbot)
    draw(canvas, drawn_letter(LETTERS[1], hand))
    click(panel.drawing.ask)
    panel.answers.is_own.setChecked(True)
    panel.answers.box.setValue(31)
    qtbot.waitUntil(lambda: not panel.is_asking)
    before = answers(panel, qtbot)
    draw(canvas, drawn_letter(LETTERS[2], hand))
    kept = json.loads(json.dumps(TryMemory(panel).remembered()))
    strokes, picture = canvas.strokes, panel.classes.rows[0].examples[1]
    names = [each.name for each in panel.queries]

    panel.hide()
    panel.start_over()
    panel.answers.is_own.setChecked(False)
    TryMemory(panel).restore(kept)
    assert [row.title for row in panel.classes.rows[:2]] == ["A & B", "class 2"]
    assert [len(row.examples) for row in panel.classes.rows] == [2, 2, 0, 0, 0]
    assert not panel.is_asking  # nobody looks yet
    panel.show()
    assert answers(panel, qtbot) == before and panel.answers.threshold == 0.31
    for one, other in zip(strokes, canvas.strokes, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
    again = panel.classes.rows[0].examples[1]
    assert picture.path == again.path == file
    assert picture.image is not None and again.image is not None
    np.testing.assert_array_equal(np.broadcast_to(picture.image, again.image.shape), again.image)
    assert [each.name for each in panel.queries] == names


@pytest.mark.parametrize(
    "kept",
    [
        {"classes": 3, "queries": {}, "canvas": "x", "drawings": -1, "threshold": "a"},
        {"classes": [7, {"name": 1}], "queries": [[], {"name": "a"}], "canvas": ["0.1 x", 3]},
        {"classes": [{"name": "a", "examples": [{"name": "b", "strokes": ["0.1"]}]}]},
        {"queries": [{"name": "a", "image": "????"}, {"name": "a", "run": "r", "place": [1, 2]}]},
        {"canvas": ["0.1 7"], "current": 99, "threshold": 9.0},
    ],
)
def test_what_makes_no_sense_is_not_brought_back(
    panel: TryItPanel, kept: dict[str, object]
) -> None:
    TryMemory(panel).restore(kept)
    assert not panel.queries and panel.drawing.canvas.is_empty and not panel.classes.shown
    assert panel.classes.rows and panel.answers.threshold is None


def test_five_glyphs_drawn_once_each_classify_ten_further_drawings(
    panel: TryItPanel, glyphs_run: RunEntry, qtbot: QtBot
) -> None:
    hand = np.random.default_rng(0)
    for letter in LETTERS:
        draw(panel.drawing.canvas, drawn_letter(letter, hand))
        click(panel.drawing.add)  # which goes on to the next class
    assert [len(row.examples) for row in panel.classes.rows] == [1] * 5
    assert panel.hint.text() == NO_QUERIES
    for letter in LETTERS * 2:
        # Of other sizes: what counts is the shape.
        draw(panel.drawing.canvas, drawn_letter(letter, hand), hand.uniform(0.3, 0.9))
        click(panel.drawing.ask)
    expected = [f"class {LETTERS.index(letter) + 1}" for letter in LETTERS * 2]
    found = answers(panel, qtbot)
    assert sum(a == b for a, b in zip(found, expected, strict=True)) >= 8
    assert cell(panel, 0, PROBABILITY).endswith(" %") and cell(panel, 0, DOUBT).startswith("± ")
    assert panel.hint.isHidden()


def test_without_a_run_and_with_nothing_shown_the_panel_says_what_to_do(
    panel: TryItPanel, toy_run: RunEntry, qtbot: QtBot, controller: Controller
) -> None:
    assert panel.hint.text() in (NO_RUN, NO_CLASSES)
    qtbot.waitUntil(lambda: panel.hint.text() == NO_CLASSES)
    assert not panel.drawing.add.isEnabled() and not panel.drawing.ask.isEnabled()


def test_a_store_of_embeddings_alone_says_why_nothing_can_be_drawn_but_lends_its_own(
    panel: TryItPanel, toy_run: RunEntry, qtbot: QtBot, told: list[Notice]
) -> None:
    wait_for_tools(panel, qtbot)
    assert "does not say how its embeddings were made" in panel.drawing.hint.text()
    assert not panel.drawing.canvas.isEnabled()
    first, second = panel.classes.rows[:2]
    assert not first.draw.isEnabled() and "import images" in first.add.toolTip()
    for row, place in ((first, 3), (second, 5)):
        click(row.store)
        (picker,) = panel.findChildren(StorePicker)
        assert picker.split.currentText() == "test"
        picker.classes.setCurrentRow(place)
        picker.examples.setValue(3)
        click(picker.buttons.button(QDialogButtonBox.StandardButton.Ok))
        wait_for_examples(row, 3, qtbot)
        qtbot.waitUntil(lambda: not panel.findChildren(StorePicker))
    assert [first.title, second.title] == ["test-3", "test-5"]
    found = answers(panel, qtbot)
    assert len(found) == 4 and set(found) <= {"test-3", "test-5", "none of these"}
    assert "of 6 examples are classified right by the others" in panel.answers.trust.text()
    panel.paste()
    assert "does not say how" in told[-1].text


def test_dropped_and_pasted_pictures_are_examples_and_broken_ones_are_told(
    panel: TryItPanel, glyphs_run: RunEntry, qtbot: QtBot, tmp_path: Path, told: list[Notice]
) -> None:
    folder = write_folders(tmp_path / "pictures", {"a": 2})
    (folder / "a" / "bad.png").write_bytes(b"words")
    first, second = panel.classes.rows[:2]
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(folder))])
    place = first.mapTo(panel, QPoint(5, 5))
    handle, copy = panel.windowHandle(), Qt.DropAction.CopyAction
    QApplication.sendEvent(handle, QDragEnterEvent(place, copy, mime, LEFT, NONE))
    QApplication.sendEvent(handle, QDropEvent(QPointF(place), copy, mime, LEFT, NONE))
    wait_for_examples(first, 2, qtbot)
    assert "bad.png is no picture" in told[-1].text
    image = QImage(40, 40, QImage.Format.Format_ARGB32)
    image.fill(QColor("navy"))
    for x in range(10, 30):
        image.setPixelColor(x, x, QColor("white"))
    QGuiApplication.clipboard().setImage(image)
    click(second.paste)
    assert len(second.examples) == 1
    panel._controller.try_it.read([folder / "a"], panel._ask_about)
    qtbot.waitUntil(lambda: len(panel.queries) == 2)
    assert len(answers(panel, qtbot)) == 2
    QGuiApplication.clipboard().setText("words")
    click(second.paste)
    assert "no picture on the clipboard" in told[-1].text
    # A file that is gone by the time it is wanted is said to be left out, and the rest answers.
    (folder / "a" / "000.png").unlink()
    gone = Example("gone", path=folder / "a" / "000.png")
    panel._add_queries([gone])
    qtbot.waitUntil(lambda: cell(panel, 0, ANSWER) == "left out")


def test_the_threshold_can_be_set_by_hand(
    panel: TryItPanel, glyphs_run: RunEntry, qtbot: QtBot
) -> None:
    hand = np.random.default_rng(1)
    for letter in LETTERS[:2]:
        draw(panel.drawing.canvas, drawn_letter(letter, hand))
        click(panel.drawing.add)
    draw(panel.drawing.canvas, drawn_letter(LETTERS[0], hand))
    click(panel.drawing.ask)
    answers(panel, qtbot)
    assert panel.answers.box.value() == 75  # three times as probable as the one other class
    assert panel.answers.box.text() == "75 %, automatic"
    panel.answers.is_own.setChecked(True)
    assert panel.answers.box.text() == "75 %"
    panel.answers.box.setValue(100)
    qtbot.waitUntil(lambda: cell(panel, 0, ANSWER) == "none of these")
    panel.answers.box.setValue(0)
    qtbot.waitUntil(lambda: cell(panel, 0, ANSWER) == "class 1")


def test_examples_classes_and_queries_can_be_taken_back(
    panel: TryItPanel, glyphs_run: RunEntry, qtbot: QtBot
) -> None:
    hand, rows = np.random.default_rng(2), panel.classes.rows
    for letter in LETTERS[:3]:
        draw(panel.drawing.canvas, drawn_letter(letter, hand))
        click(panel.drawing.add)
    draw(panel.drawing.canvas, drawn_letter(LETTERS[2], hand))
    click(panel.drawing.ask)
    answers(panel, qtbot)
    click(rows[0].remove)
    assert [row.title for row in panel.classes.shown] == ["class 2", "class 3"]
    (thumbnail,) = rows[0].findChildren(QToolButton, "thumbnail")
    click(thumbnail)
    assert panel.hint.text() == NO_CLASSES
    qtbot.waitUntil(lambda: cell(panel, 0, ANSWER) == "")
    panel.answers.table.selectRow(0)
    key = QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_Delete, NONE)
    QApplication.sendEvent(panel.answers.table, key)
    assert panel.queries == [] and panel.answers.table.rowCount() == 0
    panel.start_over()
    assert [len(row.examples) for row in panel.classes.rows] == [0] * 5


def test_two_classes_of_one_name_are_told_apart_by_the_person(
    panel: TryItPanel, glyphs_run: RunEntry
) -> None:
    hand = np.random.default_rng(3)
    for letter in LETTERS[:2]:
        draw(panel.drawing.canvas, drawn_letter(letter, hand))
        click(panel.drawing.add)
    name = panel.classes.rows[1].name
    name.selectAll()
    QTest.keyClicks(name, "class 1")
    assert 'Two classes are called "class 1"' in panel.hint.text()
    name.selectAll()
    QTest.keyClicks(name, "<b>second</b>")
    assert panel.hint.text() == NO_QUERIES


def test_strokes_are_taken_back_one_by_one(panel: TryItPanel, glyphs_run: RunEntry) -> None:
    canvas = panel.drawing.canvas
    strokes = drawn_letter(LETTERS[0], np.random.default_rng(4))
    draw(canvas, strokes)
    assert len(canvas.strokes) == len(strokes)
    click(panel.drawing.undo)
    assert len(canvas.strokes) == len(strokes) - 1
    QTest.keyClick(canvas, Qt.Key.Key_Backspace)
    assert len(canvas.strokes) == max(0, len(strokes) - 2)
    QTest.mouseClick(canvas, LEFT, NONE, QPoint(*map(int, canvas.square().center().toTuple())))
    assert len(canvas.strokes[-1]) == 1  # a dot
    click(panel.drawing.clear)
    assert canvas.is_empty and not panel.drawing.ask.isEnabled()


def test_a_store_that_is_missing_is_said_and_found_again(
    panel: TryItPanel,
    controller: Controller,
    toy_experiment: Experiment,
    toy_store: EmbeddingStore,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    moved = Path(shutil.copy(toy_store.path, tmp_path / "moved.h5"))
    store = EmbeddingStore(moved)
    short = toy_experiment.with_settings({"data.store": str(moved), "schedule.steps": 2})
    run = Run.create(controller.library.runs, short, store_record(store))
    list(train(short, store, run))
    moved.rename(tmp_path / "gone.h5")
    controller.refresh_runs()
    qtbot.waitUntil(lambda: "There is no store at" in panel.drawing.hint.text())
    (tmp_path / "gone.h5").rename(moved)
    controller.refresh_stores()
    wait_for_tools(panel, qtbot)
    assert "does not say how" in panel.drawing.hint.text()


def test_nobody_looks_at_a_run_while_the_panel_stands_behind_others(
    qtbot: QtBot,
    controller: Controller,
    actions: ActionRegistry,
    themes: ThemeManager,
    toy_run: RunEntry,
) -> None:
    made = TryItPanel(controller, actions, themes)
    qtbot.addWidget(made)
    qtbot.wait(50)
    assert not is_looking(made)
    made.show()
    assert is_looking(made)
    wait_for_tools(made, qtbot)


def test_a_class_of_which_nothing_can_be_embedded_is_left_out_of_the_answers(
    panel: TryItPanel, glyphs_run: RunEntry, qtbot: QtBot
) -> None:
    hand = np.random.default_rng(5)
    panel.classes.rows[0].add_examples([Example("gone", path=Path("gone.png"))])
    panel.classes.choose(panel.classes.rows[1])
    for letter in LETTERS[1:3]:
        draw(panel.drawing.canvas, drawn_letter(letter, hand))
        click(panel.drawing.add)
    draw(panel.drawing.canvas, drawn_letter(LETTERS[2], hand))
    click(panel.drawing.ask)
    (answer,) = answers(panel, qtbot)
    assert answer in ("class 2", "class 3", "none of these")


def test_the_classifier_is_exported_and_it_is_told_how_its_check_went(
    panel: TryItPanel,
    glyphs_run: RunEntry,
    actions: ActionRegistry,
    qtbot: QtBot,
    told: list[Notice],
    tmp_path: Path,
) -> None:
    export, hand = actions["tryit.export"], np.random.default_rng(6)
    assert actions.reason("tryit.export") == NO_CLASSES
    for letter in LETTERS[:3]:
        draw(panel.drawing.canvas, drawn_letter(letter, hand))
        click(panel.drawing.add)
    draw(panel.drawing.canvas, drawn_letter(LETTERS[0], hand))
    click(panel.drawing.ask)
    answers(panel, qtbot)
    assert actions.reason("tryit.export") == "" and export.isEnabled()
    (button,) = [each for each in panel.findChildren(QToolButton) if each.defaultAction() is export]
    click(button)
    (dialog,) = panel.findChildren(QFileDialog, "classifier-file")
    assert dialog.selectedFiles()[0].endswith("-classifier.onnx")
    dialog.fileSelected.emit(str(tmp_path / "mine.txt"))
    assert "must end with .onnx" in told[-1].text
    dialog.fileSelected.emit(str(tmp_path / "mine.onnx"))
    dialog.close()
    qtbot.waitUntil(lambda: bool(told) and told[-1].kind == "success", timeout=60_000)
    assert "agrees with the engine" in told[-1].text
    assert [each.label for each in told[-1].actions] == ["Show in folder"]
    model = onnx.load(tmp_path / "mine.onnx")
    facts = {each.key: each.value for each in model.metadata_props}
    assert json.loads(facts["class_names"]) == ["class 1", "class 2", "class 3"]
    panel.start_over()
    assert actions.reason("tryit.export") == NO_CLASSES


def test_what_cannot_be_exported_says_why_on_its_button(
    panel: TryItPanel,
    toy_run: RunEntry,
    controller: Controller,
    actions: ActionRegistry,
    qtbot: QtBot,
    told: list[Notice],
    tmp_path: Path,
) -> None:
    """Here a store of embeddings alone; the extra onnx and others say it in the same way."""
    wait_for_tools(panel, qtbot)
    for label, row in enumerate(panel.classes.rows[:2]):

        def add(read: ReadExamples, row: ClassRow = row) -> None:
            row.add_examples(read.examples)

        controller.try_it.of_store(toy_run.path, "test", label, 2, add)
        wait_for_examples(row, 2, qtbot)
    assert "does not say how its embeddings were made" in actions.reason("tryit.export")
    assert not actions["tryit.export"].isEnabled()
    panel.export.ask()
    assert "does not say how its embeddings were made" in told[-1].text
    # What goes wrong in the work itself is one sentence as well.
    request = panel.request()
    assert request is not None
    controller.try_it.export(request, tmp_path / "never.onnx", lambda _: None)
    qtbot.waitUntil(lambda: bool(told) and told[-1].kind == "error")
    assert "does not say how its embeddings were made" in told[-1].text
    assert told[-1].details == "" and not (tmp_path / "never.onnx").exists()
