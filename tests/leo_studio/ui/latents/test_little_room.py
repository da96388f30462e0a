"""The latent space where it is low or narrow, and with large text; what comes and goes in it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from leo_studio.analysis.latents.projected import extent
from leo_studio.services.controller import Controller
from leo_studio.services.records import RunEntry
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.latents import LatentsPanel
from leo_studio.ui.latents.free_spot import room_of
from leo_studio.ui.latents.step_bars import StepBars
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.ui.latents.conftest import Open


@pytest.fixture
def panel(toy_run: RunEntry, open_panel: Open, qtbot: QtBot) -> LatentsPanel:
    made = open_panel(None, 700)
    qtbot.waitUntil(lambda: made.shown is not None, timeout=10_000)
    return made


def has_size(panel: LatentsPanel, width: int, height: int) -> bool:
    return panel.size().toTuple() == (width, height)


def is_whole(bars: StepBars) -> bool:
    """Whether all parts of both bars are seen in full."""
    both = (bars.positions, bars.checkpoints)
    parts = [(bar, part) for bar in both for part in (bar.label, bar.stages)]
    return all(
        bars.rect().contains(bar.geometry())
        and bar.rect().contains(part.geometry())
        and part.width() >= part.minimumSizeHint().width()
        for bar, part in parts
    )


def are_whole(labels: Sequence[Label]) -> bool:
    """Whether each label is seen in full, before its box."""
    return all(
        label.width() >= label.sizeHint().width() and label.geometry().right() < label.buddy().x()
        for label in labels
    )


def test_a_low_plot_has_the_height_of_what_is_said_elsewhere(
    panel: LatentsPanel, themes: ThemeManager, qtbot: QtBot
) -> None:
    window, plot = panel.window(), panel.plot
    axis = plot.plot.getAxis("bottom")
    assert axis.label.isVisible()
    themes.choose("light", 2.0)
    qtbot.waitUntil(lambda: themes.is_settled)
    window.resize(870, 430)
    qtbot.waitUntil(partial(has_size, panel, 870, 430))
    picker = panel.picker
    qtbot.waitUntil(lambda: picker.step.mapTo(picker, picker.step.rect().center()).y() < 40)
    qtbot.waitUntil(lambda: not axis.label.isVisible())
    line = panel.fontMetrics().height()
    assert plot.box.height() > 4 * line
    assert picker.step.width() > picker.step.fontMetrics().horizontalAdvance("step 40 (")
    window.resize(870, 900)
    qtbot.waitUntil(lambda: axis.label.isVisible())
    qtbot.waitUntil(lambda: picker.step.mapTo(picker, picker.step.rect().center()).y() > 40)
    assert panel.status.isVisible()


@pytest.mark.parametrize("size", [1.0, 2.0])
def test_nothing_of_the_bars_is_cut_off_in_a_narrow_panel(
    panel: LatentsPanel, themes: ThemeManager, size: float, qtbot: QtBot
) -> None:
    themes.choose("light", size)
    qtbot.waitUntil(lambda: themes.is_settled)
    window, bars = panel.window(), panel.step_bars
    narrowest = window.minimumSizeHint().width()
    for width in range(max(420, narrowest), round(700 * size), 40):
        window.resize(width, 700)
        qtbot.waitUntil(partial(lambda width: panel.width() == width, width))
        qtbot.waitUntil(partial(is_whole, bars))


def test_a_narrow_picker_says_what_each_of_its_boxes_is(panel: LatentsPanel, qtbot: QtBot) -> None:
    picker = panel.picker
    for width in (panel.window().minimumSizeHint().width(), 620, 900):
        panel.window().resize(width, 700)
        qtbot.waitUntil(partial(lambda width: panel.width() == width, width))
        words = {label.text() for label in picker.findChildren(QLabel) if label.isVisible()}
        assert {"&Run", "Chec&kpoint", "Spl&it"} <= words
        qtbot.waitUntil(partial(are_whole, picker._labels))


def test_nothing_moves_when_notices_come_and_go(
    panel: LatentsPanel, toy_run: RunEntry, controller: Controller, qtbot: QtBot
) -> None:
    assert toy_run.best is not None
    later = next(step for step in toy_run.checkpoints if step != toy_run.own_step)
    best = toy_run.best.model_copy(update={"step": later})
    better = replace(toy_run, best=best, kept_best=None)
    notice, line = panel.drawing.notice, panel.picker.line

    def places() -> list[QRect]:
        parts = (panel.picker, panel.controls, panel.plot, panel.step_bars)
        return [QRect(part.mapTo(panel, QPoint(0, 0)), part.size()) for part in parts]

    before = places()
    notice.say("t-SNE is being computed.", "Cancel", "Compute it no more")
    assert notice.isVisible()
    controller.runs = (better,)
    controller.runs_changed.emit(controller.runs)
    qtbot.waitUntil(line.isVisible)
    QApplication.processEvents()
    assert places() == before
    strip = panel.drawing.notices
    axes = room_of(panel.plot).translated(panel.plot.mapTo(panel.drawing, QPoint(0, 0)))
    assert strip.geometry().topLeft() == axes.topLeft()
    assert axes.contains(strip.geometry())  # on no number of the axes, and not on the legend
    assert strip.rect().contains(line.geometry())
    assert line.label.height() < 2 * line.fontMetrics().height()  # one line, and no wider than that
    assert strip.width() < 0.8 * axes.width()
    assert line.use_button.geometry().bottom() < panel.height() / 2
    controller.runs = (toy_run,)
    controller.runs_changed.emit(controller.runs)
    notice.say("")
    qtbot.waitUntil(lambda: not strip.isVisible())
    assert places() == before


def test_what_is_selected_is_said_below_a_notice(
    panel: LatentsPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    card, strip = panel.drawing.selection_bar, panel.drawing.notices

    def overlap() -> bool:
        place = QRect(card.mapTo(panel.drawing, QPoint(0, 0)), card.size())
        return strip.isVisible() and strip.geometry().intersects(place)

    selection.select({0})
    QApplication.processEvents()
    for width in (1000, 700):
        panel.window().resize(width, 700)
        qtbot.waitUntil(partial(has_size, panel, width, 700))
        panel.drawing.notice.say("t-SNE is being computed.", "Cancel", "Compute it no more")
        qtbot.waitUntil(strip.isVisible)
        assert card.isVisible() and not overlap()
        panel.drawing.notice.say("")
        qtbot.waitUntil(lambda: not strip.isVisible())


def test_live_without_a_run_says_so_in_words_that_are_seen(
    panel: LatentsPanel, qtbot: QtBot
) -> None:
    live = panel.actions_by_name["live"]
    assert "none trains now" in live.toolTip()
    live.trigger()
    hint = panel.drawing.hint
    assert hint.isVisible() and "no run trains now" in hint.text()
    live.trigger()
    qtbot.waitUntil(lambda: panel.shown is not None, timeout=10_000)
    assert panel.plot.isVisible()


def test_an_embedding_uses_the_whole_plot_and_principal_components_have_one_scale(
    panel: LatentsPanel, qtbot: QtBot
) -> None:
    def shares() -> NDArray[np.float64]:
        assert panel.shown is not None
        low, high = extent(panel.shown, np.empty((0, 2)), with_outlines=False)
        spans = [right - left for left, right in panel.plot.box.viewRange()]
        return np.asarray((high - low) / spans, float)

    across, up = panel.plot.unit
    assert across == pytest.approx(up)
    panel.set_method("tsne")
    qtbot.waitUntil(
        lambda: panel.shown is not None and panel.shown.basis.method == "tsne", timeout=60_000
    )
    assert shares().min() > 0.8
    panel.set_method("pca")
    qtbot.waitUntil(
        lambda: panel.shown is not None and panel.shown.basis.method == "pca", timeout=60_000
    )
    across, up = panel.plot.unit
    assert across == pytest.approx(up)
