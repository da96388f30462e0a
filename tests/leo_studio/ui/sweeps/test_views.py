"""The views of a sweep: a trial that is chosen in one is chosen in all."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from leo_studio.services.controller import Controller
from leo_studio.services.records import Notice
from leo_studio.ui.sweeps import SweepsPanel
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.ui.sweeps.conftest import BeginSweep, open_sweep


@pytest.fixture
def opened(panel: SweepsPanel, begin_sweep: BeginSweep, qtbot: QtBot) -> SweepsPanel:
    begin_sweep()
    open_sweep(panel, qtbot)
    return panel


def selected(panel: SweepsPanel) -> str:
    """Return the trial that is selected in the table."""
    (index,) = panel.page.table.selectionModel().selectedRows(0)
    return str(index.data())


def marked(panel: SweepsPanel) -> list[float]:
    """Return the trials that the plot of the best so far marks."""
    return list(panel.page.views.best.plot.chosen.getData()[0])


def chosen(panel: SweepsPanel) -> int | None:
    return panel.page.choice.number


def pointed(panel: SweepsPanel) -> int | None:
    return panel.page.choice.pointed


def middle_of(panel: SweepsPanel, number: int) -> QPoint:
    """Return a place on a trial's line at the first axis, where no other line goes."""
    parallel = panel.page.views.parallel
    return parallel.points(number)[0].toPoint()


def test_a_click_on_a_line_chooses_the_trial_in_all_views(opened: SweepsPanel) -> None:
    parallel = opened.page.views.parallel
    assert opened.view is not None
    QTest.mouseClick(parallel, Qt.MouseButton.LeftButton, pos=middle_of(opened, 3))
    assert chosen(opened) == 3
    assert selected(opened) == "3" and marked(opened) == [3.0]
    QTest.mouseClick(parallel, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    assert chosen(opened) is None
    assert opened.page.table.selectionModel().selectedRows(0) == [] and marked(opened) == []


def test_a_row_chooses_the_trial_in_all_views_and_sorting_keeps_it(opened: SweepsPanel) -> None:
    table = opened.page.table
    table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    table.selectRow(0)
    assert opened.page.choice.number == 7 and marked(opened) == [7.0]
    table.sortByColumn(4, Qt.SortOrder.AscendingOrder)
    assert selected(opened) == "7"
    model = table.model()
    rates = [float(model.index(place, 4).data()) for place in range(model.rowCount())]
    assert rates == sorted(rates) and len(rates) == 8


def test_a_point_chooses_the_trial_and_what_is_under_the_mouse_is_described(
    opened: SweepsPanel,
) -> None:
    plot = opened.page.views.best.plot
    (x,), (y,) = plot._place_of(0)
    where = plot.view.mapFromScene(plot.box.mapViewToScene(QPointF(x, y)))
    QTest.mouseMove(plot.view.viewport(), where)
    QTest.mouseClick(plot.view.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert opened.page.choice.number == 0 and selected(opened) == "0"
    text = plot.text_at(x, y)
    assert text.startswith("Trial 0, complete: ") and "the preset's own values" in text
    assert "dropout 0.3" in text and "clip_norm 0.1" in text


def test_the_mouse_points_at_a_trial_in_all_views_and_chooses_none(opened: SweepsPanel) -> None:
    parallel = opened.page.views.parallel
    QTest.mouseMove(parallel, middle_of(opened, 2))
    assert pointed(opened) == 2 and chosen(opened) is None
    assert marked(opened) == [2.0]
    assert parallel.readout.isVisible() and "Trial 2" in parallel.readout.text()
    QTest.mouseMove(parallel, QPoint(2, parallel.height() - 2))
    assert pointed(opened) is None and not parallel.readout.isVisible()


def test_keys_go_from_trial_to_trial_and_enter_opens_the_run(
    opened: SweepsPanel, controller: Controller
) -> None:
    wanted: list[Path] = []
    said: list[Notice] = []
    opened.run_wanted.connect(wanted.append)
    controller.notified.connect(said.append)
    parallel = opened.page.views.parallel
    parallel.setFocus()
    QTest.keyClick(parallel, Qt.Key.Key_Return)
    assert said[0].text == "Choose a trial of a sweep first." and not wanted
    for _ in range(3):
        QTest.keyClick(parallel, Qt.Key.Key_Right)
    QTest.keyClick(parallel, Qt.Key.Key_Left)
    assert selected(opened) == "1"
    QTest.keyClick(parallel, Qt.Key.Key_Return)
    table = opened.page.table
    table.selectRow(0)
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert opened.view is not None
    best = opened.view.trials[chosen(opened) or 0]
    assert wanted == [opened.view.trials[1].run, best.run]


def test_parallel_coordinates_stand_beside_the_others_where_there_is_room(
    opened: SweepsPanel, qtbot: QtBot
) -> None:
    views = opened.page.views
    line = views.fontMetrics().height()
    opened.resize(100 * line, 700)
    qtbot.waitUntil(lambda: views.is_wide)
    assert views.parallel.isVisible() and views.best.isVisible()
    opened.resize(40 * line, 700)
    qtbot.waitUntil(lambda: not views.is_wide)
    titles = [views.tabs.tabText(place) for place in range(views.tabs.count())]
    assert titles == ["Best so far", "Parallel coordinates", "Importance", "In words"]
    views.tabs.setCurrentIndex(1)
    assert views.parallel.isVisible()


def test_few_complete_trials_are_no_basis_for_importance(
    panel: SweepsPanel, begin_sweep: BeginSweep, qtbot: QtBot
) -> None:
    begin_sweep(trials=2)
    open_sweep(panel, qtbot)
    importance = panel.page.views.importance
    assert importance.currentWidget() is importance.sentence
    assert importance.sentence.text().startswith(
        "How much each setting decides is found out from 4 complete trials on; there"
    )


def test_what_is_drawn_follows_the_theme(opened: SweepsPanel, themes: ThemeManager) -> None:
    parallel = opened.page.views.parallel
    light = parallel.grab().toImage()
    themes.choose("dark")
    dark = parallel.grab().toImage()
    assert light.pixelColor(3, 3).lightness() > 200 > 60 > dark.pixelColor(3, 3).lightness()


def test_a_trial_that_is_chosen_stays_so_while_others_come(
    panel: SweepsPanel, begin_sweep: BeginSweep, qtbot: QtBot
) -> None:
    begin_sweep(trials=3)
    open_sweep(panel, qtbot)
    panel.page.choice.choose(1)
    begin_sweep(trials=6)
    panel.page.controls.trials.setValue(6)
    qtbot.waitUntil(lambda: panel.page.table.model().rowCount() == 6, timeout=30_000)
    assert selected(panel) == "1" and marked(panel) == [1.0]
