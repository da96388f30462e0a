"""The panel Sweeps on the real engine: begun, stopped, gone on with, opened, exported."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.io.files import write_text
from engine.io.locks import holding
from engine.io.yaml_text import written_yaml
from engine.runs.library import Library
from engine.runs.run import Run
from engine.studies.sweeps import proposals
from engine.studies.sweeps.sweep import load_sweep
from engine.studies.sweeps.trials import OUTCOME
from leo_studio.analysis.sweep_tables import markdown
from leo_studio.services.controller import Controller
from leo_studio.services.records import Notice
from leo_studio.ui.sweeps import SweepsPanel
from leo_studio.ui.widgets.actions import ActionRegistry
from tests.leo_studio.ui.sweeps.conftest import (
    NAME,
    PATIENCE,
    SPACE,
    BeginSweep,
    open_new,
    open_sweep,
)


def row(panel: SweepsPanel, name: str) -> list[str]:
    """Return the texts of a sweep in the list."""
    items = [panel.list.topLevelItem(place) for place in range(panel.list.topLevelItemCount())]
    (found,) = [item for item in items if item is not None and item.text(0) == name]
    return [found.text(column) for column in range(4)]


def show_list(panel: SweepsPanel, qtbot: QtBot, count: int) -> None:
    panel.show_all()
    qtbot.waitUntil(lambda: panel.list.topLevelItemCount() == count, timeout=PATIENCE)


def click(button: QWidget) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def trial_numbers(panel: SweepsPanel) -> list[str]:
    """Return what stands in the table's first column."""
    model = panel.page.table.model()
    return [str(model.index(place, 0).data()) for place in range(model.rowCount())]


def test_sweeps_are_listed_with_their_best_and_what_is_damaged_says_so(
    panel: SweepsPanel, sweep_library: Library, begin_sweep: BeginSweep, qtbot: QtBot
) -> None:
    folder = begin_sweep(trials=3)
    broken = sweep_library.sweeps / "broken" / "sweep.yaml"
    write_text(broken, "schema: 1\nname: broken\ntrials: many\n")
    show_list(panel, qtbot, 2)
    outcomes = [json.loads(path.read_text())["value"] for path in folder.runs.glob(f"*/{OUTCOME}")]
    best = max(value for value in outcomes if value is not None)
    assert row(panel, NAME) == [NAME, f"{100 * best:.2f} %", "3 of 3", "done"]
    assert str(broken) in row(panel, "broken")[3] and "trials" in row(panel, "broken")[3]
    panel.open_sweep("broken")
    qtbot.waitUntil(lambda: str(broken) in panel.page.lead.text(), timeout=PATIENCE)
    assert panel.page.lead.property("role") == "error"
    assert not panel.page.buttons.isVisible() and not panel.page.table.isVisible()


def test_a_space_is_offered_with_the_presets_that_it_fits(panel: SweepsPanel) -> None:
    panel.new.choose("rates")
    presets = [panel.new.preset.itemText(place) for place in range(panel.new.preset.count())]
    assert "toy" in presets and "glyphs-5way-1shot-ridge" not in presets
    assert panel.new.about.text() == "Which rates suit toys"
    panel.new.choose("glyphs-leo")  # its values do not hold those of the toys
    presets = [panel.new.preset.itemText(place) for place in range(panel.new.preset.count())]
    assert "glyphs-5way-1shot" in presets and "toy" not in presets


@pytest.mark.slow
def test_a_sweep_is_begun_stopped_and_goes_on_with_more_trials(
    panel: SweepsPanel, sweep_library: Library, controller: Controller, qtbot: QtBot
) -> None:
    open_new(panel, qtbot)
    controls, page = panel.page.controls, panel.page
    assert page.state.text() == "not begun, 48 trials" and not page.table.isVisible()
    assert "toy" in page.hint.text() and "outer_lr: 0.0001 to 0.1 by factors" in page.hint.text()
    controls.trials.setValue(2)
    controls.steps.setValue(1_000_000)
    controls.final_seeds.setValue(0)
    controls.at_once.setValue(1)
    qtbot.waitUntil(lambda: page.state.text() == "not begun, 2 trials", timeout=PATIENCE)
    click(page.buttons.start_button)
    assert page.buttons.stop_button.isVisible() and not controls.trials.isEnabled()

    def has_begun() -> bool:
        view = panel.view
        return view is not None and any(each.share_done > 0 for each in view.begun)

    qtbot.waitUntil(has_begun, timeout=PATIENCE)
    assert page.state.text() == "under way, 0 of 2 trials ended"
    assert "Under way: trial 0." in page.lead.text()
    assert trial_numbers(panel) == ["0"]
    click(page.buttons.stop_button)
    qtbot.waitUntil(lambda: not controller.sweeps.under_way, timeout=PATIENCE)
    ended = "not finished, 0 of 2 trials ended"
    qtbot.waitUntil(lambda: page.state.text() == ended, timeout=PATIENCE)
    (record,) = (sweep_library.sweeps / NAME / "runs").glob("*/run.json")
    assert Run(record.parent).status == "stopped" and Run(record.parent).checkpoints
    assert page.buttons.start_button.text() == "&Go on"
    assert not controls.steps.isEnabled() and controls.trials.isEnabled()


@pytest.mark.slow
def test_going_on_carries_out_more_trials_and_tests_the_best(
    panel: SweepsPanel, begin_sweep: BeginSweep, controller: Controller, qtbot: QtBot
) -> None:
    folder = begin_sweep(trials=3, pruning=False)
    before = {path: path.read_bytes() for path in folder.runs.glob(f"*/{OUTCOME}")}
    open_sweep(panel, qtbot)
    page = panel.page
    assert page.state.text() == "done, 3 trials"
    assert "ask for more trials" in page.buttons.start_button.toolTip()
    page.controls.trials.setValue(5)
    page.controls.final_seeds.setValue(1)
    qtbot.waitUntil(page.buttons.start_button.isEnabled, timeout=PATIENCE)
    click(page.buttons.start_button)
    qtbot.waitUntil(lambda: page.state.text() == "done, 5 trials", timeout=PATIENCE)
    assert not controller.sweeps.under_way
    assert sorted(trial_numbers(panel)) == ["0", "1", "2", "3", "4"]
    assert {path: path.read_bytes() for path in before} == before
    assert load_sweep(folder.file).trials == 5
    assert "Tested: " in page.lead.text()
    assert "Test of the best" in page.views.notes.text()
    # Four and more are complete: how much settings decide is what the command says.
    qtbot.waitUntil(lambda: bool(panel.weighing.shares), timeout=PATIENCE)
    view = panel.view
    assert view is not None
    assert panel.weighing.shares == proposals.importance(view.sweep, view.trials)
    assert page.views.importance.currentWidget() is page.views.importance.bars
    assert "fANOVA" in page.views.notes.text()


def test_what_others_do_is_shown_while_the_page_is_seen(
    panel: SweepsPanel, begin_sweep: BeginSweep, controller: Controller, qtbot: QtBot
) -> None:
    folder = begin_sweep(is_carried_out=False, trials=3)
    with holding(folder.lock, timeout=1):
        open_sweep(panel, qtbot)
        assert panel.page.state.text() == "another process carries it out, 0 of 3 trials ended"
        panel.start()
        assert controller.carrying_out.now is None
    # Workers of a cluster go on when whoever started them has ended.
    begin_sweep(trials=3)
    qtbot.waitUntil(lambda: panel.page.state.text() == "done, 3 trials", timeout=PATIENCE)
    assert len(trial_numbers(panel)) == 3


def test_one_thing_is_carried_out_at_a_time(
    panel: SweepsPanel, begin_sweep: BeginSweep, controller: Controller, qtbot: QtBot
) -> None:
    begin_sweep(is_carried_out=False, trials=200)
    open_sweep(panel, qtbot)
    panel.page.controls.at_once.setValue(1)
    click(panel.page.buttons.start_button)
    now = controller.carrying_out.now
    assert now is not None and now.title == f"Sweep {NAME}"
    assert controller.studies.under_way == ""
    controller.studies.stop()  # which is not of the sweep
    task = controller.sweeps.task
    assert task is not None and not task.is_cancelled
    panel.stop()
    qtbot.waitUntil(lambda: controller.carrying_out.now is None, timeout=PATIENCE)


def test_without_optuna_the_remedy_is_said_and_nothing_can_be_started(
    panel: SweepsPanel,
    begin_sweep: BeginSweep,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(proposals, "find_spec", lambda _: None)
    folder = begin_sweep(is_carried_out=False)
    show_list(panel, qtbot, 1)
    assert "pip install 'leo-studio[sweep]'" in panel.problem.text() and panel.problem.isVisible()
    open_sweep(panel, qtbot)
    assert "pip install 'leo-studio[sweep]'" in panel.page.lead.text()
    assert not panel.page.buttons.start_button.isEnabled()
    panel.start()
    assert not folder.runs.exists()


def test_a_missing_store_is_said_in_the_list_and_on_the_page(
    panel: SweepsPanel, sweep_library: Library, begin_sweep: BeginSweep, qtbot: QtBot
) -> None:
    folder = begin_sweep(is_carried_out=False)
    text = folder.file.read_text()
    store = str(load_sweep(folder.file).experiment.data.store)
    write_text(folder.file, text.replace(store, "miniImageNet"))
    show_list(panel, qtbot, 1)
    assert row(panel, NAME)[3] == "lacks the data miniImageNet"
    assert panel.list.rows[0].is_muted
    open_sweep(panel, qtbot)
    assert "leo-studio import deepmind" in panel.page.lead.text()
    assert not panel.page.buttons.start_button.isEnabled()


def test_the_table_leaves_the_window_in_each_format(
    panel: SweepsPanel,
    begin_sweep: BeginSweep,
    actions: ActionRegistry,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    assert not actions["sweeps.markdown"].isEnabled()
    begin_sweep(trials=3)
    open_sweep(panel, qtbot)
    view = panel.view
    assert view is not None
    actions["sweeps.markdown"].trigger()
    text = markdown(view.state, {})
    assert QGuiApplication.clipboard().text() == text
    panel.write_table(tmp_path / "trials.md")
    assert (tmp_path / "trials.md").read_text(encoding="utf-8") == text
    panel.write_table(tmp_path / "trials.csv")
    lines = (tmp_path / "trials.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 4 and "optimizer.outer_lr" in lines[0]
    exported = panel.exported()
    assert exported is not None and exported.figure is not None
    titles = [plot.title for plot in exported.figure.plots]
    assert titles[0] == "Best so far" and len(titles) == 2


def test_a_space_of_ones_own_is_taken_into_the_library_and_chosen(
    panel: SweepsPanel, sweep_library: Library, controller: Controller, qtbot: QtBot, tmp_path: Path
) -> None:
    told: list[Notice] = []
    controller.notified.connect(told.append)
    own = tmp_path / "mine.yaml"
    own.write_text(written_yaml(SPACE | {"name": "own"}))
    panel.take_file(own)
    qtbot.waitUntil(lambda: panel.new.space.currentText() == "own", timeout=PATIENCE)
    assert (sweep_library.sweeps / "own.yaml").read_text() == own.read_text()
    own.write_text(written_yaml(SPACE | {"name": "glyphs-leo"}))
    panel.take_file(own)
    qtbot.waitUntil(lambda: bool(told), timeout=PATIENCE)
    assert "comes with the program" in told[0].text
    assert not (sweep_library.sweeps / "glyphs-leo.yaml").exists()


def test_the_sweep_that_was_open_is_open_after_a_restart_and_a_new_one_is_not(
    panel: SweepsPanel, begin_sweep: BeginSweep, qtbot: QtBot
) -> None:
    open_new(panel, qtbot)
    assert panel.remembered() == {"sweep": ""}
    begin_sweep(trials=2)
    open_sweep(panel, qtbot)
    kept = panel.remembered()
    panel.show_all()
    panel.restore(kept)
    qtbot.waitUntil(lambda: panel.view is not None, timeout=PATIENCE)
    assert panel.page.title.text() == NAME


def test_a_second_sweep_of_the_same_has_a_name_of_its_own(
    panel: SweepsPanel, begin_sweep: BeginSweep, qtbot: QtBot
) -> None:
    begin_sweep(is_carried_out=False)
    open_new(panel, qtbot)
    assert panel.page.title.text() == f"{NAME}-2"
