"""The About dialog."""

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QTextBrowser
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from leo_studio import __version__
from leo_studio.services.records import Notice
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.about import BIBTEX, AboutDialog
from tests.leo_studio.ui.conftest import OpenWindow

FACTS = {
    "versions": {"torch": "2.13.0", "<b>": "x & y"},
    "devices": {"cpu": "x86_64, 2 cores"},
    "problems": ["The disk is full."],
    "nothing": {},
}


@pytest.fixture
def dialog(themes: ThemeManager, qtbot: QtBot) -> AboutDialog:
    dialog = AboutDialog(themes)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def press(dialog: AboutDialog, name: str) -> str:
    button = dialog.findChild(QPushButton, name)
    assert button is not None
    button.click()
    return QGuiApplication.clipboard().text()


def machine(dialog: AboutDialog) -> str:
    found = dialog.findChild(QTextBrowser)
    assert found is not None
    return found.toPlainText()


def test_the_paper_can_be_cited(dialog: AboutDialog) -> None:
    assert press(dialog, "copy-bibtex") == BIBTEX
    citation = dialog.findChild(QLabel, "about-citation")
    assert citation is not None
    assert "Rusu" in citation.text()
    assert "arxiv.org/abs/1807.05960" in citation.text()


def test_copy_all_has_version_licence_machine_and_paper(dialog: AboutDialog) -> None:
    dialog.show_facts(FACTS)
    text = press(dialog, "copy-all")
    for part in (__version__, "Apache-2.0", "torch: 2.13.0", "The disk is full.", BIBTEX):
        assert part in text
    assert "Nothing:" not in text


def test_copying_is_said_and_forgotten_at_the_next_opening(dialog: AboutDialog) -> None:
    press(dialog, "copy-bibtex")
    said = dialog.findChild(QLabel, "about-copied")
    assert said is not None
    assert "clipboard" in said.text()
    dialog.close()
    dialog.show()
    assert said.text() == ""


def test_the_machine_is_shown_as_it_is_named(dialog: AboutDialog, themes: ThemeManager) -> None:
    assert machine(dialog) == ""
    dialog.show_facts(FACTS)
    assert "<b>" in machine(dialog)
    assert "x & y" in machine(dialog)
    themes.choose("dark")
    assert "x86_64, 2 cores" in machine(dialog)


def test_it_may_be_closed_before_the_machine_was_looked_at(
    open_window: OpenWindow, qtbot: QtBot
) -> None:
    window = open_window()
    told: list[Notice] = []
    window.controller.notified.connect(told.append)
    window.actions_registry["help.about"].trigger()
    dialog = window.findChild(AboutDialog)
    assert dialog is not None
    dialog.close()
    qtbot.waitUntil(lambda: not Shiboken.isValid(dialog))
    qtbot.waitUntil(lambda: not window.controller._background.tasks)
    assert not told  # what was found has nowhere to be shown, which is no error
