"""What the window asks before an import takes the name of another store."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QMainWindow, QPushButton
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.data.importers.arrays import import_arrays
from engine.data.store import EmbeddingStore
from engine.runs.run import Run
from engine.runs.run_store import store_record
from leo_studio.services.controller import Controller
from leo_studio.services.records import ImportQuestion, Notice
from leo_studio.ui.window.import_dialog import ImportDialog
from tests.leo_studio.cli.test_importing import save

Ask = Callable[[Path], ImportDialog]


def press(dialog: ImportDialog, label: str) -> None:
    (button,) = (each for each in dialog.findChildren(QPushButton) if each.text() == label)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def name_field(dialog: ImportDialog) -> QLineEdit:
    (field,) = dialog.findChildren(QLineEdit)
    return field


def sentence(dialog: ImportDialog) -> str:
    label = dialog.findChild(QLabel, "sentence")
    assert label is not None
    return label.text()


@pytest.fixture
def store(controller: Controller, tmp_path: Path) -> Path:
    """A store "features" in the library."""
    source = save(tmp_path / "a" / "features.npz")
    return import_arrays(source, controller.library.stores / "features.h5").path


@pytest.fixture
def ask(controller: Controller, qtbot: QtBot) -> Ask:
    """Import an archive; the question that comes up is shown on a window."""
    window = QMainWindow()
    qtbot.addWidget(window)
    window.show()
    asked: list[ImportDialog] = []

    def show(question: ImportQuestion) -> None:
        dialog = ImportDialog(question, window)
        asked.append(dialog)
        dialog.open()

    controller.import_asked.connect(show)

    def begin(archive: Path) -> ImportDialog:
        count = len(asked)
        controller.imports.arrays(archive, lambda store, preset="", *, is_asked_for=False: False)
        qtbot.waitUntil(lambda: len(asked) > count, timeout=30_000)
        return asked[-1]

    return begin


def other(tmp_path: Path, name: str = "features.npz") -> Path:
    return save(tmp_path / "b" / name, embeddings=np.ones((12, 5)))


def test_replace_puts_the_old_store_into_the_trash_and_undo_takes_it_back(
    ask: Ask,
    controller: Controller,
    store: Path,
    toy_experiment: Experiment,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    run = Run.create(controller.library.runs, toy_experiment, store_record(EmbeddingStore(store)))
    before = store.read_bytes()
    dialog = ask(other(tmp_path))
    assert "named features already" in sentence(dialog) and run.name in sentence(dialog)
    assert store.read_bytes() == before
    with qtbot.waitSignal(controller.notified, timeout=30_000) as told:
        press(dialog, "Replace")
    assert told.args is not None
    notice: Notice = told.args[0]
    assert notice.kind == "success" and "in the trash" in notice.text
    assert store.read_bytes() != before
    notice.actions[0].trigger()
    assert store.read_bytes() == before


def test_keep_both_imports_under_the_name_that_was_typed(
    ask: Ask, controller: Controller, store: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    before = store.read_bytes()
    dialog = ask(other(tmp_path))
    field = name_field(dialog)
    assert field.text() == "features-2"
    for bad in ("features", "a/b", ""):
        field.setText(bad)
        problem = dialog.findChild(QLabel, "problem")
        assert problem is not None and problem.text()
        assert not any(
            button.isEnabled()
            for button in dialog.findChildren(QPushButton)
            if button.text() == "Keep both"
        )
    field.setText("mine")
    with qtbot.waitSignal(controller.notified, timeout=30_000):
        press(dialog, "Keep both")
    assert EmbeddingStore(controller.library.existing_store("mine")).embedding_dim == 5
    assert store.read_bytes() == before


def test_cancel_changes_nothing_and_the_built_in_name_cannot_be_taken(
    ask: Ask, controller: Controller, store: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    before = store.read_bytes()
    press(ask(other(tmp_path)), "Cancel")
    dialog = ask(other(tmp_path, "glyphs.npz"))
    labels = [button.text() for button in dialog.findChildren(QPushButton)]
    assert "Replace" not in labels and "built-in" in sentence(dialog)
    with qtbot.waitSignal(controller.notified, timeout=30_000):
        press(dialog, "Import")
    names = sorted(path.name for path in store.parent.iterdir())
    assert names == ["features.h5", "glyphs-2.h5"] and store.read_bytes() == before


def test_labels_that_begin_anew_in_each_split_are_a_question(
    ask: Ask, controller: Controller, tmp_path: Path, qtbot: QtBot
) -> None:
    split = np.repeat(["train", "val", "test"], 4)
    dialog = ask(save(tmp_path / "x.npz", labels=np.tile([0, 0, 1, 1], 3), split=split))
    assert '2 classes ("0" and "1") are in more than one split' in sentence(dialog)
    assert "--" not in sentence(dialog) and dialog.findChildren(QLineEdit) == []
    with qtbot.waitSignal(controller.notified, timeout=30_000) as told:
        press(dialog, "Different classes")
    assert told.args is not None and "read per split" in told.args[0].text
    store = EmbeddingStore(controller.library.existing_store("x"))
    assert store.class_names("test") == ["test/0", "test/1"]
