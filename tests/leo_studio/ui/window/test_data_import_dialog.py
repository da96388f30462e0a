"""The dialog that imports data, with real archives, in the real window."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
)
from pytestqt.qtbot import QtBot

from engine.config import classification
from engine.data.store import EmbeddingStore
from leo_studio.ui.window.command_palette import IDENTIFIER
from leo_studio.ui.window.data_import_dialog import DataImportDialog
from leo_studio.ui.window.import_dialog import ImportDialog
from leo_studio.ui.window.main_window import MainWindow
from tests.engine.data.importers.features.test_pickled import as_s2m2, saved
from tests.engine.data.importers.test_deepmind import write, zipped
from tests.leo_studio.ui.conftest import OpenWindow
from tests.leo_studio.ui.window.import_hands import (
    LEFT,
    Hands,
    store_in_form,
    toast_button,
    toasts,
)

DATA = Path(os.environ.get("LEO_STUDIO_DATA", Path(__file__).parents[5] / "shared/data"))
LEAVES = DATA / "leaves/embeddings"
NONE = Qt.KeyboardModifier.NoModifier


def features(path: Path, **replaced: Any) -> Path:
    """Save 12 examples of four numbers, three of each of four classes, as X and y."""
    rows = np.random.default_rng(0).normal(size=(12, 4)).astype(np.float32)
    whole: dict[str, Any] = {"X": rows, "y": np.repeat(np.arange(4), 3)} | replaced
    np.savez(path, **{name: array for name, array in whole.items() if array is not None})
    return path


@pytest.fixture
def window(open_window: OpenWindow) -> MainWindow:
    return open_window()


@pytest.fixture
def hands(window: MainWindow, qtbot: QtBot) -> Hands:
    window.actions_registry["data.import"].trigger()
    return Hands(window, qtbot)


def test_a_file_of_the_field_is_recognised_imported_and_used(
    hands: Hands, window: MainWindow, tmp_path: Path
) -> None:
    content = as_s2m2(range(8))
    hands.look_at(saved(tmp_path / "novel.plk", content))
    assert hands.text("what it is") == "A file (.plk) of features."
    assert "8 classes, 52 examples, 4 numbers" in hands.text("summary of novel")
    hands.find("name of novel").setText("birds")
    hands.press_import()
    hands.wait_for_end()
    store = EmbeddingStore(window.controller.library.stores / "birds.h5")
    assert sum(split.examples for split in store.splits.values()) == 52
    assert store_in_form(window) == "birds"


def test_a_folder_of_files_that_are_splits_is_recognised_as_one_store(
    hands: Hands, tmp_path: Path
) -> None:
    for name, labels in (("base", range(5)), ("val", range(2)), ("novel", range(3))):
        saved(tmp_path / "last" / f"{name}_features.plk", as_s2m2(labels))
    hands.look_at(tmp_path / "last")
    assert hands.text("what it is") == "A folder of features."
    assert "10 classes" in hands.text("summary of last")
    summary = hands.find("summary of last")
    assert summary.height() >= summary.heightForWidth(summary.width())  # no split is cut off
    assert "novel_features.plk is test" in " ".join(
        label.text() for label in hands.dialog.findChildren(QLabel)
    )
    assert hands.import_button.isEnabled()


def test_a_file_of_the_field_that_would_do_something_is_told_of(
    hands: Hands, tmp_path: Path
) -> None:
    hands.look_at(saved(tmp_path / "novel.plk", {0: os.getcwd}))
    assert "novel.plk asks for" in hands.text("problem") and not hands.import_button.isEnabled()


def test_features_are_recognised_named_imported_and_used_at_once(
    hands: Hands, window: MainWindow, tmp_path: Path
) -> None:
    assert not hands.import_button.isEnabled()
    hands.look_at(features(tmp_path / "mine.npz"))
    assert hands.text("what it is") == "A NumPy archive (.npz) of embeddings."
    summary = hands.text("summary of mine")
    assert "4 classes, 12 examples, 4 numbers" in summary and "train" in summary
    assert hands.find("array for embeddings").parent().isHidden()  # there is no choice
    name = hands.find("name of mine")
    for bad in ("", "a/b"):
        name.setText(bad)
        assert not hands.import_button.isEnabled() and hands.text("problem")
    name.setText("birds")
    assert hands.text("problem") == ""
    hands.press_import()
    hands.wait_for_end()
    assert store_in_form(window) == "birds"
    library = window.controller.library
    assert EmbeddingStore(library.existing_store("birds")).embedding_dim == 4
    assert str(tmp_path / "mine.npz") in window.preferences.recent_files
    assert any("The experiment uses birds now" in toast.notice.text for toast in toasts(window))


def test_what_is_ambiguous_is_chosen_in_two_boxes(
    hands: Hands, window: MainWindow, tmp_path: Path
) -> None:
    rows = np.ones((12, 7), np.float32)
    coarse = np.repeat(["a", "b", "c"], 4)
    hands.look_at(features(tmp_path / "mine.npz", X=None, one=rows[:, :5], two=rows, kind=coarse))
    assert "does not say which arrays to take" in hands.text("problem")
    assert not hands.import_button.isEnabled()
    embeddings, labels = hands.find("array for embeddings"), hands.find("array for labels")
    assert isinstance(embeddings, QComboBox) and isinstance(labels, QComboBox)
    assert embeddings.isVisible() and embeddings.currentIndex() == -1
    assert [embeddings.itemText(row) for row in range(2)] == [
        "one (12 × 5 float32)",
        "two (12 × 7 float32)",
    ]
    assert labels.currentData() == "y"  # a name that tells
    embeddings.setCurrentIndex(1)
    embeddings.activated.emit(1)
    hands.wait_for_look()
    assert hands.text("problem") == "" and "4 classes" in hands.text("summary of mine")
    labels.setCurrentIndex(labels.findData("kind"))
    labels.activated.emit(labels.currentIndex())
    hands.wait_for_look()
    assert "3 classes, 12 examples, 7 numbers" in hands.text("summary of mine")
    hands.press_import()
    hands.wait_for_end()
    store = EmbeddingStore(window.controller.library.existing_store("mine"))
    assert store.embedding_dim == 7 and sum(s.classes for s in store.splits.values()) == 3


def test_of_several_stores_each_can_be_named_left_out_and_used(
    hands: Hands, window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    for name in ("birds", "cats", "fish"):
        write(tmp_path / "e" / name / "center")
    hands.look_at(zipped(tmp_path / "e", tmp_path / "embeddings.zip"))
    assert hands.text("what it is").endswith("as LEO's authors released them, with 3 data sets.")
    assert "9 classes, 18 examples" in hands.text("summary of birds")
    take = hands.find("take cats")
    assert isinstance(take, QCheckBox)
    take.setChecked(False)
    hands.find("name of fish").setText("birds")
    assert "same name" in hands.text("problem") and not hands.import_button.isEnabled()
    hands.find("name of fish").setText("trout")
    before = store_in_form(window)
    hands.press_import()
    hands.wait_for_end()
    assert store_in_form(window) == before
    names = {path.stem for path in window.controller.library.stores.glob("*.h5")}
    assert names == {"glyphs", "birds", "trout"}
    QTest.mouseClick(toast_button(window, "Use birds"), LEFT)
    assert store_in_form(window) == "birds"


def test_a_folder_is_looked_at_and_its_only_store_used(
    hands: Hands, window: MainWindow, tmp_path: Path
) -> None:
    folder = write(tmp_path / "e/birds/center")
    hands.look_at(folder.parents[1])
    assert hands.text("what it is").startswith("A folder of embeddings")
    hands.press_import()
    hands.wait_for_end()
    assert store_in_form(window) == "birds"


def test_what_cannot_be_used_is_one_sentence(hands: Hands, tmp_path: Path) -> None:
    np.save(tmp_path / "rows.npy", np.ones((3, 4)))
    (tmp_path / "torn.npz").write_bytes(features(tmp_path / "a.npz").read_bytes()[:200])
    (tmp_path / "empty").mkdir()
    for name, sentence in (
        ("rows.npy", "rows.npy is a single NumPy array (.npy), and not an .npz"),
        ("torn.npz", "torn.npz is the beginning of a zip archive whose end is missing"),
        ("empty", "is a folder with neither a run.json nor embeddings"),
        ("nothing.npz", "There is nothing at"),
    ):
        hands.look_at(tmp_path / name)
        said = hands.text("problem")
        assert sentence in said and said.endswith(".") and "\n" not in said
        assert not hands.import_button.isEnabled() and hands.text("what it is") == ""
    hands.look_at(tmp_path / "a.npz")  # and then one that can be
    assert hands.text("problem") == "" and hands.import_button.isEnabled()


def test_what_only_the_import_finds_is_said_in_the_dialog(
    hands: Hands, window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    rows = np.ones((12, 4))
    rows[5, 1] = np.nan
    hands.look_at(features(tmp_path / "mine.npz", X=rows))
    hands.press_import()
    qtbot.waitUntil(lambda: "not finite (first: row 5" in hands.text("problem"))
    assert hands.import_button.isEnabled() and hands.dialog.isVisible()
    assert not (window.controller.library.stores / "mine.h5").exists()


def test_a_name_that_is_taken_is_said_and_asked_about(
    hands: Hands, window: MainWindow, toy_store: EmbeddingStore, tmp_path: Path, qtbot: QtBot
) -> None:
    hands.look_at(features(tmp_path / "glyphs.npz"))
    assert "the name of the built-in store alone" in hands.text("remark on glyphs")
    hands.press_import()
    qtbot.waitUntil(lambda: bool(window.findChildren(ImportDialog)))
    question = window.findChild(ImportDialog)
    assert question is not None
    qtbot.waitUntil(lambda: not window.findChildren(DataImportDialog))
    label = question.findChild(QLabel, "sentence")
    assert label is not None and "built-in" in label.text()
    field = question.findChild(QLineEdit)
    assert field is not None and field.text() == "glyphs-2"
    (go,) = (each for each in question.findChildren(QPushButton) if each.text() == "Import")
    QTest.mouseClick(go, LEFT)
    qtbot.waitUntil(lambda: store_in_form(window) == "glyphs-2")
    glyphs = window.controller.library.existing_store("glyphs")
    assert EmbeddingStore(glyphs).embedding_dim == toy_store.embedding_dim


def test_enter_looks_and_the_button_alone_imports(
    hands: Hands, window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    hands.look_at(features(tmp_path / "mine.npz"))
    assert hands.import_button.isEnabled()
    for _ in range(2):
        QTest.keyClick(hands.find("source"), Qt.Key.Key_Return)
        qtbot.wait(50)
    assert hands.dialog.isVisible() and hands.import_button.isEnabled()
    QTest.mouseClick(hands.import_button, LEFT)
    qtbot.waitUntil(lambda: store_in_form(window) == "mine")


def test_a_store_and_a_preset_are_taken_as_they_are(
    hands: Hands, window: MainWindow, toy_store: EmbeddingStore, tmp_path: Path, qtbot: QtBot
) -> None:
    preset = window.controller.library.experiment_path("mini-5shot")
    hands.look_at(preset)
    assert hands.text("what it is").startswith("An experiment: ")
    assert hands.import_button.text() == "Load this preset"
    hands.look_at(toy_store.path)
    assert hands.import_button.text() == "Use this store"
    assert "28 classes, 840 examples, 16 numbers" in hands.text("summary of toy")
    hands.press_import()
    hands.wait_for_end()
    assert store_in_form(window) == str(toy_store.path)


def test_an_import_can_be_cancelled_and_the_dialog_stays(
    hands: Hands, window: MainWindow, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lasts until it is cancelled, which is all that is not as in an import of gigabytes."""

    def import_arrays(*_: object, progress: Any, **__: object) -> None:
        while True:
            progress("mine.npz: X", 0.25)

    monkeypatch.setattr("leo_studio.services.imports.import_arrays", import_arrays)
    hands.look_at(features(tmp_path / "mine.npz"))
    hands.press_import()
    cancel = hands.find("cancel")
    qtbot.waitUntil(cancel.isVisible)
    assert not hands.import_button.isEnabled() and not hands.find("source").isEnabled()
    QTest.mouseClick(cancel, LEFT)
    qtbot.waitUntil(lambda: "was cancelled" in hands.text("problem"))
    assert hands.import_button.isEnabled() and window.controller.tasks == []
    assert hands.find("problem").property("role") == "muted"  # nobody did anything wrong
    buttons = hands.dialog.findChildren(QPushButton)
    assert [each.text() for each in buttons if each.isVisible()].count("Cancel") == 1


def test_an_archive_that_is_dropped_on_the_window_is_looked_at(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(features(tmp_path / "mine.npz")))])
    copy = Qt.DropAction.CopyAction
    for event in (
        QDragEnterEvent(QPoint(300, 200), copy, mime, LEFT, NONE),
        QDropEvent(QPointF(300, 200), copy, mime, LEFT, NONE),
    ):
        QApplication.sendEvent(window.windowHandle(), event)
    hands = Hands(window, qtbot)
    qtbot.waitUntil(hands.import_button.isEnabled)
    assert hands.text("source") == str(tmp_path / "mine.npz")


def test_a_file_that_is_dropped_on_the_dialog_is_looked_at(hands: Hands, tmp_path: Path) -> None:
    copy = Qt.DropAction.CopyAction
    for url, sentence in (
        (QUrl("https://example.org/a.npz"), "not on this computer"),
        (QUrl.fromLocalFile(str(features(tmp_path / "mine.npz"))), ""),
    ):
        mime = QMimeData()
        mime.setUrls([url])
        for event in (
            QDragEnterEvent(QPoint(30, 20), copy, mime, LEFT, NONE),
            QDropEvent(QPointF(30, 20), copy, mime, LEFT, NONE),
        ):
            QApplication.sendEvent(hands.dialog, event)
        hands.wait_for_look()
        assert sentence in hands.text("problem") and bool(sentence) == bool(hands.text("problem"))
    assert hands.import_button.isEnabled()


def test_the_palette_finds_it_and_the_first_screen_offers_it(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.actions_registry[IDENTIFIER].trigger()
    line = window.palette_popup.findChild(QLineEdit)
    assert line is not None
    QTest.keyClicks(line, "import")
    QTest.keyClick(line, Qt.Key.Key_Return)
    Hands(window, qtbot).dialog.reject()
    qtbot.waitUntil(lambda: not window.findChildren(DataImportDialog))

    own = window.experiment.findChild(QPushButton, "own data")
    assert own is not None and own.isVisible() and own.text() == "Use my own data"
    QTest.mouseClick(own, LEFT)
    assert Hands(window, qtbot).dialog.isVisible()


@pytest.mark.qt_log_ignore(r"^This plugin does not support (raise\(\)|grabbing the keyboard)$")
def test_presets_say_whether_their_data_is_there_and_offer_to_import_it(
    window: MainWindow, toy_store: EmbeddingStore, qtbot: QtBot
) -> None:
    library = window.controller.library
    (library.stores / "omniglot.h5").write_bytes(toy_store.path.read_bytes())
    qtbot.waitUntil(lambda: bool(window.controller.presets))
    window.experiment.choose_preset()
    tree = window.experiment.findChild(QTreeWidget, "presets")
    assert tree is not None
    flags = Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive
    says = {
        name: tree.findItems(name, flags)[0].text(2)
        for name in ("glyphs-5way-1shot", "omniglot-20way-1shot", "mini-1shot")
    }
    assert list(says.values()) == ["data built in", "data there", "data missing"]
    assert window.experiment.findChild(QPushButton, "import for omniglot-20way-1shot") is None
    offer = window.experiment.findChild(QPushButton, "import for mini-1shot")
    assert offer is not None
    QTest.mouseClick(offer, LEFT)
    assert Hands(window, qtbot).dialog.isVisible() and not tree.isVisible()


def test_the_leaves_are_imported_used_and_ready_to_train(hands: Hands, window: MainWindow) -> None:
    if not LEAVES.is_dir():
        pytest.skip(f"there is no {LEAVES}; set LEO_STUDIO_DATA to the folder with the real data")
    (one_of_a_set,) = LEAVES.rglob("train_embeddings.pkl")
    hands.look_at(one_of_a_set)
    assert hands.text("what it is").startswith("A folder of embeddings as LEO's authors released")
    hands.look_at(LEAVES)
    assert "99 classes, 1,584 examples, 192 numbers" in hands.text("summary of leaves100")
    hands.press_import()
    hands.wait_for_end()
    experiment = window.experiment.experiment()
    assert experiment is not None and experiment.data.store == "leaves100"
    # By a preset that fits: the leaves have 16 examples of each class, the built-in glyphs more.
    assert window.experiment.preset == "leaves100-5way-1shot" and not window.experiment.is_edited
    assert classification(experiment).examples_per_class == 16
