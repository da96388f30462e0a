"""The form of preferences."""

from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QPushButton,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from leo_studio.services.preferences import Preferences, shown_preferences
from leo_studio.ui.widgets.number_boxes import DecimalBox, WholeBox
from leo_studio.ui.window.preferences_dialog import PreferencesDialog
from tests.leo_studio.ui.mouse import turn_wheel

W = TypeVar("W", bound=QWidget)

BEFORE = Preferences(
    theme="dark",
    text_scale=1.25,
    smoothing=0.9,
    toast_seconds=20,
    ask_before_closing=False,
    recent_presets=("mini-1shot",),
)


@pytest.fixture
def dialog(qtbot: QtBot) -> PreferencesDialog:
    dialog = PreferencesDialog(BEFORE)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def find(dialog: PreferencesDialog, kind: type[W], name: str) -> W:
    found = dialog.findChild(kind, name)
    assert isinstance(found, kind)
    return found


def test_the_form_shows_what_is_preferred(dialog: PreferencesDialog) -> None:
    assert find(dialog, QComboBox, "preference-theme").currentText() == "Dark"
    assert find(dialog, WholeBox, "preference-toast_seconds").text() == "20 s"
    assert find(dialog, DecimalBox, "preference-smoothing").value() == 0.9
    assert not find(dialog, QCheckBox, "preference-ask_before_closing").isChecked()
    assert find(dialog, QSlider, "preference-text_scale").value() * 5 == 125


def test_every_change_is_told_at_once(dialog: PreferencesDialog) -> None:
    told: list[Preferences] = []
    dialog.changed.connect(told.append)
    find(dialog, QComboBox, "preference-theme").setCurrentIndex(1)
    QTest.keyClick(find(dialog, QSlider, "preference-text_scale"), Qt.Key.Key_Right)
    QTest.keyClick(find(dialog, WholeBox, "preference-toast_seconds"), Qt.Key.Key_Up)
    find(dialog, DecimalBox, "preference-smoothing").setValue(0.5)
    QTest.keyClick(find(dialog, QCheckBox, "preference-ask_before_closing"), Qt.Key.Key_Space)
    assert told[-1] == BEFORE.changed(
        theme="light", text_scale=1.3, toast_seconds=21, smoothing=0.5, ask_before_closing=True
    )
    assert len(told) == 5
    assert dialog.preferences == told[-1]


def test_the_text_grows_when_the_slider_is_let_go(dialog: PreferencesDialog) -> None:
    told: list[Preferences] = []
    dialog.changed.connect(told.append)
    slider = find(dialog, QSlider, "preference-text_scale")
    slider.setSliderDown(True)
    slider.setSliderPosition(30)
    assert told == []
    assert find(dialog, WholeBox, "preference-text_scale-exact").text() == "150 %"
    slider.setSliderDown(False)
    assert [each.text_scale for each in told] == [1.5]


def test_a_size_of_text_is_typed_exactly(dialog: PreferencesDialog) -> None:
    told: list[Preferences] = []
    dialog.changed.connect(told.append)
    box = find(dialog, WholeBox, "preference-text_scale-exact")
    assert box.text() == "125 %"
    box.selectAll()
    QTest.keyClicks(box, "133")
    assert told == []
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert [each.text_scale for each in told] == [1.33]
    assert find(dialog, QSlider, "preference-text_scale").value() * 5 == 135
    assert box.value() == 133


@pytest.mark.parametrize(
    ("name", "typed", "wanted"),
    [
        ("text_scale-exact", "90", BEFORE.changed(text_scale=0.9)),
        ("toast_seconds", "50", BEFORE.changed(toast_seconds=50)),
    ],
)
def test_enter_in_a_box_changes_nothing_else(
    dialog: PreferencesDialog, qtbot: QtBot, name: str, typed: str, wanted: Preferences
) -> None:
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    box = find(dialog, WholeBox, f"preference-{name}")
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        box.setFocus()
        box.selectAll()
        QTest.keyClicks(box, typed)
        QTest.keyClick(box, key)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.preferences == wanted
    assert not any(button.isDefault() for button in dialog.findChildren(QPushButton))


def test_what_is_changed_elsewhere_is_shown_and_not_told(dialog: PreferencesDialog) -> None:
    told: list[Preferences] = []
    dialog.changed.connect(told.append)
    dialog.show_preferences(BEFORE.changed(theme="system"))
    assert find(dialog, QComboBox, "preference-theme").currentText() == "System"
    assert told == []


def test_defaults_keep_what_was_used(dialog: PreferencesDialog, qtbot: QtBot) -> None:
    with qtbot.waitSignal(dialog.changed):
        find(dialog, QPushButton, "restore-defaults").click()
    assert dialog.preferences == Preferences(recent_presets=("mini-1shot",))
    assert find(dialog, QComboBox, "preference-theme").currentText() == "System"


def test_recent_is_cleared_once(dialog: PreferencesDialog, qtbot: QtBot) -> None:
    button = find(dialog, QPushButton, "clear-recent")
    with qtbot.waitSignals([dialog.changed, dialog.cleared]):
        button.click()
    assert dialog.preferences.recent_presets == ()
    assert dialog.preferences.theme == "dark"
    assert not button.isEnabled()


def test_tab_reaches_every_control(dialog: PreferencesDialog, qtbot: QtBot) -> None:
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    reached = set()
    for _ in range(20):
        widget = QApplication.focusWidget()
        assert widget is not None
        reached.add(widget.objectName())
        QTest.keyClick(widget, Qt.Key.Key_Tab)
    wanted = {f"preference-{name}" for name, _ in shown_preferences()}
    assert wanted | {"restore-defaults", "clear-recent"} <= reached


def test_the_wheel_changes_nothing_that_has_no_focus(dialog: PreferencesDialog) -> None:
    spin = find(dialog, WholeBox, "preference-toast_seconds")
    find(dialog, QComboBox, "preference-theme").setFocus()
    turn_wheel(spin, 1)
    assert spin.value() == 20
