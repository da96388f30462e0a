"""What takes a while: it is said, can be cancelled, and the paper's figure is left as entered."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from engine.inspection.records import TRAINING_EPISODES
from leo_studio.analysis.latents.options import PAPER, Options
from leo_studio.analysis.latents.remembered import Look
from leo_studio.services import inspection_requests
from leo_studio.services.controller import Controller
from leo_studio.services.records import RunEntry
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.latents import LatentsPanel, paper_mode
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.window.main_window import MainWindow
from tests.leo_studio.ui.conftest import OpenWindow
from tests.leo_studio.ui.latents.conftest import Open
from tests.leo_studio.ui.latents.test_panel import (
    LEFT,
    SHIFT,
    around_all,
    choose_method,
    choose_scope,
    drag,
    shown_numbers,
)

FEW = 40  # episodes of the paper's figure here: a thousand would take minutes


@pytest.fixture
def small_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the paper's figure be of few episodes, which deserve a bar all the same."""
    monkeypatch.setattr(paper_mode, "PAPER_LOOK", Look("tsne", "first", FEW, PAPER))
    monkeypatch.setattr(inspection_requests, "_EPISODES_IN_A_MOMENT", 15)


@pytest.fixture
def panel(
    small_figure: None,
    toy_run: RunEntry,
    open_panel: Open,
    qtbot: QtBot,
) -> LatentsPanel:
    """The panel with 12 episodes in it."""
    made = open_panel(height=700)
    qtbot.waitUntil(lambda: len(shown_numbers(made)) == 12, timeout=10_000)
    return made


def said(panel: LatentsPanel) -> str:
    notice = panel.drawing.notice
    return notice.text.text() if notice.isVisible() else ""


def method_of(panel: LatentsPanel) -> str:
    return "" if panel.shown is None else panel.shown.basis.method


def cancel_all(controller: Controller) -> None:
    """Do what the crosses in the status bar do."""
    for task in controller.tasks:
        task.cancel()


def test_principal_components_stand_in_and_say_so_until_the_embedding_is_there(
    panel: LatentsPanel, qtbot: QtBot
) -> None:
    choose_method(panel, "tsne")
    assert method_of(panel) == "pca"  # something is seen at once
    assert said(panel).startswith("Principal components until t-SNE is ready")
    assert panel.drawing.notice.button.text() == "Cancel"
    assert "t-SNE is being computed" in panel.status.text()
    qtbot.waitUntil(lambda: method_of(panel) == "tsne", timeout=60_000)
    assert not said(panel) and "computed" not in panel.status.text()
    choose_method(panel, "pca")
    choose_method(panel, "tsne")
    assert method_of(panel) == "tsne"  # it is kept


@pytest.mark.parametrize("by_the_panel", [True, False])
def test_an_embedding_that_is_cancelled_says_so_and_leaves_principal_components(
    panel: LatentsPanel, controller: Controller, by_the_panel: bool, qtbot: QtBot
) -> None:
    choose_method(panel, "tsne")
    if by_the_panel:
        QTest.mouseClick(panel.drawing.notice.button, LEFT)
    else:
        cancel_all(controller)
    qtbot.waitUntil(lambda: "was cancelled" in said(panel), timeout=10_000)
    assert panel.controls.method.currentData() == "pca" == method_of(panel)
    assert panel.axes.method == "pca" and panel.step_bars.positions.slider.maximum() == 4
    assert "computed" not in panel.status.text() and not panel.axes.is_busy
    assert shown_numbers(panel) == list(range(12))
    QTest.mouseClick(panel.drawing.notice.button, LEFT)  # after all
    qtbot.waitUntil(lambda: method_of(panel) == "tsne", timeout=60_000)
    assert not said(panel)


def test_an_embedding_that_cannot_be_had_leaves_principal_components_and_says_why(
    panel: LatentsPanel, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda *_: None)
    choose_method(panel, "umap")
    qtbot.waitUntil(lambda: "UMAP is not installed" in said(panel), timeout=10_000)
    assert method_of(panel) == "pca" == panel.controls.method.currentData()


def test_codes_that_are_cancelled_leave_those_that_are_shown(
    panel: LatentsPanel, controller: Controller, qtbot: QtBot
) -> None:
    choose_scope(panel, 5000)
    assert said(panel).startswith("Following the codes of 5,000 episodes")
    assert "until then the plot shows 12 episodes" in said(panel)
    cancel_all(controller)
    qtbot.waitUntil(lambda: "were cancelled" in said(panel), timeout=10_000)
    assert panel.controls.scope.currentText() == "First 12 episodes"
    assert shown_numbers(panel) == list(range(12)) and not panel.cache.is_loading
    QTest.mouseClick(panel.drawing.notice.dismiss, LEFT)
    assert not said(panel)


def test_codes_that_are_cancelled_before_any_are_shown_leave_one_episode(
    panel: LatentsPanel, controller: Controller, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    choose_scope(panel, 5000)
    panel.waiting._settled = None  # as at a start
    panel.show_hint("")
    qtbot.waitUntil(lambda: "Following the codes of 5,000" in panel.drawing.hint.text())
    cancel_all(controller)
    qtbot.waitUntil(lambda: shown_numbers(panel) == [0], timeout=10_000)
    assert panel.controls.chosen_scope == "one" and "were cancelled" in said(panel)


def test_the_papers_figure_is_left_by_the_button_that_entered_it(
    panel: LatentsPanel, actions: ActionRegistry, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    assert selection.source is not None
    selection.set_source(
        type(selection.source)(selection.source.run, selection.source.step, "test")
    )
    panel.controls._pick("color", "accuracy")
    before = panel.remembered()
    paper = actions["latents.paper"]
    assert "1,000 validation episodes" in paper.toolTip() and "a minute" in paper.toolTip()
    paper.trigger()
    assert paper.isChecked() and selection.source.split == "val"
    assert panel.remembered() == before  # also over a restart
    qtbot.waitUntil(lambda: method_of(panel) == "tsne", timeout=60_000)
    assert len(shown_numbers(panel)) == FEW and panel.plot.options == PAPER
    paper.trigger()
    assert not paper.isChecked() and selection.source.split == "test"
    assert panel.remembered() == before and panel.controls.scope.currentText() == (
        "First 12 episodes"
    )
    qtbot.waitUntil(lambda: len(shown_numbers(panel)) == 12, timeout=10_000)
    assert method_of(panel) == "pca" and panel.plot.options.color == "accuracy"


def test_other_episodes_leave_the_papers_figure_and_its_colours(
    panel: LatentsPanel, actions: ActionRegistry, qtbot: QtBot
) -> None:
    actions["latents.paper"].trigger()
    qtbot.waitUntil(lambda: len(shown_numbers(panel)) == FEW, timeout=60_000)
    choose_scope(panel, "one")
    qtbot.waitUntil(lambda: shown_numbers(panel) == [0], timeout=10_000)
    assert not actions["latents.paper"].isChecked()
    assert (panel.plot.options.color, panel.plot.options.shape) == ("class", "class")
    assert panel.legend.list.count() == 5 and method_of(panel) == "pca"
    assert panel.axes.embedding is None


def test_other_episodes_end_the_embedding_of_those_before(
    panel: LatentsPanel, controller: Controller
) -> None:
    choose_method(panel, "tsne")
    before = panel.axes.embedding
    assert before is not None
    choose_scope(panel, 5000)
    assert before.is_cancelled and panel.axes.embedding is None
    assert "computed" not in panel.status.text()


def test_the_papers_figure_that_is_cancelled_leaves_what_was_set_before(
    panel: LatentsPanel, controller: Controller, actions: ActionRegistry, qtbot: QtBot
) -> None:
    actions["latents.paper"].trigger()
    assert said(panel).startswith(f"Following the codes of {FEW} episodes")
    cancel_all(controller)
    qtbot.waitUntil(lambda: "were cancelled" in said(panel), timeout=10_000)
    assert not actions["latents.paper"].isChecked()
    assert len(shown_numbers(panel)) == 12 and panel.plot.options.color == Options().color


def test_an_embedding_never_begins_by_itself_at_a_start(
    panel: LatentsPanel, controller: Controller, qtbot: QtBot
) -> None:
    panel.restore({**panel.remembered(), "method": "tsne", "count": 20})
    qtbot.waitUntil(lambda: len(shown_numbers(panel)) == 20, timeout=10_000)
    assert method_of(panel) == "pca" == panel.axes.method and panel.axes.embedding is None
    assert "t-SNE" in said(panel)
    assert panel.drawing.notice.button.text() == "Compute t-SNE"
    QTest.mouseClick(panel.drawing.notice.button, LEFT)
    qtbot.waitUntil(lambda: method_of(panel) == "tsne", timeout=60_000)
    assert panel.controls.method.currentData() == "tsne"


@pytest.fixture
def window(
    small_figure: None, toy_run: RunEntry, open_window: OpenWindow, qtbot: QtBot
) -> MainWindow:
    made = open_window()
    qtbot.waitUntil(lambda: made.is_complete, timeout=60_000)
    made.docks.show("latents")
    qtbot.waitUntil(lambda: made.episode_panels.latents.shown is not None, timeout=60_000)
    return made


@pytest.mark.qt_log_ignore("does not support (raise|grabbing)", extend=True)
def test_quick_presses_while_an_embedding_is_computed_never_stop_the_window(
    window: MainWindow, qtbot: QtBot
) -> None:
    panel = window.episode_panels.latents
    paper = next(
        button
        for button in panel.controls.findChildren(QToolButton)
        if button.defaultAction() is panel.actions_by_name["paper"]
    )
    color = panel.controls.popover.choices["color"]
    for pause in (0, 30, 200):
        choose_scope(panel, 100)
        qtbot.waitUntil(lambda: len(shown_numbers(panel)) == 100, timeout=60_000)
        drag(panel, around_all(panel), SHIFT)
        QTest.mouseClick(panel.drawing.selection_bar.buttons["Show in list"], LEFT)
        window.docks.show("latents")
        choose_method(panel, "tsne")
        qtbot.wait(pause)
        QTest.mouseClick(panel.controls.options_button, LEFT)
        color.setCurrentIndex(color.findData("accuracy"))
        color.activated.emit(color.currentIndex())
        for _ in range(4):
            QTest.mouseClick(paper, LEFT)
            qtbot.wait(pause)
        panel.controls.popover.close()
        assert not paper.isChecked() and panel.plot.options.color == "accuracy"
        qtbot.waitUntil(lambda: len(shown_numbers(panel)) == 100, timeout=60_000)
        choose_method(panel, "pca")
        QTest.keyClick(panel.plot.view, Qt.Key.Key_Escape)
    qtbot.wait(500)
    layouts = count_layouts(panel)
    qtbot.wait(500)
    assert layouts() < 5  # nothing lays itself out for ever


def count_layouts(panel: LatentsPanel) -> Callable[[], int]:
    """Return what tells how often the panel was asked for a layout since."""

    class Counter(QObject):
        count = 0

        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            self.count += event.type() == QEvent.Type.LayoutRequest
            return False

    counter = Counter(panel)
    panel.window().installEventFilter(counter)
    panel.installEventFilter(counter)
    return lambda: counter.count


def test_training_episodes_have_a_figure_too(
    panel: LatentsPanel, actions: ActionRegistry, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    actions["latents.paper"].trigger()
    assert selection.source is not None
    selection.set_source(replace(selection.source, split=TRAINING_EPISODES))
    qtbot.waitUntil(lambda: len(shown_numbers(panel)) == FEW, timeout=60_000)
    actions["latents.paper"].trigger()
    qtbot.waitUntil(lambda: len(shown_numbers(panel)) == 12, timeout=10_000)
    assert selection.source is not None and selection.source.split == TRAINING_EPISODES
