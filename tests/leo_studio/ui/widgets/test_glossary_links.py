"""Words that explain themselves, by mouse and by keyboard."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from leo_studio.analysis.guide.glossary import SCHEME
from leo_studio.ui.widgets.glossary_links import GlossaryButton, explain
from leo_studio.ui.widgets.theme import ThemeManager


class Opened(QObject):
    """Takes the place of the guide."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    @Slot(QUrl)
    def open_link(self, url: QUrl) -> None:
        self.links.append(url.toString())


@pytest.fixture
def opened() -> Iterator[Opened]:
    made = Opened()
    QDesktopServices.setUrlHandler(SCHEME, made, "open_link")  # type: ignore[arg-type]
    yield made
    QDesktopServices.unsetUrlHandler(SCHEME)


def test_a_field_and_its_name_explain_themselves(qtbot: QtBot, opened: Opened) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    name, field, other = QLabel("Ways"), QLineEdit(), QLineEdit()
    for widget in (name, field, other):
        layout.addWidget(widget)
    action = explain("n_way", name, field)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    other.setFocus()
    QTest.keyClick(other, Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    assert opened.links == []
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    assert opened.links == ["leo-guide:glossary#n_way"]
    assert name.contextMenuPolicy() == Qt.ContextMenuPolicy.ActionsContextMenu
    assert name.actions() == [action] and action.text() == 'What is "n_way"?'


def test_a_question_mark_lists_the_words_around_it(
    qtbot: QtBot, themes: ThemeManager, opened: Opened
) -> None:
    button = GlossaryButton(("Nats", "Calibration (ECE)"), themes)
    qtbot.addWidget(button)
    menu = button.menu()
    assert menu is not None
    for action in menu.actions():
        action.trigger()
    assert opened.links == ["leo-guide:glossary#nats", "leo-guide:glossary#calibration-ece"]
