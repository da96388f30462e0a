import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from leo_studio.ui.widgets.flow_layout import FlowLayout

WIDTH, HEIGHT, GAP, LINE_GAP = 40, 10, 6, 4


@pytest.fixture
def tiles(qtbot: QtBot) -> tuple[QWidget, FlowLayout, list[QWidget]]:
    holder = QWidget()
    qtbot.addWidget(holder)
    flow = FlowLayout(holder)
    flow.setContentsMargins(1, 2, 3, 5)
    flow.set_spacings(GAP, LINE_GAP)
    made = [QWidget() for _ in range(5)]
    for tile in made:
        tile.setFixedSize(WIDTH, HEIGHT)
        flow.addWidget(tile)
    return holder, flow, made


@pytest.mark.parametrize(("per_line", "lines"), [(5, 1), (4, 2), (2, 3), (1, 5)])
def test_widgets_go_on_the_next_line_where_there_is_no_room(
    tiles: tuple[QWidget, FlowLayout, list[QWidget]], per_line: int, lines: int
) -> None:
    _, flow, made = tiles
    width = 1 + per_line * (WIDTH + GAP) - GAP + 3 + 1  # one more than they need
    height = 2 + lines * (HEIGHT + LINE_GAP) - LINE_GAP + 5
    assert flow.heightForWidth(width) == height
    flow.setGeometry(QRect(0, 0, width, height))
    for index, tile in enumerate(made):
        line, place = divmod(index, per_line)
        assert (tile.x(), tile.y()) == (
            1 + place * (WIDTH + GAP),
            2 + line * (HEIGHT + LINE_GAP),
        )


def test_one_widget_stays_on_its_line_however_narrow_it_is(
    tiles: tuple[QWidget, FlowLayout, list[QWidget]],
) -> None:
    _, flow, made = tiles
    assert flow.heightForWidth(3) == 2 + 5 * (HEIGHT + LINE_GAP) - LINE_GAP + 5
    assert flow.minimumSize().width() == 1 + WIDTH + 3
    assert len(made) == flow.count()


def test_what_is_taken_away_has_no_place_any_more(
    tiles: tuple[QWidget, FlowLayout, list[QWidget]],
) -> None:
    _, flow, made = tiles
    flow.removeWidget(made[0])
    assert flow.count() == 4
    while flow.takeAt(0) is not None:
        pass
    assert flow.itemAt(0) is None
    assert flow.heightForWidth(1000) == 2 + 5


def test_spacings_are_the_styles_until_they_are_set(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    flow = FlowLayout(holder)
    flow.setContentsMargins(0, 0, 0, 0)
    made = [QWidget(), QWidget()]
    for tile in made:
        tile.setFixedSize(WIDTH, HEIGHT)
        flow.addWidget(tile)
    flow.setGeometry(QRect(0, 0, 1000, HEIGHT))
    assert made[1].x() > WIDTH
