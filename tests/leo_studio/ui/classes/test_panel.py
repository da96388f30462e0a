from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTableWidget, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from engine.config import Experiment
from leo_studio.analysis.classes.confusion import episodes_behind
from leo_studio.analysis.inspection.sources import NO_RUNS
from leo_studio.figures.drawing import Look, draw
from leo_studio.figures.tables import length_of
from leo_studio.services.controller import Controller
from leo_studio.services.records import EpisodeSource, RunEntry
from leo_studio.ui.classes import ClassesPanel
from leo_studio.ui.classes.class_pictures import NO_PICTURES
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.tables import random_table
from tests.leo_studio.ui.conftest import Train
from tests.pictures_store import write_pictures_store

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
    assert panel._nothing.isVisible() and panel._nothing.label.text() == NO_RUNS
    assert not panel._nothing.button.isVisible()
    panel.set_table(TABLE)
    assert panel.matrix.isVisible()
    panel.set_table(None)
    assert panel._nothing.isVisible()


def test_a_double_click_on_a_cell_selects_the_episodes_behind_it(
    panel: ClassesPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    panel.set_table(TABLE)
    assert panel.found is not None
    middle = panel.matrix.rect_of(2, 5).center().toPoint()
    with qtbot.waitSignal(panel.episodes_wanted):
        QTest.mouseDClick(panel.matrix, Qt.MouseButton.LeftButton, pos=middle)
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


def text_of(table: QTableWidget, column: int, row: int = 0) -> str:
    item = table.item(row, column)
    assert item is not None
    return item.text()


def click_row(table: QTableWidget, row: int) -> None:
    item = table.item(row, 0)
    assert item is not None
    middle = table.visualItemRect(item).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=middle)


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


def test_one_click_selects_and_nobody_is_led_away(
    panel: ClassesPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    panel.set_table(TABLE)
    assert panel.found is not None
    left = Qt.MouseButton.LeftButton
    with qtbot.assertNotEmitted(panel.episodes_wanted):
        QTest.mouseClick(panel.matrix, left, pos=panel.matrix.rect_of(2, 5).center().toPoint())
        assert panel.pairs.selected_cell in ((2, 5), None)  # the list holds the worst pairs alone
        click_row(panel.classes, 3)
    cell = panel.classes.selected_cell
    assert cell is not None and panel.found.names[cell[0]] == text_of(panel.classes, 0, 3)
    assert panel.found.names[cell[0]] in panel.status.text()
    assert selection.selected == frozenset() and panel.open_button.text() == "Look at its &episodes"
    with qtbot.waitSignal(panel.episodes_wanted):
        QTest.mouseClick(panel.open_button, left)
    label = int(panel.found.labels[cell[0]])
    numbers, _ = episodes_behind(TABLE, label, label)
    assert selection.selected == frozenset(numbers.tolist())


def test_who_reads_pairs_opens_the_episodes_of_a_pair(
    panel: ClassesPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    panel.set_table(TABLE)
    panel.tabs.setCurrentIndex(1)
    assert panel.open_button.text() == "Look at their &episodes"
    assert panel.pairs.selected_cell == panel.pairs.first_cell
    click_row(panel.pairs, 1)
    pair = [TABLE.class_names.index(text_of(panel.pairs, column, 1)) for column in (0, 1)]
    with qtbot.waitSignal(panel.episodes_wanted):
        QTest.mouseClick(panel.open_button, Qt.MouseButton.LeftButton)
    numbers, _ = episodes_behind(TABLE, *pair)
    assert selection.selected == frozenset(numbers.tolist())


def test_pictures_of_a_class_and_of_what_it_is_taken_for_stand_beside_the_table(
    panel: ClassesPanel,
    controller: Controller,
    selection: EpisodeSelection,
    toy_experiment: Experiment,
    add_run: Train,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    store = write_pictures_store(tmp_path / "pictures.h5")
    settings = {"data.store": str(store.path), "task.examples_per_class": 8}
    run = add_run(toy_experiment.with_settings(settings))
    selection.set_source(EpisodeSource(run.path, run.checkpoints[-1], "val"))
    panel.set_table(random_table(60, classes=4))
    hardest, other = panel.pictures.shown
    assert hardest.title == text_of(panel.classes, 0) and "mostly taken for" in other.title
    labels = (hardest.label, other.label)
    qtbot.waitUntil(lambda: all(panel.pictures.pictures_of(label) == 8 for label in labels))
    assert not panel.pictures.problem and len(colors_of(panel.pictures)) > 20
    click_row(panel.classes, 2)
    assert panel.pictures.shown[0].title == text_of(panel.classes, 0, 2)
    middle = panel.matrix.rect_of(0, 3).center().toPoint()
    QTest.mouseClick(panel.matrix, Qt.MouseButton.LeftButton, pos=middle)
    assert panel.found is not None
    assert [each.label for each in panel.pictures.shown] == panel.found.labels[[0, 3]].tolist()


def test_without_pictures_in_the_store_the_panel_says_so(
    panel: ClassesPanel, selection: EpisodeSelection, toy_run: RunEntry, qtbot: QtBot
) -> None:
    selection.set_source(EpisodeSource(toy_run.path, toy_run.checkpoints[-1], "val"))
    panel.set_table(random_table(60, classes=8))
    qtbot.waitUntil(lambda: panel.pictures.problem == NO_PICTURES)


def colors_of(widget: QWidget) -> set[int]:
    """Return the colours of some of a widget's pixels."""
    image = widget.grab().toImage()
    return {
        image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)
    }


def test_pictures_leave_their_height_to_the_lists_where_it_is_too_low_for_them(
    panel: ClassesPanel, qtbot: QtBot
) -> None:
    panel.set_table(TABLE)
    qtbot.waitUntil(panel.pictures.isVisible)
    panel.resize(900, 260)
    qtbot.waitUntil(lambda: not panel.pictures.isVisible())
    line = panel.fontMetrics().height()
    qtbot.waitUntil(lambda: panel.open_button.y() - panel.tabs.geometry().bottom() < line)
    panel.resize(900, 600)
    qtbot.waitUntil(panel.pictures.isVisible)
