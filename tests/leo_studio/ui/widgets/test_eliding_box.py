"""Tests of combo boxes that shorten what has no room."""

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from leo_studio.ui.widgets.eliding_box import ElidingBox
from leo_studio.ui.widgets.people import as_tip

LONG = "Best: 72.07 ± 0.2 % at step 100,000, of a run that has a name as long as this one"


@pytest.fixture
def box(qtbot: QtBot) -> ElidingBox:
    made = ElidingBox(Qt.TextElideMode.ElideRight)
    qtbot.addWidget(made)
    made.addItems([LONG, "Last"])
    made.setToolTip("Outer steps taken")
    made.resize(160, 30)
    made.show()
    return made


def shown_tip(box: ElidingBox) -> str:
    place = box.rect().center()
    event = QHelpEvent(QEvent.Type.ToolTip, place, box.mapToGlobal(place))
    QApplication.sendEvent(box, event)
    return QToolTip.text()


@pytest.mark.qt_log_ignore(r"^This plugin does not support grabbing the keyboard$")
def test_the_list_is_as_wide_as_its_longest_text(box: ElidingBox) -> None:
    box.showPopup()
    QTest.qWait(50)
    assert box.view().viewport().width() >= box.fontMetrics().horizontalAdvance(LONG)
    box.hidePopup()


def test_the_tip_has_the_text_where_it_is_shortened(box: ElidingBox) -> None:
    assert shown_tip(box) == as_tip(f"{LONG}\nOuter steps taken")
    box.setCurrentIndex(1)
    assert shown_tip(box) == "Outer steps taken"
    QToolTip.showText(QPoint(), "")
