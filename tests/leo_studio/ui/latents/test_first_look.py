"""What a newcomer sees first: one episode, its marks explained, and how to see more of them."""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDesktopServices, QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

from leo_studio.analysis.latents.options import PAPER
from leo_studio.analysis.latents.projected import extent
from leo_studio.services.records import RunEntry
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.latents import LatentsPanel
from leo_studio.ui.latents.hover import description
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.glossary_links import GlossaryButton
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.ui.latents.conftest import Open
from tests.leo_studio.ui.latents.test_panel import (
    LEFT,
    SHIFT,
    around_all,
    choose_scope,
    drag,
    shown_numbers,
)


@pytest.fixture
def panel(
    toy_run: RunEntry,
    open_panel: Open,
    qtbot: QtBot,
) -> LatentsPanel:
    """The panel as it is when nobody has chosen anything."""
    made = open_panel(None, 700)
    qtbot.waitUntil(lambda: made.shown is not None, timeout=10_000)
    return made


def test_it_begins_with_one_episode_its_spread_and_a_key_of_its_marks(
    panel: LatentsPanel,
) -> None:
    assert shown_numbers(panel) == [0]
    assert panel.controls.scope.currentText() == "Episode 0 of validation"
    assert panel.plot.options.shows_samples and panel.plot.options.shows_most
    assert any(item.isVisible() for item in panel.plot.layers._samples.values())
    key = panel.drawing.key.text()
    for mark in ("○ hollow", "● filled", "→", "ellipse", "small dots"):
        assert mark in key
    shapes = [str(shape) for shape in panel.plot.styles.shapes_after]  # type: ignore[union-attr]
    assert len(set(shapes)) == len(shapes) == 4


def test_arrows_of_few_codes_lie_above_their_markers_and_have_heads_however_short(
    panel: LatentsPanel, qtbot: QtBot
) -> None:
    layers, shown = panel.plot.layers, panel.shown
    assert shown is not None

    def arrows() -> list[Any]:
        curves = layers._curves.items()
        return [item for (name, _), item in curves if name == "paths" and item.isVisible()]

    assert len(arrows()) == 4  # one of each class's colour
    assert all(item.zValue() > layers._after.zValue() for item in arrows())
    panel.plot.box.scaleBy((3, 3))  # from so far away codes lie upon each other
    steps = np.linalg.norm((shown.at(panel.plot.place) - shown.at(0)) / panel.plot.unit, axis=1)
    assert (steps > 3).all() and steps.min() < 30
    for item in arrows():
        assert len(item.getData()[0]) == 6  # a shaft, and two lines of a head
    choose_scope(panel, 100)
    qtbot.waitUntil(lambda: len(shown_numbers(panel)) == 100, timeout=10_000)
    panel.controls._pick("paths", "arrows")
    assert arrows() and all(item.zValue() < layers._after.zValue() for item in arrows())


def spreads_shown(panel: LatentsPanel) -> tuple[bool, bool]:
    """Return whether samples are drawn, and whether ellipses are."""
    return panel.plot.options.shows_samples, panel.plot.options.shows_most


def test_many_episodes_show_no_spread_until_a_person_picks_it(
    panel: LatentsPanel, qtbot: QtBot
) -> None:
    choose_scope(panel, 10)
    qtbot.waitUntil(lambda: len(shown_numbers(panel)) == 10, timeout=10_000)
    samples = panel.controls.popover.switches["shows_samples"]
    assert not panel.plot.options.shows_samples and not samples.isChecked()
    assert "ellipse" not in panel.drawing.key.text()
    samples.click()
    assert spreads_shown(panel) == (True, False)
    choose_scope(panel, "one")
    qtbot.waitUntil(lambda: len(shown_numbers(panel)) == 1, timeout=10_000)
    samples.click()
    choose_scope(panel, 10)
    qtbot.waitUntil(lambda: len(shown_numbers(panel)) == 10, timeout=10_000)
    choose_scope(panel, "one")
    qtbot.waitUntil(lambda: len(shown_numbers(panel)) == 1, timeout=10_000)
    assert spreads_shown(panel) == (False, True)  # samples were picked, ellipses were not
    panel.controls.popover.defaults_button.click()
    assert spreads_shown(panel) == (True, True)


def test_what_the_papers_figure_sets_was_picked_by_nobody(
    panel: LatentsPanel, actions: ActionRegistry, qtbot: QtBot
) -> None:
    window = panel.window()
    panel.hide()  # a thousand episodes would take a while
    actions["latents.paper"].trigger()
    assert panel.plot.options == PAPER and not panel.controls.picked
    panel.set_method("pca")
    panel.controls.set_scope("one", 10)
    panel.show()
    assert window.isVisible()
    qtbot.waitUntil(lambda: panel.plot.options.shows_most, timeout=10_000)
    assert panel.plot.options.shows_samples and panel.plot.options.color == "stage"


@pytest.mark.parametrize("width", [700, 1000])
def test_controls_are_one_row_and_the_plot_is_most_of_the_panel(
    panel: LatentsPanel, width: int, qtbot: QtBot
) -> None:
    panel.window().resize(width, 700)
    qtbot.waitUntil(lambda: panel.width() == width)
    inside = [
        child
        for child in panel.controls.findChildren(
            QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly
        )
        if not child.isWindow()
    ]
    assert len(inside) >= 8
    middles = [child.geometry().center().y() for child in inside]
    assert max(middles) - min(middles) <= 2
    for child in inside:
        assert panel.controls.rect().contains(child.geometry()), child.objectName()
    share = panel.plot.width() * panel.plot.height() / (panel.width() * panel.height())
    assert share >= 0.6


def test_buttons_have_words_where_there_is_room_and_the_lasso_keeps_its_word_longest(
    panel: LatentsPanel, qtbot: QtBot
) -> None:
    lasso = panel.controls.lasso
    reset = next(
        button
        for button in panel.controls.findChildren(QToolButton)
        if button.defaultAction() is panel.actions_by_name["reset"]
    )
    beside = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
    assert (lasso.text(), reset.text()) == ("Lasso", "Show all")
    assert {lasso.toolButtonStyle(), reset.toolButtonStyle()} == {beside}
    assert "Lasso: draw around codes" in lasso.toolTip()
    panel.window().resize(700, 700)
    qtbot.waitUntil(lambda: reset.toolButtonStyle() != beside)
    assert lasso.toolButtonStyle() == beside


def test_the_bars_are_beside_each_other_where_the_panel_is_wide(
    panel: LatentsPanel, qtbot: QtBot
) -> None:
    bars = panel.step_bars

    def rows() -> set[int]:
        return {bar.geometry().center().y() for bar in (bars.positions, bars.checkpoints)}

    assert len(rows()) == 1 and bars.positions.slider.width() > 60
    assert bars.minimumSizeHint().height() < 1.5 * bars.positions.minimumSizeHint().height()
    panel.window().resize(600, 700)
    qtbot.waitUntil(lambda: len(rows()) == 2)
    panel.window().resize(1000, 700)
    qtbot.waitUntil(lambda: len(rows()) == 1)


def test_codes_fill_the_plot_along_the_axis_that_has_less_room(panel: LatentsPanel) -> None:
    plot = panel.plot
    assert panel.shown is not None
    low, high = extent(panel.shown, np.empty((0, 2)), with_outlines=True)
    shares = (high - low) / [right - left for left, right in plot.box.viewRange()]
    assert 0.89 < max(shares) < 1
    across, along = plot.unit
    assert across == pytest.approx(along)


def test_many_codes_are_smaller_fainter_and_without_arrows_until_some_are_selected(
    panel: LatentsPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    def mark() -> tuple[float, int]:
        drawn = panel.plot.layers._after.data[-1]
        return float(drawn["size"]), drawn["brush"].color().alpha()

    choose_scope(panel, 10)
    qtbot.waitUntil(lambda: len(shown_numbers(panel)) == 10, timeout=10_000)
    panel.controls.popover.switches["shows_before"].click()
    size, alpha = mark()
    assert alpha == 255 and "→" in panel.drawing.key.text()
    choose_scope(panel, 100)
    qtbot.waitUntil(lambda: len(shown_numbers(panel)) == 100, timeout=10_000)
    assert "→" not in panel.drawing.key.text()
    assert panel.drawing.key.text().startswith("100 episodes, 400 codes")
    many_size, many_alpha = mark()
    assert many_size < 0.9 * size and many_alpha < 200
    selection.select({3})
    assert mark()[1] == 255


@pytest.mark.parametrize("size", [1.0, 1.5, 2.0])
def test_the_key_stays_in_one_line_and_the_plot_has_most_of_the_height_with_large_text(
    panel: LatentsPanel, themes: ThemeManager, size: float, qtbot: QtBot
) -> None:
    panel.window().resize(1130, 470)
    themes.choose("light", size)
    qtbot.waitUntil(lambda: themes.is_settled)
    key, plot = panel.drawing.key, panel.plot
    least = 0.5 if size < 2 else 0.4
    qtbot.waitUntil(lambda: plot.height() >= least * panel.height(), timeout=5_000)
    assert key.isVisible() and key.height() < 2 * key.fontMetrics().height()
    shown = super(type(key), key).text()
    assert shown.startswith("○ hollow") and (shown == key.text() or shown.endswith("…"))
    for words in ("small dots: codes drawn from it", "episode val 0"):
        assert words in key.toolTip()
    assert panel.status.isVisible() == (size < 2)


def test_the_whole_key_is_read_in_a_panel_of_middle_width(
    panel: LatentsPanel, qtbot: QtBot
) -> None:
    panel.window().resize(900, 700)
    qtbot.waitUntil(partial(has_width, panel, 900))
    key = panel.drawing.key
    for place in range(panel.step_bars.positions.slider.maximum() + 1):
        panel.step_bars.positions.slider.setValue(place)
        assert panel.plot.place == place
        assert super(type(key), key).text() == key.text()  # and no "…"


def test_the_line_below_says_first_that_fine_tuning_moves_no_code(panel: LatentsPanel) -> None:
    slider = panel.step_bars.positions.slider
    words = "fine-tuning changes the weights themselves"
    assert words not in panel.status.text()  # after the inner loop
    slider.setValue(slider.maximum())
    assert panel.status.text().startswith(words)
    slider.setValue(0)
    assert words not in panel.status.text()


def has_width(panel: LatentsPanel, width: int) -> bool:
    return panel.width() == width


def test_the_bars_lose_buttons_before_they_take_two_rows(panel: LatentsPanel, qtbot: QtBot) -> None:
    bars = panel.step_bars
    labels = [label.text() for label in bars.findChildren(Label)]
    assert {"Adaptation", "Training", "Speed"} <= set(labels)

    def look() -> tuple[bool, bool]:
        """Return whether the bars are in one row, and whether all buttons are there."""
        heights = {bar.geometry().center().y() for bar in (bars.positions, bars.checkpoints)}
        return len(heights) == 1, not bars.positions._buttons["last"].isHidden()

    seen = []
    for width in range(1200, 500, -20):
        panel.window().resize(width, 700)
        qtbot.waitUntil(partial(has_width, panel, width))
        for bar in (bars.positions, bars.checkpoints):
            assert bar.slider.width() >= bar.slider.minimumWidth() > 40
        if look() not in seen:
            seen.append(look())
    assert seen == [(True, True), (True, False), (False, True)]


def test_the_part_of_fine_tuning_is_shaded_and_named(panel: LatentsPanel, qtbot: QtBot) -> None:
    stages, slider = panel.step_bars.positions.stages, panel.step_bars.positions.slider
    assert stages.names == ("inner loop", "fine-tuning")
    knob = slider.x() + slider.center_of(slider.value())  # after the inner loop
    assert stages.shaded.left() == pytest.approx(knob)
    assert stages.shaded.right() == stages.width()
    middle = stages.shaded.center().toPoint()
    shaded = stages.grab().toImage()
    ratio = shaded.devicePixelRatio()
    left, right = (shaded.pixelColor(round(x * ratio), round(2 * ratio)) for x in (3, middle.x()))
    assert left != right
    assert panel.step_bars.checkpoints.stages.shaded.isEmpty()


def test_the_lasso_counts_codes_and_its_card_shows_opens_and_clears(
    panel: LatentsPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    bar = panel.drawing.selection_bar
    choose_scope(panel, 10)
    qtbot.waitUntil(lambda: len(shown_numbers(panel)) == 10, timeout=10_000)
    place = panel.plot.geometry()
    drag(panel, around_all(panel), SHIFT)
    assert bar.isVisible() and bar.text.text() == "40 codes of 10 episodes selected"
    assert panel.plot.geometry() == place  # nothing moves
    with qtbot.waitSignal(panel.rows_wanted) as shown:
        QTest.mouseClick(bar.buttons["Show in list"], LEFT)
    assert shown.args == [frozenset(range(10))]
    selection.show(7)
    assert bar.buttons["Open"].text() == "Open the first"
    with qtbot.waitSignal(panel.episode_wanted) as opened:
        QTest.mouseClick(bar.buttons["Open"], LEFT)
    assert opened.args == [0] and selection.current == 0
    selection.select({7})
    assert bar.buttons["Open"].text() == "Open"
    with qtbot.waitSignal(panel.episode_wanted) as opened:
        QTest.mouseClick(bar.buttons["Open"], LEFT)
    assert opened.args == [7]
    QTest.mouseClick(bar.buttons["Clear"], LEFT)
    assert not selection.selected and not bar.isVisible()


@pytest.mark.qt_log_ignore("does not support (raise|grabbing)", extend=True)
def test_escape_closes_what_is_open_before_it_clears_the_selection(
    panel: LatentsPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    choose_scope(panel, 10)
    qtbot.waitUntil(lambda: len(shown_numbers(panel)) == 10, timeout=10_000)
    drag(panel, around_all(panel), SHIFT)
    popover, escape = panel.controls.popover, Qt.Key.Key_Escape
    panel.controls.options_button.setFocus()
    QTest.mouseClick(panel.controls.options_button, LEFT)
    assert popover.isVisible() and popover.count.hasFocus()
    QTest.keyClick(popover.windowHandle(), escape)
    assert not popover.isVisible() and len(selection.selected) == 10
    scope = panel.controls.scope
    scope.setFocus()
    scope.showPopup()
    qtbot.waitUntil(lambda: scope.view().isVisible())
    QTest.keyClick(scope.view(), escape)
    qtbot.waitUntil(lambda: not scope.view().isVisible())
    assert len(selection.selected) == 10
    panel.plot.view.setFocus()
    QTest.keyClick(panel.plot.view, escape)
    assert not selection.selected


@pytest.mark.qt_log_ignore("does not support (raise|grabbing)", extend=True)
def test_the_box_names_the_episode_and_lets_another_be_chosen(
    panel: LatentsPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    scope, number = panel.controls.scope, panel.controls.another.number
    selection.show(7)
    qtbot.waitUntil(lambda: shown_numbers(panel) == [7], timeout=10_000)
    assert scope.currentText() == "Episode 7 of validation"
    assert panel.controls.popover.number.value() == 7
    choose_scope(panel, 10)
    qtbot.waitUntil(lambda: len(shown_numbers(panel)) == 10, timeout=10_000)
    choose_scope(panel, "another")
    assert number.isVisible() and number.hasFocus() and number.value() == 7
    assert not panel.controls.popover.isVisible()  # it asks for a number alone
    assert scope.currentText() == "First 10 episodes"  # until one is chosen
    QTest.keyClicks(number, "23")
    QTest.keyClick(number, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown_numbers(panel) == [23], timeout=10_000)
    assert scope.currentText() == "Episode 23 of validation" and selection.current == 23
    assert not number.isVisible()
    panel.controls.popover.count.setValue(25)  # not one of those offered
    assert scope.currentText() == "First 25 episodes" and scope.findData("another") == 1
    panel.controls.popover.count.setValue(26)
    assert scope.findData(25) == -1 and scope.findData("another") == 1
    assert selection.source is not None
    selection.set_source(replace(selection.source, split="test"))
    choose_scope(panel, "one")
    assert scope.currentText() == "Episode 23 of test"


@pytest.mark.qt_log_ignore("does not support (raise|grabbing)", extend=True)
def test_how_to_read_the_plot_is_in_the_menu_of_words_and_says_what_each_mark_is(
    panel: LatentsPanel, actions: ActionRegistry
) -> None:
    menu = next(
        button.menu() for button in panel.controls.findChildren(GlossaryButton) if button.menu()
    )
    first, *words = menu.actions()
    assert first is actions["latents.reading"]
    assert "Mutual information" in {getattr(word, "entry", "") for word in words}
    first.trigger()
    reading = panel.controls.reading
    assert reading.isVisible()
    for mark in ("dot", "ring", "arrow", "ellipse", "small dots"):
        assert mark in reading.text.text()
    panel.plot.view.setFocus()
    QTest.keyClick(reading.windowHandle(), Qt.Key.Key_Escape)
    assert not reading.isVisible()


def test_the_card_at_the_mouse_names_keys_that_explain_uncertainty(
    panel: LatentsPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert panel.shown is not None
    words = description(panel.shown.latents, 0, 0, "before")
    assert "Shift+F1" in words and ", of at most 15 queries per class" in words
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    panel.plot.view.setFocus()
    QTest.keyClick(panel.plot.view, Qt.Key.Key_F1, SHIFT)
    assert len(opened) == 1 and opened[0].endswith("#mutual-information")


def test_the_legend_switches_classes_off_and_nothing_moves(
    panel: LatentsPanel, qtbot: QtBot
) -> None:
    legend, shown = panel.legend, panel.shown
    assert shown is not None
    names = [legend.list.item(row).text() for row in range(legend.list.count())]
    labels = shown.latents.classes[0]
    assert names == ["All classes", *(shown.latents.class_names[label] for label in labels)]
    places = legend.geometry(), panel.plot.geometry()
    drawn = panel.plot.layers._after
    assert len(drawn.getData()[0]) == 4
    row = legend.list.visualItemRect(legend.list.item(2))
    QTest.mouseClick(legend.list.viewport(), LEFT, pos=row.center())
    assert np.stack(drawn.getData(), 1) == pytest.approx(
        np.delete(shown.at(panel.plot.place), 1, axis=0)
    )
    item = legend.list.item(2)
    assert item.checkState() == Qt.CheckState.Unchecked and item.font().strikeOut()
    assert (legend.geometry(), panel.plot.geometry()) == places
    assert {number for number, _ in panel.plot.inside(_everything())} == {0}
    assert len(panel.plot.inside(_everything())) == 3
    exported = panel.exported()
    assert exported is not None
    assert set(
        np.asarray(exported.tables[0].columns["way"])[
            np.asarray(exported.tables[0].columns["is_hidden"])
        ]
    ) == {1}
    legend.list.setCurrentRow(0)
    QTest.keyClick(legend.list, Qt.Key.Key_Space)  # some are hidden: all are shown
    assert len(drawn.getData()[0]) == 4
    QTest.keyClick(legend.list, Qt.Key.Key_Space)
    assert not legend.list.item(1).checkState().value


def _everything() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return 1e6 * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])


def test_the_legend_lists_classes_in_large_text(
    panel: LatentsPanel, themes: ThemeManager, qtbot: QtBot
) -> None:
    themes.choose("light", 1.5)
    qtbot.waitUntil(lambda: panel.legend.list.fontMetrics().height() > 0)
    view = panel.legend.list
    rows = [view.visualItemRect(view.item(row)) for row in range(view.count())]
    assert len(rows) == 5
    for row in rows:
        assert view.viewport().rect().intersects(row)
        assert row.height() >= QFont(view.font()).pointSizeF()
    assert view.viewport().width() > 8 * view.fontMetrics().averageCharWidth()


def test_what_is_chosen_comes_back(panel: LatentsPanel, qtbot: QtBot) -> None:
    remembered = panel.remembered()
    panel.controls.popover.switches["shows_samples"].click()
    panel.controls.popover.count.setValue(25)
    panel.set_method("lda")
    qtbot.waitUntil(lambda: len(shown_numbers(panel)) == 25, timeout=10_000)
    changed = panel.remembered()
    assert changed != remembered
    panel.restore({"method": "no method", "scope": None})
    assert panel.remembered()["method"] == "pca" and panel.controls.chosen_scope == "one"
    panel.restore(changed)
    assert panel.remembered() == changed
    assert panel.controls.scope.currentText() == "First 25 episodes"
    qtbot.waitUntil(lambda: len(shown_numbers(panel)) == 25, timeout=10_000)
    assert panel.axes.method == "lda" and not panel.plot.options.shows_samples


def test_a_click_besides_the_selection_card_does_not_reach_the_plot(
    panel: LatentsPanel, selection: EpisodeSelection
) -> None:
    selection.select({0})
    bar, before = panel.drawing.selection_bar, panel.plot.box.viewRange()
    drag_over = [QPoint(2, 2), QPoint(6, 12), QPoint(2, 20)]
    QTest.mousePress(bar, LEFT, SHIFT, drag_over[0])
    for place in drag_over[1:]:
        QTest.mouseMove(bar, place)
    QTest.mouseRelease(bar, LEFT, SHIFT, drag_over[-1])
    assert selection.selected == {0} and panel.plot.box.viewRange() == before
