"""Asks where a report of runs goes, has it written, and offers to open it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from leo_studio.services.records import Notice, NoticeAction, RunEntry
from leo_studio.ui.widgets.file_dialogs import ask_new_file
from leo_studio.ui.widgets.folders import open_path, show_in_folder
from leo_studio.ui.widgets.last_folders import LastFolder

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

_KINDS = "Web page (*.html)"


def ask_for_report(controller: "Controller", parent: QWidget, runs: Sequence[RunEntry]) -> None:
    """Ask for a file and write a page about some runs to it."""
    if not runs:
        return
    name = runs[0].name if len(runs) == 1 else "comparison"
    paths = [run.path for run in runs]
    last = LastFolder(controller.library.root, "export")

    def chosen(text: str) -> None:
        write_report(controller, paths, Path(text))

    file = f"{name}-report.html"
    ask_new_file(parent, "Write report", _KINDS, file, chosen, last, name="report_file")


def write_report(controller: "Controller", runs: Sequence[Path], page: Path) -> None:
    """Write a page about some runs in the background; a toast offers to open it."""

    def tell(written: Path) -> None:
        say = controller.notified.emit
        text = f"Wrote the report: {written}."
        open_page = NoticeAction("Open", lambda: open_path(written, say))
        say(Notice("success", text, actions=(open_page, show_in_folder(written, say))))

    controller.exports.report(runs, page, tell)
