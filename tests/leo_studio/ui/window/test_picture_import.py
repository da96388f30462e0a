"""The import of pictures, from a drop to a trained step, in the real window."""

import shutil
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot
from torch import Tensor

from engine.config import classification
from engine.data.store import EmbeddingStore
from engine.images.encoders.pixel_encoder import PixelEncoder
from leo_studio.ui.widgets.number_boxes import WholeBox
from leo_studio.ui.window.command_list import CommandModel
from leo_studio.ui.window.command_palette import IDENTIFIER
from leo_studio.ui.window.import_dialog import ImportDialog
from leo_studio.ui.window.main_window import MainWindow
from tests.engine.images.encoders.test_onnx_encoder import write_model
from tests.engine.images.pictures import encoded, picture, write_folders
from tests.engine.images.sources.test_holding import pickled, table
from tests.engine.images.sources.test_opening import zipped
from tests.leo_studio.ui.conftest import OpenWindow
from tests.leo_studio.ui.experiment.conftest import Hands as FormHands
from tests.leo_studio.ui.window.import_hands import (
    LEFT,
    Hands,
    store_in_form,
    toast_button,
    toasts,
)

CLASSES = {f"class{number:02}": 6 for number in range(16)}
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def window(open_window: OpenWindow) -> MainWindow:
    return open_window()


@pytest.fixture
def hands(window: MainWindow, qtbot: QtBot) -> Hands:
    window.actions_registry["data.import"].trigger()
    return Hands(window, qtbot)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folders(tmp_path / "fruit", CLASSES)


def choose(hands: Hands, box: str, text: str) -> None:
    """Choose what a box offers under a text that begins so."""
    widget = hands.find(box)
    assert isinstance(widget, QComboBox)
    (row,) = (row for row in range(widget.count()) if widget.itemText(row).startswith(text))
    widget.setCurrentIndex(row)


def notice(window: MainWindow) -> str:
    return " ".join(toast.notice.text for toast in toasts(window))


def shown(hands: Hands) -> str:
    """Return every text of the dialog that is seen."""
    labels = hands.dialog.findChildren(QLabel)
    return " ".join(label.text() for label in labels if label.isVisible())


def test_a_dropped_archive_becomes_a_store_and_a_preset_that_trains(
    window: MainWindow, folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    archive = zipped(folder, tmp_path / "fruit.zip")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(archive))])
    copy = Qt.DropAction.CopyAction
    for event in (
        QDragEnterEvent(QPoint(300, 200), copy, mime, LEFT, NONE),
        QDropEvent(QPointF(300, 200), copy, mime, LEFT, NONE),
    ):
        QApplication.sendEvent(window.windowHandle(), event)
    hands = Hands(window, qtbot)
    qtbot.waitUntil(hands.import_button.isEnabled)
    assert hands.text("what it is") == "A zip archive of pictures: 16 classes, 96 pictures."
    samples = hands.find("samples")
    assert samples.isVisible() and "class00" in samples.accessibleName()
    choose(hands, "encoder", "Pixels")
    assert "Trained on nothing" in hands.text("about the encoder")
    hands.press_import()
    hands.wait_for_end()
    assert store_in_form(window) == "fruit"
    said = notice(window)
    assert said.startswith("Imported fruit: 16 classes. Nearest class mean reaches ")
    assert "on test, 4-way 1-shot, and " in said and "5-shot." in said
    assert "classes were drawn" not in said  # the dialog has said so
    assert all(toast.notice.stays for toast in toasts(window))  # it may have taken minutes
    assert "The experiment is set up for fruit: press Train to begin." in said
    experiment = window.experiment.experiment()
    assert experiment is not None
    assert (experiment.data.store, classification(experiment).n_way) == ("fruit", 4)
    assert window.experiment.preset == "fruit-4way-1shot"
    (train,) = [
        button
        for toast in toasts(window)
        for button in toast.findChildren(QPushButton)
        if button.text().replace("&", "") == "Train"
    ]
    QTest.mouseClick(train, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.controller.status.step > 0, timeout=60_000)
    window.controller.stop()
    qtbot.waitUntil(lambda: not window.controller.status.is_active, timeout=30_000)


def test_settings_that_were_edited_are_kept_until_the_button_is_pressed(
    hands: Hands, window: MainWindow, folder: Path
) -> None:
    FormHands(window.experiment).type("task.k_shot", "2")
    hands.look_at(folder)
    choose(hands, "encoder", "Pixels")
    hands.press_import()
    hands.wait_for_end()
    edited = window.experiment.preset
    assert store_in_form(window) == "fruit" and edited != "fruit-4way-1shot"
    assert "The experiment uses fruit now. Set up LEO on it takes settings" in notice(window)
    QTest.mouseClick(toast_button(window, "Set up LEO on it"), LEFT)
    assert window.experiment.preset == "fruit-4way-1shot"
    window.actions_registry["experiment.undo"].trigger()
    assert window.experiment.preset == edited


def test_an_encoder_is_trained_on_pictures_that_have_none_and_embeds_them_then(
    hands: Hands, window: MainWindow, folder: Path, qtbot: QtBot
) -> None:
    FormHands(window.experiment).type("task.k_shot", "2")  # an edit, which is in no way
    hands.look_at(folder)
    choose(hands, "encoder", "None yet: train one (pretrain-omniglot-conv4)")
    assert "kept at 32 pixels" in hands.text("about the encoder")
    assert not hands.find("views").isVisible()
    hands.press_import()
    hands.wait_for_end()
    told = "Imported fruit-32px: 16 classes. The experiment is set up for fruit-32px: press Train"
    assert notice(window).startswith(told)
    assert window.experiment.preset == "pretrain-omniglot-conv4-fruit-32px"
    form = FormHands(window.experiment)
    form.type("schedule.validate_every", "2")
    form.type("schedule.steps", "4")
    experiment = window.experiment.experiment()
    assert experiment is not None and experiment.learner.kind == "backbone"
    task = classification(experiment)
    assert (task.n_way, task.examples_per_class) == (4, 6)
    window.train()
    qtbot.waitUntil(lambda: "is finished" in notice(window), timeout=60_000)
    QTest.mouseClick(toast_button(window, "Embed pictures with it"), LEFT)
    again = Hands(window, qtbot)
    again.look_at(folder)
    box = again.find("encoder")
    assert isinstance(box, QComboBox) and box.currentText().startswith("Trained here: ")
    assert "the training classes of fruit-32px alone" in again.text("about the encoder")
    again.press_import()
    again.wait_for_end()
    made = EmbeddingStore(window.controller.library.stores / "fruit.h5")
    assert made.encoder is not None and "Conv-4" in made.encoder.name
    assert made.encoder.trained_on == "the training classes of fruit-32px"


def test_a_model_of_ones_own_is_the_encoder(
    hands: Hands, window: MainWindow, folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    hands.look_at(folder)
    assert hands.text("what it is") == "A folder of pictures: 16 classes, 96 pictures."
    choose(hands, "encoder", "An ONNX file")
    assert not hands.import_button.isEnabled() and "Choose the ONNX file" in hands.text("problem")
    (tmp_path / "bad.onnx").write_bytes(b"words")
    hands.find("encoder file").setText(str(tmp_path / "bad.onnx"))
    hands.press_import()
    qtbot.waitUntil(lambda: "bad.onnx is no ONNX model" in hands.text("problem"))
    model = write_model(tmp_path / "own.onnx", metadata={"trained_on": "pears"})
    hands.find("encoder file").setText(str(model))
    assert hands.text("problem") == ""
    choose(hands, "views", "The mean of ten")
    hands.find("name of fruit").setText("mine")
    hands.press_import()
    hands.wait_for_end()
    record = EmbeddingStore(window.controller.library.stores / "mine.h5").encoder
    assert record is not None and (record.kind, record.views) == ("onnx", "mean")
    assert "The encoder (own) was trained on pears" in notice(window)


def test_splits_are_as_folders_say_drawn_or_by_a_file(
    hands: Hands, window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    parts = {"train": 6, "val": 3, "test": 3}
    names = {f"{split}/{split}{n}": 4 for split, count in parts.items() for n in range(count)}
    hands.look_at(write_folders(tmp_path / "fruit", names))
    assert hands.find("splits").currentText() == "As the folders say"
    assert not hands.find("proportions").isVisible()
    assert "splits are those that the pictures' places say" in shown(hands)
    hands.find("name of fruit").setText("mine")
    choose(hands, "splits", "Drawn at random")
    hands.wait_for_look()
    assert "Classes were drawn, 64/16/20 with seed 0: 6 for train" in shown(hands)
    assert hands.text("name of fruit") == "mine"  # what was typed stays
    seed = hands.find("split seed")
    assert isinstance(seed, WholeBox)
    seed.setValue(3)
    hands.wait_for_look()
    assert "with seed 3" in shown(hands)
    proportions = hands.find("proportions")
    proportions.selectAll()
    QTest.keyClicks(proportions, "50/25")
    assert "they must be those of train, val and test" in hands.text("problem")
    QTest.keyClicks(proportions, "/25")
    qtbot.waitUntil(lambda: "50/25/25 with seed 3: 6 for train" in shown(hands))
    choose(hands, "splits", "By a file")
    hands.wait_for_look()
    assert "Choose the file that says" in hands.text("problem")
    field = hands.find("split file")
    (tmp_path / "s.json").write_text('{"train": ["train0"], "val": ["plum"]}')
    QTest.keyClicks(field, str(tmp_path / "s.json"))
    qtbot.waitUntil(lambda: '"plum"' in hands.text("problem"))
    assert field.isVisible() and not hands.import_button.isEnabled()
    (tmp_path / "t.json").write_text('{"train": ["train0", "val0"], "val": ["test0", "test1"]}')
    field.clear()
    QTest.keyClicks(field, str(tmp_path / "t.json"))
    qtbot.waitUntil(lambda: "divided as t.json says" in shown(hands))
    choose(hands, "encoder", "Pixels")
    hands.press_import()
    hands.wait_for_end()
    store = EmbeddingStore(window.controller.library.stores / "mine.h5")
    assert {split: store.class_names(split) for split in store.splits} == {
        "train": ["train0", "val0"],
        "val": ["test0", "test1"],
    }


def test_an_import_that_was_cancelled_goes_on_from_there(
    hands: Hands, window: MainWindow, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = PixelEncoder.encode
    counts: list[int] = []
    may_go_on = threading.Event()

    def slow(self: PixelEncoder, pictures: Tensor) -> Tensor:
        if sum(counts) > count // 3:
            may_go_on.wait(60)
        counts.append(len(pictures))
        return encode(self, pictures)

    monkeypatch.setattr(PixelEncoder, "encode", slow)
    count = 16 * 20
    write_folders(folder, dict.fromkeys(CLASSES, 20))
    hands.look_at(folder)
    choose(hands, "encoder", "Pixels")
    hands.press_import()
    cancel = hands.find("cancel")
    qtbot.waitUntil(lambda: cancel.isVisible() and sum(counts) > count // 3)
    assert not hands.find("encoder").isEnabled()
    QTest.mouseClick(cancel, LEFT)
    may_go_on.set()
    qtbot.waitUntil(lambda: "goes on from there" in hands.text("problem"))
    stores = window.controller.library.stores
    done = int(np.count_nonzero(np.load(stores / "fruit.h5.extracting" / "state.npy")))
    assert 0 < done < count and not (stores / "fruit.h5").exists()
    counts.clear()
    hands.press_import()
    hands.wait_for_end()
    assert sum(counts) == count - done
    store = EmbeddingStore(stores / "fruit.h5")
    assert sum(split.examples for split in store.splits.values()) == count


def test_nothing_is_encoded_twice_when_the_name_is_taken(
    hands: Hands,
    window: MainWindow,
    folder: Path,
    toy_store: EmbeddingStore,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encode = PixelEncoder.encode
    counts: list[int] = []

    def counting(self: PixelEncoder, pictures: Tensor) -> Tensor:
        counts.append(len(pictures))
        return encode(self, pictures)

    monkeypatch.setattr(PixelEncoder, "encode", counting)
    stores = window.controller.library.stores
    shutil.copy(toy_store.path, stores / "fruit.h5")
    hands.look_at(folder)
    choose(hands, "encoder", "Pixels")
    hands.press_import()
    qtbot.waitUntil(lambda: bool(window.findChildren(ImportDialog)))
    (question,) = window.findChildren(ImportDialog)
    (both,) = (each for each in question.findChildren(QPushButton) if each.text() == "Keep both")
    QTest.mouseClick(both, LEFT)
    qtbot.waitUntil(lambda: store_in_form(window) == "fruit-2")
    assert sum(counts) == sum(CLASSES.values())
    assert list(stores.glob("*.extracting")) == []


def test_a_broken_picture_is_left_out_and_listed(
    hands: Hands, window: MainWindow, folder: Path
) -> None:
    (folder / "class00" / "000.png").write_bytes(b"words")
    hands.look_at(folder)
    assert "class00" in hands.find("samples").accessibleName()  # by another of its pictures
    choose(hands, "encoder", "Pixels")
    hands.press_import()
    hands.wait_for_end()
    assert "1 of 96 pictures were left out: class00/000.png is no picture" in notice(window)
    QTest.mouseClick(toast_button(window, "Details"), LEFT)
    details = window.findChild(QWidget, "details")
    (said,) = (toast.notice.details for toast in toasts(window) if toast.notice.details)
    assert details is not None and said.startswith("class00/000.png is no picture")


def test_what_cannot_be_imported_is_one_sentence(hands: Hands, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr("../../a/b.png", encoded(picture()))
    loose = write_folders(tmp_path / "loose", {"a": 2})
    (loose / "b.png").write_bytes(encoded(picture()))
    few = write_folders(tmp_path / "few", {"a": 2})
    for path, sentence in (
        (tmp_path / "evil.zip", "leads out of the archive"),
        (loose, "b.png lies in no folder of a class"),
        (few, "There are 1 classes, too few to divide"),
        (table(tmp_path / "list.csv", "filename", "label"), 'there is no file "1"'),
    ):
        hands.look_at(path)
        said = hands.text("problem")
        assert sentence in said and said.endswith(".") and "\n" not in said
        assert not hands.import_button.isEnabled() and not hands.find("samples").isVisible()


def test_pickled_pictures_are_told_from_features(hands: Hands, tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (12, 8, 8, 3), np.uint8)
    rows = {f"n0000{n}": list(range(3 * n, 3 * n + 3)) for n in range(4)}
    hands.look_at(pickled(tmp_path / "cache.pkl", {"image_data": images, "class_dict": rows}))
    assert hands.text("what it is") == "A pickle of pictures: 4 classes, 12 pictures."
    features = {"features": np.ones((8, 3), np.float32), "labels": np.arange(8) // 2}
    hands.look_at(pickled(tmp_path / "other.pkl", features))
    assert hands.text("what it is") == "A file (.pkl) of features."
    assert not hands.find("encoder").isVisible() and not hands.find("samples").isVisible()


def test_without_the_usual_encoder_another_is_to_be_chosen(
    hands: Hands, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.images.encoders.opening.is_efficientnet_installed", lambda: False)
    hands.look_at(folder)
    assert hands.text("problem") == "Choose an encoder." and not hands.import_button.isEnabled()
    assert "pip install 'leo-studio[pictures]'" in hands.text("about the encoder")
    choose(hands, "encoder", "Pixels")
    assert hands.import_button.isEnabled()


def test_tab_goes_from_the_top_to_the_bottom(hands: Hands, folder: Path) -> None:
    hands.look_at(folder)
    hands.find("source").setFocus()
    names = []
    for _ in range(12):
        focused = hands.dialog.focusWidget()
        assert focused is not None
        names.append(focused.objectName())
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    wanted = ["splits", "proportions", "split seed", "encoder", "views", "name of fruit", "import"]
    assert [name for name in names if name in wanted] == wanted


def test_the_palette_finds_the_import_by_what_people_call_pictures(window: MainWindow) -> None:
    for word in ("pictures", "images", "photos"):
        window.actions_registry[IDENTIFIER].trigger()
        line = window.palette_popup.findChild(QLineEdit)
        assert line is not None
        line.clear()
        QTest.keyClicks(line, word)
        view = window.palette_popup.findChild(QListView)
        model = view.model() if view is not None else None
        assert isinstance(model, CommandModel)
        assert "File › Import data..." in [row.title for row in model.rows[:5]], word
        window.palette_popup.dismiss()
