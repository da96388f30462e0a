import re
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from engine.inspection.checkpoint_inspection import LoadedCheckpoint
from engine.inspection.records import Inspection
from leo_studio.analysis.inspection.findings import class_names, headline, reasons
from leo_studio.services.records import Examples
from leo_studio.ui.inspection.queries import BARS, DELTA, DOUBT, PREDICTED, TRUE
from leo_studio.ui.inspection.query_delegate import shortened
from leo_studio.ui.inspection.query_table import QueryTable
from leo_studio.ui.inspection.view import InspectionView
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.analysis.inspection.conftest import answered, true_classes
from tests.leo_studio.ui.inspection.conftest import examples_of


def choose(table: QueryTable, name: str, text: str) -> None:
    """Choose an entry of a box as a person does."""
    combo = table.findChild(QComboBox, name)
    assert isinstance(combo, QComboBox)
    combo.setFocus()
    combo.setCurrentText(text)
    combo.activated.emit(combo.currentIndex())


def chosen_row(view: InspectionView) -> int | None:
    index = view.queries.view.currentIndex()
    return view.queries.queries.query(index.row()).row if index.isValid() else None


def query_title(view: InspectionView) -> str:
    return str(view.query.plot.getPlotItem().titleLabel.item.document().toPlainText())


def count(view: InspectionView) -> str:
    label = view.queries.findChild(QLabel, "query-count")
    assert isinstance(label, QLabel)
    return label.text()


def markers(view: InspectionView) -> list[float]:
    return [plot._here.value() for plot in (view.accuracy, view.loss, view.query)]


def test_all_parts_stand_at_one_position(view: InspectionView, seen: Inspection) -> None:
    view.set_inspection(seen)
    told: list[int] = []
    view.position_changed.connect(told.append)
    QTest.keyClick(view.steps.slider, Qt.Key.Key_Home)
    QTest.keyClick(view.steps.slider, Qt.Key.Key_Right)
    assert told == [0, 1] and markers(view) == [1, 1, 1]
    assert view.queries.queries.position == 1
    counts = np.stack([(seen.predictions[0, 1] == label).sum(1) for label in range(4)], axis=1)
    np.testing.assert_array_equal(view.confusion._counts, counts)
    np.testing.assert_allclose(view.weights._values, seen.weight_cosines[0, 1])
    view.set_position(4)  # as the other side does
    assert told == [0, 1] and markers(view) == [4, 4, 4]
    view.set_position(99)
    assert view.position == 5


def test_the_words_on_a_step_are_its_numbers(view: InspectionView, seen: Inspection) -> None:
    view.set_inspection(seen)
    view.set_position(0)
    assert "nothing was adapted yet" in view.movement.text()
    view.set_position(2)
    moved = np.linalg.norm(seen.codes[0, 2] - seen.codes[0, 1], axis=-1).mean()
    before, after = seen.support_loss[0, 1:3]
    said = re.search(r"the codes by (\S+) on .* from (\S+) to (\S+) nats", view.movement.text())
    assert said is not None
    np.testing.assert_allclose(
        [float(each) for each in said.groups()], [moved, before, after], 0.01
    )
    view.set_position(4)
    assert "the nearest codes" in view.movement.text()


def test_an_episode_opens_at_its_end_and_the_next_one_where_this_stood(
    view: InspectionView, seen: Inspection, loaded: LoadedCheckpoint
) -> None:
    view.set_inspection(seen)
    assert view.position == 5
    longer = replace(loaded, model=loaded.model._replace(inner_steps=7)).inspect([4], 4)
    view.set_inspection(longer)
    assert view.position == 9  # the end is the end
    view.set_position(6)
    view.set_inspection(seen)
    assert view.position == 5  # there is no sixth
    view.set_position(1)
    view.set_inspection(longer)
    assert view.position == 1 and view.steps.label.text() == "inner 1 of 7"


def test_the_summary_says_what_was_found(view: InspectionView, seen: Inspection) -> None:
    view.set_inspection(seen)
    assert view.summary.text() == "\n".join([headline(seen), " ".join(reasons(seen))])
    view.set_beside(True)  # less room for words, and none is lost
    assert view.summary.text() == headline(seen)
    assert " ".join(reasons(seen)) in view.summary.toolTip()


def test_a_chosen_query_stays_chosen(view: InspectionView, seen: Inspection) -> None:
    view.set_inspection(seen, examples_of(seen))
    view.queries.view.selectRow(7)
    row = chosen_row(view)
    for order in ("By class", "Least sure first"):
        choose(view.queries, "query-order", order)
        assert chosen_row(view) == row
    # What if: another adaptation of the same queries.
    view.set_inspection(answered(seen, true_classes(seen), true_classes(seen)), examples_of(seen))
    assert chosen_row(view) == row and f"picture-{row}" in query_title(view)
    choose(view.queries, "query-filter", "Wrong")  # none is
    assert chosen_row(view) is None and "choose one" in query_title(view)
    choose(view.queries, "query-filter", "All")
    assert chosen_row(view) == row and f"picture-{row}" in query_title(view)


def test_an_episode_without_the_chosen_query_has_none(
    view: InspectionView, seen: Inspection
) -> None:
    view.set_inspection(seen)
    view.queries.view.selectRow(0)
    view.set_inspection(replace(seen, query=seen.query + 1000))
    assert chosen_row(view) is None and view.query.is_empty


def test_a_cell_of_the_confusion_matrix_opens_its_queries(
    view: InspectionView, seen: Inspection, qtbot: QtBot
) -> None:
    true = true_classes(seen)
    first = true.copy()
    first[2, 3:7] = 0
    view.set_inspection(answered(seen, first, true))
    view.set_position(0)
    middle = view.confusion.rect_of(2, 0).center().toPoint()
    QTest.mouseClick(view.confusion, Qt.MouseButton.LeftButton, pos=middle)
    cell = view.queries.findChild(QPushButton, "query-cell")
    assert isinstance(cell, QPushButton) and cell.isVisible()
    names = class_names(seen)
    assert cell.text() == f'"{names[2]}" taken for "{names[0]}", before'
    assert count(view) == "4 of 112 queries"
    assert chosen_row(view) in seen.query[0, 2, 3:7]
    view.set_position(3)  # the same four, while they are adapted
    assert count(view) == "4 of 112 queries"
    QTest.mouseClick(cell, Qt.MouseButton.LeftButton)
    assert count(view) == "112 of 112 queries" and not cell.isVisible()


def test_an_empty_cell_says_that_it_is(view: InspectionView, seen: Inspection) -> None:
    view.set_inspection(answered(seen, true_classes(seen), true_classes(seen)))
    view.confusion.setFocus()
    QTest.keyClick(view.confusion, Qt.Key.Key_Right)
    QTest.keyClick(view.confusion, Qt.Key.Key_Return)
    assert count(view) == "0 of 112 queries" and chosen_row(view) is None


def test_matrices_say_their_cells_in_words(view: InspectionView, ragged: Inspection) -> None:
    view.set_inspection(answered(ragged, true_classes(ragged), (true_classes(ragged) + 1) % 4))
    view.set_position(3)
    names = class_names(ragged)
    asked = int((ragged.query[0, 1] >= 0).sum())
    expected = f'{asked} of {asked} queries of "{names[1]}" are taken for "{names[2]}": 100.0 %'
    assert view.confusion._tip_of(1, 2) == expected
    assert view.confusion._tip_of(1, 1).startswith(f"0 of {asked} queries")
    QTest.keyClick(view.weights, Qt.Key.Key_Right)
    cosine = f"{ragged.weight_cosines[0, 3, 0, 1]:.3f}".replace("-", "−")
    assert view.movement.text().endswith(f'and "{names[1]}": cosine {cosine}')
    assert "beyond what a code decodes to" in view.weights._tip_of(2, 2)


def test_the_other_side_has_a_column_only_when_there_is_one(
    view: InspectionView, seen: Inspection
) -> None:
    view.set_inspection(seen)
    assert view.queries.view.isColumnHidden(DELTA)
    view.set_reference(seen)
    assert not view.queries.view.isColumnHidden(DELTA)
    model = view.queries.queries
    assert model.data(model.index(0, DELTA)) == "+0.00"
    view.set_reference(None)
    assert view.queries.view.isColumnHidden(DELTA)


def test_pictures_and_names_may_come_later(
    view: InspectionView, seen: Inspection, examples: Examples
) -> None:
    view.set_inspection(seen)
    view.queries.view.selectRow(0)
    row = chosen_row(view)
    assert f"row {row}" in query_title(view)
    view.set_examples(examples)
    assert f"class/picture-{row}" in query_title(view)
    model = view.queries.queries
    assert model.data(model.index(0, 0)) == f"class/picture-{row}"


@pytest.mark.parametrize("steps", [(0, 0), (0, 2), (3, 0), (12, 9)])
def test_any_number_of_steps_can_be_looked_at(
    view: InspectionView, loaded: LoadedCheckpoint, themes: ThemeManager, steps: tuple[int, int]
) -> None:
    themes.choose("dark")
    model = loaded.model._replace(inner_steps=steps[0], finetuning_steps=steps[1])
    inspection = replace(loaded, model=model).inspect([0], 4)
    view.set_inspection(inspection, examples_of(inspection))
    view.queries.view.selectRow(0)
    view.set_reference(inspection)
    for position in range(sum(steps) + 1):
        view.set_position(position)
        view.grab()
    assert view.steps.isEnabled() == (sum(steps) > 0)


@pytest.mark.parametrize(("n_way", "k_shot"), [(2, 1), (8, 5)])
def test_few_and_many_classes_can_be_looked_at(
    view: InspectionView, loaded: LoadedCheckpoint, n_way: int, k_shot: int
) -> None:
    inspection = replace(loaded, n_way=n_way, k_shot=k_shot, queries=5).inspect([0], 1)
    view.set_inspection(inspection)
    view.queries.view.selectRow(0)
    view.grab()
    assert view.confusion.minimumHeight() >= n_way * view.fontMetrics().height()
    assert count(view) == f"{5 * n_way} of {5 * n_way} queries"


def test_classes_of_different_sizes_can_be_looked_at(
    view: InspectionView, ragged: Inspection
) -> None:
    view.set_inspection(ragged)
    asked = int((ragged.query >= 0).sum())
    assert count(view) == f"{asked} of {asked} queries"
    for position in range(6):
        view.set_position(position)
        view.grab()


def test_without_an_episode_nothing_of_the_last_one_is_left(
    view: InspectionView, seen: Inspection, qtbot: QtBot
) -> None:
    view.set_inspection(seen)
    view.queries.view.selectRow(0)
    view.set_inspection(None)
    assert view.summary.text() == view.movement.text() == view.steps.label.text() == ""
    assert view.queries.queries.rowCount() == 0 and count(view) == "0 of 0 queries"
    assert view.accuracy.is_empty and view.query.is_empty and view.paths.is_empty
    QTest.mouseClick(view.accuracy.view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(90, 90))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Return):
        QTest.keyClick(view.confusion, key)
    view.grab()
    view.set_inspection(seen)
    assert count(view) == "112 of 112 queries"


def test_parts_stand_in_as_many_columns_as_have_room(
    view: InspectionView, seen: Inspection, qtbot: QtBot
) -> None:
    view.set_inspection(seen)

    def columns() -> int:
        parts = (view.support, view.accuracy, view.paths, view.confusion, view.loss, view.weights)
        return len({part.mapTo(view, QPoint(0, 0)).x() for part in parts})

    for width, expected in ((1500, 3), (900, 2), (420, 1)):
        view.resize(width, view.heightForWidth(width))
        qtbot.waitUntil(partial(lambda wanted: columns() == wanted, expected))
        view.resize(width, view.heightForWidth(width))
        assert view.minimumSizeHint().width() <= width
        # As high as it is useful, not as plots would like to be.
        qtbot.waitUntil(lambda: view.loss.height() <= 18 * view.fontMetrics().height())


def test_the_header_has_room_for_its_words(view: InspectionView, seen: Inspection) -> None:
    view.set_inspection(seen)
    view.set_reference(seen)
    header = view.queries.view.horizontalHeader()
    for column in range(header.count()):
        if column != BARS:  # takes what is left
            assert header.sectionSize(column) >= header.sectionSizeHint(column)


def test_right_and_wrong_are_told_apart_by_a_mark(
    view: InspectionView, seen: Inspection, qtbot: QtBot
) -> None:
    true = true_classes(seen)
    wrong = true.copy()
    wrong[0, 0] = 1
    view.set_inspection(answered(seen, wrong, wrong))

    def place(row: int, column: int) -> QRect:
        return view.queries.view.visualRect(view.queries.queries.index(row, column))

    def cell(row: int, column: int) -> QImage:
        rect = place(row, column)
        assert rect.width() > 0
        return view.queries.view.viewport().grab(rect).toImage()

    # The table grows by its rows with the next events.
    qtbot.waitUntil(lambda: view.queries.view.viewport().rect().contains(place(1, PREDICTED)))
    query = view.queries.queries.query(0)
    assert (query.true, query.predicted) == (0, 1)
    # A grey picture has the mark, and the markers of two classes, still.
    gray = QImage.Format.Format_Grayscale8
    right = view.queries.queries.query(1)
    assert right.is_right
    assert cell(0, PREDICTED).convertToFormat(gray) != cell(1, PREDICTED).convertToFormat(gray)
    assert cell(1, TRUE).width() == cell(0, TRUE).width()


def test_a_selected_query_keeps_its_markers_visible(
    view: InspectionView, seen: Inspection, themes: ThemeManager
) -> None:
    view.set_inspection(seen)
    choose(view.queries, "query-order", "By class")
    view.queries.view.selectRow(0)
    for theme in ("light", "dark"):
        themes.choose(theme)
        rect = view.queries.view.visualRect(view.queries.queries.index(0, TRUE))
        image = view.queries.view.viewport().grab(rect).toImage()
        side = view.fontMetrics().height()
        rows = range(image.height() // 2 - side // 2, image.height() // 2 + side // 2)
        colors = {image.pixelColor(x, y).name() for x in range(side + 4) for y in rows}
        assert themes.current.base in colors, theme


def test_all_queries_are_seen_without_a_scroll_bar_of_their_own(
    view: InspectionView, seen: Inspection, qtbot: QtBot
) -> None:
    view.set_inspection(seen)
    table = view.queries.view
    qtbot.waitUntil(lambda: table.viewport().height() >= 112 * table.rowHeight(0))
    choose(view.queries, "query-filter", "Wrong")
    rows = view.queries.queries.rowCount()
    assert 0 < rows < 112
    qtbot.waitUntil(lambda: table.minimumSizeHint().height() < (rows + 4) * table.rowHeight(0))


def test_every_part_has_a_title(view: InspectionView, seen: Inspection) -> None:
    view.set_inspection(seen)
    titles = {label.text() for label in view.findChildren(QLabel) if label.text()}
    assert {"Support set", "Confusion matrix", "Classifier weights", "Queries"} <= titles
    for plot in (view.accuracy, view.loss, view.paths, view.query):
        assert plot._title[0]


def test_where_there_is_little_room_columns_of_queries_go_and_their_classes_stay(
    view: InspectionView, seen: Inspection, qtbot: QtBot
) -> None:
    view.set_inspection(seen)
    view.set_reference(seen)
    table = view.queries.view
    assert not any(table.isColumnHidden(column) for column in range(6))
    view.resize(330, 900)
    qtbot.waitUntil(lambda: table.isColumnHidden(DOUBT))
    for column in (TRUE, PREDICTED, DELTA):
        assert not table.isColumnHidden(column)
    shown = sum(table.columnWidth(each) for each in range(6) if not table.isColumnHidden(each))
    assert shown <= table.viewport().width()


@pytest.mark.parametrize("letters", [8, 14, 40])
def test_a_prediction_is_shortened_in_its_name_and_its_percentage_is_whole(
    view: InspectionView, letters: int
) -> None:
    metrics = view.fontMetrics()
    room = letters * metrics.averageCharWidth()
    text = shortened(metrics, "glyph-number-171", "59 %", room)
    assert text.endswith(" 59 %")
    assert text.startswith("glyph-number-171") == (letters == 40)
    assert letters == 8 or metrics.horizontalAdvance(text) <= room


def test_a_prediction_and_a_difference_have_room_beside_another_side(
    view: InspectionView, seen: Inspection, qtbot: QtBot
) -> None:
    view.set_inspection(seen)
    view.set_reference(seen)
    view.resize(520, 900)
    table, metrics = view.queries.view, view.fontMetrics()
    qtbot.waitUntil(lambda: not table.isColumnHidden(DELTA) and table.width() <= 520)
    marks = 1.2 * metrics.height() + metrics.horizontalAdvance("✗ ") + 8
    predicted = metrics.horizontalAdvance("gly…171 100 %") + marks
    assert table.columnWidth(PREDICTED) >= predicted
    assert table.columnWidth(DELTA) >= metrics.horizontalAdvance("−0.06") + 8
