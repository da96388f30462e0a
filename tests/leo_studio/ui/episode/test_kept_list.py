"""Episodes that were kept: their names, and what is done with them in the list."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QInputDialog, QLineEdit, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from engine.inspection.files import read_heading
from engine.inspection.records import Inspection
from engine.inspection.what_if import Edit, WhatIf
from leo_studio.services.controller import Controller
from leo_studio.services.records import Notice, RunEntry
from leo_studio.ui.episode import EpisodePanel
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.kept_dialog import KeptDialog
from tests.leo_studio.ui.episode.conftest import EPISODE, seen

Keep = Callable[[str], Path]


@pytest.fixture
def keep(panel: EpisodePanel, run: RunEntry, qtbot: QtBot) -> Keep:
    """Keep what the panel shows, under a name, and return its file."""

    def kept(note: str) -> Path:
        folder = run.path / "inspections"
        before = set(folder.glob("*.h5"))
        panel.sharing.keep(note)
        qtbot.waitUntil(lambda: len(set(folder.glob("*.h5"))) > len(before))
        (path,) = set(folder.glob("*.h5")) - before
        return path

    return kept


def open_list(panel: EpisodePanel, actions: ActionRegistry, qtbot: QtBot) -> KeptDialog:
    actions["episode.kept"].trigger()
    qtbot.waitUntil(lambda: panel.findChild(KeptDialog) is not None)
    return found(panel)


def found(panel: EpisodePanel) -> KeptDialog:
    dialog = panel.findChild(KeptDialog)
    assert isinstance(dialog, KeptDialog)
    return dialog


def lines(dialog: KeptDialog) -> list[str]:
    return [dialog.list.item(place).text() for place in range(dialog.list.count())]


def click(button: QPushButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_dialog_that_keeps_says_keep_and_is_as_wide_as_its_title(
    panel: EpisodePanel, actions: ActionRegistry
) -> None:
    actions["episode.keep"].trigger()
    dialog = panel.findChild(QInputDialog, "keep-note")
    assert dialog is not None
    box = dialog.findChild(QDialogButtonBox)
    assert box is not None
    assert box.button(QDialogButtonBox.StandardButton.Ok).text() == "Keep"
    title = dialog.windowTitle()
    assert dialog.width() > 1.5 * dialog.fontMetrics().horizontalAdvance(title)


def test_a_name_is_a_line_in_which_enter_keeps(
    panel: EpisodePanel, actions: ActionRegistry, run: RunEntry, qtbot: QtBot
) -> None:
    actions["episode.keep"].trigger()
    dialog = panel.findChild(QInputDialog, "keep-note")
    assert dialog is not None and dialog.labelText().startswith("&Name")
    line = dialog.findChild(QLineEdit)
    assert line is not None and line.isVisible() and not dialog.findChildren(QPlainTextEdit)
    QTest.keyClicks(line, "odd glyph")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert not dialog.isVisible()
    folder = run.path / "inspections"
    qtbot.waitUntil(lambda: bool(list(folder.glob("*.h5"))))
    (path,) = folder.glob("*.h5")
    assert read_heading(path).note == "odd glyph"


def test_what_was_kept_is_told_by_name_and_its_path_is_in_the_tip(
    panel: EpisodePanel, controller: Controller, run: RunEntry, keep: Keep, qtbot: QtBot
) -> None:
    told: list[Notice] = []
    controller.notified.connect(told.append)
    path = keep("odd glyph\nlook at the hook")
    qtbot.waitUntil(lambda: bool(told))
    (notice,) = told
    assert notice.text == f"Kept with {run.title}: odd glyph."
    show, folder = notice.actions
    assert (folder.label, folder.tip) == ("Show in folder", str(path))
    assert show.label == "Kept episodes"
    show.trigger()
    qtbot.waitUntil(lambda: panel.findChild(KeptDialog) is not None)
    assert lines(found(panel))[0].startswith("odd glyph\n")


def test_the_list_and_the_page_say_the_name_and_what_was_changed(
    panel: EpisodePanel,
    actions: ActionRegistry,
    run: RunEntry,
    change: Callable[..., Inspection],
    keep: Keep,
    qtbot: QtBot,
) -> None:
    row, query = int(seen(panel).support[0, 1, 0]), int(seen(panel).query[0, 1, 4])
    click(panel.header.what_if)
    qtbot.waitUntil(lambda: panel.other is not None and not panel.is_busy)
    edits = (Edit("add", 1, query), Edit("drop", 1, row))
    change(lambda: panel.what_if.change(WhatIf(edits)))
    keep("hooked")
    dialog = open_list(panel, actions, qtbot)
    (line,) = lines(dialog)
    words = f"1 support example replaced (val-{row} → val-{query})"
    assert line.splitlines()[0] == "hooked" and line.splitlines()[2] == words
    dialog.list.itemActivated.emit(dialog.list.item(0))
    qtbot.waitUntil(lambda: panel.header.title.text().startswith("Kept: hooked"))
    title = f"Kept: hooked · val {EPISODE} · {run.title} · step {run.checkpoints[-1]}"
    assert panel.header.title.text() == f"{title}\nChanged: {words}."


def test_a_kept_episode_gets_another_name_which_its_open_page_shows(
    panel: EpisodePanel, actions: ActionRegistry, keep: Keep, qtbot: QtBot
) -> None:
    path = keep("odd glyph\nlook at the hook\nand the dot")
    when = read_heading(path).kept
    panel.open_kept(path)
    qtbot.waitUntil(lambda: "odd glyph" in panel.header.title.text())
    dialog = open_list(panel, actions, qtbot)
    click(dialog.rename)
    question = dialog.findChild(QInputDialog, "kept-name")
    assert question is not None and question.textValue() == "odd glyph"
    question.setTextValue("hooked glyph")
    question.accept()
    qtbot.waitUntil(lambda: lines(dialog)[0].startswith("hooked glyph"))
    qtbot.waitUntil(lambda: "Kept: hooked glyph" in panel.header.title.text())
    heading = read_heading(path)
    assert (heading.note, heading.kept) == ("hooked glyph\nlook at the hook\nand the dot", when)


def test_a_kept_episode_goes_to_the_trash_and_undo_takes_it_back(
    panel: EpisodePanel, actions: ActionRegistry, controller: Controller, keep: Keep, qtbot: QtBot
) -> None:
    path = keep("odd glyph")
    contents = path.read_bytes()
    (path.parent / "broken.h5").write_bytes(b"x")
    dialog = open_list(panel, actions, qtbot)
    assert len(lines(dialog)) == 2 and dialog.undo.isHidden()
    click(dialog.delete)
    qtbot.waitUntil(lambda: len(lines(dialog)) == 1)
    (thrown_away,) = controller.library.trash.glob("*.h5")
    assert thrown_away.read_bytes() == contents and not path.exists()
    assert dialog.deleted.text() == "odd glyph is in the trash."
    assert not dialog.rename.isEnabled() and dialog.delete.isEnabled()  # what is broken can go
    click(dialog.undo)
    qtbot.waitUntil(lambda: len(lines(dialog)) == 2)
    assert path.read_bytes() == contents and dialog.undo.isHidden()


def test_changes_that_were_not_kept_are_there_again_after_a_kept_episode(
    panel: EpisodePanel,
    change: Callable[..., Inspection],
    keep: Keep,
    qtbot: QtBot,
) -> None:
    path = keep("as it is")
    click(panel.header.what_if)
    changed = change(lambda: panel.what_if.change(WhatIf(inner_steps=1)))
    panel.open_kept(path)
    qtbot.waitUntil(lambda: panel.header.title.text().startswith("Kept:"))
    assert not panel.right.isVisible() and panel.remembered()["what_if"] is True
    back = change(panel.header.back.click)
    assert panel.header.what_if.isChecked() and panel.what_if.what_if == WhatIf(inner_steps=1)
    assert back.provenance.what_if == changed.provenance.what_if


def test_changes_come_back_with_their_episode_after_others_were_looked_at(
    panel: EpisodePanel,
    selection: EpisodeSelection,
    change: Callable[..., Inspection],
    keep: Keep,
    qtbot: QtBot,
) -> None:
    path = keep("as it is")
    click(panel.header.what_if)
    change(lambda: panel.what_if.change(WhatIf(inner_steps=1)))
    panel.open_kept(path)
    qtbot.waitUntil(lambda: panel.header.title.text().startswith("Kept:"))
    selection.show(EPISODE + 1)
    qtbot.waitUntil(lambda: seen(panel).numbers.tolist() == [EPISODE + 1] and not panel.is_busy)
    assert not panel.header.what_if.isChecked()
    back = change(lambda: selection.show(EPISODE))
    assert back.provenance.what_if == "inner_steps 1"


@pytest.fixture
def other_run(panel: EpisodePanel, controller: Controller, run: RunEntry, qtbot: QtBot) -> RunEntry:
    """Another run, which nothing is kept with."""
    path = Path(shutil.copytree(run.path, run.path.with_name("another")))
    shutil.rmtree(path / "inspections", ignore_errors=True)
    record = json.loads((path / "run.json").read_text())
    (path / "run.json").write_text(json.dumps(record | {"id": "0" * len(record["id"])}))
    controller.refresh_runs()
    qtbot.waitUntil(lambda: any(each.path == path for each in controller.runs))
    return next(each for each in controller.runs if each.path == path)


def test_the_list_says_what_is_kept_with_other_runs_and_opens_it(
    panel: EpisodePanel,
    actions: ActionRegistry,
    controller: Controller,
    run: RunEntry,
    keep: Keep,
    other_run: RunEntry,
    qtbot: QtBot,
) -> None:
    run = next(each for each in controller.runs if each.path == run.path)
    assert other_run.title != run.title
    first, _ = keep("odd glyph"), keep("round glyph")
    controller.current.choose(other_run.path)
    qtbot.waitUntil(lambda: panel.source is not None and panel.source.run == other_run.path)
    dialog = open_list(panel, actions, qtbot)
    assert dialog.hint.text().startswith(f"Nothing is kept with {other_run.title}. Keep")
    switch = dialog.switch
    assert switch.isVisible() and switch.text() == "Those of &all runs: 2 more with 1 other run"
    assert switch.isChecked()  # there is nothing else to see
    heading, newer, older = lines(dialog)
    assert heading == run.title and dialog.current is not None
    assert newer.startswith("round glyph\n") and older.startswith("odd glyph\n")
    assert dialog.current.name == "round glyph"  # and no heading
    click_switch(dialog)
    assert lines(dialog) == [] and not dialog.open_button.isEnabled()
    click_switch(dialog)
    dialog.list.itemActivated.emit(dialog.list.item(1))
    qtbot.waitUntil(lambda: "Kept: round glyph" in panel.header.title.text())
    panel.open_kept(first)
    qtbot.waitUntil(lambda: "Kept: odd glyph" in panel.header.title.text())
    assert panel.source is not None and panel.source.run == run.path
    assert run.title in panel.header.title.text()
    dialog = open_list(panel, actions, qtbot)
    assert not dialog.switch.isVisible() and len(lines(dialog)) == 2


def test_after_the_last_one_was_deleted_the_hint_does_not_wait_for_the_first(
    panel: EpisodePanel, actions: ActionRegistry, run: RunEntry, keep: Keep, qtbot: QtBot
) -> None:
    keep("odd glyph")
    dialog = open_list(panel, actions, qtbot)
    click(dialog.delete)
    qtbot.waitUntil(lambda: not lines(dialog))
    sentence = f"Nothing is kept with {run.title}. Keep puts the episode that is looked at here."
    assert dialog.hint.text() == sentence and not dialog.switch.isVisible()


def click_switch(dialog: KeptDialog) -> None:
    dialog.switch.click()
