"""The window comes back where it was."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTextEdit
from pytestqt.qtbot import QtBot

from leo_studio.ui.window.kept_size import KeptSize
from leo_studio.ui.window.window_state import (
    LAYOUT_VERSION,
    bring_on_screen,
    bring_title_on_screen,
    put_newer_aside,
    reachable,
    restore_window_state,
    save_window_state,
)

Area = Qt.DockWidgetArea


def make_window(qtbot: QtBot, *names: str) -> QMainWindow:
    window = QMainWindow()
    window.setObjectName("window")
    window.setCentralWidget(QTextEdit())
    for name in names or ("runs", "curves"):
        dock = QDockWidget(name)
        dock.setObjectName(name)
        window.addDockWidget(Area.LeftDockWidgetArea, dock)
    qtbot.addWidget(window)
    return window


def dock(window: QMainWindow, name: str) -> QDockWidget:
    found = window.findChild(QDockWidget, name)
    assert found is not None
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "window.json"


def test_window_and_docks_come_back(qtbot: QtBot, path: Path) -> None:
    before = make_window(qtbot)
    before.setGeometry(60, 70, 500, 400)
    before.addDockWidget(Area.RightDockWidgetArea, dock(before, "curves"))
    dock(before, "runs").close()
    before.show()
    save_window_state(before, path)

    after = make_window(qtbot)
    assert restore_window_state(after, path)
    after.show()
    assert after.geometry() == before.geometry()
    assert after.dockWidgetArea(dock(after, "curves")) == Area.RightDockWidgetArea
    assert dock(after, "runs").isHidden()


def test_a_first_start_leaves_the_window_as_it_is(qtbot: QtBot, path: Path) -> None:
    window = make_window(qtbot)
    before = window.geometry()
    assert not restore_window_state(window, path)
    assert window.geometry() == before


def test_a_new_layout_starts_afresh(qtbot: QtBot, path: Path) -> None:
    before = make_window(qtbot)
    before.addDockWidget(Area.RightDockWidgetArea, dock(before, "curves"))
    save_window_state(before, path)
    record = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(record | {"version": LAYOUT_VERSION + 1}), encoding="utf-8")
    after = make_window(qtbot)
    assert not restore_window_state(after, path)
    assert after.dockWidgetArea(dock(after, "curves")) == Area.LeftDockWidgetArea


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"version": 3}',
        b'{"version": 3, "geometry": "AAAA", "docks": "AAAA"}',
        b'{"version": 3, "geometry": "!!", "docks": "!!"}',
        b'{"version": 3, "geometry": 3, "docks": null}',
        b'{"version": 3, "geometry": "\xc3\xa4", "docks": ""}',
    ],
)
def test_a_damaged_file_leaves_the_window_as_it_is(
    qtbot: QtBot, path: Path, content: bytes
) -> None:
    path.write_bytes(content)
    window = make_window(qtbot)
    before = window.geometry()
    assert not restore_window_state(window, path)
    assert window.geometry() == before


def test_one_changed_byte_of_an_arrangement_is_noticed(qtbot: QtBot, path: Path) -> None:
    """Qt itself crashes on some of them; `tests/hunts/fuzz.py` found it."""
    save_window_state(make_window(qtbot), path)
    record = json.loads(path.read_text(encoding="utf-8"))
    docks = bytearray(base64.b64decode(record["docks"]))
    docks[len(docks) // 2] ^= 1
    path.write_text(json.dumps(record | {"docks": base64.b64encode(docks).decode()}))
    assert not restore_window_state(make_window(qtbot), path)


def test_a_file_cut_short_leaves_a_window_that_works(qtbot: QtBot, path: Path) -> None:
    save_window_state(make_window(qtbot), path)
    record = json.loads(path.read_text(encoding="utf-8"))
    record["docks"] = record["docks"][: len(record["docks"]) // 8 * 4]
    path.write_text(json.dumps(record), encoding="utf-8")
    window = make_window(qtbot)
    restore_window_state(window, path)
    window.show()
    assert not window.visibleRegion().isEmpty()


def test_a_dock_that_is_new_is_there(qtbot: QtBot, path: Path) -> None:
    save_window_state(make_window(qtbot, "runs"), path)
    window = make_window(qtbot, "runs", "curves")
    assert restore_window_state(window, path)
    assert not dock(window, "curves").isHidden()


def test_a_window_off_all_screens_is_brought_back(qtbot: QtBot) -> None:
    window = make_window(qtbot)
    window.setGeometry(-5000, -5000, 300, 200)
    bring_on_screen(window)
    assert window.screen().availableGeometry().contains(window.geometry())


sizes = st.integers(1, 4000)
places = st.integers(-8000, 8000)
rectangles = st.builds(QRect, places, places, sizes, sizes)


def top_of_screen(window: QMainWindow) -> int:
    return window.screen().availableGeometry().top()


def test_a_title_above_the_screen_comes_onto_it_once_the_window_has_its_frame(
    qtbot: QtBot,
) -> None:
    window = make_window(qtbot)
    KeptSize(window)
    window.setGeometry(60, top_of_screen(window) - 40, 500, 400)
    window.show()
    left = window.x()
    assert window.frameGeometry().top() < top_of_screen(window)
    qtbot.waitUntil(lambda: window.frameGeometry().top() >= top_of_screen(window))
    assert (window.x(), window.size().toTuple()) == (left, (500, 400))


def test_a_window_whose_title_is_seen_stays_where_it_is(qtbot: QtBot) -> None:
    window = make_window(qtbot)
    window.setGeometry(60, top_of_screen(window) - 40, 500, 400)
    before = window.pos()
    bring_title_on_screen(window)  # nobody knows its frame yet
    assert window.pos() == before
    window.show()
    bring_title_on_screen(window)
    assert window.frameGeometry().top() == top_of_screen(window)
    for x, below in ((-200, 0), (60, 90)):  # half of it beside the screen, as a person likes it
        window.move(x, top_of_screen(window) + below)
        before = window.pos()
        bring_title_on_screen(window)
        assert window.pos() == before


@given(rectangles, st.lists(rectangles, min_size=1, max_size=3))
def test_what_is_reachable_stays_and_all_else_comes_onto_a_screen(
    wanted: QRect, screens: list[QRect]
) -> None:
    found = reachable(wanted, screens)
    assert found == wanted or any(screen.contains(found) for screen in screens)
    assert reachable(found, screens) == found
    assert any(screen.intersects(found) for screen in screens)


def test_a_window_half_beside_the_screen_stays() -> None:
    assert reachable(QRect(900, 10, 200, 100), [QRect(0, 0, 1000, 800)]) == QRect(900, 10, 200, 100)


def test_a_window_larger_than_its_screen_is_made_to_fit() -> None:
    screen = QRect(0, 0, 1000, 800)
    assert reachable(QRect(0, 0, 3000, 2000), [screen]) == screen


def test_a_later_versions_arrangement_is_kept_aside_and_told(path: Path) -> None:
    assert put_newer_aside(path) == ""
    for text in ("{", "[]", json.dumps({"version": LAYOUT_VERSION}), '{"version": null}'):
        path.write_text(text)
        assert put_newer_aside(path) == "" and path.read_text() == text
    path.write_text('{"version": 99}')
    sentence = put_newer_aside(path)
    assert sentence.startswith(f"{path} has version 99; this version of LEO Studio reads ")
    assert "update LEO Studio" in sentence
    assert path.with_name("window.newer.json").read_text() == '{"version": 99}'
    assert not path.exists()
