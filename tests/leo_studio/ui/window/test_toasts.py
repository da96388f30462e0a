"""Toasts: what stays, what goes, what is counted, and what the list of messages keeps."""

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QLabel,
    QLineEdit,
    QMainWindow,
    QPushButton,
    QToolButton,
    QTreeWidget,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from leo_studio.services.records import Notice, NoticeAction
from leo_studio.ui.widgets.error_details import ErrorDetails
from leo_studio.ui.widgets.roles import NOT_COVERED
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.messages import MessagesDialog
from leo_studio.ui.window.toast import Toast
from leo_studio.ui.window.toasts import Toasts

SHORT = 0.05  # seconds


@pytest.fixture
def window(qtbot: QtBot, themes: ThemeManager) -> QMainWindow:
    made = QMainWindow()
    made.resize(1000, 800)
    made.setCentralWidget(QLineEdit())
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def toasts(window: QMainWindow, themes: ThemeManager) -> Iterator[Toasts]:
    made = Toasts(window, themes)
    yield made
    window.close()


def shown(window: QMainWindow) -> list[Toast]:
    return [toast for toast in window.findChildren(Toast) if toast.isVisible()]


def texts(window: QMainWindow) -> list[str]:
    return [toast.notice.text for toast in shown(window)]


def press(parent: QWidget, name: str) -> None:
    button = parent.findChild(QAbstractButton, name)
    assert isinstance(button, QAbstractButton)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_information_goes_by_itself(qtbot: QtBot, window: QMainWindow, toasts: Toasts) -> None:
    toasts.set_seconds(SHORT)
    toasts.show_notice(Notice("information", "Saved."))

    assert texts(window) == ["Saved."]
    qtbot.waitUntil(lambda: not shown(window))


@pytest.mark.parametrize(
    "notice",
    [
        Notice("error", "It went wrong."),
        Notice("warning", "Interrupted.", actions=(NoticeAction("Resume", lambda: None),)),
        Notice("warning", "Odd.", "the details"),
        Notice("success", "Imported.", stays=True),
    ],
)
def test_what_may_need_an_answer_stays(
    qtbot: QtBot, window: QMainWindow, toasts: Toasts, notice: Notice
) -> None:
    toasts.set_seconds(SHORT)
    toasts.show_notice(notice)
    toasts.show_notice(Notice("information", "Saved."))

    qtbot.waitUntil(lambda: "Saved." not in texts(window))
    assert texts(window) == [notice.text]


def test_what_can_be_undone_stays_longer_but_not_for_ever(
    qtbot: QtBot, window: QMainWindow, toasts: Toasts
) -> None:
    toasts.set_seconds(SHORT)
    undo = NoticeAction("Undo", lambda: None)
    toasts.show_notice(Notice("information", "In the trash.", actions=(undo,)))

    qtbot.waitUntil(lambda: not shown(window))


def test_what_took_minutes_goes_some_time_after_the_mouse_has_moved(
    qtbot: QtBot, window: QMainWindow, toasts: Toasts
) -> None:
    QCursor.setPos(window.mapToGlobal(QPoint(20, 20)))
    toasts.set_seconds(SHORT)
    toasts.show_notice(Notice("success", "Imported.", stays=True))
    qtbot.wait(1500)  # longer than its time, and than it takes to look for somebody
    assert texts(window) == ["Imported."]
    QCursor.setPos(window.mapToGlobal(QPoint(60, 40)))
    qtbot.waitUntil(lambda: not shown(window))


def test_a_toast_that_comes_up_under_a_resting_mouse_goes_too(
    qtbot: QtBot, window: QMainWindow, toasts: Toasts
) -> None:
    toasts.set_seconds(60)
    toasts.show_notice(Notice("information", "Here."))
    place = shown(window)[0]
    QCursor.setPos(place.mapToGlobal(place.rect().center()))
    toasts.clear()
    toasts.set_seconds(SHORT)
    toasts.show_notice(Notice("information", "Saved."))
    qtbot.waitUntil(lambda: not shown(window))


def test_a_toast_with_the_focus_stays(qtbot: QtBot, window: QMainWindow, toasts: Toasts) -> None:
    toasts.set_seconds(SHORT)
    toasts.show_notice(Notice("information", "Read me."))
    with qtbot.waitActive(window):
        window.activateWindow()
    button = shown(window)[0].findChild(QToolButton, "close")
    assert isinstance(button, QToolButton)
    button.setFocus()
    toasts.show_notice(Notice("information", "Saved."))

    qtbot.waitUntil(lambda: "Saved." not in texts(window))
    assert texts(window) == ["Read me."]


def test_equal_notices_are_counted_and_not_stacked(window: QMainWindow, toasts: Toasts) -> None:
    for _ in range(3):
        toasts.show_notice(Notice("error", "It went wrong."))

    (toast,) = shown(window)
    title = toast.findChild(QLabel, "title")
    assert isinstance(title, QLabel)
    assert title.text() == "Error ×3"


def test_a_newer_notice_about_the_same_takes_the_place_of_the_older(
    window: QMainWindow, toasts: Toasts
) -> None:
    for text, about in (("A has started.", "a"), ("B has started.", "b"), ("A is finished.", "a")):
        toasts.show_notice(Notice("information", text, about=about))
    for _ in range(2):
        toasts.show_notice(Notice("information", "Saved."))  # is about nothing
    assert texts(window) == ["B has started.", "A is finished.", "Saved."]
    said = [past.notice.text for past in toasts.history()]
    assert said[:3] == ["A has started.", "B has started.", "A is finished."]


def test_four_toasts_are_shown_and_the_others_counted(window: QMainWindow, toasts: Toasts) -> None:
    for number in range(7):
        toasts.show_notice(Notice("error", f"Error {number}."))

    assert texts(window) == [f"Error {number}." for number in range(3, 7)]
    more = window.findChild(QPushButton, "more")
    assert isinstance(more, QPushButton)
    assert (more.text(), more.isVisible()) == ("3 more", True)


def test_what_was_hidden_comes_back_when_there_is_room(
    qtbot: QtBot, window: QMainWindow, toasts: Toasts
) -> None:
    for number in range(5):
        toasts.show_notice(Notice("error", f"Error {number}."))

    press(shown(window)[-1], "close")

    assert texts(window) == [f"Error {number}." for number in range(4)]


def test_toasts_stay_inside_a_small_window(
    qtbot: QtBot, window: QMainWindow, toasts: Toasts
) -> None:
    window.statusBar().showMessage("idle")
    for number in range(4):
        toasts.show_notice(Notice("error", f"Error {number}. " + "It is a long story. " * 20))
    window.resize(400, 300)
    qtbot.waitUntil(lambda: window.statusBar().y() > 200)

    (newest,) = shown(window)[-1:]
    corner = newest.mapTo(window, newest.rect().bottomRight())
    assert newest.notice.text.startswith("Error 3.")
    assert window.rect().contains(corner)
    assert corner.y() < window.statusBar().y()


def test_escape_closes_the_newest(qtbot: QtBot, window: QMainWindow, toasts: Toasts) -> None:
    toasts.show_notice(Notice("error", "Old."))
    toasts.show_notice(Notice("error", "New."))
    with qtbot.waitActive(window):
        window.activateWindow()
    button = shown(window)[0].findChild(QToolButton, "close")
    assert isinstance(button, QToolButton)
    button.setFocus()

    QTest.keyClick(button, Qt.Key.Key_Escape)

    assert texts(window) == ["Old."]


def test_an_action_is_done_once_and_closes_the_toast(
    qtbot: QtBot, window: QMainWindow, toasts: Toasts
) -> None:
    done: list[str] = []
    action = NoticeAction("Undo", lambda: done.append("undone"))
    toasts.show_notice(Notice("information", "In the trash.", actions=(action,)))

    press(shown(window)[0], "action")

    assert done == ["undone"]
    assert shown(window) == []


def test_details_show_the_traceback_to_be_copied(
    qtbot: QtBot, window: QMainWindow, toasts: Toasts
) -> None:
    toasts.show_notice(Notice("error", "A mistake of ours.", "Traceback: in broken"))

    press(shown(window)[0], "details")

    (dialog,) = window.findChildren(ErrorDetails)
    press(dialog, "copy")
    copied = QGuiApplication.clipboard().text()
    assert "A mistake of ours." in copied
    assert "Traceback: in broken" in copied
    assert "LEO Studio" in copied


def test_a_notice_from_another_thread_is_shown(
    qtbot: QtBot, window: QMainWindow, toasts: Toasts
) -> None:
    thread = threading.Thread(target=toasts.show_notice, args=(Notice("error", "From elsewhere."),))
    thread.start()
    thread.join()

    qtbot.waitUntil(lambda: texts(window) == ["From elsewhere."])


def test_text_is_never_read_as_markup(window: QMainWindow, toasts: Toasts) -> None:
    toasts.show_notice(Notice("error", "<b>name</b> is no name."))

    text = shown(window)[0].findChild(QLabel, "text")
    assert isinstance(text, QLabel)
    assert text.textFormat() == Qt.TextFormat.PlainText


def test_a_notice_stands_above_buttons_that_are_not_to_be_covered(
    window: QMainWindow, toasts: Toasts
) -> None:
    inside = QWidget()
    column = QVBoxLayout(inside)
    column.addStretch(1)
    buttons = QPushButton("Add")
    column.addWidget(buttons)
    window.setCentralWidget(inside)
    toasts.show_notice(Notice("information", "Kept."))
    QTest.qWait(50)
    (toast,) = shown(window)
    bottom = toast.mapTo(window, toast.rect().bottomLeft()).y()
    top = buttons.mapTo(window, QPoint()).y()
    assert bottom > top
    toasts.clear()
    buttons.setProperty(NOT_COVERED, True)
    toasts.show_notice(Notice("information", "Kept again."))
    QTest.qWait(50)
    (toast,) = shown(window)
    assert toast.mapTo(window, toast.rect().bottomLeft()).y() < top


def test_a_button_of_a_notice_has_a_tip(window: QMainWindow, toasts: Toasts) -> None:
    where = NoticeAction("Show in folder", lambda: None, tip="/home/kept.h5")
    toasts.show_notice(Notice("success", "Kept.", actions=(where,)))
    QTest.qWait(50)
    (toast,) = shown(window)
    button = toast.findChild(QPushButton, "action")
    assert button is not None and button.toolTip() == "/home/kept.h5"


def test_messages_list_what_was_told_the_newest_first(
    qtbot: QtBot, window: QMainWindow, toasts: Toasts
) -> None:
    toasts.show_notice(Notice("information", "First."))
    toasts.show_notice(Notice("error", "Second."))
    toasts.clear()

    toasts.show_history()

    (dialog,) = window.findChildren(MessagesDialog)
    rows = dialog.findChild(QTreeWidget, "list")
    assert isinstance(rows, QTreeWidget)
    listed = [rows.topLevelItem(row) for row in range(rows.topLevelItemCount())]
    assert [row.text(2) for row in listed if row] == ["Second.", "First."]

    press(dialog, "clear")
    assert rows.topLevelItemCount() == 0
    assert toasts.history() == ()
    empty = dialog.findChild(QLabel, "empty")
    assert isinstance(empty, QLabel)
    assert empty.isVisible()


def test_closing_the_window_closes_its_toasts_and_dialogs(
    qtbot: QtBot, window: QMainWindow, toasts: Toasts
) -> None:
    toasts.show_notice(Notice("error", "It went wrong.", "details"))
    toasts.show_details(toasts.history()[0].notice)
    toasts.show_history()

    window.close()

    qtbot.waitUntil(lambda: not window.findChildren(ErrorDetails))
    assert window.findChildren(MessagesDialog) == []
    assert shown(window) == []
