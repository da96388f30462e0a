"""The model of runs keeps rows, follows training and sorts what is unknown last."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.runs.record import Best
from leo_studio.analysis.runs.search import parse_query
from leo_studio.services.records import RunEntry, TrainingStatus
from leo_studio.ui.runs.delegates import best_point, sparkline_points
from leo_studio.ui.runs.table import (
    BEST,
    COLUMNS,
    DATE,
    NAME,
    STATE,
    STEPS,
    RunModel,
    RunOrder,
)
from leo_studio.ui.runs.view import RunTable
from leo_studio.ui.widgets.theme import ThemeManager
from tests import measured, second_kind


def entry(name: str, **changes: object) -> RunEntry:
    run = RunEntry(Path("/runs") / name, f"id-{name}", created=f"2026-01-01T00:00:{len(name):02}Z")
    return replace(run, **changes)  # type: ignore[arg-type]


def accurate(accuracy: float) -> Best:
    return Best(step=10, score="accuracy", value=accuracy, ci95=0.01)


def names(model: RunModel | RunOrder) -> list[str]:
    return [str(model.index(row, NAME).data()) for row in range(model.rowCount())]


def test_the_model_keeps_qts_rules(qapp: QApplication) -> None:
    # Qt warns of a broken rule, and warnings fail tests.
    model, order = RunModel(), RunOrder()
    order.setSourceModel(model)
    testers = [QAbstractItemModelTester(each) for each in (model, order)]
    model.show([entry("a"), entry("b", problem="No run."), entry("c", id="id-a")])
    order.sort(NAME, Qt.SortOrder.DescendingOrder)
    model.show([entry("d"), entry("a", note="new")])
    order.look_for(parse_query("new"), ())
    assert names(order) == ["a"]
    assert all(tester.model() for tester in testers)


@given(st.lists(st.lists(st.sampled_from("abcdef"), unique=True), min_size=1, max_size=5))
@settings(deadline=None)
def test_the_rows_are_the_runs_after_every_change(
    qapp: QApplication, changes: Sequence[Sequence[str]]
) -> None:
    model = RunModel()
    for wanted in changes:
        model.show([entry(name) for name in wanted])
        assert sorted(names(model)) == sorted(wanted)


def test_selection_stays_with_its_run(themes: ThemeManager, qtbot: QtBot) -> None:
    model = RunModel()
    table = RunTable(model, themes)
    qtbot.addWidget(table)
    runs = [entry("a"), entry("bb"), entry("ccc")]
    model.show(runs)
    table.select_row(model.row_of(runs[1].path))
    renamed = replace(runs[1], path=Path("/runs/other"), note="new")
    model.show([entry("dddd"), renamed, runs[2]])
    assert [run.name for run in table.selected()] == ["other"]


def test_the_titles_have_as_much_room_as_they_want_where_there_is_some(
    themes: ThemeManager, qtbot: QtBot
) -> None:
    model = RunModel()
    table = RunTable(model, themes)
    qtbot.addWidget(table)
    table.resize(900, 300)
    table.show()
    long = "5-way 1-shot, leaves100, 400 outer steps, seed 0"
    model.show([entry("a", shown_title=long)])
    table.fit_columns_once()
    assert table.columnWidth(NAME) > table.fontMetrics().horizontalAdvance(long)
    table.resize(300, 300)
    assert table.columnWidth(NAME) < table.fontMetrics().horizontalAdvance(long)
    assert table.columnViewportPosition(NAME) + table.columnWidth(NAME) <= table.viewport().width()


def test_the_name_stays_in_sight_while_the_table_is_scrolled_sideways(
    themes: ThemeManager, qtbot: QtBot
) -> None:
    model = RunModel()
    table = RunTable(model, themes)
    qtbot.addWidget(table)
    table.resize(500, 300)
    table.show()
    model.show([entry("a", shown_title="the first"), entry("b", shown_title="the second")])
    table.fit_columns_once()
    frozen = table.name_column
    assert not frozen.isVisible()
    bar = table.horizontalScrollBar()
    bar.setValue(bar.maximum())
    assert frozen.isVisible() and frozen.x() == 0
    assert frozen.columnWidth(NAME) == table.columnWidth(NAME) == frozen.viewport().width()
    assert [frozen.isColumnHidden(each) for each in range(len(COLUMNS)) if each != NAME] == [
        True
    ] * (len(COLUMNS) - 1)
    # It is the same rows, as they are selected and sorted in the table.
    table.select_row(model.row_of(table.shown()[1].path))
    assert [index.row() for index in frozen.selectionModel().selectedRows()] == [1]
    bar.setValue(0)
    assert not frozen.isVisible()


def test_steps_and_scores_are_seen_beside_long_titles(themes: ThemeManager, qtbot: QtBot) -> None:
    model = RunModel()
    table = RunTable(model, themes)
    qtbot.addWidget(table)
    table.resize(630, 300)  # as wide as in a window of 1280 x 800
    table.show()
    long = "5-way 1-shot, leaves100, 400 outer steps, seed 0"
    model.show([entry("a", shown_title=long, best=accurate(0.9))])
    table.fit_columns_once()
    right = table.columnViewportPosition(BEST) + table.columnWidth(BEST)
    assert right <= table.viewport().width()
    assert table.columnWidth(NAME) >= 30 * table.fontMetrics().averageCharWidth()


def test_training_shows_in_its_row_without_reading(qapp: QApplication) -> None:
    model = RunModel()
    model.show([entry("a", status="running", steps=40), entry("b")])
    status = TrainingStatus("running", "/runs/a", step=7, steps=40)
    model.follow(status)
    assert model.index(0, STEPS).data() == "7 / 40"
    model.follow(replace(status, state="stopping", step=9))
    assert (model.index(0, STATE).data(), model.index(0, STEPS).data()) == ("Stopping", "9 / 40")
    model.follow(replace(status, state="stopped"))
    assert model.index(0, STATE).data() == "Stopped"
    model.show([entry("a", status="stopped", step=9, steps=40), entry("b")])
    assert model.index(0, STEPS).data() == "9 / 40"


def test_what_is_unknown_comes_last_in_both_orders(qapp: QApplication) -> None:
    model, order = RunModel(), RunOrder()
    order.setSourceModel(model)
    model.show([entry("none"), entry("low", best=accurate(0.2)), entry("high", best=accurate(0.9))])
    best = next(i for i, column in enumerate(COLUMNS) if column.title == "Best validation")
    order.sort(best, Qt.SortOrder.DescendingOrder)
    assert names(order) == ["high", "low", "none"]
    order.sort(best, Qt.SortOrder.AscendingOrder)
    assert names(order) == ["low", "high", "none"]


def test_a_thousand_runs_are_sorted_and_searched(qapp: QApplication) -> None:
    model, order = RunModel(), RunOrder()
    order.setSourceModel(model)
    model.show([entry(f"run-{place:04}", step=place) for place in range(1000)])
    order.sort(STEPS, Qt.SortOrder.DescendingOrder)
    order.look_for(parse_query("step>=990 -step:995"), ())
    assert names(order) == [f"run-{place:04}" for place in range(999, 989, -1) if place != 995]
    order.sort(DATE)
    order.look_for(parse_query(""), ("finished",))
    assert names(order) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=3000), st.integers(1, 200))
def test_a_sparkline_keeps_its_extremes_and_stays_inside(
    accuracies: list[float], width: int
) -> None:
    area = QRectF(3, 2, width, 10)
    points = sparkline_points(accuracies, area)
    heights = [point.y() for point in points]
    assert len(points) <= max(2 * width, len(accuracies) if len(accuracies) <= 2 * width else 0)
    assert all(area.left() - 1e-6 <= point.x() <= area.right() + 1e-6 for point in points)
    if max(accuracies) > min(accuracies):
        assert min(heights) == area.top() or abs(min(heights) - area.top()) < 1e-6
        assert abs(max(heights) - area.bottom()) < 1e-6


def test_the_best_validation_is_marked_whichever_way_is_better() -> None:
    points = sparkline_points([0.5, 0.25, 0.75], QRectF(0, 0, 20, 10))
    assert best_point(points, measured.SCORES[0]) == points[2]
    assert best_point(points, second_kind.SCORES[0]) == points[1]
