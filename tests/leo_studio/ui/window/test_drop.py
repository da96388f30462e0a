"""Files that are dropped on the window, as the system delivers them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QPlainTextEdit
from pytestqt.qtbot import QtBot

from engine.data.store import EmbeddingStore
from leo_studio.services.controller import Controller
from leo_studio.services.opening import Openable
from leo_studio.services.records import Notice, RunEntry
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.drop import DropOverlay, DropTarget, overlay_text

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
COPY = Qt.DropAction.CopyAction


def urls(*urls: QUrl) -> QMimeData:
    mime = QMimeData()
    mime.setUrls(list(urls))
    return mime


def files(*paths: Path) -> QMimeData:
    return urls(*(QUrl.fromLocalFile(str(path)) for path in paths))


@pytest.fixture
def target(controller: Controller, themes: ThemeManager, qtbot: QtBot) -> Iterator[DropTarget]:
    """On a window that is filled by a field which takes drops for itself."""
    window = QMainWindow()
    qtbot.addWidget(window)
    window.setCentralWidget(QPlainTextEdit())
    target = DropTarget(window, controller, themes)
    window.resize(600, 400)
    window.show()
    yield target


def window_of(target: DropTarget) -> QMainWindow:
    window = target.parent()
    assert isinstance(window, QMainWindow)
    return window


def overlay(target: DropTarget) -> DropOverlay:
    found = window_of(target).findChild(DropOverlay)
    assert found is not None
    return found


def enter(target: DropTarget, mime: QMimeData) -> bool:
    event = QDragEnterEvent(QPoint(300, 200), COPY, mime, LEFT, NONE)
    QApplication.sendEvent(window_of(target).windowHandle(), event)
    return event.isAccepted()


def drop(target: DropTarget, mime: QMimeData) -> None:
    enter(target, mime)
    event = QDropEvent(QPointF(300, 200), COPY, mime, LEFT, NONE)
    QApplication.sendEvent(window_of(target).windowHandle(), event)
    assert event.isAccepted()


def text(target: DropTarget) -> str:
    field = window_of(target).centralWidget()
    assert isinstance(field, QPlainTextEdit)
    return field.toPlainText()


def test_a_store_is_opened(target: DropTarget, toy_store: EmbeddingStore, qtbot: QtBot) -> None:
    with qtbot.waitSignal(target.opened) as blocker:
        drop(target, files(toy_store.path))
    assert blocker.args == [Openable("store", toy_store.path)]
    assert text(target) == ""  # the field behind got nothing


def test_a_run_is_opened(target: DropTarget, toy_run: RunEntry, qtbot: QtBot) -> None:
    with qtbot.waitSignal(target.opened) as blocker:
        drop(target, files(toy_run.path))
    assert blocker.args == [Openable("run", toy_run.path)]


def test_several_files_are_all_opened(target: DropTarget, tmp_path: Path, qtbot: QtBot) -> None:
    paths = [tmp_path / "a.yaml", tmp_path / "b.npz"]
    for path in paths:
        path.touch()
    found: list[Openable] = []
    target.opened.connect(found.append)
    drop(target, files(*paths))
    qtbot.waitUntil(lambda: len(found) == 2)
    assert {openable.kind for openable in found} == {"preset", "archive"}


def test_what_cannot_be_opened_is_told_in_a_sentence(
    target: DropTarget, controller: Controller, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "holiday.jpg"
    path.touch()
    with qtbot.waitSignal(controller.notified) as blocker:
        drop(target, files(path))
    assert blocker.args is not None
    notice: Notice = blocker.args[0]
    assert notice.kind == "error"
    assert "holiday.jpg" in notice.text
    assert notice.details == ""


def test_an_address_on_the_web_is_told_of(
    target: DropTarget, controller: Controller, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(controller.notified) as blocker:
        drop(target, urls(QUrl("https://example.org/embeddings.zip")))
    assert blocker.args is not None
    assert "not on this computer" in blocker.args[0].text


def test_the_overlay_is_there_while_files_are_held(target: DropTarget, tmp_path: Path) -> None:
    assert enter(target, files(tmp_path / "mini.yaml"))
    shown = overlay(target)
    assert shown.isVisible()
    assert shown.geometry() == window_of(target).rect()
    assert shown.text == "Drop to open the preset mini.yaml"
    QApplication.sendEvent(window_of(target).windowHandle(), QDragLeaveEvent())
    assert not shown.isVisible()


def test_the_overlay_goes_with_the_drop(
    target: DropTarget, toy_store: EmbeddingStore, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(target.opened):
        drop(target, files(toy_store.path))
    assert not overlay(target).isVisible()


def test_text_is_left_to_the_field_that_it_is_dropped_on(target: DropTarget) -> None:
    mime = QMimeData()
    mime.setText("words")
    enter(target, mime)
    assert not overlay(target).isVisible()
    event = QDropEvent(QPointF(300, 200), COPY, mime, LEFT, NONE, QEvent.Type.Drop)
    QApplication.sendEvent(window_of(target).windowHandle(), event)
    assert text(target) == "words"


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        (["/data/groceries.h5"], "Drop to open the store groceries.h5"),
        (["/data/embeddings.ZIP"], "Drop to import embeddings.ZIP"),
        (["/runs/mini-1shot"], "Drop to open: run / store / preset / archive / bundle"),
        (["/a.h5", "/b.h5"], "Drop to open: run / store / preset / archive / bundle"),
        ([], "Drop to open: run / store / preset / archive / bundle"),
    ],
)
def test_the_overlay_says_what_names_tell(paths: list[str], said: str) -> None:
    assert overlay_text(paths) == said


def test_the_overlay_is_painted_in_the_themes_colours(
    target: DropTarget, themes: ThemeManager, tmp_path: Path
) -> None:
    enter(target, files(tmp_path / "mini.yaml"))
    seen = []
    for name in ("light", "dark"):
        themes.choose(name)
        image = window_of(target).grab().toImage()
        seen.append(image.pixelColor(5, 5).lightness())
    assert np.diff(seen)[0] < -100


def test_what_takes_files_itself_gets_them(
    target: DropTarget, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "holiday.jpg"
    path.touch()
    field = window_of(target).centralWidget()
    assert field is not None
    target.leave_to(field)
    with qtbot.assertNotEmitted(target.opened, wait=100):
        drop(target, files(path))
    assert path.name in text(target)
    assert not overlay(target).isVisible()
