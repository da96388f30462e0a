import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from leo_studio.analysis.episodes.columns import ACCURACY, COLUMNS, GAIN, NUMBER, UNCERTAINTY
from leo_studio.ui.episodes.model import BAR_ROLE, EpisodeModel
from leo_studio.ui.episodes.view import EpisodeTableView
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.tables import random_table


@given(column=st.integers(0, len(COLUMNS) - 1), seed=st.integers(0, 9), descending=st.booleans())
def test_rows_are_sorted_and_equal_ones_stay_by_number(
    column: int, seed: int, descending: bool
) -> None:
    table = random_table(40, seed=seed)
    mask = np.random.default_rng(seed).random(40) < 0.6
    order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
    model = EpisodeModel()
    model.show(table, mask)
    model.sort(column, order)
    assert set(model.numbers.tolist()) == set(np.flatnonzero(mask).tolist())
    values = COLUMNS[column].values(table)[model.rows]
    steps = np.diff(-values if descending else values)
    assert (steps >= 0).all()
    assert (np.diff(model.numbers)[steps == 0] > 0).all()


def test_cells_read_as_people_write_numbers() -> None:
    table = random_table(5)
    model = EpisodeModel()
    model.show(table, None)
    gain = 100 * table.gains[2]
    text = model.index(2, GAIN).data()
    assert text == f"{gain:+.1f}".replace("-", "−")
    assert model.index(2, ACCURACY).data() == f"{100 * table.accuracies[2, 2]:.1f} %"
    assert model.index(2, ACCURACY).data(BAR_ROLE) == ("share", table.accuracies[2, 2])
    assert model.index(2, NUMBER).data() == "2"
    for section in range(len(COLUMNS)):
        assert model.headerData(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)


def test_the_first_click_on_a_header_brings_the_worst_up_and_the_second_the_best(
    themes: ThemeManager, qtbot: QtBot
) -> None:
    view = EpisodeTableView(themes)
    qtbot.addWidget(view)
    table = random_table(20)
    view.episodes.show(table, None)
    header = view.horizontalHeader()
    shown = (header.sortIndicatorSection(), header.sortIndicatorOrder())
    assert shown == (view.episodes.sorted_by, Qt.SortOrder.AscendingOrder)
    worst = {UNCERTAINTY: table.mutual_informations.argmax(), GAIN: table.gains.argmin()}
    for column, number in worst.items():
        view.horizontalHeader().sectionClicked.emit(column)
        assert view.episodes.numbers[0] == number
        view.horizontalHeader().sectionClicked.emit(column)
        assert view.episodes.numbers[-1] == number


def test_thousands_of_rows_are_selected_as_ranges(
    themes: ThemeManager, qapp: QApplication, qtbot: QtBot
) -> None:
    view = EpisodeTableView(themes)
    qtbot.addWidget(view)
    view.episodes.show(random_table(20_000), None)
    wanted = frozenset(range(100, 19_000)) - {500}
    view.mark(wanted, 7_000)
    ranges = view.selectionModel().selection()
    assert [part.height() for part in ranges.toList()] == [400, 18_499]
    assert view.currentIndex().row() == 7_000
