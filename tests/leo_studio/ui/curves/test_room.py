"""The plots have most of the room, nothing is cut off, and nothing moves when it is pressed."""

from collections.abc import Sequence
from functools import partial

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from leo_studio.ui.curves import CurvesPanel
from leo_studio.ui.curves.legend import Chip
from leo_studio.ui.curves.run_legend import RunLabel, RunLegend, shared_room
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.ui.conftest import OpenWindow
from tests.leo_studio.ui.curves.conftest import MakeRun
from tests.leo_studio.ui.curves.test_panel import chip, runs_drawn, show


def resize(panel: CurvesPanel, width: int, height: int, qtbot: QtBot) -> None:
    window = panel.window()
    window.resize(width, height)
    qtbot.waitUntil(lambda: panel.width() == width)
    # A scroll area lays out what is in it with the next events.
    qtbot.waitUntil(lambda: panel.grid.page.width() == panel.grid.viewport().width())


def area(panel: CurvesPanel) -> float:
    """Return the part of the panel in which curves are drawn."""
    seen = 0
    for name in panel.visible_plots():
        # Of the viewport: nothing is seen of the view behind it.
        viewport = panel.plots[name].canvas.view.viewport()
        size = viewport.visibleRegion().boundingRect().size()
        seen += size.width() * size.height()
    return seen / (panel.width() * panel.height())


def shown_children(widget: QWidget) -> list[QWidget]:
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    return [each for each in widget.findChildren(QWidget, options=direct) if each.isVisible()]


def test_plots_have_most_of_the_panel_where_it_stands_at_first(
    open_window: OpenWindow, make_run: MakeRun, qtbot: QtBot
) -> None:
    window = open_window()
    window.resize(1480, 940)
    panel = window.curves
    path = make_run(100)
    panel.show_run(path)
    names = panel.visible_plots()
    qtbot.waitUntil(lambda: all(runs_drawn(panel, name) for name in names), timeout=30_000)
    assert area(panel) >= 0.6


@pytest.mark.parametrize("width", [640, 900])
def test_the_controls_are_whole_and_one_row_where_there_is_room(
    panel: CurvesPanel, make_run: MakeRun, width: int, qtbot: QtBot
) -> None:
    show(panel, qtbot, *(make_run(2) for _ in range(5)))
    resize(panel, width, 700, qtbot)
    for row in (panel.controls, panel.run_legend):
        parts = shown_children(row)
        assert len(parts) > 3
        for part in parts:
            assert row.rect().contains(QRect(part.geometry())), part.objectName()
            assert part.width() >= part.minimumSizeHint().width(), part.objectName()
    tops = [part.geometry().center().y() for part in shown_children(panel.controls)]
    # In the narrower one, a second row has what would stand without its label in the first.
    assert max(tops) - min(tops) <= (2 if width == 900 else 2 * panel.controls.number.height())
    assert panel.run_legend.height() <= 2 * panel.fontMetrics().height()


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_no_control_stands_without_its_label(
    panel: CurvesPanel, themes: ThemeManager, make_run: MakeRun, scale: float, qtbot: QtBot
) -> None:
    show(panel, qtbot, make_run(2))
    themes.choose("light", scale)
    qtbot.waitUntil(lambda: themes.is_settled)
    controls = panel.controls
    for width in (1400, 1100, 900, 760):
        resize(panel, width, 700, qtbot)
        qtbot.waitUntil(lambda: controls.height() >= controls.sizeHint().height())
        for text, control in (("&X axis", controls.axis), ("S&moothing", controls.number)):
            (label,) = (each for each in controls.findChildren(Label) if each.text() == text)
            assert control.isVisible() and label.isVisible()
            assert label.geometry().right() < control.geometry().left()
            middles = (label.geometry().center().y(), control.geometry().center().y())
            assert max(middles) - min(middles) <= 2
        for part in shown_children(controls):
            assert controls.rect().contains(part.geometry()), part.objectName()
            assert part.width() >= part.minimumSizeHint().width(), part.objectName()


def test_runs_without_room_stand_in_a_menu_that_removes_them(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    paths = [make_run(2) for _ in range(12)]
    show(panel, qtbot, *paths)
    resize(panel, 640, 700, qtbot)
    more = panel.findChild(QToolButton, "more_runs")
    assert more is not None and more.isVisible()
    more.menu().aboutToShow.emit()
    entries = more.menu().actions()
    assert more.text() == f"+{len(entries)}" and 0 < len(entries) < 12
    entries[-1].trigger()
    assert panel.shown_runs() == tuple(paths[:-1])


def test_curves_without_room_stand_in_a_menu_and_pressing_one_moves_nothing(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    path = make_run()
    show(panel, qtbot, path)
    resize(panel, 640, 700, qtbot)
    more = panel.findChild(QToolButton, "more_loss")
    assert more is not None and more.isVisible()
    more.menu().aboutToShow.emit()
    hidden = [each for each in panel.plots["loss"].legend.offered if each.isHidden()]
    assert [action.text() for action in more.menu().actions()] == [each.text() for each in hidden]
    before = places(panel)
    more.menu().actions()[-1].trigger()
    assert hidden[-1].isChecked()
    QTest.mouseClick(chip(panel, "loss_loss"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: (str(path), "training.loss") not in panel.plots["loss"].drawn)
    assert places(panel) == before


def places(panel: CurvesPanel) -> list[QRect]:
    plot = panel.plots["loss"]
    parts: list[QWidget] = [*plot.findChildren(Chip), plot.canvas.view]
    return [part.geometry() for part in parts]


def test_the_window_may_be_narrower_than_the_row_of_controls(panel: CurvesPanel) -> None:
    assert panel.controls.minimumSizeHint().width() < 640
    window = panel.window()
    assert isinstance(window, QMainWindow)
    assert panel.minimumSizeHint().width() < 640


def test_long_names_give_way_to_one_common_width() -> None:
    assert shared_room([50, 200, 300], [10, 10, 10], 250) == [50, 100, 100]
    assert shared_room([50, 20], [10, 10], 100) == [50, 20]
    assert shared_room([50, 200], [40, 90], 100) == [40, 90]
    assert shared_room([], [], 100) == []


def is_one_visible(widgets: Sequence[QWidget]) -> bool:
    return any(each.isVisible() for each in widgets)


@pytest.mark.parametrize("width", [640, 900, 960, 1200])
def test_every_legend_names_a_curve_however_little_room_there_is(
    panel: CurvesPanel, make_run: MakeRun, width: int, qtbot: QtBot
) -> None:
    show(panel, qtbot, make_run())
    resize(panel, width, 700, qtbot)
    for name in panel.visible_plots():
        legend = panel.plots[name].legend
        chips = list(legend.chips.values())
        # Plots in fewer columns get their width with the next events.
        qtbot.waitUntil(partial(is_one_visible, chips))
        for part in (*chips, legend.more):
            if not part.isHidden():
                assert legend.rect().contains(part.geometry()), part.objectName()
                assert part.width() >= part.minimumSizeHint().width(), part.objectName()


def test_plots_are_higher_in_large_text(
    panel: CurvesPanel, make_run: MakeRun, themes: ThemeManager, qtbot: QtBot
) -> None:
    show(panel, qtbot, make_run())
    plot = panel.plots["loss"]
    least = plot.minimumHeight()
    themes.choose("light", 1.5)
    qtbot.waitUntil(lambda: plot.minimumHeight() >= 1.4 * least)
    assert plot.minimumHeight() >= 12 * plot.fontMetrics().height()


def test_the_cross_that_removes_a_run_can_be_seen(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    show(panel, qtbot, make_run())
    cross = panel.findChild(QToolButton, "remove_run")
    assert isinstance(cross, QToolButton)
    image = cross.grab().toImage()
    ground = image.pixelColor(0, 0)
    rows = [
        y
        for y in range(image.height())
        if any(image.pixelColor(x, y) != ground for x in range(image.width()))
    ]
    assert len(rows) >= 0.4 * cross.fontMetrics().height()


def test_names_that_differ_in_their_middle_are_told_apart(
    themes: ThemeManager, qtbot: QtBot
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    legend = RunLegend(themes, window)
    names = [f"5-shot regression, sine-line, {n} outer steps, inner rate 0.1" for n in (300, 600)]
    legend.show_labels(tuple(RunLabel(name, name, 1, 0, name, is_removable=True) for name in names))
    window.show()
    for width in (300, 500, 700):
        legend.resize(width, legend.sizeHint().height())
        QApplication.processEvents()
        names_shown = [entry._name for entry in legend._entries if entry.isVisible()]
        shown = [label.text() for label in names_shown]
        assert len(set(shown)) == 2
        for label in names_shown:
            assert label.width() >= label.fontMetrics().horizontalAdvance(label.text()) > 0
        assert "00 outer steps" in shown[0] or width == 300
