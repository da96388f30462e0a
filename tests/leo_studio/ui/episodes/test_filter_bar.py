"""The filter takes names of classes and percent, and the first columns are whole."""

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
