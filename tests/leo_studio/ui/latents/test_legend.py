"""Tests of the legend of the latent space in little room."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from leo_studio.analysis.latents.options import SCALE_TITLES
from leo_studio.ui.latents.legend import Legend
from leo_studio.ui.latents.point_styles import ColorBar, Entry, PointStyles
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import ThemeManager

LONG_NAME = "a longer name of one class than most"
NOTE = "40 classes have 19 shapes: some share one, and cannot be told apart here"
BAR = ColorBar(SCALE_TITLES["uncertainty"], "0", "≥ 0.0084", (QColor("blue"), QColor("red")))


@pytest.fixture
def legend(themes: ThemeManager, qtbot: QtBot) -> Iterator[Legend]:
    """Beside a plot, of uncertainty with forty classes, with text of twice the size."""
    place = QWidget()
    qtbot.addWidget(place)
    made = Legend(themes)
    row = QHBoxLayout(place)
    row.addStretch(1)
    row.addWidget(made)
    font = place.font()
    font.setPointSizeF(2 * font.pointSizeF())
    place.setFont(font)
    nothing = np.zeros(0, np.int64)
    entries = tuple(
        Entry(f"glyph-{number}", QColor("blue"), "o", is_class=True) for number in range(40)
    )
    made.show_styles(
        PointStyles((QColor("blue"),), nothing, nothing, nothing, nothing, entries, NOTE, BAR)
    )
    place.resize(700, 1000)
    place.show()
    QTest.qWait(20)
    yield made


def parts_overlap(legend: Legend) -> bool:
    parts = [part for part in (legend.bar, legend.list, legend.note) if not part.isHidden()]
    edges = [(part.geometry().top(), part.geometry().bottom()) for part in parts]
    return any(before[1] >= after[0] for before, after in pairwise(edges))


def test_all_is_said_where_there_is_room(legend: Legend) -> None:
    assert legend.note.isVisible() and legend.note.text() == NOTE
    assert not parts_overlap(legend)


def test_a_low_legend_says_less_and_nothing_lies_over_anything(legend: Legend) -> None:
    line = legend.fontMetrics().height()
    place = legend.window()
    place.resize(700, place.minimumSizeHint().height())
    QTest.qWait(20)
    assert place.height() < 11 * line
    assert not parts_overlap(legend)
    assert legend.note.isHidden() and legend.list.toolTip() == NOTE
    assert legend.bar.height() >= legend.bar.sizeHint().height()
    assert legend.bar.height() < 6 * line
    assert legend.bar.toolTip() == as_tip(BAR.words)
    assert legend.list.height() >= legend.list.minimumSizeHint().height()


def show_classes(legend: Legend, *names: str) -> None:
    """Explain some classes alone."""
    nothing = np.zeros(0, np.int64)
    entries = tuple(Entry(name, QColor("blue"), "o", is_class=True) for name in names)
    legend.show_styles(
        PointStyles((QColor("blue"),), nothing, nothing, nothing, nothing, entries, "", None)
    )
    QTest.qWait(20)


def cut_names(legend: Legend) -> list[str]:
    """Return the names that have less room than they need."""
    rows = legend.list
    room = rows.viewport().width() - 2 * rows.spacing()
    items = [rows.item(row) for row in range(rows.count())]
    return [
        item.text()
        for item in items
        if rows.sizeHintForIndex(rows.indexFromItem(item)).width() > room
    ]


@pytest.mark.parametrize("count", [3, 40])
def test_the_longest_name_is_read_in_full_where_a_quarter_of_the_panel_has_room(
    legend: Legend, count: int
) -> None:
    legend.set_panel_width(2000)
    names = [f"WWWWW-{number:03}" for number in range(count - 1)]
    show_classes(legend, *names, LONG_NAME)
    assert not cut_names(legend) and legend.width() < 500
    width = legend.width()
    legend.set_panel_width(900)
    QTest.qWait(20)
    assert cut_names(legend) == [LONG_NAME] and legend.width() <= 225
    legend.set_panel_width(2000)
    assert legend.width() == width


def test_a_scale_has_a_shorter_name_with_its_unit() -> None:
    assert BAR.shortest.title == "uncertainty of the episode (nats)"
    accuracy = ColorBar(SCALE_TITLES["accuracy"], "0", "100", ())
    assert accuracy.shortest.title == accuracy.title
