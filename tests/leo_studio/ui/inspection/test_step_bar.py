"""Tests of the bar to move along an adaptation."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QToolButton, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from leo_studio.ui.inspection.step_bar import StepBar
from leo_studio.ui.widgets.theme import ThemeManager

NAMES = ["before", "inner 1 of 2", "inner 2 of 2", "fine-tuning 1 of 1"]


@pytest.fixture
def bar(themes: ThemeManager, qtbot: QtBot) -> Iterator[StepBar]:
    made = StepBar(themes, "steps", milliseconds=1)
    made.show()
    made.set_positions(NAMES, 1)
    yield made
    made.close()
    made.deleteLater()
    qtbot.waitUntil(lambda: not Shiboken.isValid(made))


def button(bar: StepBar, tip: str) -> QToolButton:
    (found,) = (each for each in bar.findChildren(QToolButton) if each.accessibleName() == tip)
    return found


@pytest.fixture
def told(bar: StepBar) -> list[int]:
    positions: list[int] = []
    bar.moved.connect(positions.append)
    return positions


def test_buttons_walk_and_tell(bar: StepBar, told: list[int]) -> None:
    for tip in ("Next", "Last", "Previous", "First"):
        QTest.mouseClick(button(bar, tip), Qt.MouseButton.LeftButton)
    assert told == [2, 3, 2, 0]
    assert bar.label.text() == "before"


def test_the_keyboard_walks_one_position_at_a_time(bar: StepBar, told: list[int]) -> None:
    for key in (Qt.Key.Key_Right, Qt.Key.Key_PageUp, Qt.Key.Key_Home):
        QTest.keyClick(bar.slider, key)
    assert told == [2, 3, 0]


def test_what_was_told_is_not_told_back(bar: StepBar, told: list[int]) -> None:
    bar.set_position(3)
    assert bar.label.text() == NAMES[3]
    bar.set_positions(NAMES[:2], 1)
    assert bar.label.text() == NAMES[1] and told == []


def test_no_button_leads_beyond_the_ends(bar: StepBar) -> None:
    def enabled() -> list[bool]:
        return [button(bar, tip).isEnabled() for tip in ("First", "Previous", "Next", "Last")]

    assert enabled() == [True] * 4
    bar.set_position(0)
    assert enabled() == [False, False, True, True]
    bar.set_position(3)
    assert enabled() == [True, True, False, False]


def test_it_plays_to_the_end_and_again_from_the_start(
    bar: StepBar, told: list[int], qtbot: QtBot
) -> None:
    play = button(bar, "Play")
    QTest.mouseClick(play, Qt.MouseButton.LeftButton)
    assert bar.is_playing and play.accessibleName() == "Pause"
    qtbot.waitUntil(lambda: not bar.is_playing)
    assert told == [2, 3] and play.accessibleName() == "Play"
    QTest.mouseClick(play, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not bar.is_playing)
    assert told == [2, 3, 0, 1, 2, 3]


def test_play_pauses_where_it_is(bar: StepBar) -> None:
    bar.set_speed(60_000)
    play = button(bar, "Play")
    for _ in range(2):
        QTest.mouseClick(play, Qt.MouseButton.LeftButton)
    assert not bar.is_playing and bar.position == 1


def test_with_nothing_to_walk_along_it_offers_nothing_and_stops(bar: StepBar, qtbot: QtBot) -> None:
    bar.toggle()
    bar.set_positions([], 0)
    assert not bar.isEnabled() and bar.label.text() == ""
    qtbot.waitUntil(lambda: not bar.is_playing)
    bar.set_positions(["before"], 0)
    assert not bar.isEnabled() and bar.label.text() == "before"


def test_in_the_least_room_the_slider_can_be_slid_and_the_name_is_whole(
    bar: StepBar, qtbot: QtBot
) -> None:
    bar.set_position(3)
    bar.resize(bar.minimumSizeHint())
    letter = bar.fontMetrics().averageCharWidth()
    qtbot.waitUntil(lambda: bar.slider.width() >= 12 * letter, timeout=3000)
    assert bar.label.width() >= bar.label.sizeHint().width()


def test_a_press_goes_where_it_is_also_on_the_names_of_the_stages(
    bar: StepBar, told: list[int]
) -> None:
    bar.resize(600, bar.height())
    bar.stages.set_stages(2)
    QApplication.processEvents()
    for position in (3, 0, 2):
        x = round(bar.slider.center_of(position))
        middle = bar.slider.height() // 2
        QTest.mouseClick(bar.slider, Qt.MouseButton.LeftButton, pos=QPoint(x, middle))
        assert bar.slider.value() == position
    below = QPoint(round(bar.stages.shaded.right()) - 4, bar.stages.height() - 3)
    QTest.mouseClick(bar.stages, Qt.MouseButton.LeftButton, pos=below)
    assert told == [3, 0, 2, 3]


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
