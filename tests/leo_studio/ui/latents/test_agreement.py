"""What the latent space says in several places agrees, and covers nothing that it speaks of."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QRect, QRectF, QSize
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from leo_studio.analysis.latents.options import Options
from leo_studio.services.controller import Controller
from leo_studio.services.records import EpisodeSource, RunEntry
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.latents import LatentsPanel
from leo_studio.ui.widgets.theme import ThemeManager, ThemeName
from tests.leo_studio.ui.latents.conftest import Open
from tests.leo_studio.ui.latents.test_panel import (
    chosen_rows,
    place_of,
    shown_numbers,
    shown_step,
)


@pytest.fixture
def panel(
    toy_run: RunEntry,
    open_panel: Open,
    themes: ThemeManager,
    qtbot: QtBot,
) -> LatentsPanel:
    """The panel with 12 episodes of a run in it."""
    made = open_panel()
    qtbot.waitUntil(lambda: made.shown is not None, timeout=10_000)
    return made


def test_the_box_of_checkpoints_follows_the_player_and_leads_back(
    panel: LatentsPanel, toy_run: RunEntry, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    source, box = selection.source, panel.picker.step
    assert source is not None and box.currentData() == source.step
    other = next(step for step in toy_run.checkpoints if step != source.step)
    panel.step_bars.checkpoints.move_to(toy_run.checkpoints.index(other))
    qtbot.waitUntil(lambda: shown_step(panel) == other, timeout=10_000)
    assert box.currentData() == other and box.currentText().startswith(f"step {other:,}")
    assert selection.source == source
    box.setCurrentIndex(box.findData(source.step))
    box.activated.emit(box.currentIndex())
    qtbot.waitUntil(lambda: shown_step(panel) == source.step, timeout=10_000)
    assert panel.step_bars.checkpoints.label.text() == f"step {source.step:,}"
    assert box.currentData() == source.step and selection.source == source


def test_the_notice_of_a_better_checkpoint_follows_the_end_of_training(
    panel: LatentsPanel, toy_run: RunEntry, selection: EpisodeSelection, controller: Controller
) -> None:
    own, line = toy_run.own_step, panel.picker.line
    assert own is not None and toy_run.best is not None
    selection.set_source(EpisodeSource(toy_run.path, own, "val"))
    later = next(step for step in toy_run.checkpoints if step != own)
    best = toy_run.best.model_copy(update={"step": later})
    trains = replace(toy_run, best=best, kept_best=None, status="running")
    stays = f"stays at step {own:,}; the best is step {later:,}"
    for run, said in (
        (trains, f"Training goes on, and this {stays} now."),
        (replace(trains, status="finished"), f"This {stays}."),
    ):
        controller.runs = (run,)
        controller.runs_changed.emit(controller.runs)
        assert line.isVisible() and line.label.text() == said


def colors_in(widget: QWidget, place: QRect) -> set[str]:
    """Return the colours of the pixels of a part of a widget, as it is painted."""
    image = widget.grab(place).toImage()
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


@pytest.mark.parametrize("name", ["light", "dark"])
def test_a_class_that_is_hidden_has_an_empty_box_in_the_legend(
    panel: LatentsPanel, themes: ThemeManager, qtbot: QtBot, name: ThemeName
) -> None:
    themes.choose(name)
    qtbot.waitUntil(lambda: themes.is_settled)
    panel.controls.set_options(Options(shape="class", color="class"))
    classes = panel.legend.list

    def box_of(row: int) -> set[str]:
        place = classes.visualItemRect(classes.item(row))
        return colors_in(classes.viewport(), QRect(place.topLeft(), QSize(18, place.height())))

    theme = themes.current
    assert theme.accent in box_of(0) and theme.accent in box_of(1)
    classes.toggled.emit(classes.item(1))
    assert theme.muted in box_of(1) and theme.accent not in box_of(1)
    assert theme.accent in box_of(0)  # some are shown


@pytest.mark.parametrize("name", ["light", "dark"])
def test_a_button_that_is_on_is_filled_and_one_with_the_focus_is_framed(
    panel: LatentsPanel, themes: ThemeManager, qtbot: QtBot, name: ThemeName
) -> None:
    themes.choose(name)
    qtbot.waitUntil(lambda: themes.is_settled)
    theme, lasso, options = themes.current, panel.controls.lasso, panel.controls.options_button
    lasso.setChecked(True)
    options.setFocus()
    qtbot.waitUntil(options.hasFocus)
    assert theme.switched_on not in (theme.window, theme.base, theme.raised)

    def frame(button: QWidget) -> set[str]:
        return colors_in(button, QRect(0, button.height() // 2, 1, 1))

    def inside(button: QWidget) -> set[str]:
        return colors_in(button, QRect(2, button.height() // 2, 1, 1))

    assert inside(lasso) == {theme.switched_on} and theme.accent not in frame(lasso)
    assert frame(options) == {theme.accent} and inside(options) != inside(lasso)
    lasso.setFocus()
    qtbot.waitUntil(lasso.hasFocus)
    assert inside(lasso) == {theme.switched_on} and frame(lasso) == {theme.accent}


def test_the_card_of_the_selection_covers_no_code_that_is_selected(
    panel: LatentsPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    assert panel.shown is not None
    bar, plot = panel.drawing.selection_bar, panel.plot
    panel.controls.set_options(Options(shows_before=False))

    def covered() -> list[int]:
        corner = plot.view.viewport().mapTo(plot, QPoint())
        rows = chosen_rows(panel)
        return [row for row in rows if bar.geometry().contains(place_of(panel, row) + corner)]

    places = set()
    for row in range(0, panel.shown.count, 4):
        selection.select({row // 4})
        x, y = panel.shown.at(plot.place)[row]
        (left, right), (bottom, top) = plot.box.viewRange()
        width, height = right - left, top - bottom
        # With the code at the middle of the upper edge, then of the lower one.
        for below in (0.95, 0.05):
            plot.box.setRange(QRectF(x - width / 2, y - below * height, width, height), padding=0)
            assert bar.isVisible() and not covered()
            assert plot.rect().contains(bar.geometry())
            places.add(bar.pos().toTuple())
    assert len(places) > 1


def test_the_card_says_that_what_is_selected_is_not_among_those_shown(
    panel: LatentsPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    text = panel.drawing.selection_bar.text
    selection.select({15})
    assert text.text() == "1 episode selected, not among the first 12 shown"
    selection.select({3, 15})
    assert text.text() == ("2 episodes selected, 1 of these episodes not among the first 12 shown")
    panel.controls.popover.count.setValue(20)
    qtbot.waitUntil(lambda: len(shown_numbers(panel)) == 20, timeout=10_000)
    assert text.text() == "2 episodes selected"


def test_the_card_of_the_selection_is_whole_in_a_narrow_panel(
    panel: LatentsPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    bar, plot = panel.drawing.selection_bar, panel.plot
    selection.select({3, 15})
    qtbot.waitUntil(bar.isVisible)
    wide = bar.height()
    panel.window().resize(420, 700)
    qtbot.waitUntil(lambda: bar.height() > wide and plot.width() < 400)
    assert plot.rect().contains(bar.geometry())
    for each in (bar.text, *bar.buttons.values()):
        assert bar.rect().contains(each.geometry())
    assert bar.text.height() >= bar.text.heightForWidth(bar.text.width())
    for button in bar.buttons.values():
        assert button.width() >= button.sizeHint().width()
    panel.window().resize(1000, 800)
    qtbot.waitUntil(lambda: bar.height() == wide)
