"""Dialogs of files begin where the last file of their kind was, wherever it was asked for."""

from pathlib import Path

import pytest
from PySide6.QtCore import QDir
from PySide6.QtWidgets import QFileDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from leo_studio.ui.experiment.file_field import FunctionFileField
from leo_studio.ui.widgets.file_dialogs import ask_file, ask_folder, ask_new_file
from leo_studio.ui.widgets.last_folders import LastFolder
from leo_studio.ui.window.path_line import PathLine


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A file in a folder that is neither the library's nor the working one."""
    path = tmp_path / "data" / "own.csv"
    path.parent.mkdir()
    path.write_text("task,x,y\n")
    return path


def dialog_of(parent: QWidget) -> QFileDialog:
    (dialog,) = parent.findChildren(QFileDialog)
    return dialog


def choose(parent: QWidget, path: Path) -> None:
    """Answer the dialog that is open, and let it go."""
    dialog = dialog_of(parent)
    dialog.fileSelected.emit(str(path))
    dialog.setParent(None)
    dialog.deleteLater()


def begins_in(dialog: QFileDialog) -> Path:
    return Path(QDir(dialog.directory().absolutePath()).canonicalPath())


def test_a_file_that_is_asked_for_begins_where_the_last_one_was(
    parent: QWidget, tmp_path: Path, data: Path
) -> None:
    last, taken = LastFolder(tmp_path, "open"), list[str]()
    ask_file(parent, "Open", "Data (*.csv)", taken.append, last)
    choose(parent, data)
    assert taken == [str(data)]
    ask_folder(parent, "Open", taken.append, LastFolder(tmp_path, "open"))
    assert begins_in(dialog_of(parent)) == data.parent.resolve()


def test_what_is_exported_and_what_is_opened_have_folders_of_their_own(
    parent: QWidget, tmp_path: Path, data: Path
) -> None:
    out = tmp_path / "figures"
    out.mkdir()
    ask_new_file(parent, "Export", "CSV (*.csv)", "a.csv", str, LastFolder(tmp_path, "export"))
    choose(parent, out / "a.csv")
    ask_file(parent, "Open", "CSV (*.csv)", str, LastFolder(tmp_path, "open"))
    choose(parent, data)
    ask_new_file(parent, "Export", "CSV (*.csv)", "b.csv", str, LastFolder(tmp_path, "export"))
    assert begins_in(dialog_of(parent)) == out.resolve()


def test_browse_of_the_form_and_of_an_import_begin_in_the_folder_of_the_other(
    qtbot: QtBot, tmp_path: Path, data: Path
) -> None:
    last = LastFolder(tmp_path, "open")
    field, line = FunctionFileField(last), PathLine("Data (*.csv)", last)
    for widget in (field, line):
        qtbot.addWidget(widget)
        widget.show()
    field.ask()
    choose(field, data)
    line.findChildren(QPushButton)[0].click()
    assert begins_in(dialog_of(line)) == data.parent.resolve()


def test_a_folder_that_is_gone_or_forgotten_is_not_where_one_begins(
    tmp_path: Path, data: Path
) -> None:
    last = LastFolder(tmp_path, "open")
    first = last.read()
    last.remember(data)
    assert last.read() == str(data.parent)
    last.forget()
    assert last.read() == first
    last.remember(data)
    data.unlink()
    data.parent.rmdir()
    assert last.read() == first
