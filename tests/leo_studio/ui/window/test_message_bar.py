"""Tests of the status bar's own part: its sentences."""

from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.window.message_bar import MessageBar

LONG = "The plot of the panel Evaluation: a figure, a script, or the numbers behind it, all of them"


def test_a_long_sentence_is_shortened_in_the_middle_and_a_short_one_is_not(qtbot: QtBot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    field = Label("CPU: this build of torch is for the CPU alone")
    bar.addPermanentWidget(field)
    bar.resize(700, 30)
    bar.show()
    QTest.qWait(20)
    bar.showMessage(LONG)
    assert "…" in bar.shown and bar.shown.startswith("The plot") and bar.shown.endswith("of them")
    assert bar.fontMetrics().horizontalAdvance(bar.shown) <= field.x()
    assert bar.toolTip() and "numbers behind it" in bar.toolTip()
    bar.showMessage("Train")
    assert bar.shown == "Train"
    bar.clearMessage()
    assert bar.shown == "" and bar.toolTip() == ""


def bar_with_room(qtbot: QtBot) -> tuple[MessageBar, QWidget]:
    """Return a bar, and a field in it that leaves most of its width empty."""
    bar, field = MessageBar(), QWidget()
    qtbot.addWidget(bar)
    row = QHBoxLayout(field)
    for text, width in (("", 300), ("Idle", 60)):
        label = Label(text)
        label.setFixedWidth(width)
        row.addWidget(label)
    bar.addPermanentWidget(field)
    bar.resize(900, 30)
    bar.show()
    QTest.qWait(20)
    return bar, field


def test_a_field_lets_a_sentence_have_the_room_that_it_does_not_use(qtbot: QtBot) -> None:
    bar, field = bar_with_room(qtbot)
    bar.showMessage(LONG)
    room = bar.fontMetrics().horizontalAdvance(LONG)
    assert field.x() < room < 780 and bar.shown == LONG


def test_nothing_is_left_of_a_longer_sentence_in_the_room_of_a_field(qtbot: QtBot) -> None:
    bar, _ = bar_with_room(qtbot)

    def seen() -> QImage:
        QTest.qWait(20)
        return bar.screen().grabWindow(bar.winId()).toImage()

    for sentence in (LONG, "Short", ""):
        bar.showMessage(sentence)
        shown = seen()
        bar.update()
        assert seen() == shown


def test_what_is_shortened_is_painted_and_nothing_under_the_fields(qtbot: QtBot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    colors = bar.palette()
    colors.setColor(QPalette.ColorRole.WindowText, QColor("red"))
    bar.setPalette(colors)
    field = Label()
    field.setFixedWidth(200)
    bar.addPermanentWidget(field)
    bar.resize(500, 30)
    bar.show()
    bar.showMessage(LONG)
    QTest.qWait(20)
    picture = bar.grab().toImage()
    red = [
        x
        for x in range(picture.width())
        for y in range(picture.height())
        if picture.pixelColor(x, y).red() > picture.pixelColor(x, y).green() + 100
    ]
    assert red and max(red) < field.x() * picture.devicePixelRatio()
