"""What a person does to the dialog that imports data, and what can be seen of it."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from leo_studio.ui.window.data_import_dialog import DataImportDialog
from leo_studio.ui.window.main_window import MainWindow
from leo_studio.ui.window.toast import Toast

LEFT = Qt.MouseButton.LeftButton


class Hands:
    """What a person does to the dialog of a window, and what it says."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window, self.qtbot = window, qtbot
        qtbot.waitUntil(lambda: bool(window.findChildren(DataImportDialog)))
        self.dialog = window.findChildren(DataImportDialog)[-1]

    def find(self, name: str) -> Any:
        found = self.dialog.findChild(QWidget, name)
        assert found is not None, name
        return found

    def text(self, name: str) -> str:
        return str(self.find(name).text()).replace("\u200b", "")

    @property
    def import_button(self) -> QPushButton:
        button = self.find("import")
        assert isinstance(button, QPushButton)
        return button

    def look_at(self, path: Path) -> None:
        """Type a path and press Return."""
        self.find("source").setText(str(path))
        QTest.keyClick(self.find("source"), Qt.Key.Key_Return)
        self.wait_for_look()

    def wait_for_look(self) -> None:
        said = "Looking at it ..."
        self.qtbot.waitUntil(lambda: self.text("what it is") != said)

    def press_import(self) -> None:
        assert self.import_button.isEnabled()
        QTest.mouseClick(self.import_button, LEFT)

    def wait_for_end(self) -> None:
        self.qtbot.waitUntil(lambda: not self.window.findChildren(DataImportDialog))


def store_in_form(window: MainWindow) -> str:
    box = window.experiment.findChild(QComboBox, "stores")
    assert box is not None
    return str(box.currentData())


def toasts(window: MainWindow) -> list[Toast]:
    return window.findChildren(Toast)


def toast_button(window: MainWindow, text: str) -> QAbstractButton:
    return next(
        each
        for toast in toasts(window)
        for each in toast.findChildren(QAbstractButton)
        if each.text() == text
    )
