from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTableWidget
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from leo_studio.analysis.classes.confusion import episodes_behind
from leo_studio.analysis.inspection.sources import NO_RUNS
from leo_studio.figures.drawing import Look, draw
from leo_studio.figures.tables import length_of
from leo_studio.services.controller import Controller
from leo_studio.ui.classes import ClassesPanel
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.tables import random_table

TABLE = random_table(400)


@pytest.fixture
def selection(controller: Controller) -> EpisodeSelection:
    return EpisodeSelection(controller.current)


@pytest.fixture
def panel(
    controller: Controller,
    actions: ActionRegistry,
    themes: ThemeManager,
    selection: EpisodeSelection,
    qtbot: QtBot,
) -> Iterator[ClassesPanel]:
    made = ClassesPanel(controller, actions, themes, selection)
    made.resize(900, 600)
    made.show()
    yield made
    made.close()
    made.deleteLater()
    qtbot.waitUntil(lambda: not Shiboken.isValid(made))


def test_without_episodes_the_panel_says_where_they_come_from(panel: ClassesPanel) -> None:
    assert panel._nothing.isVisible() and panel._nothing.text() == NO_RUNS
    panel.set_table(TABLE)
    assert panel.matrix.isVisible()
    panel.set_table(None)
    assert panel._nothing.isVisible()


def test_a_click_on_a_cell_selects_the_episodes_behind_it(
    panel: ClassesPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    panel.set_table(TABLE)
    assert panel.found is not None
    middle = panel.matrix.rect_of(2, 5).center().toPoint()
    with qtbot.waitSignal(panel.episodes_wanted):
        QTest.mouseClick(panel.matrix, Qt.MouseButton.LeftButton, pos=middle)
    true, taken = int(panel.found.labels[2]), int(panel.found.labels[5])
    numbers, _ = episodes_behind(TABLE, true, taken)
    assert selection.selected == frozenset(numbers.tolist()) and len(numbers) > 3
    assert selection.current == numbers[0]
    assert f"{len(numbers)} episodes are selected" in panel.status.text()


def test_the_matrix_is_walked_with_the_arrows(
    panel: ClassesPanel, selection: EpisodeSelection
) -> None:
    panel.set_table(TABLE)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Return):
        QTest.keyClick(panel.matrix, key)
    assert panel.found is not None
    labels = panel.found.labels
    numbers, _ = episodes_behind(TABLE, int(labels[1]), int(labels[2]))
    assert selection.selected == frozenset(numbers.tolist())


def test_the_lists_name_the_hardest_class_and_the_worst_pair_first(
    panel: ClassesPanel, selection: EpisodeSelection
) -> None:
    panel.set_table(TABLE)
    assert panel.found is not None
    hardest = int(panel.found.accuracies.argmin())
    assert text_of(panel.classes, 0) == panel.found.names[hardest]
    pair = (text_of(panel.pairs, 0), text_of(panel.pairs, 1))
    panel.order.setCurrentText("By name")
    panel.order.activated.emit(1)
    assert list(panel.found.names) == sorted(panel.found.names)
    assert (text_of(panel.pairs, 0), text_of(panel.pairs, 1)) == pair
    panel.pairs.itemActivated.emit(panel.pairs.item(0, 0))
    names = [TABLE.class_names.index(name) for name in pair]
    numbers, _ = episodes_behind(TABLE, *names)
    assert selection.selected == frozenset(numbers.tolist())


def text_of(table: QTableWidget, column: int) -> str:
    item = table.item(0, column)
    assert item is not None
    return item.text()


def test_what_came_while_nobody_looked_is_shown_later(panel: ClassesPanel) -> None:
    panel.hide()
    panel.set_table(TABLE)
    assert panel.found is None
    panel.show()
    assert panel.found is not None


def test_the_matrix_is_exported_in_its_order(panel: ClassesPanel) -> None:
    assert panel.exported() is None
    panel.set_table(TABLE)
    panel.order.setCurrentText("By name")
    panel.order.activated.emit(panel.order.currentIndex())
    exported = panel.exported()
    assert exported is not None and exported.figure is not None
    svg = draw(exported.figure, Look(), "svg").decode()
    assert svg.index("class-00") < svg.index("class-01") and "true class" in svg
    confusions, classes = exported.tables
    assert length_of(confusions) == 144 and length_of(classes) == 12
    np.testing.assert_array_equal(
        confusions.columns["share"],
        np.divide(confusions.columns["queries"], confusions.columns["asked"]),
    )


def test_the_panel_says_of_which_split_and_step_its_classes_are(panel: ClassesPanel) -> None:
    panel.set_table(TABLE)
    provenance = TABLE.provenance
    assert panel.seen.isVisible()
    assert panel.seen.text() == f"{provenance.split} · step {provenance.step:,}"
    assert f" in 400 {provenance.split} episodes; " in panel.status.text()


@pytest.mark.parametrize(("scale", "width"), [(1.0, 1000), (1.0, 680), (1.5, 750)])
def test_tabs_and_the_first_numbers_are_whole_at_any_width(
    panel: ClassesPanel, themes: ThemeManager, qtbot: QtBot, scale: float, width: int
) -> None:
    count = len(TABLE.class_names)
    names = tuple(f"RhododendronxRussellianum-{place}" for place in range(count))
    panel.set_table(replace(TABLE, class_names=names))
    themes.choose("light", scale)
    panel.resize(width, 600)
    qtbot.waitUntil(lambda: panel.width() == width)
    qtbot.wait(50)
    bar = panel.tabs.tabBar()
    assert bar.sizeHint().width() <= panel.tabs.width()
    assert bar.tabToolTip(1) == "Most confused pairs"
    for place, (table, number) in enumerate(((panel.classes, 1), (panel.pairs, 2))):
        panel.tabs.setCurrentIndex(place)
        qtbot.waitUntil(table.isVisible)
        right = table.columnViewportPosition(number) + table.columnWidth(number)
        assert right <= table.viewport().width()
        assert table.columnWidth(number) >= table.sizeHintForColumn(number)
        assert table.columnWidth(number) >= table.horizontalHeader().sectionSizeHint(number)
