"""The banner names the run of a panel, and offers others."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from leo_studio.services.records import RunEntry
from leo_studio.ui.widgets.run_banner import RunBox

FIRST, SECOND = (
    RunEntry(Path("/runs", name), id=name, shown_title=f"5-way 1-shot, seed {name}")
    for name in ("0", "1")
)


def read_again(run: RunEntry) -> RunEntry:
    """Return an equal record of which nothing is the same object."""
    return replace(run, path=Path(str(run.path)))


def test_the_run_stays_named_when_runs_are_read_again(qtbot: QtBot) -> None:
    box = RunBox(lambda _: "")
    qtbot.addWidget(box)
    box.show_runs((FIRST, SECOND), SECOND)
    assert box.currentText() == SECOND.title
    box.show_runs((read_again(FIRST), read_again(SECOND)), read_again(SECOND))
    assert box.currentText() == SECOND.title
    box.show_runs((FIRST,), read_again(SECOND))  # it lies elsewhere
    assert box.currentText() == SECOND.title and box.count() == 2
    box.show_runs((FIRST,), None)
    assert box.currentText() == ""


def test_runs_that_a_panel_cannot_show_say_why_and_cannot_be_chosen(qtbot: QtBot) -> None:
    box = RunBox(lambda run: "It has no codes." if run == SECOND else "")
    qtbot.addWidget(box)
    box.show_runs((FIRST, SECOND), FIRST)
    item = box.model().index(1, 0)
    assert not item.flags() & Qt.ItemFlag.ItemIsEnabled
    assert box.itemData(1, Qt.ItemDataRole.ToolTipRole) == "It has no codes."
