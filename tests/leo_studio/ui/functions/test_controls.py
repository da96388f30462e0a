"""Tests of the row below the plots of functions."""

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from leo_studio.ui.functions.controls import Controls
from leo_studio.ui.inspection.step_bar import StepBar
from leo_studio.ui.widgets.theme import ThemeManager


def test_a_row_that_nobody_sees_follows_larger_text_and_comes_back(
    themes: ThemeManager, qtbot: QtBot
) -> None:
    window, page = QWidget(), QWidget()
    qtbot.addWidget(window)
    QHBoxLayout(window).addWidget(page)
    texts = ("Reset", "Add", "Remove", "Keep", "Open", "Code")
    steps, actions = StepBar(themes, "Inner loop"), [QAction(text, window) for text in texts]
    controls = Controls(themes, steps, actions)
    QHBoxLayout(page).addWidget(controls)
    steps.set_positions(["start", "step 1 of 5", "step 5 of 5"], 0)
    window.resize(700, 100)
    window.show()
    found = []
    for scale in (1.0, 2.0, 1.0):
        themes.choose("light", scale)
        qtbot.waitUntil(lambda: themes.is_settled)
        found.append((controls.commands.minimumWidth(), controls.commands.width_with_words()))
        page.hide()
    assert found[1][1] > 1.5 * found[0][1]
    assert found[2] == found[0]
    page.show()
    seen = controls.commands.minimumWidth(), controls.commands.width_with_words()
    assert seen == found[2]
