"""Grids in the panel Evaluation, on the real engine: evaluated, kept, shown and exported."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.data.store import EmbeddingStore
from engine.evaluation.grid_record import Place, kept_grids
from leo_studio.analysis.evaluation.grids import varying_text
from leo_studio.services.controller import Controller
from leo_studio.services.records import RunEntry
from leo_studio.ui.evaluation import EvaluationPanel
from leo_studio.ui.evaluation.grid_view import GridView
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager


@pytest.fixture
def panel(
    qtbot: QtBot,
    controller: Controller,
    actions: ActionRegistry,
    themes: ThemeManager,
    toy_run: RunEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> EvaluationPanel:
    """The panel, which shows a run and its grids."""
    # Copies of a run have one id: other tests may have found its store in another place.
    monkeypatch.setattr("engine.runs.run_store._LOCATED", {})
    made = EvaluationPanel(controller, actions, themes)
    made.resize(1100, 700)
    qtbot.addWidget(made)
    made.show()
    made.results.parts.setCurrentIndex(1)
    assert made.run is not None and made.run.path == toy_run.path
    return made


def click(button: QWidget) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def evaluate(panel: EvaluationPanel, qtbot: QtBot, ways: str, shots: str) -> GridView:
    """Evaluate a grid as a person does, and return what shows it."""
    view, before = panel.results.grid, panel.results.grid.grid
    view.form.ways.setText(ways)
    view.form.shots.setText(shots)
    panel.form.episodes.setValue(20)
    click(view.form.start_button)
    qtbot.waitUntil(lambda: view.grid is not before, timeout=30_000)
    return view


def test_a_grid_is_evaluated_kept_and_joined_with_what_was_kept(
    panel: EvaluationPanel, controller: Controller, toy_run: RunEntry, qtbot: QtBot
) -> None:
    view = panel.results.grid
    assert view.form.ways.text() == "2, 4, 5, 10, 20" and view.form.shots.text() == "1, 2, 5"
    assert "shown here" in view.findChild(QWidget, "no-grid").text()  # type: ignore[union-attr]
    evaluate(panel, qtbot, "4,2", "2")
    (kept,) = kept_grids(toy_run.path).records
    assert [entry.place for entry in kept.entries] == [Place("toy", 2, 2), Place("toy", 4, 2)]
    (shown,) = view.maps
    assert shown._texts == [[f"{100 * (entry.accuracy or 0):.1f}"] for entry in kept.entries]
    assert shown.marked == (1, 0)  # 4-way 2-shot, which it was trained for
    assert kept.entries[1].why_not == "" and view.kept.count() == 1
    qtbot.waitUntil(lambda: controller.runs[0].grids == (kept,), timeout=30_000)

    evaluate(panel, qtbot, "2", "1, 500")
    assert view.grid is not None
    assert (view.grid.ways, view.grid.shots) == ([2, 4], [1, 2, 500])
    (shown,) = view.maps
    assert np.isnan(shown._values[0, 2]) and not np.isnan(shown._values[0, 0])
    assert "examples" in shown._tip(0, 2)  # why there are no such episodes


def test_episodes_are_chosen_once_for_results_and_grids(
    panel: EvaluationPanel, toy_run: RunEntry, qtbot: QtBot
) -> None:
    form = panel.results.grid.form
    panel.form.episodes.setValue(12345)
    assert form.episodes.text().startswith("12,345 episodes of split test at each place")
    panel.form.split_box.setCurrentIndex(panel.form.split_box.findData("val"))
    assert form.episodes.text().startswith("12,345 episodes of split val at each place")
    evaluate(panel, qtbot, "2", "1")
    (kept,) = kept_grids(toy_run.path).records
    assert (kept.episodes, kept.split) == (20, "val")
    buttons = [panel.form.start_button, form.start_button]
    words = [button.text().replace("&", "") for button in buttons]
    assert words == ["Evaluate", "Evaluate other ways and shots"]


def test_a_scale_says_what_the_colours_stand_for(panel: EvaluationPanel, qtbot: QtBot) -> None:
    view = evaluate(panel, qtbot, "2,4", "1")
    assert view.scale.isVisible()
    assert list(view.scale.labels) == ["0 %", "25 %", "50 %", "75 %", "100 %"]
    view.gain.click()
    assert view.grid is not None
    largest = 100 * max(abs(each.gain or 0.0) for each in view.grid.entries)
    assert view.scale.labels[-1] == f"+{largest:.1f} points"
    assert view.scale.labels[0] == f"−{largest:.1f} points"


def test_hard_episodes_are_a_grid_of_their_own(
    panel: EvaluationPanel, toy_run: RunEntry, qtbot: QtBot
) -> None:
    evaluate(panel, qtbot, "3", "2")
    panel.results.grid.form.is_hard.setChecked(True)
    view = evaluate(panel, qtbot, "3", "2")
    assert view.grid is not None and view.grid.is_hard
    assert {grid.is_hard for grid in kept_grids(toy_run.path).records} == {False, True}
    assert "hard episodes" in view.kept.currentText() and view.kept.count() == 2


def test_cells_say_the_interval_and_show_the_gain_instead(
    panel: EvaluationPanel, qtbot: QtBot
) -> None:
    view = evaluate(panel, qtbot, "2,4", "1,2")
    assert view.grid is not None
    entry = view.grid.at(Place("toy", 4, 1))
    assert entry is not None and entry.accuracy is not None and entry.ci95 is not None
    (shown,) = view.maps
    place = shown.rect_of(1, 0).center().toPoint()
    assert shown.cell_at(QPointF(place)) == (1, 0)
    QTest.mouseClick(shown, Qt.MouseButton.LeftButton, pos=place)
    said = view.pointed.text()
    assert said.startswith("4-way 1-shot on toy: ")
    assert f"{100 * entry.accuracy:.2f} ± {100 * entry.ci95:.2f} %" in said
    view.gain.click()
    assert entry.gain is not None
    assert shown._texts[1][0] == f"{100 * entry.gain:+.1f}"
    largest = max(abs(each.gain or 0.0) for each in view.grid.entries)
    assert shown._values[1, 0] == pytest.approx(entry.gain / largest)


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("ways", "1", "Ways is"),
        ("ways", "two", "Ways is"),
        ("shots", "", "Shots is"),
        ("shots", "1;5", "Shots is"),
    ],
)
def test_what_is_no_number_is_said_before_anything_begins(
    panel: EvaluationPanel, field: str, text: str, reason: str
) -> None:
    form = panel.results.grid.form
    getattr(form, field).setText(text)
    assert form.reason.text().startswith(reason) and form.reason.isVisible()
    assert not form.start_button.isEnabled()
    panel.start_grid()
    assert not panel._controller.tasks


def test_another_store_of_the_same_embedding_stands_beside_the_runs_own(
    panel: EvaluationPanel, controller: Controller, toy_store: EmbeddingStore, qtbot: QtBot
) -> None:
    controller.library.stores.mkdir(parents=True, exist_ok=True)
    (controller.library.stores / "other.h5").write_bytes(toy_store.path.read_bytes())
    controller.refresh_stores()
    form = panel.results.grid.form
    own, other = form._menu.actions()
    assert own.isChecked() and not other.isChecked() and other.text() == "other"
    own.setChecked(False)
    assert form.reason.text() == "Choose a store."
    own.setChecked(True)
    other.setChecked(True)
    view = evaluate(panel, qtbot, "2", "1")
    assert view.grid is not None and view.grid.stores == ["toy", "other"]
    first, second = view.maps
    assert first._texts == second._texts
    assert (first.marked, second.marked) == (None, None)


def test_a_grid_that_is_cancelled_leaves_nothing(
    panel: EvaluationPanel, controller: Controller, toy_run: RunEntry, qtbot: QtBot
) -> None:
    form = panel.results.grid.form
    form.ways.setText("2,3,4,5")
    form.shots.setText("1,2,3,4,5")
    panel.form.episodes.setValue(1_000_000)
    click(form.start_button)
    assert form.progress.isVisible() and not form.start_button.isVisible()
    assert not form.ways.isEnabled()
    click(form.cancel_button)
    qtbot.waitUntil(lambda: not controller.tasks, timeout=30_000)
    assert form.start_button.isVisible() and not form.progress.isVisible()
    assert kept_grids(toy_run.path).records == ()


def test_a_grid_leaves_the_window_as_a_figure_numbers_and_text(
    panel: EvaluationPanel, qtbot: QtBot
) -> None:
    view = evaluate(panel, qtbot, "2,4", "1")
    exported = panel.exported()
    assert exported is not None and exported.figure is not None
    (table,) = exported.tables
    assert list(table.columns["n_way"]) == [2, 4]
    assert len(exported.figure.plots) == 1
    panel.copy_result()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == 3 and lines[1].startswith("2-way 1-shot on toy")
    view.gain.click()
    gain = panel.exported()
    assert gain is not None and gain.figure is not None
    assert "gain on nearest class mean" in gain.figure.plots[0].title


def test_episodes_of_varying_ways_and_shots_are_a_sentence_below(
    panel: EvaluationPanel, toy_run: RunEntry, qtbot: QtBot
) -> None:
    view = evaluate(panel, qtbot, "2,4", "1,2")
    assert not view.varying.isVisible()
    click(view.form.is_varying)
    evaluate(panel, qtbot, "2,4", "1,2")
    (kept,) = kept_grids(toy_run.path).records
    (entry,) = kept.varying
    assert view.varying.isVisible()
    assert view.varying.text() == varying_text(entry)
    assert view.varying.text().startswith("Episodes of 2 and 4 ways and 1 and 2 shots, drawn for")
    view.copy_result()
    assert varying_text(entry) in QGuiApplication.clipboard().text()
    exported = view.exported()
    assert exported is not None
    assert exported.tables[1].columns["ways"] == ["2, 4"]
