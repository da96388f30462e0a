"""The dialog that takes what a panel shows elsewhere, by its widgets."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from leo_studio.figures.records import Exported
from leo_studio.services.controller import Controller
from leo_studio.services.records import Notice
from leo_studio.ui.panel_export.dialog import PanelExportDialog
from leo_studio.ui.widgets.last_folders import export_settings
from leo_studio.ui.widgets.theme import DARK, LIGHT, Theme
from leo_studio.ui.window.window_state import (
    STATE_FILE,
    restore_window_state,
    save_window_state,
)
from tests.leo_studio.figures.pictured import exported

Open = Callable[..., PanelExportDialog]


@pytest.fixture
def told(controller: Controller) -> list[Notice]:
    notices: list[Notice] = []
    controller.notified.connect(notices.append)
    return notices


@pytest.fixture
def open_dialog(controller: Controller, qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()

    def make(
        given: Exported | None = None, folder: Path = tmp_path, theme: Theme = LIGHT
    ) -> PanelExportDialog:
        dialog = PanelExportDialog(controller, given or exported(), theme, window)
        dialog.open()
        if dialog.path.parent != folder:
            dialog.target.setText(str(folder / dialog.path.name))
            dialog.target.textEdited.emit(dialog.target.text())
        return dialog

    yield make
    window.close()


def choose(dialog: PanelExportDialog, ending: str) -> None:
    dialog.form.format.setCurrentIndex(dialog.form.format.findData(ending))


def test_the_figure_is_seen_before_it_is_saved(
    open_dialog: Open, told: list[Notice], qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = open_dialog()
    qtbot.waitUntil(lambda: not dialog.preview.picture.pixmap().isNull(), timeout=20_000)
    dialog.form.width_box.setValue(4)
    dialog.form.height_box.setValue(3)
    dialog.form.scale_box.setValue(1.5)
    assert dialog.form.pixels.text() == "600 × 450 pixels"
    assert dialog.files.text() == "Writes glyphs.png"
    QTest.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert told[0].kind == "success" and str(tmp_path / "glyphs.png") in told[0].text
    assert [action.label for action in told[0].actions] == ["Show in folder"]
    image = QImage(str(tmp_path / "glyphs.png"))
    assert (image.width(), image.height()) == (600, 450)


def test_the_windows_arrangement_and_what_was_chosen_leave_each_other_alone(
    open_dialog: Open, controller: Controller, qtbot: QtBot
) -> None:
    window, arrangement = QMainWindow(), controller.library.root / STATE_FILE
    window.setObjectName("window")
    qtbot.addWidget(window)
    save_window_state(window, arrangement)
    dialog = open_dialog()
    choose(dialog, ".pdf")
    dialog.reject()
    export_settings(controller.library.root).sync()  # to the disk
    assert restore_window_state(window, arrangement)
    save_window_state(window, arrangement)
    assert open_dialog().path.suffix == ".pdf"


def test_what_was_chosen_is_remembered(open_dialog: Open, tmp_path: Path) -> None:
    first = open_dialog()
    choose(first, ".pdf")
    first.form.style_box.setCurrentIndex(first.form.style_box.findData("paper"))
    first.form.size_box.setCurrentIndex(0)
    first.form.size_box.activated.emit(0)
    first.reject()
    second = open_dialog()
    choices = second.form.choices
    assert (choices.ending, choices.style, choices.width) == (".pdf", "paper", 3.25)
    assert second.form.size_box.currentText().startswith("Column")
    assert not second.form.scale_box.isEnabled() and second.form.width_box.isEnabled()
    second.form.width_box.setValue(5)
    assert second.form.size_box.currentText() == "Other"


def test_tables_are_previewed_and_all_of_them_written(
    open_dialog: Open, qtbot: QtBot, told: list[Notice], tmp_path: Path
) -> None:
    dialog = open_dialog()
    choose(dialog, ".csv")
    qtbot.waitUntil(lambda: dialog.preview.currentWidget() is dialog.preview.tables)
    assert [dialog.preview.tables.tabText(place) for place in range(2)] == [
        "training (3)",
        "validation (1)",
    ]
    assert dialog.files.text() == "Writes glyphs.csv, glyphs.validation.csv"
    assert not dialog.form.width_box.isEnabled()
    (tmp_path / "glyphs.csv").write_text("before")
    dialog._plan()
    assert "takes the place of glyphs.csv" in dialog.files.text()
    dialog.save_button.click()
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert "and 1 more beside it" in told[0].text
    with (tmp_path / "glyphs.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 3


def test_pictures_scripts_and_tables_are_copied(
    open_dialog: Open, qtbot: QtBot, told: list[Notice]
) -> None:
    dialog = open_dialog()
    board = QGuiApplication.clipboard()
    for ending, words in ((".py", "Copy as Python"), (".csv", "Copy table"), (".svg", "Copy pic")):
        told.clear()
        choose(dialog, ending)
        assert dialog.copy_button.text().startswith(words)
        dialog.copy_button.click()
        qtbot.waitUntil(lambda: bool(told), timeout=20_000)
        if ending == ".py":
            compile(board.text(), "copied.py", "exec")
            assert "# Run glyphs. Exported by LEO Studio" in board.text()
        elif ending == ".csv":
            assert board.text().startswith("run\tseed\tstep\t")
        else:
            assert board.image().width() > 500
            assert bytes(board.mimeData().data("image/svg+xml").data()).startswith(b"<?xml")
    board.clear()


def test_the_script_is_seen(open_dialog: Open, qtbot: QtBot) -> None:
    dialog = open_dialog()
    choose(dialog, ".py")
    qtbot.waitUntil(lambda: "import matplotlib" in dialog.preview.script.toPlainText())


def test_a_panel_that_is_a_table_offers_no_pictures(open_dialog: Open) -> None:
    dialog = open_dialog(replace(exported(), figure=None))
    endings = [dialog.form.format.itemData(place) for place in range(dialog.form.format.count())]
    assert endings == [".csv", ".parquet", ".h5"]


def test_mistakes_are_told_beside_the_field(open_dialog: Open, tmp_path: Path) -> None:
    dialog = open_dialog()
    for text, sentence in (
        ("", "Say where to write to."),
        (str(tmp_path), f"{tmp_path} is a folder"),
        (str(tmp_path / "a.txt"), "must end with .png"),
        (str(tmp_path / f"{'x' * 300}.png"), "File name too long; choose another place."),
        ("~no-such-user/a.png", "no home folder is known for ~no-such-user"),
    ):
        dialog.target.setText(text)
        assert sentence in dialog.problem.text() and not dialog.save_button.isEnabled()


def test_a_file_that_cannot_be_written_is_told_and_the_dialog_stays(
    open_dialog: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    dialog = open_dialog(folder=tmp_path / "file")
    dialog.save_button.click()
    qtbot.waitUntil(lambda: "cannot be written" in dialog.problem.text(), timeout=20_000)
    assert dialog.isVisible() and dialog.save_button.isEnabled()


def test_the_ending_that_is_typed_chooses_the_format(open_dialog: Open, tmp_path: Path) -> None:
    dialog = open_dialog()
    for name, ending in (("mine.svg", ".svg"), ("mine.csv", ".csv"), ("mine.txt", ".csv")):
        dialog.target.selectAll()
        QTest.keyClicks(dialog.target, str(tmp_path / name))
        assert dialog.form.ending == ending
        assert dialog.target.text() == str(tmp_path / name)
    assert "must end with .csv" in dialog.problem.text()


def test_a_chosen_file_keeps_its_name_in_another_format(
    open_dialog: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = open_dialog()
    dialog.browse.click()
    files = dialog.findChild(QFileDialog, "panel_export_file")
    assert files is not None
    files.fileSelected.emit(str(tmp_path / "mine.png"))
    files.reject()
    choose(dialog, ".svg")
    assert dialog.path == tmp_path / "mine.svg"


def test_it_may_be_closed_while_it_writes_a_figure_in_the_windows_colours(
    open_dialog: Open, qtbot: QtBot, told: list[Notice], tmp_path: Path
) -> None:
    dialog = open_dialog(theme=DARK)
    dialog.form.style_box.setCurrentIndex(dialog.form.style_box.findData("window"))
    dialog.save_button.click()
    dialog.reject()
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert told[0].kind == "success"
    corner = QImage(str(tmp_path / "glyphs.png")).pixelColor(1, 1)
    assert corner.name() == DARK.base
