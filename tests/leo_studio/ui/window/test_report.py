"""A report from the window, with the real command line behind it."""

from pathlib import Path

import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from leo_studio.services.controller import Controller
from leo_studio.services.records import Notice
from leo_studio.ui.widgets.folders import open_path, show_in_folder
from leo_studio.ui.window.report import ask_for_report, write_report
from tests.leo_studio.ui.conftest import Train


@pytest.mark.slow
def test_a_report_is_written_and_offered_to_be_opened(
    controller: Controller, add_run: Train, toy_experiment: Experiment, qtbot: QtBot, tmp_path: Path
) -> None:
    # Of a learner without codes: what a page says is no claim of this test, and it has few figures.
    run = add_run(toy_experiment.with_settings({"learner.kind": "ridge"}))
    window = QWidget()
    qtbot.addWidget(window)
    told: list[Notice] = []
    controller.notified.connect(told.append)
    ask_for_report(controller, window, (run,))
    dialog = window.findChild(QFileDialog, "report_file")
    assert dialog is not None
    dialog.fileSelected.emit(str(tmp_path / "page.html"))
    dialog.reject()
    qtbot.waitUntil(lambda: bool(told), timeout=120_000)
    assert told[0].kind == "success"
    assert [action.label for action in told[0].actions] == ["Open", "Show in folder"]
    assert run.name in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_what_the_command_line_refuses_is_told_in_its_sentence(
    controller: Controller, qtbot: QtBot, tmp_path: Path
) -> None:
    told: list[Notice] = []
    controller.notified.connect(told.append)
    page = tmp_path / "nowhere" / "page.html"
    write_report(controller, [tmp_path], page)
    qtbot.waitUntil(lambda: bool(told), timeout=60_000)
    assert told[0].kind == "error" and "there is no folder" in told[0].text
    assert str(page) in told[0].text and not told[0].details and not page.parent.exists()


def test_a_page_and_a_folder_that_the_system_cannot_open_are_told_with_their_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told: list[Notice] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: False)
    open_path(tmp_path / "page.html", told.append)
    show_in_folder(tmp_path / "page.html", told.append).trigger()
    assert [notice.text for notice in told] == [
        f"This system has no program that opens the file {tmp_path / 'page.html'}.",
        f"This system has no program that opens the folder {tmp_path}.",
    ]
    assert {notice.kind for notice in told} == {"warning"}
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: True)
    open_path(tmp_path, told.append)
    assert len(told) == 2
