from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.events import State
from engine.projection import LinearBasis
from leo_studio.analysis.latents.options import PAPER, Options
from leo_studio.figures.tables import length_of
from leo_studio.services.controller import Controller
from leo_studio.services.records import RunEntry
from leo_studio.ui.inspection.class_styles import symbol_scale
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.latents import LatentsPanel
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.ui.latents.conftest import Open

LEFT, SHIFT, NONE = (
    Qt.MouseButton.LeftButton,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.NoModifier,
)


@pytest.fixture
def run(toy_run: RunEntry) -> RunEntry:
    return toy_run


@pytest.fixture
def panel(run: RunEntry, open_panel: Open, qtbot: QtBot) -> LatentsPanel:
    """The panel with the codes of a run in it."""
    made = open_panel()
    qtbot.waitUntil(lambda: made.shown is not None, timeout=10_000)
    return made


def place_of(panel: LatentsPanel, row: int, position: int | None = None) -> QPoint:
    """Return where a code is in the view."""
    assert panel.shown is not None
    points = panel.shown.at(panel.plot.place if position is None else position)
    place: QPoint = panel.plot.view.mapFromScene(
        panel.plot.box.mapViewToScene(QPointF(*points[row]))
    )
    return place


def drag(panel: LatentsPanel, way: list[QPoint], held: Qt.KeyboardModifier) -> None:
    view = panel.plot.view.viewport()
    QTest.mousePress(view, LEFT, held, way[0])
    for place in way[1:]:
        QTest.mouseMove(view, place)
    QTest.mouseRelease(view, LEFT, held, way[-1])


def corners(panel: LatentsPanel) -> tuple[QPoint, QPoint]:
    """Return a box around all codes."""
    box = panel.plot.view.mapFromScene(panel.plot.box.sceneBoundingRect()).boundingRect()
    return box.topLeft() + QPoint(2, 2), box.bottomRight() - QPoint(2, 2)


def around_all(panel: LatentsPanel) -> list[QPoint]:
    """Return a way around all codes."""
    first, last = corners(panel)
    return [first, QPoint(last.x(), first.y()), last, QPoint(first.x(), last.y())]


def choose_scope(panel: LatentsPanel, scope: object) -> None:
    box = panel.controls.scope
    box.setCurrentIndex(box.findData(scope))
    box.activated.emit(box.currentIndex())


def test_without_a_run_it_says_how_to_get_one(open_panel: Open) -> None:
    panel = open_panel()
    assert "train an experiment" in panel.drawing.hint.text()
    assert panel.drawing.hint.isVisible()
    assert not panel.actions_by_name["export"].isEnabled()


def test_it_shows_the_first_episodes_of_a_run_after_the_inner_loop(panel: LatentsPanel) -> None:
    assert panel.shown is not None
    assert panel.shown.latents.numbers.tolist() == list(range(12))
    assert panel.shown.count == 48
    assert panel.step_bars.positions.label.text() == "Inner step 2 of 2"
    assert "12 episodes of val" in panel.status.text()
    assert "of variance" in panel.plot.plot.getAxis("bottom").labelText


def test_the_slider_moves_codes_along_the_adaptation(panel: LatentsPanel) -> None:
    assert panel.shown is not None
    after = panel.plot.layers._after
    panel.step_bars.positions.slider.setValue(4)
    assert np.stack(after.getData(), 1) == pytest.approx(panel.shown.at(4))
    panel.step_bars.positions.slider.setValue(1)
    assert np.stack(after.getData(), 1) == pytest.approx(panel.shown.at(1))
    panel.step_bars.positions.slider.setValue(0)
    assert not after.isVisible()


def test_thin_marks_are_larger_than_circles_in_the_plot(panel: LatentsPanel) -> None:
    panel.controls.set_options(Options(shape="class"))
    for points in (panel.plot.layers._before, panel.plot.layers._after):
        sizes = dict(zip(points.data["symbol"], points.data["size"], strict=True))
        assert sizes
        plain = min(sizes.values())
        for symbol, size in sizes.items():
            assert size == pytest.approx(plain * symbol_scale(symbol))


def test_a_click_on_a_code_looks_at_its_episode(
    panel: LatentsPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    view = panel.plot.view.viewport()
    code = panel.plot.code_at(QPointF(place_of(panel, 4 * 7)))
    assert code is not None
    QTest.mouseClick(view, LEFT, NONE, place_of(panel, 4 * 7))
    assert selection.current == code[0] // 4
    with qtbot.waitSignal(panel.episode_wanted) as wanted:
        QTest.mouseDClick(view, LEFT, NONE, place_of(panel, 4 * 7))
    assert wanted.args == [selection.current]


def test_shift_and_drag_is_a_lasso_and_escape_clears_it(
    panel: LatentsPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    before = panel.plot.box.viewRange()
    drag(panel, around_all(panel), SHIFT)
    assert selection.selected == frozenset(range(12))
    assert panel.plot.box.viewRange() == before
    QTest.keyClick(panel.plot.view, Qt.Key.Key_Escape)
    assert not selection.selected


def test_a_lasso_around_one_code_selects_its_episode(
    panel: LatentsPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    row = lasso_the_code_at_the_edge(panel)
    assert row // 4 in selection.selected
    assert len(selection.selected) < 4


@pytest.mark.parametrize("apart", [0, 4])
def test_a_lasso_that_ends_where_it_began_selects_what_it_goes_around(
    panel: LatentsPanel, selection: EpisodeSelection, apart: int
) -> None:
    way = around_all(panel)
    drag(panel, [*way, way[0] + QPoint(apart, 0)], SHIFT)
    assert selection.selected == frozenset(range(12))


def lasso_the_code_at_the_edge(panel: LatentsPanel) -> int:
    """Draw a lasso around a code whose neighbours are far, and return its row."""
    assert panel.shown is not None
    panel.controls.set_options(Options(shows_before=False))
    panel.controls.lasso.setChecked(True)
    row = int(panel.shown.at(panel.plot.place)[:, 0].argmax())
    middle = place_of(panel, row)
    way = [middle + QPoint(x, y) for x, y in ((-6, -6), (6, -6), (6, 6), (-6, 6))]
    drag(panel, way, NONE)
    return row


def test_exactly_the_codes_in_a_lasso_stand_out_until_others_are_selected(
    panel: LatentsPanel, selection: EpisodeSelection
) -> None:
    row = lasso_the_code_at_the_edge(panel)
    plot = panel.plot
    assert chosen_rows(panel) == [row]
    colors = [brush.color().name() for brush in plot.layers._after.data["brush"]]
    assert colors.count(colors[-1]) == 1 and len(set(colors[:-1])) == 1  # it is on top, alone
    selection.show(row // 4)
    panel.step_bars.positions.slider.setValue(1)
    assert chosen_rows(panel) == [row]
    panel.step_bars.positions.slider.setValue(4)
    other = (row // 4 + 1) % 12
    selection.select({row // 4, other})
    whole = sorted([*range(row - row % 4, row - row % 4 + 4), *range(4 * other, 4 * other + 4)])
    assert chosen_rows(panel) == whole
    # What is added by a lasso leaves whole episodes whole.
    around_one = place_of(panel, row)
    way = [around_one + QPoint(x, y) for x, y in ((-6, -6), (6, -6), (6, 6), (-6, 6))]
    drag(panel, way, Qt.KeyboardModifier.ControlModifier)
    assert chosen_rows(panel) == whole
    panel.selection_sync.clear()
    assert plot.chosen is None


def chosen_rows(panel: LatentsPanel) -> list[int]:
    chosen = panel.plot.chosen
    return [] if chosen is None else np.flatnonzero(chosen).tolist()


def test_a_selection_made_here_leaves_the_codes_outside_of_it_where_they_are(
    panel: LatentsPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    choose_scope(panel, "selected")
    selection.select({3, 5})
    qtbot.waitUntil(lambda: shown_numbers(panel) == [3, 5], timeout=10_000)
    lasso_the_code_at_the_edge(panel)
    assert len(selection.selected) == 1
    assert not panel.cache.is_loading and shown_numbers(panel) == [3, 5]
    selection.select({5, 8})
    qtbot.waitUntil(lambda: shown_numbers(panel) == [5, 8], timeout=10_000)


def test_a_drag_pans(panel: LatentsPanel, selection: EpisodeSelection, qtbot: QtBot) -> None:
    before = panel.plot.box.viewRange()
    start, _ = corners(panel)
    places = [start + QPoint(step, step) for step in (20, 40, 80, 120)]
    drag(panel, places, NONE)
    assert panel.plot.box.viewRange() != before
    assert not selection.selected and selection.current is None


def test_what_is_selected_elsewhere_stands_out(
    panel: LatentsPanel, selection: EpisodeSelection
) -> None:
    selection.select({3})
    chosen = panel.plot.chosen
    assert chosen is not None
    assert np.flatnonzero(chosen).tolist() == [12, 13, 14, 15]
    assert panel.drawing.selection_bar.text.text() == "1 episode selected"
    selection.select({4000})  # not among those shown: nothing to stand out from
    assert panel.plot.chosen is None


def test_scopes_show_selected_episodes_or_the_one_that_is_looked_at(
    panel: LatentsPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    basis = panel.basis
    choose_scope(panel, "selected")
    assert "No episode is selected" in panel.drawing.hint.text()
    selection.select({40, 50})
    qtbot.waitUntil(lambda: panel.shown is not None, timeout=10_000)
    assert panel.shown is not None
    assert panel.shown.latents.numbers.tolist() == [40, 50]
    choose_scope(panel, "one")
    selection.show(7)
    qtbot.waitUntil(lambda: shown_numbers(panel) == [7], timeout=10_000)
    assert panel.basis is basis


def shown_numbers(panel: LatentsPanel) -> list[int]:
    return [] if panel.shown is None else panel.shown.latents.numbers.tolist()


def shown_step(panel: LatentsPanel) -> int:
    return -1 if panel.shown is None else panel.shown.latents.provenance.step


def test_one_episode_is_shown_on_axes_of_many(
    run: RunEntry, open_panel: Open, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    panel = open_panel()
    choose_scope(panel, "one")
    selection.show(5)
    qtbot.waitUntil(lambda: shown_numbers(panel) == [5], timeout=10_000)
    assert panel.basis is not None
    assert panel.basis.fitted_on.startswith("400 adapted codes of 100 val episodes")


def test_checkpoints_replay_on_the_same_axes(
    panel: LatentsPanel, run: RunEntry, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    basis, source = panel.basis, selection.source
    slider = panel.step_bars.checkpoints.slider
    last = len(run.checkpoints) - 1
    slider.setValue(0 if slider.value() else last)
    step = run.checkpoints[slider.value()]
    qtbot.waitUntil(lambda: shown_step(panel) == step, timeout=10_000)
    assert panel.basis is basis
    assert selection.source == source  # others are left alone while it is replayed
    assert panel.step_bars.checkpoints.label.text() == f"step {step:,}"
    QTest.mouseClick(panel.plot.view.viewport(), LEFT, NONE, place_of(panel, 0))
    assert selection.source is not None and selection.source.step == step


def test_another_checkpoint_has_axes_of_its_own(
    panel: LatentsPanel, run: RunEntry, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    source, basis = selection.source, panel.basis
    assert source is not None and basis is not None
    step = next(each for each in run.checkpoints if each != source.step)
    ranges = panel.plot.box.viewRange()
    box = panel.picker.step
    box.setCurrentIndex(box.findData(step))
    box.activated.emit(box.currentIndex())
    qtbot.waitUntil(lambda: shown_step(panel) == step, timeout=10_000)
    assert panel.basis is not basis
    assert panel.basis is not None and f"step {step:,}" in panel.basis.fitted_on
    assert panel.plot.box.viewRange() != ranges
    held = panel.basis
    selection.set_source(replace(source, step=step, split="test"))  # axes stay for other episodes
    qtbot.waitUntil(lambda: panel.shown_source is not None and panel.shown_source.split == "test")
    assert panel.basis is held


def test_both_sliders_can_be_slid_and_their_names_are_whole_with_large_text(
    panel: LatentsPanel, themes: ThemeManager, qtbot: QtBot
) -> None:
    panel.resize(1100, 700)
    themes.choose("light", 1.5)
    qtbot.waitUntil(lambda: themes.is_settled)
    letter = panel.fontMetrics().averageCharWidth()

    def has_room() -> bool:
        bars = (panel.step_bars.positions, panel.step_bars.checkpoints)
        return all(
            bar.slider.width() >= 12 * letter and bar.label.width() >= bar.label.sizeHint().width()
            for bar in bars
        )

    qtbot.waitUntil(has_room, timeout=10_000)


def test_play_goes_through_the_checkpoints_to_the_end(
    panel: LatentsPanel, run: RunEntry, actions: ActionRegistry, qtbot: QtBot
) -> None:
    seen: set[int] = set()
    panel.plot.styles_changed.connect(lambda: seen.add(shown_step(panel)))
    panel.step_bars.checkpoints.set_speed(10)
    panel.step_bars.checkpoints.move_to(0)
    actions["latents.replay"].trigger()
    qtbot.waitUntil(lambda: not panel.step_bars.checkpoints.is_playing, timeout=10_000)
    qtbot.waitUntil(lambda: shown_step(panel) == run.checkpoints[-1], timeout=10_000)
    assert seen - {-1} <= set(run.checkpoints)


def test_axes_are_held_until_they_are_fitted_again(panel: LatentsPanel, qtbot: QtBot) -> None:
    basis = panel.basis
    panel.controls.popover.count.setValue(20)
    qtbot.waitUntil(lambda: len(shown_numbers(panel)) == 20, timeout=10_000)
    assert panel.basis is basis
    with qtbot.waitSignal(panel.basis_changed, timeout=10_000) as changed:
        panel.controls.popover.fit_button.click()
    assert isinstance(panel.basis, LinearBasis) and changed.args == [panel.basis]
    assert panel.basis.fitted_on.startswith("80 adapted codes")


def test_discriminant_axes_are_another_basis(panel: LatentsPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.basis_changed, timeout=10_000):
        choose_method(panel, "lda")
    assert panel.basis is not None and panel.basis.method == "lda"
    assert "within-class SD" in panel.plot.shown.axis_labels[0]  # type: ignore[union-attr]


def choose_method(panel: LatentsPanel, method: str) -> None:
    panel.controls.method.setCurrentIndex(panel.controls.method.findData(method))
    panel.controls.method.activated.emit(panel.controls.method.currentIndex())


def test_t_sne_offers_no_ellipses_and_no_checkpoints_and_says_why(
    panel: LatentsPanel, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(panel.basis_changed, timeout=60_000) as changed:
        choose_method(panel, "tsne")
    assert changed.args == [None]
    assert panel.step_bars.positions.label.text() == "After the inner loop"
    assert panel.step_bars.positions.slider.maximum() == 1
    assert not panel.step_bars.checkpoints.isEnabled()
    assert "could not be compared" in panel.step_bars.checkpoints.toolTip()
    ellipses = panel.controls.popover.switches["shows_half"]
    assert not ellipses.isEnabled() and "nothing true" in ellipses.toolTip()
    with qtbot.waitSignal(panel.basis_changed, timeout=10_000):
        choose_method(panel, "pca")
    assert panel.step_bars.checkpoints.isEnabled() and ellipses.isEnabled()


def test_the_papers_figure_is_one_action(
    panel: LatentsPanel, actions: ActionRegistry, selection: EpisodeSelection
) -> None:
    panel.hide()  # a thousand episodes would take a while
    actions["latents.paper"].trigger()
    assert panel.controls.count == 1000
    assert panel.controls.scope.currentText() == "First 1,000 episodes"
    assert panel.axes.method == "tsne"
    assert panel.plot.options == PAPER
    assert selection.source is not None and selection.source.split == "val"


def test_a_code_under_the_mouse_is_described(panel: LatentsPanel, qtbot: QtBot) -> None:
    view = panel.plot.view.viewport()

    def is_described() -> bool:
        # A mouse in a hand never rests: what comes from the background takes the card away.
        QTest.mouseMove(view, place_of(panel, 5) + QPoint(1, 0))
        QTest.mouseMove(view, place_of(panel, 5))
        return panel.card.isVisible()

    qtbot.waitUntil(is_described)
    text = panel.card.text.text()
    assert "val-" in text and "inner 2" in text and "accuracy" in text
    assert not panel.card.geometry().contains(place_of(panel, 5))
    QTest.mouseMove(view, corners(panel)[0])
    qtbot.waitUntil(lambda: not panel.card.isVisible())


def test_live_codes_move_on_axes_that_stay(
    panel: LatentsPanel,
    controller: Controller,
    toy_experiment: Experiment,
    actions: ActionRegistry,
    wait_for_state: Callable[[State], None],
    selection: EpisodeSelection,
    qtbot: QtBot,
) -> None:
    frames: list[tuple[int | None, LinearBasis | None]] = []
    actions["latents.live"].trigger()
    assert "no run trains" in panel.status.text()
    panel.plot.styles_changed.connect(lambda: frames.append((panel.live.step, panel.basis)))
    schedule = toy_experiment.schedule.model_copy(update={"steps": 100_000})
    controller.train(toy_experiment.model_copy(update={"schedule": schedule}))
    qtbot.waitUntil(lambda: len({step for step, _ in frames} - {None}) >= 3, timeout=30_000)
    title = controller.title_of(Path(controller.status.run))
    assert panel.status.text().startswith(f"live: {title}")
    box = panel.picker.step
    assert box.currentIndex() == -1 and not box.isEnabled()
    assert box.placeholderText() == f"live, step {panel.live.step:,}"
    assert not panel.picker.line.isVisible()
    assert len({id(basis) for _, basis in frames[1:]}) == 1
    controller.stop()
    wait_for_state("stopped")
    qtbot.waitUntil(lambda: not actions["latents.live"].isChecked())  # nothing more comes
    assert box.isEnabled() and box.currentIndex() >= 0
    qtbot.waitUntil(lambda: panel.shown_source == selection.source, timeout=10_000)
    assert shown_numbers(panel) == list(range(12))


def test_a_panel_that_is_hidden_computes_nothing(
    panel: LatentsPanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    panel.hide()
    panel.controls.popover.count.setValue(15)
    assert not panel.cache.is_loading
    panel.show()
    qtbot.waitUntil(lambda: len(shown_numbers(panel)) == 15, timeout=10_000)


def test_what_is_shown_is_exported(panel: LatentsPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.export_wanted):
        panel.actions_by_name["export"].trigger()
    panel.selection_sync.clear()
    exported = panel.exported()
    assert exported is not None and exported.figure is not None
    assert "12 val episodes, 48 codes, inner 2" in exported.title
    assert panel.shown_source is not None and panel.shown is not None
    title = panel._controller.title_of(panel.shown_source.run)
    assert title != panel.shown.latents.provenance.run
    assert exported.title.startswith(f"{title}, step ")
    codes, distributions, axes = exported.tables
    assert length_of(codes) == 96 and length_of(distributions) == 48
    panel.step_bars.positions.slider.setValue(1)
    moved = panel.exported()
    assert moved is not None and "inner 1" in moved.title
    assert panel.shown is not None
    after = np.flatnonzero(np.array(moved.tables[0].columns["position"]) == "inner 1")
    x = np.asarray(moved.tables[0].columns["x"])[after]
    np.testing.assert_array_equal(x, panel.shown.at(1)[:, 0])
    assert axes.name == "axes"


def test_weights_that_cannot_be_read_are_told(
    panel: LatentsPanel, run: RunEntry, qtbot: QtBot
) -> None:
    for weights in (run.path / "checkpoints").rglob("*.safetensors"):
        weights.unlink()
    other = 0 if panel.step_bars.checkpoints.position else len(run.checkpoints) - 1
    panel.step_bars.checkpoints.move_to(other)
    qtbot.waitUntil(lambda: panel.shown is None, timeout=10_000)
    assert panel.drawing.hint.isVisible() and panel.drawing.hint.text()
