"""The files of an export: those that will be written, then those that were, and their checks."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from engine.export.formats import Check, Outcome
from engine.io.paths import is_there
from leo_studio.analysis.formats import format_bytes, format_number
from leo_studio.services.export_plan import Planned
from leo_studio.ui.widgets.people import as_tip

_LINES = 6  # that are seen at least


class FileList(QTreeWidget):
    """Lists files with their sizes, and how the check of each went."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Files that will be written")
        self.setHeaderLabels(["File", "Size", "Check"])
        self.setRootIsDecorated(False)
        self.setSelectionMode(QTreeWidget.SelectionMode.NoSelection)
        self.setMinimumHeight(_LINES * self.fontMetrics().height())
        head = self.header()
        head.setStretchLastSection(False)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)

    def show_plan(self, files: Sequence[Planned], *, is_checked: bool) -> None:
        """Show the files that will be written; `is_checked` where each is compared."""
        self.clear()
        for file in files:
            about = "unknown yet" if file.about is None else f"about {format_bytes(file.about)}"
            remarks = ["is compared with the engine"] if is_checked else []
            remarks += ["replaces what is there"] if is_there(file.path) else []
            self._add(file.path, about, ", ".join(remarks))

    def show_outcome(self, outcome: Outcome) -> None:
        """Show the files that were written, exactly."""
        checks = {check.name: check for check in outcome.checks}
        self.clear()
        for file in outcome.files:
            check, digest = checks.get(file.path.name), f"SHA-256 {file.sha256}"
            verdict = f"{digest[:20]}..." if check is None else _verdict(check)
            item = self._add(file.path, f"{format_number(file.size)} bytes", verdict)
            item.setToolTip(2, as_tip(digest if check is None else f"{check}\n{digest}"))

    def _add(self, path: Path, size: str, check: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem([path.name, size, check])
        item.setToolTip(0, as_tip(str(path)))
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.addTopLevelItem(item)
        return item


def _verdict(check: Check) -> str:
    return f"agrees with the engine, {check.difference:.1e} apart"
