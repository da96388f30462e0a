"""Asks where a report of runs goes, has it written, and offers to open it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from leo_studio.services.records import Notice, NoticeAction, RunEntry
from leo_studio.ui.panel_export.choices import KeptChoices
from leo_studio.ui.widgets.folders import show_in_folder

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

_KINDS = "Web page (*.html)"


def ask_for_report(controller: "Controller", parent: QWidget, runs: Sequence[RunEntry]) -> None:
    """Ask for a file and write a page about some runs to it."""
    if not runs:
        return
    name = runs[0].name if len(runs) == 1 else "comparison"
    kept = KeptChoices(controller.library.root)
    dialog = QFileDialog(parent, "Write report", kept.read().folder, _KINDS)
    dialog.setObjectName("report_file")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("html")
    dialog.selectFile(f"{name}-report.html")
    paths = [run.path for run in runs]

    def chosen(text: str) -> None:
        kept.write(replace(kept.read(), folder=str(Path(text).parent)))
        write_report(controller, paths, Path(text))

    dialog.fileSelected.connect(chosen)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def write_report(controller: "Controller", runs: Sequence[Path], page: Path) -> None:
    """Write a page about some runs in the background; a toast offers to open it."""

    def tell(written: Path) -> None:
        def open_page() -> None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(written)))

        text = f"Wrote the report: {written}."
        actions = (NoticeAction("Open", open_page), show_in_folder(written))
        controller.notified.emit(Notice("success", text, actions=actions))

    controller.exports.report(runs, page, tell)
