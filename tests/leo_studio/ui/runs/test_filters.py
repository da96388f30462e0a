"""The search line for runs says how to ask for a seed, in words that it understands."""

from pytestqt.qtbot import QtBot

from leo_studio.analysis.runs.search import parse_query
from leo_studio.ui.runs.filters import FilterBar


def test_the_search_line_shows_how_a_seed_is_asked_for(qtbot: QtBot) -> None:
    bar = FilterBar()
    qtbot.addWidget(bar)
    example = bar.line.placeholderText().removeprefix("Search, or ")
    assert "seed:1" in example.split()
    assert len(parse_query(example).tests) == len(example.split())
    assert "seed:1" in bar.line.toolTip()
