from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from engine.inspection.checkpoint_inspection import LoadedCheckpoint
from engine.inspection.records import Inspection
from leo_studio.analysis.inspection.positions import stage_at
from leo_studio.services.records import Examples
from leo_studio.ui.inspection.queries import (
    BARS,
    DELTA,
    PREDICTED,
    TRUE,
    Cell,
    QueryModel,
    QueryRow,
)
from leo_studio.ui.inspection.query_table import QueryTable
from leo_studio.ui.inspection.thumbnails import Thumbnails
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.analysis.inspection.conftest import answered, true_classes


def model_of(inspection: Inspection, position: int = 0) -> QueryModel:
    model = QueryModel()
    model.show(inspection, Thumbnails(), position)
    return model


def rows(model: QueryModel) -> list[QueryRow]:
    return [model.query(place) for place in range(model.rowCount())]


def arranged(model: QueryModel, shown: str, order: str = "Wrong first") -> list[QueryRow]:
    model.shown, model.order = shown, order
    model.arrange()
    return rows(model)


def test_the_model_keeps_what_qt_expects(seen: Inspection) -> None:
    model = model_of(seen)
    tester = QAbstractItemModelTester(model)  # its warnings fail tests
    model.set_position(2)
    arranged(model, "Wrong")
    model.show(None, Thumbnails(), 0)
    tester.deleteLater()


def test_every_query_is_a_row_and_what_is_not_there_is_none(ragged: Inspection) -> None:
    shown = sorted(query.row for query in rows(model_of(ragged)))
    assert shown == sorted(ragged.query[ragged.query >= 0].tolist())


def test_filters_show_what_they_say(seen: Inspection) -> None:
    true = true_classes(seen)
    first, last = true.copy(), true.copy()
    first[0, :4] = 1  # wrong to right
    last[1, :3] = 2  # right to wrong
    first[2, :2] = last[2, :2] = 0  # wrong all the way
    model = model_of(answered(seen, first, last))
    query = seen.query[0]
    for shown, expected in {
        "All": query,
        "Wrong": np.r_[query[1, :3], query[2, :2]],
        "Right to wrong": query[1, :3],
        "Wrong to right": query[0, :4],
    }.items():
        found = [each.row for each in arranged(model, shown)]
        assert sorted(found) == sorted(expected.ravel().tolist()), shown


def test_orders_begin_with_what_they_say(seen: Inspection) -> None:
    model = model_of(seen, seen.codes.shape[1] - 1)

    def of_true(query: QueryRow, position: int) -> float:
        place = np.argwhere(seen.query[0] == query.row)[0]
        return float(seen.probabilities[0, position, *place, query.true])

    keys: dict[str, Callable[[QueryRow], Any]] = {
        "Wrong first": lambda query: (query.is_right, of_true(query, -1)),
        "Least sure first": lambda query: query.probabilities.max(),
        "Most changed first": lambda query: -abs(of_true(query, -1) - of_true(query, 0)),
        "By class": lambda query: query.true,
    }
    for order, key in keys.items():
        values = [key(query) for query in arranged(model, "All", order)]
        assert values == sorted(values), order


def test_rows_stay_where_they_are_from_step_to_step(seen: Inspection) -> None:
    model = model_of(seen, 0)
    before = [query.row for query in rows(model)]
    probabilities = model.query(3).probabilities
    model.set_position(2)
    assert [query.row for query in rows(model)] == before
    assert not np.array_equal(model.query(3).probabilities, probabilities)


def test_the_spread_is_that_of_the_samples_at_the_stages_and_none_between(
    seen: Inspection,
) -> None:
    model = model_of(seen)
    for position in range(seen.codes.shape[1]):
        model.set_position(position)
        query = model.query(5)
        stage = stage_at(seen, position)
        assert (query.low is None) == (query.high is None) == (stage is None)
        if stage is not None and query.low is not None and query.high is not None:
            n, q = np.argwhere(seen.query[0] == query.row)[0]
            sampled = np.sort(seen.sampled_probabilities[0, :, stage, n, q], axis=0)
            np.testing.assert_allclose(query.low, np.percentile(sampled, 5, axis=0), rtol=1e-6)
            assert (query.low <= query.high).all()


def test_doubt_is_that_of_the_last_stage_that_was_reached(seen: Inspection) -> None:
    model = model_of(seen)
    for position, stage in ((0, 0), (2, 0), (3, 1), (4, 1), (5, 2)):
        model.set_position(position)
        query = model.query(0)
        n, q = np.argwhere(seen.query[0] == query.row)[0]
        assert query.expected == seen.expected_entropy[0, stage, n, q]
        assert query.information == seen.mutual_information[0, stage, n, q]


def test_where_no_steps_are_taken_the_one_position_is_the_last_stage(
    loaded: LoadedCheckpoint,
) -> None:
    still = replace(loaded, model=loaded.model._replace(inner_steps=0, finetuning_steps=0))
    assert stage_at(still.inspect([0], 2), 0) == 2


def test_the_other_side_is_compared_example_by_example(seen: Inspection) -> None:
    # The other side lacks a query, and has the others in another order.
    query = seen.query[:, :, ::-1].copy()
    gone = int(query[0, 0, 0])
    query[0, 0, 0] = -1
    other = replace(
        seen,
        query=query,
        probabilities=0.5 * seen.probabilities[:, :, :, ::-1],
        sampled_probabilities=seen.sampled_probabilities[:, :, :, :, ::-1],
    )
    model = model_of(seen, seen.codes.shape[1] - 1)
    model.set_reference(other)
    for place, found in enumerate(rows(model)):
        text = model.data(model.index(place, DELTA))
        if found.row == gone:
            assert model.delta(found) is None and text == ""
        else:
            n, q = np.argwhere(seen.query[0] == found.row)[0]
            expected = 0.5 * seen.probabilities[0, -1, n, q, n]
            assert model.delta(found) == pytest.approx(expected, abs=1e-6)
            assert text.startswith("−" if expected < -0.005 else ("+", "−"))


def test_both_sides_are_compared_at_the_same_position(seen: Inspection) -> None:
    model = model_of(seen, 2)
    other = seen.probabilities.copy()
    other[0, 2] *= 0.5
    model.set_reference(replace(seen, probabilities=other))
    query = model.query(0)
    assert model.delta(query) == pytest.approx(0.5 * query.probabilities[query.true])
    model.set_position(4)
    assert model.delta(model.query(0)) == 0


def test_a_cell_holds_the_queries_that_were_taken_so_where_it_was_asked_for(
    seen: Inspection,
) -> None:
    true = true_classes(seen)
    first = true.copy()
    first[1, 2:5] = 3
    inspection = answered(seen, first, true)
    model = model_of(inspection)
    model.cell = Cell(true=1, taken=3, position=0)
    shown = arranged(model, "All")
    assert sorted(query.row for query in shown) == sorted(seen.query[0, 1, 2:5].tolist())
    assert arranged(model, "Wrong") == []
    model.show(seen.episode(0), Thumbnails(), 0)
    assert model.cell is not None  # the same classes and steps: what if it were otherwise
    model.show(replace(seen, classes=seen.classes[:, ::-1].copy()), Thumbnails(), 0)
    assert model.cell is None


def test_a_row_says_all_of_it_to_who_cannot_see_bars(seen: Inspection, examples: Examples) -> None:
    model = QueryModel()
    model.show(seen, Thumbnails(examples), 0)
    query = model.query(0)
    tip = model.data(model.index(0, 0), Qt.ItemDataRole.ToolTipRole)
    assert f"class/picture-{query.row} (row {query.row} of the split)" in tip
    names = [seen.class_names[label] for label in seen.classes[0]]
    for name, probability in zip(names, query.probabilities, strict=True):
        assert f"{name}: {100 * probability:.1f} %" in tip
    predicted = model.data(model.index(0, PREDICTED))
    assert predicted == f"{names[query.predicted]} {100 * query.probabilities.max():.0f} %"


def test_sides_that_take_different_numbers_of_steps_are_compared_stage_by_stage(
    loaded: LoadedCheckpoint, seen: Inspection
) -> None:
    model = loaded.model._replace(inner_steps=7, finetuning_steps=4)
    longer = replace(loaded, model=model).inspect(seen.numbers.tolist(), 2)
    for one, other in ((seen, longer), (longer, seen)):
        shown = model_of(one)
        shown.set_reference(other)
        for mine, theirs in zip(one.stages, other.stages, strict=True):
            shown.set_position(mine)
            query = shown.query(0)
            n, q = np.argwhere(one.query[0] == query.row)[0]
            expected = one.probabilities[0, mine, n, q, n] - other.probabilities[0, theirs, n, q, n]
            assert shown.delta(query) == pytest.approx(expected, abs=1e-6)


def test_a_side_without_inner_steps_is_compared_too(
    loaded: LoadedCheckpoint, seen: Inspection
) -> None:
    still = replace(loaded, model=loaded.model._replace(inner_steps=0, finetuning_steps=0))
    shown = model_of(seen)
    shown.set_reference(still.inspect(seen.numbers.tolist(), 2))
    for position in range(seen.codes.shape[1]):
        shown.set_position(position)
        assert shown.delta(shown.query(0)) is not None


def test_names_are_whole_before_bars_take_the_room(
    seen: Inspection, examples: Examples, themes: ThemeManager, qtbot: QtBot
) -> None:
    names = tuple(f"{name}, a rare sort" for name in seen.class_names)
    table = QueryTable(themes)
    qtbot.addWidget(table)
    table.show_queries(replace(seen, class_names=names), Thumbnails(examples), 0)
    letter = table.fontMetrics().averageCharWidth()
    table.resize(110 * letter, 400)
    table.show()
    needed = max(table.fontMetrics().horizontalAdvance(name) for name in names)
    view = table.view
    assert needed > 20 * letter - 2 * table.fontMetrics().height()  # more than columns have else
    for column in (TRUE, PREDICTED):
        assert view.columnWidth(column) > needed + table.fontMetrics().height()
    assert view.columnWidth(BARS) >= 14 * letter
    table.resize(60 * letter, 400)  # where there is little room, the bars keep theirs
    qtbot.waitUntil(lambda: view.viewport().width() < 62 * letter)
    assert sum(view.columnWidth(column) for column in range(6)) <= view.viewport().width()
