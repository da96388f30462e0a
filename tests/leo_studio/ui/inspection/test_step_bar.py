"""Tests of the bar to move along an adaptation."""

from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from leo_studio.ui.inspection.step_bar import StepBar
from leo_studio.ui.widgets.theme import ThemeManager


def test_a_bar_that_nobody_sees_gives_back_the_room_of_larger_text(
    themes: ThemeManager, qtbot: QtBot
) -> None:
    window, page = QWidget(), QWidget()
    qtbot.addWidget(window)
    QHBoxLayout(window).addWidget(page)
    bar = StepBar(themes, "Adaptation")
    QHBoxLayout(page).addWidget(bar)
    bar.set_positions(["before", "inner step 1 of 5", "fine-tuning step 5 of 5"], 0)
    window.show()
    themes.choose("light", 1.0)
    qtbot.waitUntil(lambda: themes.is_settled)
    before = bar.label.minimumWidth()
    page.hide()
    for scale in (2.0, 1.0):
        themes.choose("light", scale)
        qtbot.waitUntil(lambda: themes.is_settled)
        wanted = before if scale == 1 else 1.8 * before
        assert bar.label.minimumWidth() >= wanted
    assert bar.label.minimumWidth() == before
