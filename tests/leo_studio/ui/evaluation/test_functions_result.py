"""Tests of the result of an evaluation on functions."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from leo_studio.analysis.evaluation.function_verdict import function_verdict
from leo_studio.ui.evaluation.functions_result import FunctionsResult
from leo_studio.ui.widgets.fitting_table import widths_within
from leo_studio.ui.widgets.glossary_links import GlossaryAction, GlossaryButton
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.analysis.evaluation.test_function_scores import FOUND
from tests.leo_studio.ui.mouse import turn_wheel

ROOM = 457  # pixels that the result has in a window of 1280 by 800 that nobody has changed


@pytest.fixture
def result(themes: ThemeManager, qtbot: QtBot) -> FunctionsResult:
    made = FunctionsResult(themes)
    qtbot.addWidget(made)
    made.resize(ROOM, 420)
    made.show_evaluations("sine-line", [FOUND], "", learner="LEO")
    made.show()
    QTest.qWait(50)
    return made


def heads(result: FunctionsResult) -> list[str]:
    items = (result.table.horizontalHeaderItem(place) for place in range(4))
    return [item.text().replace("\n", " ") for item in items if item is not None]


def test_the_limit_stands_beside_what_is_compared_with_it(result: FunctionsResult) -> None:
    assert heads(result) == ["Score", "Weighted samples", "Limit", "Plain samples"]
    row = [result.table.item(3, place) for place in range(4)]
    texts = [item.text() for item in row if item is not None]
    assert texts[0] == "log likelihood" and texts[2].endswith(" nats") and "±" not in texts[2]


def test_a_verdict_stands_above_the_table_and_words_are_explained(result: FunctionsResult) -> None:
    (verdict,) = result.findChildren(QLabel, "functions-verdict")
    assert verdict.text().replace("\u00a0", " ") == function_verdict(FOUND, "LEO")
    assert verdict.isVisible() and verdict.geometry().bottom() < result.table.geometry().top()
    assert verdict.height() >= verdict.heightForWidth(verdict.width())
    (words,) = result.findChildren(GlossaryButton)
    assert words.isVisible()
    entries = [each.entry for each in words.menu().actions() if isinstance(each, GlossaryAction)]
    assert "Risk ratio" in entries and "Accuracy" not in entries


def test_heads_say_what_weighted_and_plain_samples_are(result: FunctionsResult) -> None:
    items = [result.table.horizontalHeaderItem(place) for place in range(4)]
    tips = [item.toolTip() for item in items if item is not None]
    assert "by how well it fits" in tips[1] and "alike" in tips[3] and "best possible" in tips[2]


def test_all_columns_and_rows_are_seen_in_a_small_window(result: FunctionsResult) -> None:
    table = result.table
    header = table.horizontalHeader()
    widths = [table.columnWidth(place) for place in range(table.columnCount())]
    assert sum(widths) <= table.viewport().width()
    for place, width in enumerate(widths):
        assert width >= header.sectionSizeHint(place)
    assert table.horizontalScrollBar().maximum() == 0
    assert table.verticalScrollBar().maximum() == 0
    assert table.geometry().bottom() < result.curve.geometry().top()


def test_the_wheel_over_the_table_is_left_to_the_page(result: FunctionsResult) -> None:
    for modifiers in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier):
        assert not turn_wheel(result.table.viewport(), modifiers=modifiers).isAccepted()
    assert result.table.horizontalScrollBar().value() == 0


@given(st.lists(st.integers(1, 500), min_size=1, max_size=6), st.integers(6, 2000))
def test_the_widest_columns_give_way(widths: Sequence[int], room: int) -> None:
    found = widths_within(widths, room)
    assert sum(found) <= max(room, 0) or found == list(widths)
    if sum(widths) <= room:
        assert found == list(widths)
    else:
        cut = [new for old, new in zip(widths, found, strict=True) if new < old]
        assert sum(found) <= room < sum(found) + len(widths)
        assert len(set(cut)) == 1 and max(found) == cut[0]
