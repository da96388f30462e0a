from dataclasses import replace

import numpy as np
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.runs.checkpoints import remove_checkpoint
from leo_studio.analysis.episodes.columns import ACCURACY, GAIN, NUMBER
from leo_studio.analysis.episodes.questions import QUESTIONS
from leo_studio.figures.tables import length_of
from leo_studio.services.controller import Controller
from leo_studio.services.records import EpisodeSource, Notice, RunEntry
from leo_studio.ui.episodes import EpisodesPanel
from leo_studio.ui.episodes.filter_bar import FilterBar
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.line_dialog import LineDialog
from tests.leo_studio.ui.conftest import Train

HARDEST, HURT = QUESTIONS[1], QUESTIONS[3]


def test_without_a_run_the_browser_says_how_to_get_one(panel: EpisodesPanel) -> None:
    panel.show()
    assert "train an experiment" in panel._nothing.text()
    assert panel._nothing.isVisible()
    assert not panel.picker.run.isEnabled()


def test_the_newest_runs_own_checkpoint_is_gone_through_at_once(
    filled: EpisodesPanel, selection: EpisodeSelection, run: RunEntry
) -> None:
    assert selection.source == EpisodeSource(run.path, run.best_step or 0, "val")
    assert filled.view.episodes.rowCount() == 150
    assert filled.table is not None
    mean = 100 * filled.table.accuracies[:, 2].mean()
    assert "150 of 150 episodes. Mean accuracy before" in filled.status.text()
    assert f"after fine-tuning {mean:.2f} ±" in filled.status.text()


def test_the_current_run_is_shown_and_what_somebody_looks_at_of_it_stays(
    panel: EpisodesPanel,
    selection: EpisodeSelection,
    run: RunEntry,
    train: Train,
    add_run: Train,
    toy_experiment: Experiment,
    qtbot: QtBot,
) -> None:
    other = train(toy_experiment.with_settings({"run.seed": 1}))
    own = EpisodeSource(other.path, other.best_step or 0, "val")
    qtbot.waitUntil(lambda: selection.source == own)
    selection.show(7)
    third = train(toy_experiment.with_settings({"run.seed": 2}))
    # Who starts a run wants to see it, at the episode with the same number.
    started = EpisodeSource(third.path, third.best_step or 0, "val")
    qtbot.waitUntil(lambda: selection.source == started)
    assert (selection.current, selection.is_offered) == (7, True)
    panel.show()
    panel.hide()
    assert not selection.is_offered
    panel._controller.current.choose(run.path, 15)
    chosen = EpisodeSource(run.path, 15, "test")
    selection.set_source(chosen)
    selection.show(7)
    add_run(
        toy_experiment.with_settings({"name": "later", "run.seed": 3})
    )  # newer, but nobody started it here
    assert selection.source == chosen and selection.current == 7
    with qtbot.waitSignal(panel._controller.runs_changed):
        panel._controller.throw_away(third)
    assert selection.source == chosen and selection.current == 7


def test_rows_come_again_when_another_source_was_chosen_meanwhile(
    filled: EpisodesPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    source = selection.source
    assert source is not None
    filled.hide()
    selection.set_source(replace(source, split="test"))
    selection.set_source(source)
    filled.show()
    qtbot.waitUntil(lambda: filled.table is not None and not filled.is_going)
    assert filled.view.episodes.rowCount() > 0


def test_a_click_on_a_header_shows_where_the_order_begins(
    filled: EpisodesPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    last = int(filled.view.episodes.numbers[-1])
    selection.show(last)
    assert filled.view.verticalScrollBar().value() > 0
    filled.view.horizontalHeader().sectionClicked.emit(GAIN)
    qtbot.wait(1)
    assert filled.view.verticalScrollBar().value() == 0


def test_rows_come_while_others_are_still_to_come_and_cancel_keeps_them(
    panel: EpisodesPanel, run: RunEntry, qtbot: QtBot
) -> None:
    panel.count.setValue(100_000)
    panel.show()
    qtbot.waitUntil(lambda: panel.view.episodes.rowCount() > 0, timeout=30_000)
    assert panel.bar.isVisible() and panel.cancel_button.isVisible()
    QTest.mouseClick(panel.cancel_button, Qt.MouseButton.LeftButton)
    assert not panel.bar.isVisible() and not panel.cancel_button.isVisible()
    kept = panel.view.episodes.rowCount()
    assert 0 < kept < 100_000
    qtbot.wait(300)
    assert panel.view.episodes.rowCount() == kept


def test_a_button_asks_and_shows_filter_and_order(filled: EpisodesPanel) -> None:
    filled.ask(HURT)
    assert filled.table is not None
    gains = filled.table.gains[filled.view.episodes.rows]
    assert (gains < 0).all() and (np.diff(gains) >= 0).all()
    assert len(gains) == (filled.table.gains < 0).sum()
    assert filled.filter.line.text() == "" and filled.filter.preset_chip.isVisible()
    assert filled.view.horizontalHeader().sortIndicatorSection() == GAIN
    filled.ask(HARDEST)
    assert filled.view.episodes.rowCount() == 150
    accuracies = filled.table.accuracies[filled.view.episodes.rows, 2]
    assert (np.diff(accuracies) >= 0).all()


def test_a_question_is_asked_of_what_is_typed_and_its_chip_takes_it_back(
    filled: EpisodesPanel,
) -> None:
    assert filled.table is not None
    filled.filter.set_expression("number < 75")
    (helped,) = (each for each in QUESTIONS if each.label == "Largest gain")
    filled.ask(helped)
    wanted = np.flatnonzero(filled.table.gains[:75] > 0)
    assert sorted(filled.view.episodes.numbers.tolist()) == wanted.tolist() != []
    assert filled.filter.line.text() == "number < 75"
    menu = filled.filter.questions.menu()
    assert [each.text() for each in menu.actions() if each.isChecked()] == ["Largest gain"]
    chip = filled.filter.preset_chip
    assert chip.text().startswith("Largest gain")
    remembered = filled.remembered()
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert filled.view.episodes.rowCount() == 75 and not chip.isVisible()
    assert not any(each.isChecked() for each in menu.actions())
    filled.restore(remembered)
    assert filled.view.episodes.rowCount() == len(wanted) and chip.isVisible()
    filled.filter.choose(frozenset({3, 4}))
    assert not chip.isVisible() and filled.remembered()["asked"] == "Largest gain"
    filled.filter.choose(frozenset())
    assert chip.isVisible()


def test_a_filter_that_all_took_away_can_be_brought_back(filled: EpisodesPanel) -> None:
    (everything,) = (each for each in QUESTIONS if each.label == "All")
    chip = filled.filter.restore_chip
    filled.ask(everything)
    assert chip.isHidden()
    QTest.keyClicks(filled.filter.line, "number < 50")
    QTest.keyClick(filled.filter.line, Qt.Key.Key_Return)
    filled.ask(everything)
    assert filled.view.episodes.rowCount() == 150 and filled.filter.expression == ""
    assert chip.isVisible() and chip.text() == "Filter again: number < 50"
    chip.click()
    assert filled.view.episodes.rowCount() == 50 and filled.filter.expression == "number < 50"
    assert chip.isHidden()
    filled.ask(everything)
    QTest.keyClicks(filled.filter.line, "g")  # something else is typed
    assert chip.isHidden()


def test_the_column_that_a_question_sorts_by_is_scrolled_into_sight(
    filled: EpisodesPanel,
) -> None:
    filled.resize(340, 600)
    (confident,) = (each for each in QUESTIONS if each.label == "Most uncertain")
    filled.ask(confident)
    left = filled.view.columnViewportPosition(confident.column)
    assert left >= 0
    assert left + filled.view.columnWidth(confident.column) <= filled.view.viewport().width()


def test_the_episodes_numbers_stay_in_sight_beside_the_column_of_a_question(
    filled: EpisodesPanel, selection: EpisodeSelection
) -> None:
    filled.resize(340, 600)
    view = filled.view
    first = view.first_column
    assert first.isHidden()
    (uncertain,) = (each for each in QUESTIONS if each.label == "Most uncertain")
    filled.ask(uncertain)
    assert first.isVisible()
    shown = first.geometry()
    assert shown.left() == 0 and shown.right() < view.columnViewportPosition(uncertain.column)
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    here = first.viewport().rect().center()
    below = view.viewport().mapFromGlobal(first.viewport().mapToGlobal(here))
    row = first.rowAt(here.y())
    assert row > 5 and row == view.rowAt(below.y())
    QTest.mouseClick(first.viewport(), Qt.MouseButton.LeftButton, pos=here)
    assert selection.selected == {int(view.episodes.numbers[row])}
    header = first.horizontalHeader()
    QTest.mouseClick(
        header.viewport(), Qt.MouseButton.LeftButton, pos=header.viewport().rect().center()
    )
    assert view.episodes.sorted_by == NUMBER
    view.horizontalScrollBar().setValue(0)
    assert first.isHidden()


def test_the_table_is_scrolled_to_its_end_while_the_numbers_stand_in_it_and_beside_it(
    filled: EpisodesPanel,
) -> None:
    filled.resize(340, 600)
    view = filled.view
    bar, sideways = view.verticalScrollBar(), view.horizontalScrollBar()
    for height in (600, 400, 500):
        filled.resize(340, height)
        for place in (0, sideways.maximum(), 0):
            sideways.setValue(place)
            assert view.first_column.isVisible() is (place > 0)
            bar.setValue(0)
            bar.setValue(bar.maximum())
            assert bar.value() == bar.maximum() > 0
    sideways.setValue(sideways.maximum())
    assert view.first_column.verticalScrollBar().value() == bar.maximum()
    view.first_column.verticalScrollBar().setValue(7)  # as the wheel over it does
    assert bar.value() == 7


def test_a_mistake_in_the_filter_is_said_under_it_and_the_rows_stay_in_grey(
    filled: EpisodesPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    line, status, model = filled.filter.line, filled.status, filled.view.episodes
    grey = Qt.ItemDataRole.ForegroundRole
    QTest.keyClicks(line, "number < 50")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert status.text().startswith("50 of 150 episodes.")
    assert model.index(0, ACCURACY).data(grey) is None
    line.clear()
    QTest.keyClicks(line, "gian < 0")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert 'no "gian"' in filled.filter.problem.text()
    assert filled.filter.problem.isVisible()
    assert model.rowCount() == 50
    before = "Still the episodes of the filter before: 50 of 150 episodes. Mean accuracy"
    assert status.text().startswith(before)
    assert model.index(0, ACCURACY).data(grey) is not None
    # Other episodes come, of which none were shown before.
    assert selection.source is not None
    selection.set_source(replace(selection.source, split="test"))
    qtbot.waitUntil(lambda: filled.table is not None and not filled.is_going, timeout=30_000)
    assert model.rowCount() == 0
    assert status.text().startswith("No episodes are shown before the filter is mended")
    line.clear()
    qtbot.waitUntil(lambda: not filled.filter.problem.isVisible())
    assert status.text().startswith("150 of 150 episodes.")
    assert model.index(0, ACCURACY).data(grey) is None


def test_typing_filters_after_a_moment_and_a_class_narrows_it(
    filled: EpisodesPanel, qtbot: QtBot
) -> None:
    assert filled.table is not None
    QTest.keyClicks(filled.filter.line, "number < 50")
    qtbot.waitUntil(lambda: filled.view.episodes.rowCount() == 50)
    combo = filled.filter.of_class
    combo.setCurrentIndex(combo.findData("val-3"))
    combo.activated.emit(combo.currentIndex())
    has = (filled.table.classes[:50] == 3).any(1).sum()
    assert filled.view.episodes.rowCount() == has > 0


def test_a_class_stays_chosen_where_other_episodes_have_it_too(qtbot: QtBot) -> None:
    bar = FilterBar()
    qtbot.addWidget(bar)
    bar.set_classes(("a", "b"))
    bar.of_class.setCurrentIndex(bar.of_class.findData("b"))
    bar.set_classes(("b", "c"))
    assert bar.class_name == "b"
    bar.set_classes(("c", "d"))
    assert bar.class_name is None


def test_selection_is_shared_both_ways_and_survives_sorting(
    filled: EpisodesPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    view = filled.view
    flags = QItemSelectionModel.SelectionFlag
    model = view.selectionModel()
    for row in (3, 5):
        model.select(view.episodes.index(row, 0), flags.Select | flags.Rows)
    assert selection.selected == {3, 5}
    selection.select(range(10, 120))
    selection.show(42)
    assert len(model.selectedRows()) == 110
    header = view.horizontalHeader()
    position = header.sectionViewportPosition(ACCURACY) + 8
    QTest.mouseClick(
        header.viewport(), Qt.MouseButton.LeftButton, pos=header.rect().topLeft() + _at(position)
    )
    assert view.episodes.sorted_by == ACCURACY
    chosen = {int(view.episodes.numbers[index.row()]) for index in model.selectedRows()}
    assert chosen == selection.selected == set(range(10, 120))
    assert int(view.episodes.numbers[view.currentIndex().row()]) == 42 == selection.current


def test_rows_that_are_asked_for_are_shown_alone_until_the_chip_is_pressed(
    filled: EpisodesPanel, selection: EpisodeSelection
) -> None:
    wanted = frozenset({60, 61, 90})
    selection.select(wanted)
    selection.show(5)
    assert marked(filled) == {5, *wanted}
    filled.filter.set_expression("number < 5")
    filled.reveal(wanted)
    assert filled.view.episodes.numbers.tolist() == [60, 61, 90]
    assert marked(filled) <= {60} and selection.selected == wanted  # no table that is all blue
    assert filled.view.hasFocus() and filled.remembered()["filter"] == "number < 5"
    chip = filled.filter.chosen_chip
    assert chip.isVisible() and chip.text().startswith("3 selected episodes")
    assert filled.filter.range.text() == "3 of 150 episodes"
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert not chip.isVisible()
    assert filled.filter.expression == "number < 5"
    assert filled.filter.range.text() == "5 of 150 episodes"
    filled.ask(QUESTIONS[0])
    selection.show(7)
    assert marked(filled) == {7, *wanted}


def test_the_count_beside_the_filter_follows_it_and_has_a_noun_in_a_narrow_dock(
    filled: EpisodesPanel, qtbot: QtBot
) -> None:
    assert filled.filter.range.text() == "150 episodes"
    filled.resize(340, 600)
    qtbot.wait(10)
    filled.filter.set_expression("number < 10")
    filled._apply()
    assert filled.filter.range.text() == "10 of 150 episodes"
    button = filled.filter.range
    qtbot.waitUntil(lambda: button.width() >= button.sizeHint().width(), timeout=5000)
    bar = filled.filter
    assert bar.line.y() > bar.range.y()
    least = 22 * bar.fontMetrics().averageCharWidth()
    for width in range(340, 700, 20):
        filled.resize(width, 600)
        qtbot.wait(5)
        assert bar.line.width() >= least
    assert bar.line.y() <= bar.range.y() + 2


def test_rows_that_are_asked_for_are_in_view_when_they_come(
    filled: EpisodesPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    wanted = frozenset({150, 170})
    selection.select(wanted)
    selection.show(5)
    filled.reveal(wanted)
    qtbot.waitUntil(lambda: not filled.is_going, timeout=30_000)
    assert set(filled.view.episodes.numbers.tolist()) == wanted
    row = filled.view.visualRect(filled.view.episodes.index(1, 0))
    assert filled.view.viewport().rect().contains(row.center())


def marked(panel: EpisodesPanel) -> set[int]:
    """Return the numbers of the episodes whose rows look selected."""
    rows = panel.view.selectionModel().selectedRows()
    return {int(panel.view.episodes.numbers[index.row()]) for index in rows}


def _at(x: int) -> QPoint:
    return QPoint(x, 5)


def test_next_and_previous_walk_in_the_order_that_is_shown(
    filled: EpisodesPanel, actions: ActionRegistry, selection: EpisodeSelection
) -> None:
    filled.ask(HARDEST)
    order = filled.view.episodes.numbers.tolist()
    for expected in order[:3]:
        actions["episodes.next"].trigger()
        assert selection.current == expected
    actions["episodes.previous"].trigger()
    assert selection.current == order[1]
    selection.show(order[-1])
    actions["episodes.next"].trigger()
    assert selection.current == order[-1]
    selection.show(None)
    actions["episodes.previous"].trigger()
    assert selection.current == order[-1]


def test_enter_opens_an_episode_and_any_number_can_be_gone_to(
    filled: EpisodesPanel, actions: ActionRegistry, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    filled.view.setCurrentIndex(filled.view.episodes.index(7, 0))
    with qtbot.waitSignal(filled.episode_wanted) as wanted:
        QTest.keyClick(filled.view, Qt.Key.Key_Return)
    assert wanted.args == [7] and selection.current == 7
    actions["episodes.go_to"].trigger()
    dialog = filled.findChild(LineDialog, "go-to-episode")
    assert dialog is not None
    dialog.line.setText("123,456")
    dialog.accept()
    assert "in digits alone" in dialog.problem.text() and selection.current == 7
    dialog.line.setText("123456")
    with qtbot.waitSignal(filled.episode_wanted) as wanted:
        dialog.accept()
    assert wanted.args == [123_456] and selection.current == 123_456


def test_another_split_is_gone_through_and_what_was_selected_is_forgotten(
    filled: EpisodesPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    selection.select({1, 2})
    combo = filled.picker.split
    assert [combo.itemData(place) for place in range(combo.count())] == [
        "train",
        "val",
        "test",
        "training",
    ]
    combo.setCurrentIndex(3)
    combo.activated.emit(3)
    assert selection.source is not None and selection.source.split == "training"
    assert selection.selected == frozenset()
    qtbot.waitUntil(lambda: filled.table is not None and not filled.is_going, timeout=30_000)
    assert filled.table is not None and filled.table.provenance.split == "train"


def test_another_checkpoint_shows_the_same_episodes_with_other_weights(
    filled: EpisodesPanel, selection: EpisodeSelection, run: RunEntry, qtbot: QtBot
) -> None:
    before = filled.table
    selection.select({1, 2})
    other = next(step for step in run.checkpoints if step != run.best_step)
    selection.set_source(EpisodeSource(run.path, other, "val"))
    qtbot.waitUntil(lambda: filled.table is not None and not filled.is_going, timeout=30_000)
    assert filled.table is not None and before is not None
    np.testing.assert_array_equal(filled.table.classes, before.classes)
    assert not np.array_equal(filled.table.losses, before.losses)
    assert selection.selected == {1, 2}
    assert filled.picker.step.currentData() == other


def test_rows_are_copied_and_exported_as_they_are_shown(
    filled: EpisodesPanel,
) -> None:
    filled.ask(HARDEST)
    filled.view.copy()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == 151 and lines[0].startswith("Episode\tAccuracy\tGain\tBefore\tInner loop")
    filled.view.selectRow(7)
    filled.view.copy()
    assert QGuiApplication.clipboard().text().splitlines() == [lines[0], lines[8]]
    exported = filled.exported()
    assert exported is not None and exported.figure is not None
    (table,) = exported.tables
    np.testing.assert_array_equal(table.columns["number"], filled.view.episodes.numbers)
    assert table.facts["split"] == "val"
    filled.filter.set_expression("gain > 100")
    filled._apply()
    nothing = filled.exported()
    assert nothing is not None and nothing.figure is None and length_of(nothing.tables[0]) == 0


def test_a_run_that_is_gone_leaves_a_hint(
    filled: EpisodesPanel, controller: Controller, run: RunEntry, qtbot: QtBot
) -> None:
    controller.throw_away(run)
    qtbot.waitUntil(lambda: filled._nothing.isVisible(), timeout=30_000)
    assert filled.table is None


def test_a_table_of_a_checkpoint_that_is_gone_stays_in_grey_until_another_is_used(
    filled: EpisodesPanel,
    selection: EpisodeSelection,
    controller: Controller,
    run: RunEntry,
    qtbot: QtBot,
) -> None:
    selection.set_source(EpisodeSource(run.path, 15, "val"))
    qtbot.waitUntil(lambda: filled.table is not None and not filled.is_going)
    told: list[Notice] = []
    controller.notified.connect(told.append)
    cell = filled.view.episodes.index(0, ACCURACY)
    gray = Qt.ItemDataRole.ForegroundRole
    assert cell.data(gray) is None
    remove_checkpoint(run.path / "checkpoints", 15)
    controller.refresh_runs()
    line = filled.picker.line
    qtbot.waitUntil(lambda: line.isVisible())
    assert line.label.text().startswith("Step 15 is no longer kept; shown is what was computed")
    assert filled.view.episodes.rowCount() == 150
    assert filled.view.episodes.index(0, ACCURACY).data(gray) is not None
    assert filled.picker.step.currentText() == "step 15 (not kept)"
    assert not filled.filter.start_button.isEnabled()
    QTest.mouseClick(line.use_button, Qt.MouseButton.LeftButton)
    assert selection.source is not None and selection.source.step != 15
    qtbot.waitUntil(lambda: filled.table is not None and not filled.is_going)
    assert not line.isVisible() and not told
    assert filled.view.episodes.index(0, ACCURACY).data(gray) is None


def test_a_checkpoint_that_goes_before_its_table_is_made_is_no_error(
    panel: EpisodesPanel,
    selection: EpisodeSelection,
    controller: Controller,
    run: RunEntry,
    qtbot: QtBot,
) -> None:
    told: list[Notice] = []
    controller.notified.connect(told.append)
    selection.set_source(EpisodeSource(run.path, 15, "val"))
    remove_checkpoint(run.path / "checkpoints", 15)  # and nobody was told
    panel.show()
    qtbot.waitUntil(lambda: panel.picker.line.isVisible() and not panel.is_going)
    assert "Step 15 is no longer kept. Nearest: step" in panel.picker.line.label.text()
    assert not told and "take another checkpoint" in panel.status.text()


def test_order_filter_and_range_come_back_after_a_restart_and_nonsense_does_not(
    filled: EpisodesPanel,
) -> None:
    kept = {"sort": "Loss", "descending": True, "filter": "gain < 0", "first": 5, "count": 70}
    filled.restore(kept)
    assert filled.remembered() == kept
    assert filled.table is not None
    assert filled.view.episodes.rowCount() == (filled.table.gains < 0).sum()
    assert filled.view.horizontalHeader().sortIndicatorSection() == 5
    nonsense: tuple[dict[str, object], ...] = (
        {"sort": "Weight", "descending": False},
        {"sort": 3, "descending": "yes", "filter": "gian < 0", "first": -4, "count": 10**9},
        {"filter": ["x"], "first": True, "count": None},
    )
    for bad in nonsense:
        filled.restore(bad)
        assert filled.remembered() == kept
