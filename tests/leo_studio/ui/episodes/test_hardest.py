"""The hardest episode is found with one press, also in a narrow dock."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox
from pytestqt.qtbot import QtBot

from leo_studio.analysis.episodes.columns import ACCURACY, NUMBER, UNCERTAINTY
from leo_studio.analysis.episodes.filter import classes_text
from leo_studio.analysis.episodes.questions import QUESTIONS
from leo_studio.services.records import RunEntry
from leo_studio.ui.episodes import EpisodesPanel
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.widgets.theme import ThemeManager

HARDEST = QUESTIONS[1]


def test_the_hardest_of_what_is_shown_is_one_press_away_and_the_filter_stays(
    filled: EpisodesPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    assert filled.table is not None
    accuracies = filled.table.accuracies[:, 2]
    bound = round(accuracies.min() + 0.001, 6)  # leaves the worst of all out
    text = f"accuracy > {bound} and gain > 0"
    shown = np.flatnonzero((accuracies > bound) & (filled.table.gains > 0))
    hardest = int(filled.table.numbers[shown[accuracies[shown].argmin()]])
    filled.view.selectRow(60)
    selection.select({60, 61, 90})
    # The press comes before the filter has waited for more to be typed.
    QTest.keyClicks(filled.filter.line, text)
    with qtbot.waitSignal(filled.episode_wanted) as wanted:
        QTest.mouseClick(filled.filter.hardest_button, Qt.MouseButton.LeftButton)
    assert wanted.args == [hardest] and selection.current == hardest
    assert filled.filter.line.text() == text
    assert filled.view.episodes.rowCount() == len(shown) < 150
    assert filled.view.currentIndex().row() == 0
    assert marked_rows(filled) == [0] and selection.selected == {hardest}


def test_the_hardest_of_a_class_and_of_rows_that_are_shown_alone(
    filled: EpisodesPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    assert filled.table is not None
    filled.reveal(frozenset({60, 61, 90}))
    with qtbot.waitSignal(filled.episode_wanted) as wanted:
        QTest.mouseClick(filled.filter.hardest_button, Qt.MouseButton.LeftButton)
    assert wanted.args[0] in (60, 61, 90) and filled.view.episodes.rowCount() == 3
    assert filled.filter.chosen_chip.isVisible() and marked_rows(filled) == [0]
    QTest.mouseClick(filled.filter.chosen_chip, Qt.MouseButton.LeftButton)
    assert len(marked_rows(filled)) == 1 and filled.view.episodes.rowCount() == 150
    combo = filled.filter.of_class
    combo.setCurrentIndex(combo.findData("val-3"))
    combo.activated.emit(combo.currentIndex())
    count = filled.view.episodes.rowCount()
    with qtbot.waitSignal(filled.episode_wanted) as wanted:
        QTest.mouseClick(filled.filter.hardest_button, Qt.MouseButton.LeftButton)
    assert filled.filter.class_name == "val-3" and filled.view.episodes.rowCount() == count < 150
    assert "val-3" in classes_text(filled.table, int(filled.view.episodes.rows[0]))


def test_the_hardest_waits_until_all_episodes_are_computed(
    filled: EpisodesPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    filled.count.setValue(4000)
    filled.start()
    qtbot.waitUntil(lambda: filled.table is not None, timeout=30_000)
    assert 0 < computed(filled) < 4000
    with qtbot.waitSignal(filled.episode_wanted, timeout=60_000) as wanted:
        QTest.mouseClick(filled.filter.hardest_button, Qt.MouseButton.LeftButton)
        assert "when all 4,000 are computed" in filled.status.text()
        assert "then the hardest" in filled.bar.text()
    assert filled.table is not None and computed(filled) == 4000
    hardest = int(filled.table.numbers[filled.table.accuracies[:, 2].argmin()])
    assert wanted.args == [hardest] and selection.current == hardest
    assert "when all" not in filled.status.text()


def computed(panel: EpisodesPanel) -> int:
    return 0 if panel.table is None else len(panel.table.numbers)


def test_cancel_opens_the_hardest_of_those_that_are_there(
    filled: EpisodesPanel, qtbot: QtBot
) -> None:
    filled.count.setValue(20_000)
    filled.start()
    qtbot.waitUntil(lambda: filled.table is not None, timeout=30_000)
    QTest.mouseClick(filled.filter.hardest_button, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(filled.episode_wanted) as wanted:
        QTest.mouseClick(filled.cancel_button, Qt.MouseButton.LeftButton)
    table = filled.table
    assert table is not None and len(table.numbers) < 20_000
    assert wanted.args == [int(table.numbers[table.accuracies[:, 2].argmin()])]


def test_who_asks_before_there_are_rows_sees_the_column_of_the_order(
    panel: EpisodesPanel, run: RunEntry, qtbot: QtBot
) -> None:
    panel.resize(420, 600)
    panel.show()
    assert panel.table is None
    panel.ask(QUESTIONS[-1])  # the most uncertain first
    qtbot.waitUntil(lambda: panel.table is not None and not panel.is_going, timeout=30_000)
    view = panel.view
    left = view.columnViewportPosition(UNCERTAINTY)
    assert left >= 0
    assert left + view.columnWidth(UNCERTAINTY) <= view.viewport().width()
    panel.ask(QUESTIONS[0])
    view.horizontalScrollBar().setValue(0)
    panel.ask(QUESTIONS[-1])
    assert view.columnViewportPosition(UNCERTAINTY) >= 0 and view.rowAt(0) == 0
    assert panel.width() == 420 and view.horizontalScrollBar().value() > 0
    view.horizontalScrollBar().setValue(0)  # who scrolls elsewhere stays there
    panel.start()
    qtbot.waitUntil(lambda: panel.table is not None and not panel.is_going, timeout=30_000)
    assert view.horizontalScrollBar().value() == 0


def test_the_column_of_an_order_is_not_under_the_first_one(
    filled: EpisodesPanel, qtbot: QtBot
) -> None:
    filled.resize(420, 600)
    view = filled.view
    bar = view.horizontalScrollBar()
    for column in (ACCURACY, UNCERTAINTY):
        bar.setValue(bar.maximum())
        qtbot.waitUntil(view.first_column.isVisible)
        view.sort_by(column, is_descending=True)
        covered = view.first_column.width() if view.first_column.isVisible() else 0
        left = view.columnViewportPosition(column)
        assert covered <= left
        assert left + view.columnWidth(column) <= view.viewport().width()


def marked_rows(panel: EpisodesPanel) -> list[int]:
    """Return the rows that look selected."""
    return sorted(index.row() for index in panel.view.selectionModel().selectedRows())


def test_the_row_that_is_looked_at_is_marked_and_seen_beside_those_that_are_selected(
    filled: EpisodesPanel, selection: EpisodeSelection
) -> None:
    selection.show(140)
    assert marked_rows(filled) == [140] and selection.selected == frozenset()
    row = filled.view.visualRect(filled.view.episodes.index(140, 0))
    assert filled.view.viewport().rect().contains(row.center())
    filled.ask(HARDEST)
    assert [int(filled.view.episodes.numbers[row]) for row in marked_rows(filled)] == [140]
    selection.select({3, 4})
    numbers = {int(filled.view.episodes.numbers[row]) for row in marked_rows(filled)}
    assert numbers == {3, 4, 140} and selection.selected == {3, 4}


def test_what_the_hardest_is_found_by_is_whole_in_a_narrow_dock(
    filled: EpisodesPanel, themes: ThemeManager, qtbot: QtBot
) -> None:
    for scale, width in ((1.0, 340), (1.5, 365)):
        themes.choose("light", scale)
        filled.resize(width, 700)
        qtbot.wait(50)
        view, step = filled.view, filled.picker.step
        for column in (NUMBER, ACCURACY):
            right = view.columnViewportPosition(column) + view.columnWidth(column)
            assert right <= view.viewport().width()
        field = step.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox,
            _option(step),
            QStyle.SubControl.SC_ComboBoxEditField,
            step,
        )
        number = step.currentText().partition(" (")[0]
        room = step.fontMetrics().horizontalAdvance(f"{number}…")
        assert number.startswith("step ") and room <= field.width()


def _option(combo: QComboBox) -> QStyleOptionComboBox:
    option = QStyleOptionComboBox()
    combo.initStyleOption(option)
    return option


def test_the_bar_above_the_table_is_one_row_also_in_a_narrow_dock(
    filled: EpisodesPanel, themes: ThemeManager, qtbot: QtBot
) -> None:
    bar = filled.filter
    parts = (bar.hardest_button, bar.questions, bar.line, bar.range)
    for scale in (1.0, 1.5):
        themes.choose("light", scale)
        filled.resize(680, 560)
        qtbot.waitUntil(lambda: filled.width() == 680)  # no part asks for more
        # The layout settles after the size of the text changed.
        qtbot.waitUntil(lambda: all(p.width() >= p.minimumSizeHint().width() for p in parts))
        middles = {part.geometry().center().y() for part in parts}
        assert max(middles) - min(middles) <= 2
        assert filled.width() == 680


@pytest.mark.parametrize(
    ("label", "column"), [("Hardest first", ACCURACY), ("Most uncertain", UNCERTAINTY)]
)
def test_an_order_of_the_menu_keeps_what_is_typed(
    filled: EpisodesPanel, label: str, column: int
) -> None:
    menu = filled.filter.questions.menu()
    (action,) = (each for each in menu.actions() if each.text() == label)
    QTest.keyClicks(filled.filter.line, "number < 50")
    action.trigger()  # before the filter has waited for more to be typed
    assert filled.filter.line.text() == "number < 50"
    assert filled.view.episodes.rowCount() == 50
    assert filled.view.horizontalHeader().sortIndicatorSection() == column
    (everything,) = (each for each in menu.actions() if each.text() == "All")
    everything.trigger()
    assert filled.filter.line.text() == "" and filled.view.episodes.rowCount() == 150
