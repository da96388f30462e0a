"""Checkpoints that training removes while somebody looks at them."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.runs.checkpoints import remove_checkpoint
from leo_studio.services.controller import Controller
from leo_studio.services.records import EpisodeSource, Notice, RunEntry
from leo_studio.ui.episode import EpisodePanel
from leo_studio.ui.inspection.selection import EpisodeSelection


def lose(controller: Controller, run: RunEntry, step: int, qtbot: QtBot) -> None:
    """Remove a checkpoint, as training does, and wait until the window knows."""
    remove_checkpoint(run.path / "checkpoints", step)
    controller.refresh_runs()
    qtbot.waitUntil(lambda: all(step not in each.checkpoints for each in controller.runs))


def test_a_page_of_a_checkpoint_that_is_gone_stays_and_says_so(
    panel: EpisodePanel,
    selection: EpisodeSelection,
    controller: Controller,
    run: RunEntry,
    qtbot: QtBot,
) -> None:
    selection.set_source(EpisodeSource(run.path, 15, "val"))
    qtbot.waitUntil(lambda: panel.inspection is not None and panel.inspection.provenance.step == 15)
    assert not panel.checkpoint.isVisible()
    told: list[Notice] = []
    controller.notified.connect(told.append)
    lose(controller, run, 15, qtbot)
    near = min((step for step in run.checkpoints if step != 15), key=lambda step: abs(step - 15))
    said = f"Step 15 is no longer kept; shown is what was computed before. Nearest: step {near}."
    assert panel.checkpoint.label.text() == said and panel.checkpoint.isVisible()
    assert panel.left.isVisible() and not panel.header.what_if.isEnabled()
    for number in range(5):  # none of these was computed before
        selection.show(number)
    qtbot.waitUntil(lambda: panel._nothing.isVisible() and not panel.is_busy)
    assert "no longer kept" in panel._nothing.text() and not told
    QTest.mouseClick(panel.checkpoint.use_button, Qt.MouseButton.LeftButton)
    assert selection.source == EpisodeSource(run.path, near, "val") and selection.current == 4
    qtbot.waitUntil(lambda: panel.left.isVisible() and not panel.is_busy)
    assert not panel.checkpoint.isVisible() and panel.header.what_if.isEnabled()


def test_a_comparison_with_a_checkpoint_that_is_gone_ends_with_one_sentence(
    panel: EpisodePanel,
    selection: EpisodeSelection,
    controller: Controller,
    run: RunEntry,
    qtbot: QtBot,
) -> None:
    panel.header.compare.setCurrentIndex(panel.header.compare.findText("Step 15 of this run"))
    panel.header.compare.activated.emit(panel.header.compare.currentIndex())
    qtbot.waitUntil(lambda: panel.other is not None and not panel.is_busy)
    told: list[Notice] = []
    controller.notified.connect(told.append)
    lose(controller, run, 15, qtbot)
    selection.show(5)
    qtbot.waitUntil(lambda: panel.other is None and not panel.is_busy)
    assert [notice.kind for notice in told] == ["information"] and "Step 15" in told[0].text


def test_what_is_looked_at_stays_while_the_best_moves_on_and_a_line_says_so(
    panel: EpisodePanel,
    selection: EpisodeSelection,
    controller: Controller,
    run: RunEntry,
    qtbot: QtBot,
) -> None:
    own = run.own_step
    assert own is not None and run.best is not None
    source = EpisodeSource(run.path, own, "val")
    selection.set_source(source)
    later = next(step for step in run.checkpoints if step != own)
    moved = replace(run, best=run.best.model_copy(update={"step": later}), kept_best=None)
    controller.runs_changed.emit(_shown(controller, moved))
    assert selection.source == source
    stays = f"stays at step {own}; the best is step {later}"
    assert panel.checkpoint.label.text() == f"This {stays}."
    controller.runs_changed.emit(_shown(controller, replace(moved, status="running")))
    assert panel.checkpoint.label.text() == f"Training goes on, and this {stays} now."
    panel.checkpoint.use_button.click()
    assert selection.source == replace(source, step=later)


def test_a_checkpoint_that_nobody_chose_is_not_said_to_be_lost(
    panel: EpisodePanel,
    selection: EpisodeSelection,
    controller: Controller,
    run: RunEntry,
) -> None:
    own = run.own_step
    assert own is not None and run.best is not None
    selection.set_source(EpisodeSource(run.path, own, "val"))
    later = max(step for step in run.checkpoints if step != own) + 100
    moved = replace(
        run,
        best=run.best.model_copy(update={"step": later}),
        kept_best=None,
        checkpoints=(later,),
    )
    controller.runs_changed.emit(_shown(controller, moved))
    assert panel.checkpoint.is_lost and panel.checkpoint.use_button.isVisibleTo(panel)
    said = panel.checkpoint.label.text()
    assert "no longer kept" not in said and f"is step {later}" in said


def _shown(controller: Controller, run: RunEntry) -> tuple[RunEntry, ...]:
    controller.runs = (run,)
    return controller.runs


def test_options_come_back_after_a_restart_and_nonsense_does_not(
    panel: EpisodePanel, qtbot: QtBot
) -> None:
    set_options: Callable[[dict[str, object]], None] = panel.restore
    set_options({"samples": 7, "query_filter": "Wrong", "query_order": "By class"})
    qtbot.waitUntil(lambda: panel.inspection is not None and panel.inspection.samples == 7)
    kept = panel.remembered()
    looked_at = panel._selection.current
    assert looked_at is not None
    options = {"samples": 7, "query_filter": "Wrong", "query_order": "By class"}
    assert kept == options | {"episode": looked_at}
    assert panel.left.queries.queries.shown == "Wrong"
    nonsense: tuple[dict[str, object], ...] = (
        {"samples": -1},
        {"samples": "x", "query_filter": 3},
        {"query_order": "Best"},
        {"episode": -1},
        {"episode": True},
        {},
    )
    panel._selection.show(None)
    for bad in nonsense:
        set_options(bad)
        assert panel._selection.current is None
    set_options(kept)
    for bad in nonsense:  # and what is looked at is not left for what was
        set_options(bad | {"episode": 2})
        assert panel.remembered() == kept
