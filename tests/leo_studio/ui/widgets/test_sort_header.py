"""The arrow of a sorted column, as it is painted."""

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QHeaderView, QTableView, QTableWidget, QTableWidgetItem
from pytestqt.qtbot import QtBot

from leo_studio.ui.widgets.sort_header import SortHeader
from leo_studio.ui.widgets.theme import ThemeManager, ThemeName
from tests.leo_studio.ui.conftest import OpenWindow

ASCENDING, DESCENDING = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


def lines_of(header: QHeaderView) -> list[list[int]]:
    """Return where pixels are painted within a header, line by line from top to bottom."""
    picture = header.viewport().grab(QRect(4, 4, header.sectionSize(0) - 8, header.height() - 8))
    image = picture.toImage()
    ground = image.pixelColor(0, 0)
    return [
        [x for x in range(image.width()) if image.pixelColor(x, y) != ground]
        for y in range(image.height())
    ]


def table(title: str, qtbot: QtBot) -> QTableWidget:
    made = QTableWidget(2, 1)
    qtbot.addWidget(made)
    made.setHorizontalHeader(SortHeader(made))
    item = QTableWidgetItem(title)
    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    made.setHorizontalHeaderItem(0, item)
    made.setSortingEnabled(True)
    made.setColumnWidth(0, made.horizontalHeader().sectionSizeHint(0))
    made.show()
    return made


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_arrow_points_up_where_rows_ascend(
    themes: ThemeManager, qtbot: QtBot, name: ThemeName
) -> None:
    themes.choose(name)
    made = table("", qtbot)
    ends = {}
    for order in (ASCENDING, DESCENDING):
        made.sortByColumn(0, order)
        widths = [len(line) for line in lines_of(made.horizontalHeader()) if line]
        assert len(widths) >= 3
        ends[order] = widths[0], widths[-1]
    assert ends[ASCENDING][0] < ends[ASCENDING][1]
    assert ends[DESCENDING][0] > ends[DESCENDING][1]


def test_a_title_at_the_right_is_clear_of_the_arrow(themes: ThemeManager, qtbot: QtBot) -> None:
    themes.choose("light")
    plain, titled = (table(title, qtbot) for title in ("", "Gain"))
    for made in (plain, titled):
        made.setColumnWidth(0, 100)
        made.sortByColumn(0, ASCENDING)
    arrow = {x for line in lines_of(plain.horizontalHeader()) for x in line}
    both = {x for line in lines_of(titled.horizontalHeader()) for x in line}
    assert arrow <= both and min(arrow) - 1 not in both
    assert min(both) < min(arrow) - 20


def test_every_table_that_a_click_sorts_has_this_header(
    open_window: OpenWindow, qtbot: QtBot
) -> None:
    window = open_window()
    for name in ("episodes", "evaluation"):
        window.docks.show(name)

    def tables() -> dict[str, QHeaderView]:
        return {
            each.objectName(): each.horizontalHeader()
            for each in window.findChildren(QTableView)
            if each.horizontalHeader().isSortIndicatorShown()
        }

    qtbot.waitUntil(lambda: {"runs-table", "episode-table"} <= set(tables()))
    for name, header in tables().items():
        assert isinstance(header, SortHeader), name
