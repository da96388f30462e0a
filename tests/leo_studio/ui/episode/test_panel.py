from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.inspection.files import load_inspection
from engine.inspection.records import Inspection
from engine.inspection.what_if import WhatIf
from leo_studio.analysis.episode.changes import result
from leo_studio.analysis.episode.edit_history import History
from leo_studio.analysis.inspection.sources import NO_RUNS
from leo_studio.figures.drawing import Look, draw
from leo_studio.figures.tables import length_of
from leo_studio.services.controller import Controller
from leo_studio.services.episode_links import EpisodeLink
from leo_studio.services.records import EpisodeSource, Notice, RunEntry
from leo_studio.ui.episode import EpisodePanel
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.kept_dialog import KeptDialog
from tests.leo_studio.ui.conftest import Train
from tests.leo_studio.ui.episode.conftest import EPISODE, other, seen


def test_without_a_run_the_page_says_how_to_get_one(empty: EpisodePanel) -> None:
    assert empty._nothing.isVisible() and empty._nothing.text() == NO_RUNS
    assert not empty.header.what_if.isEnabled() and not empty.header.number.isEnabled()
    assert [action.isEnabled() for action in empty.sharing.actions] == [False] * 5
    exports = [each.text() for each in empty.sharing.actions if each.text().startswith("Export")]
    assert exports == [
        "Export the plots of this episode...",
        "Export the page of this episode (PDF, PNG, HDF5)...",
    ]


def test_with_a_run_and_no_episode_the_page_says_where_to_choose_one(
    empty: EpisodePanel, selection: EpisodeSelection, run: RunEntry, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: selection.source is not None and selection.source.run == run.path)
    assert empty._nothing.isVisible() and "Choose an episode in Episodes" in empty._nothing.text()
    assert not empty.header.what_if.isEnabled() and empty.header.number.isEnabled()


def test_a_hidden_page_says_what_can_be_done_with_another_run(
    empty: EpisodePanel,
    selection: EpisodeSelection,
    run: RunEntry,
    actions: ActionRegistry,
    qtbot: QtBot,
) -> None:
    """Its actions are in the menu, whatever panel is in front."""
    qtbot.waitUntil(lambda: selection.source is not None)
    selection.show(EPISODE)
    empty.hide()
    selection.offer_source(None, "Another run has no checkpoint yet.")
    assert not actions["episode.kept"].isEnabled()
    selection.offer_source(EpisodeSource(run.path, run.checkpoints[-1], "val"))
    assert actions["episode.kept"].isEnabled()


def test_the_page_shows_the_episode_that_is_looked_at(
    panel: EpisodePanel, selection: EpisodeSelection, run: RunEntry, qtbot: QtBot
) -> None:
    first = seen(panel)
    assert first.numbers.tolist() == [EPISODE]
    assert panel.header.title.text() == f"val {EPISODE} · {run.title} · step 40"
    panel.header.number.setValue(77)
    assert selection.current == 77
    qtbot.waitUntil(lambda: seen(panel).numbers.tolist() == [77])
    selection.show(EPISODE)
    qtbot.waitUntil(lambda: seen(panel).numbers.tolist() == [EPISODE])
    np.testing.assert_array_equal(seen(panel).sampled_codes, first.sampled_codes)


def test_what_nobody_sees_is_not_made_and_what_was_missed_is(
    panel: EpisodePanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    panel.hide()
    selection.show(99)
    qtbot.wait(50)
    assert seen(panel).numbers.tolist() == [EPISODE]
    panel.show()
    qtbot.waitUntil(lambda: seen(panel).numbers.tolist() == [99])


def test_only_the_last_of_many_wishes_is_shown(
    panel: EpisodePanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    shown: list[int] = []
    take = panel.left.set_inspection

    def remember(inspection: Inspection | None, examples: object = None) -> None:
        assert inspection is not None
        shown.append(int(inspection.numbers[0]))
        take(inspection)

    panel.left.set_inspection = remember  # type: ignore[method-assign]
    for number in range(100, 140):
        selection.show(number)
    qtbot.waitUntil(lambda: bool(shown))
    qtbot.wait(200)
    assert shown[-1] == 139 and len(shown) < 40
    del panel.left.set_inspection


def test_more_samples_are_drawn_on_demand_and_a_link_may_ask_for_more_than_a_hand_would(
    panel: EpisodePanel, qtbot: QtBot
) -> None:
    few = seen(panel)
    panel.header.samples.setValue(100)
    qtbot.waitUntil(lambda: seen(panel).samples == 100)
    np.testing.assert_array_equal(seen(panel).sampled_codes[:, :64], few.sampled_codes)

    history = History()
    history.change(WhatIf(inner_steps=250, inner_lr=500.0))
    panel.what_if.go_on_with(history)
    assert (panel.what_if.inner_steps.value(), panel.what_if.inner_lr.value()) == (250, 500.0)
    assert panel.what_if.what_if == WhatIf(inner_steps=250, inner_lr=500.0)


def test_another_run_is_looked_at_in_the_episode_of_the_same_number(
    panel: EpisodePanel,
    selection: EpisodeSelection,
    change: Callable[..., Inspection],
    run: RunEntry,
    add_run: Train,
    toy_experiment: Experiment,
    qtbot: QtBot,
) -> None:
    twin = add_run(toy_experiment.with_settings({"run.seed": 5}))
    change(panel.header.what_if.click)
    panel.banner.box.run_chosen.emit(twin.path)
    qtbot.waitUntil(lambda: seen(panel).provenance.run == twin.name)
    qtbot.waitUntil(lambda: not panel.is_busy)
    assert panel.has_sides and selection.current == EPISODE == panel.header.number.value()
    assert panel.header.title.text().startswith(f"val {EPISODE} · {twin.title}")
    assert panel.header.what_if.isChecked() and other(panel).provenance.run == twin.name
    assert not selection.is_offered  # it is seen


def test_two_checkpoints_look_at_the_same_episode_and_stand_at_the_same_step(
    panel: EpisodePanel, change: Callable[..., Inspection], run: RunEntry
) -> None:
    combo = panel.header.compare
    texts = [combo.itemText(place) for place in range(combo.count())]
    assert texts == ["Compare with...", "Step 30 of this run", "Step 15 of this run"]
    combo.setCurrentIndex(2)
    compared = change(lambda: combo.activated.emit(2))
    assert compared.provenance.step == 15
    np.testing.assert_array_equal(compared.support, seen(panel).support)
    assert not np.array_equal(compared.codes, seen(panel).codes)
    assert panel.right.title.text() == f"{run.title}, step 15"
    assert panel.result.text() == result(compared, seen(panel)).text
    panel.left.steps.move_to(1)
    assert panel.right.position == 1
    QTest.keyClick(panel.left.steps.slider, Qt.Key.Key_Right)
    assert panel.left.position == panel.right.position == 2
    panel.right.loss.moved.emit(1)  # a click in its plot
    assert panel.left.position == panel.right.position == 1
    combo.setCurrentIndex(0)
    combo.activated.emit(0)
    assert panel.other is None


def test_another_run_on_the_same_episodes_is_offered_and_one_on_others_is_not(
    panel: EpisodePanel, run: RunEntry, add_run: Train, toy_experiment: Experiment, qtbot: QtBot
) -> None:
    twin = add_run(toy_experiment.with_settings({"run.seed": 5}))
    stranger = add_run(toy_experiment.with_settings({"task.n_way": 3}))
    combo = panel.header.compare
    qtbot.waitUntil(lambda: combo.count() == 4)
    texts = [combo.itemText(place) for place in range(combo.count())]
    assert any(twin.title in text for text in texts)
    assert not any(stranger.title in text for text in texts)
    source = EpisodeSource(run.path, run.checkpoints[-1], "val")
    elsewhere = replace(twin, store_splits={"val": {"classes": 7, "examples": 210}})
    panel.header.offer((run, elsewhere), source, None)
    assert not any(twin.title in combo.itemText(place) for place in range(combo.count()))
    panel.header.offer((run, twin), source, None)
    assert any(twin.title in combo.itemText(place) for place in range(combo.count()))


def test_an_episode_is_kept_with_a_note_listed_and_opened_again(
    panel: EpisodePanel,
    actions: ActionRegistry,
    run: RunEntry,
    selection: EpisodeSelection,
    qtbot: QtBot,
) -> None:
    plain = seen(panel)
    actions["episode.keep"].trigger()
    dialog = panel.findChild(QInputDialog, "keep-note")
    assert dialog is not None
    dialog.setTextValue("odd glyph")
    dialog.accept()
    qtbot.waitUntil(lambda: bool(list((run.path / "inspections").glob("*.h5"))))
    selection.show(3)
    qtbot.waitUntil(lambda: seen(panel).numbers.tolist() == [3])
    actions["episode.kept"].trigger()
    qtbot.waitUntil(lambda: panel.findChild(KeptDialog) is not None)
    kept = panel.findChild(KeptDialog)
    assert isinstance(kept, KeptDialog) and kept.list.count() == 1
    assert "odd glyph" in kept.list.item(0).text()
    kept.list.setCurrentRow(0)
    kept.list.itemActivated.emit(kept.list.item(0))
    qtbot.waitUntil(lambda: seen(panel).numbers.tolist() == [EPISODE])
    np.testing.assert_array_equal(seen(panel).probabilities, plain.probabilities)
    title = panel.header.title.text()
    assert title == f"Kept: odd glyph · val {EPISODE} · {run.title} · step 40"
    assert not panel.header.what_if.isEnabled() and panel.header.back.isVisible()
    assert "go back to the run to change" in panel.header.what_if.toolTip()
    panel.header.back.click()  # to what was looked at before
    qtbot.waitUntil(lambda: seen(panel).numbers.tolist() == [3])
    assert panel.header.what_if.isEnabled() and not panel.header.back.isVisible()


def test_the_episode_is_exported_as_figures_tables_and_pages(
    panel: EpisodePanel, controller: Controller, tmp_path: Path, qtbot: QtBot
) -> None:
    exported = panel.exported()
    assert exported is not None and exported.figure is not None
    titles = [plot.title for plot in exported.figure.plots]
    assert titles[:2] == ["Accuracy along adaptation", "Loss along adaptation"]
    assert draw(exported.figure, Look(width=8, height=6), "png")
    queries, adaptation, codes = exported.tables
    record = seen(panel)
    assert queries.facts["episode"] == EPISODE
    np.testing.assert_array_equal(adaptation.columns["query_loss"], record.query_loss[0])
    assert length_of(queries) == (record.query >= 0).sum()
    right = np.array(queries.columns["true_class"]) == np.array(queries.columns["taken_for_final"])
    assert right.mean() == pytest.approx(record.query_accuracy[0, -1], abs=1e-6)
    np.testing.assert_array_equal(
        np.asarray(codes.columns["code"]).reshape(record.codes.shape[1:]), record.codes[0]
    )

    # The page itself, as PDF, PNG and HDF5.
    told: list[Notice] = []
    controller.notified.connect(told.append)
    for ending in ("pdf", "png", "h5"):
        panel.sharing.save(tmp_path / f"page.{ending}")
    qtbot.waitUntil(lambda: len(told) == 3)
    assert {notice.kind for notice in told} == {"success"}
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "page.png").stat().st_size > 20_000
    kept = load_inspection(tmp_path / "page.h5")
    np.testing.assert_array_equal(kept.inspection.codes, seen(panel).codes)
    panel.sharing.save(tmp_path / "page.docx")
    assert told[-1].kind == "error" and "must end with .pdf, .png or .h5" in told[-1].text


def test_a_link_reopens_exactly_this(
    panel: EpisodePanel,
    actions: ActionRegistry,
    selection: EpisodeSelection,
    controller: Controller,
    change: Callable[..., Inspection],
    run: RunEntry,
    qtbot: QtBot,
) -> None:
    change(panel.header.what_if.click)
    changed = change(lambda: panel.what_if.change(WhatIf(inner_steps=1)))
    actions["episode.link"].trigger()
    text = QGuiApplication.clipboard().text()
    command = f"leo-studio open {run.name} --split val --episode {EPISODE} --checkpoint 40"
    assert text == f"{command} --what-if 'inner_steps 1'"
    link = panel.link()
    assert link == EpisodeLink(run.name, "val", EPISODE, "40", what_if=WhatIf(inner_steps=1))
    panel.header.what_if.click()
    selection.set_source(EpisodeSource(run.path, 15, "test"))
    selection.show(0)
    qtbot.waitUntil(lambda: seen(panel).provenance.split == "test")
    assert panel.other is None
    panel.open_link(link, controller.episodes.linked_source(link))
    qtbot.waitUntil(lambda: not panel.is_busy)
    np.testing.assert_array_equal(other(panel).codes, changed.codes)
    assert selection.source == EpisodeSource(run.path, 40, "val")


def test_what_cannot_be_shown_is_said_on_the_page(
    panel: EpisodePanel, selection: EpisodeSelection, run: RunEntry, qtbot: QtBot
) -> None:
    source = selection.source
    assert source is not None
    selection.set_source(replace(source, step=7))
    qtbot.waitUntil(lambda: panel._nothing.isVisible())
    assert "Step 7 of" in panel._nothing.text() and "no longer kept" in panel._nothing.text()
    selection.set_source(source)
    qtbot.waitUntil(lambda: panel.left.isVisible())


def test_a_page_that_goes_in_the_middle_of_its_work_leaves_nothing(
    panel: EpisodePanel, selection: EpisodeSelection
) -> None:
    panel.header.what_if.click()
    for number in range(20):
        selection.show(number)
        panel.what_if.change(WhatIf(inner_steps=number))


def test_a_comparison_that_is_chosen_without_an_episode_waits_for_one(
    empty: EpisodePanel, selection: EpisodeSelection, run: RunEntry, qtbot: QtBot
) -> None:
    selection.set_source(EpisodeSource(run.path, run.checkpoints[-1], "val"))
    empty.header.offer((run,), selection.source, None)
    empty.header.compare.setCurrentIndex(2)
    empty.header.compare.activated.emit(2)
    assert not empty.is_busy  # nothing is inspected yet
    selection.show(3)
    qtbot.waitUntil(lambda: empty.other is not None)
    assert empty.other is not None and empty.other.provenance.step == 15
