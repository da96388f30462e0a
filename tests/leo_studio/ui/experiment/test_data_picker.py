from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDialog,
    QFileDialog,
    QLabel,
    QProgressBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.data.glyphs import writing
from engine.data.store import EmbeddingStore
from engine.io import memory
from leo_studio.services.background import Task
from leo_studio.services.controller import Controller
from leo_studio.ui.experiment import ExperimentPanel
from tests.leo_studio.ui.experiment.conftest import Hands


def button(panel: QWidget, text: str) -> QAbstractButton:
    return next(each for each in panel.findChildren(QAbstractButton) if each.text() == text)


def choose(panel: ExperimentPanel, name: str) -> None:
    """Choose a store as a click in the list does."""
    box = panel.findChild(QComboBox, "stores")
    assert box is not None
    index = box.findData(name)
    assert index >= 0, name
    box.setCurrentIndex(index)
    box.activated.emit(index)


def answer(panel: ExperimentPanel, path: Path) -> None:
    """Choose a file in the dialog that is open, and wait for nothing."""
    dialog = panel.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(path))
    dialog.reject()


def trigger(panel: ExperimentPanel, text: str) -> None:
    """Choose an entry in the menu beside the stores."""
    add = panel.findChild(QToolButton, "add data")
    assert add is not None
    menu = add.menu()
    assert menu is not None
    next(action for action in menu.actions() if action.text() == text).trigger()


def test_a_preset_without_its_data_says_so_and_offers_what_to_do(
    panel: ExperimentPanel, hands: Hands
) -> None:
    panel.load_preset("mini-1shot")

    sentence = 'No store named "miniImageNet" is in the library yet.'
    assert hands.text("problem data.store") == sentence
    assert hands.text("reason") == sentence
    assert panel.experiment() is None
    assert not hands.train_button.isEnabled()
    for text in ("Locate...", "Import data...", "How to get it"):
        assert button(panel, text).isVisible()
    assert not hands.find("own data").isVisible()

    panel.load_preset("glyphs-5way-1shot")
    assert not hands.find("offers").isVisible()
    assert hands.find("own data").isVisible()
    assert panel.experiment() is not None


def test_data_of_ones_own_is_asked_for_from_wherever_it_is_missed(
    panel: ExperimentPanel, hands: Hands, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(panel.import_wanted):
        hands.press("own data")
    with qtbot.waitSignal(panel.import_wanted):
        trigger(panel, "Import data...")
    panel.load_preset("mini-1shot")
    with qtbot.waitSignal(panel.import_wanted):
        QTest.mouseClick(button(panel, "Import data..."), Qt.MouseButton.LeftButton)


def test_stores_have_the_names_that_people_call_them_by(
    toy_in_library: str, panel: ExperimentPanel, tmp_path: Path, toy_store: EmbeddingStore
) -> None:
    stores = panel.findChild(QComboBox, "stores")
    assert stores is not None
    assert stores.currentText() == "Built-in glyphs"
    panel.use_store(str(toy_store.path))
    assert stores.currentText() == f"toy (in {toy_store.path.parent.name})"
    panel.use_store(str(tmp_path / "gone.h5"))
    assert stores.currentText() == f"gone (in {tmp_path.name}) (not there)"
    panel.use_store(toy_in_library)
    assert stores.currentText() == "toy"


def test_a_store_that_is_not_there_is_named_so(panel: ExperimentPanel, hands: Hands) -> None:
    panel.load_preset("omniglot-20way-1shot")

    stores = panel.findChild(QComboBox, "stores")
    assert stores is not None
    assert stores.currentText() == "omniglot (not there)"


def test_how_to_get_it_names_the_source_and_the_command(panel: ExperimentPanel) -> None:
    panel.load_preset("tiered-5shot")
    QTest.mouseClick(button(panel, "How to get it"), Qt.MouseButton.LeftButton)
    dialog = panel.findChild(QDialog)
    assert dialog is not None
    text = " ".join(label.text() for label in dialog.findChildren(QLabel))

    assert "https://github.com/google-deepmind/leo" in text
    assert "leo-studio import deepmind embeddings.zip" in text
    dialog.reject()


def test_a_located_store_is_used_wherever_it_is(
    panel: ExperimentPanel, hands: Hands, toy_store: EmbeddingStore
) -> None:
    panel.load_preset("mini-1shot")
    QTest.mouseClick(button(panel, "Locate..."), Qt.MouseButton.LeftButton)
    answer(panel, toy_store.path)

    assert not hands.find("offers").isVisible()
    assert hands.text("differences") == "1 setting differs from mini-1shot"
    experiment = panel.experiment()
    assert experiment is not None
    assert experiment.data.store == str(toy_store.path)
    summary = hands.text("store summary")
    for part in ("train", "12", "360", "30", "16 numbers an embedding (D)", "drawn for tests"):
        assert part in summary
    assert "54 kB;" in summary


def test_a_store_larger_than_a_quarter_of_the_free_memory_says_that_it_is_mapped(
    panel: ExperimentPanel,
    hands: Hands,
    toy_store: EmbeddingStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda: 100_000)
    panel.use_store(str(toy_store.path))
    assert "54 kB, mapped and not loaded" in hands.text("store summary")
    # Whatever is free, where the experiment asks for the one or the other.
    for access, words in (("load", "54 kB;"), ("map", "54 kB, mapped and not loaded;")):
        experiment = panel.experiment()
        assert experiment is not None
        panel.load(experiment.with_settings({"data.access": access}))
        assert words in hands.text("store summary")


def test_a_file_that_is_no_store_is_a_problem_in_a_sentence(
    panel: ExperimentPanel, hands: Hands, tmp_path: Path
) -> None:
    path = tmp_path / "notes.h5"
    path.write_text("no store")
    panel.use_store(str(path))

    assert "notes.h5" in hands.text("problem data.store")
    assert panel.experiment() is None


def test_a_store_too_small_for_the_task_is_told_at_the_setting(
    toy_in_library: str, panel: ExperimentPanel, hands: Hands
) -> None:
    choose(panel, toy_in_library)
    assert panel.experiment() is not None
    hands.type("task.n_way", "9")

    assert hands.text("problem task.n_way") == (
        'toy.h5: split val has 8 classes, and "Ways" is 9; lower it or use a store with more '
        "classes."
    )
    assert panel.experiment() is None
    hands.type("task.n_way", "8")
    assert panel.experiment() is not None


def test_choosing_another_store_can_be_reset(
    toy_in_library: str, panel: ExperimentPanel, hands: Hands
) -> None:
    choose(panel, toy_in_library)
    hands.press("reset data.store")

    experiment = panel.experiment()
    assert experiment is not None
    assert experiment.data.store == "glyphs"


def test_training_on_both_splits_is_two_check_boxes(
    toy_in_library: str, panel: ExperimentPanel, hands: Hands
) -> None:
    choose(panel, toy_in_library)
    splits = hands.find("data.train_splits")
    middle = QPoint(5, button(splits, "val").height() // 2)
    QTest.mouseClick(button(splits, "val"), Qt.MouseButton.LeftButton, pos=middle)
    experiment = panel.experiment()
    assert experiment is not None
    assert experiment.data.train_splits == ("train", "val")

    for name in ("train", "val"):
        QTest.mouseClick(button(splits, name), Qt.MouseButton.LeftButton, pos=middle)
    assert panel.experiment() is None
    assert "at least 1 entry" in hands.text("problem data.train_splits")


def test_glyphs_are_summarised_as_soon_as_they_are_drawn(
    panel: ExperimentPanel,
    hands: Hands,
    controller: Controller,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writing, "CLASSES_PER_SPLIT", (8, 6, 6))  # of 160, 40 and 50
    controller.draw_glyphs()
    assert panel.experiment() is not None
    assert not panel.findChildren(QProgressBar)[0].isHidden()
    qtbot.waitUntil(lambda: "Classes" in hands.text("store summary"), timeout=60_000)
    qtbot.waitUntil(lambda: not panel.findChildren(QProgressBar)[0].isVisible())

    assert panel.experiment() is not None


def test_an_import_shows_how_far_it_is_and_can_be_cancelled(
    panel: ExperimentPanel, hands: Hands, controller: Controller, qtbot: QtBot
) -> None:
    """The work is ours, so that it lasts until it is cancelled; the task is a real one."""

    def work(task: Task) -> None:
        while True:
            task.report(0.25, "train_embeddings.pkl")

    controller.start("Importing embeddings.zip", work, lambda _: None)
    bar = panel.findChild(QProgressBar)
    assert bar is not None
    qtbot.waitUntil(lambda: bar.isVisible() and bar.value() == bar.maximum() // 4)
    texts = [label.text().replace("\u200b", "") for label in panel.findChildren(QLabel)]
    assert "Importing embeddings.zip: train_embeddings.pkl" in texts

    hands.press("cancel import")
    qtbot.waitUntil(lambda: not bar.isVisible())
    assert controller.tasks == []
