"""The filter takes names of classes and percent, and the first columns are whole."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from leo_studio.analysis.episodes.columns import ACCURACY, COLUMNS, GAIN, NUMBER
from leo_studio.analysis.episodes.filter import has_class
from leo_studio.ui.episodes import EpisodesPanel

BEFORE = 3


def test_a_classs_name_alone_and_percent_are_understood(
    filled: EpisodesPanel,
) -> None:
    assert filled.table is not None
    name, line = filled.table.class_names[3], filled.filter.line
    assert any(f'has("{each}")' in line.placeholderText() for each in filled.table.class_names)
    QTest.keyClicks(line, name)
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert not filled.filter.problem.isVisible()
    assert filled.view.episodes.rowCount() == int(has_class(filled.table, name).sum())
    line.clear()
    QTest.keyClicks(line, "accuracy < 60")
    QTest.keyClick(line, Qt.Key.Key_Return)
    few = int((filled.table.accuracies[:, 2] < 0.6).sum())
    assert filled.view.episodes.rowCount() == few < 150


def test_a_formula_takes_the_bare_name_of_a_class(filled: EpisodesPanel) -> None:
    assert filled.table is not None
    name, line = filled.table.class_names[3], filled.filter.line
    QTest.keyClicks(line, f"{name} and accuracy < 70")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert not filled.filter.problem.isVisible()
    mask = has_class(filled.table, name) & (filled.table.accuracies[:, 2] < 0.7)
    assert filled.view.episodes.rowCount() == int(mask.sum())
    kept = filled.remembered()
    line.clear()
    filled.restore(kept)
    assert line.text() == f"{name} and accuracy < 70"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("accuracy below 60 percent", "Words are no signs; write accuracy < 60"),
        ("val and accuracy < 70", 'There is no column "val"; for a class write has("val")'),
        ("glyph-171 and accuracy < 70", 'There is no "glyph-171". For example: '),
        ("glyph-171", "No class has that name, and nothing is compared. For example: "),
        ("accuracy <", "It is not complete. For example: accuracy < 60 and has("),
    ],
)
def test_what_is_wrong_with_a_filter_is_said_in_two_lines_of_a_narrow_dock(
    filled: EpisodesPanel, qtbot: QtBot, text: str, sentence: str
) -> None:
    filled.resize(340, 700)
    qtbot.waitUntil(lambda: filled.width() == 340)
    QTest.keyClicks(filled.filter.line, text)
    QTest.keyClick(filled.filter.line, Qt.Key.Key_Return)
    problem = filled.filter.problem
    assert problem.isVisible() and problem.text().startswith(sentence)
    lines = problem.heightForWidth(problem.width()) / problem.fontMetrics().lineSpacing()
    assert lines < 2.5


def test_where_no_episode_is_meant_the_line_says_what_accuracies_there_are(
    filled: EpisodesPanel,
) -> None:
    assert filled.table is not None
    accuracies = 100 * filled.table.accuracies[:, 2]
    lowest = f"the lowest accuracy is {accuracies.min():.1f} %"
    highest = f"the highest accuracy is {accuracies.max():.1f} %"
    for text, said in (
        ("accuracy < 0.1%", f"None of 150 episodes; {lowest}."),
        ("gain > -5 and 150% <= accuracy", f"None of 150 episodes; {highest}."),
        ("accuracy == 2.5%", f"None of 150 episodes; {lowest}, {highest}."),
        ("gain > 150%", "None of 150 episodes is meant by this filter."),
    ):
        filled.filter.line.clear()
        QTest.keyClicks(filled.filter.line, text)
        QTest.keyClick(filled.filter.line, Qt.Key.Key_Return)
        assert filled.view.episodes.rowCount() == 0
        assert filled.status.text() == said


def test_the_first_columns_are_whole_in_a_dock_of_the_usual_width(
    filled: EpisodesPanel, qtbot: QtBot
) -> None:
    view = filled.view
    for width in (320, 336, 380):
        filled.resize(width, 700)
        qtbot.waitUntil(lambda width=width: filled.width() == width)  # type: ignore[misc]
        for column in (NUMBER, ACCURACY, GAIN):
            view.sort_by(column, is_descending=True)
            qtbot.wait(1)
            header = view.horizontalHeader()
            last = header.sectionViewportPosition(BEFORE) + header.sectionSize(BEFORE)
            assert last <= view.viewport().width()
            font = QFont(header.font())
            font.setBold(True)
            metrics = QFontMetrics(font)
            for place in range(BEFORE + 1):
                text = metrics.horizontalAdvance(COLUMNS[place].title)
                arrow = 16 if place == column else 0
                assert header.sectionSize(place) >= text + 12 + arrow


def test_a_classs_name_in_the_hint_is_no_markup(panel: EpisodesPanel) -> None:
    panel.filter.set_classes(("<img src=x>",))
    assert panel.filter.line.placeholderText().startswith("<img src=x>, or ")
    assert "&lt;img src=x&gt;" in panel.filter.line.toolTip()
    assert "<img" not in panel.filter.line.toolTip()
