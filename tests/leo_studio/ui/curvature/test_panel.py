"""The Curvature panel measures by its button, shows what was kept, and exports what it shows."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QTableWidget
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.inspection import curvature
from engine.inspection.curvature_record import kept_curvatures
from engine.runs.run import Run
from leo_studio.analysis.curvature.rows import finding
from leo_studio.analysis.formats import format_value
from leo_studio.services.controller import Controller
from leo_studio.services.records import Notice, RunEntry
from leo_studio.ui.curvature import CurvaturePanel
from leo_studio.ui.curvature.panel import NO_RUN, NOT_MEASURED
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.ui.conftest import Train

META_SGD = {"learner.kind": "linear_maml", "learner.inner_steps": 2, "learner.learns_rates": True}


@pytest.fixture
def panel(
    controller: Controller, actions: ActionRegistry, themes: ThemeManager, qtbot: QtBot
) -> CurvaturePanel:
    made = CurvaturePanel(controller, actions, themes)
    made.resize(1000, 700)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def told(controller: Controller) -> list[Notice]:
    notices: list[Notice] = []
    controller.notified.connect(notices.append)
    return notices


def show(panel: CurvaturePanel, run: RunEntry, qtbot: QtBot) -> None:
    panel.followed.choose(run.path)
    qtbot.waitUntil(lambda: panel.run is not None and panel.run.path == run.path)


def is_shown(panel: CurvaturePanel) -> bool:
    return panel.results.isVisible()


def methods(panel: CurvaturePanel) -> list[str]:
    return [each.record.method for each in panel.results.shown]


def measure(panel: CurvaturePanel, qtbot: QtBot, episodes: int = 6) -> None:
    """Press the button, and wait until the result is shown."""
    panel.episodes.setValue(episodes)
    QTest.mouseClick(panel.button, Qt.MouseButton.LeftButton)
    run = panel.run
    assert run is not None

    def is_there() -> bool:
        shown = panel.results.shown
        return is_shown(panel) and bool(shown) and shown[0].record.episodes == episodes

    qtbot.waitUntil(is_there, timeout=60_000)
    qtbot.waitUntil(lambda: panel.button.isEnabled())


def test_nothing_is_shown_before_there_is_a_run(panel: CurvaturePanel) -> None:
    assert not is_shown(panel) and panel.nothing.text() == NO_RUN
    assert not panel.button.isEnabled() and panel.exported() is None


def test_a_run_is_measured_shown_and_kept(
    panel: CurvaturePanel, toy_run: RunEntry, qtbot: QtBot
) -> None:
    assert panel.nothing.text() == NOT_MEASURED and panel.button.isEnabled()
    measure(panel, qtbot)
    ((record,), problems) = kept_curvatures(toy_run.path)
    assert problems == () and panel.results.shown[0].record == record
    assert record.checkpoint_step == toy_run.own_step and record.split == "test"
    assert panel.results.finding.text() == finding(record)
    assert "15 of 20 in latent and 24 of 64 in weight space" in panel.results.description.text()
    table = panel.results.table
    assert table.rowCount() == 9 and table.item(0, 0) is not None
    plots = [plot for plot in panel.results.grid.plots if plot.isVisible()]
    assert [plot.shown.title for plot in plots if plot.shown] == [
        "Curvature",
        "Expansion",
        "Steps (coverage)",
    ]
    assert record.whole.latent is not None
    text = plots[0].text_at(-0.2, -3.0)
    assert text.startswith("LEO, in latent space\n5 %: ")
    assert plots[0].text_at(0.2, -3.0).startswith("LEO, in weight space")
    assert "median" in plots[0].view.accessibleDescription()
    exported = panel.exported()
    assert exported is not None and exported.figure is not None
    assert len(exported.figure.plots) == 3
    # What is kept is there again for another panel, at once.
    measure(panel, qtbot, 4)
    assert panel.results.shown[0].record.episodes == 4  # what was asked for last


def test_step_by_step_is_along_the_way_of_a_run(
    panel: CurvaturePanel, toy_run: RunEntry, actions: ActionRegistry, qtbot: QtBot
) -> None:
    measure(panel, qtbot)
    panel.by_step.setChecked(True)
    assert actions["curvature.by_step"].isChecked() and panel.beside.isEnabled()
    first, second, third = panel.results.grid.plots
    assert first.shown is not None and second.shown is not None and third.isHidden()
    assert first.shown.title == "Curvature along adaptation"
    assert list(first.shown.x_names) == ["0", "z1", "z2", "θ1", "θ2"]
    assert list(second.shown.x_names) == ["z1", "z2", "θ1", "θ2"]
    exported = panel.exported()
    assert exported is not None and exported.figure is not None
    assert len(exported.figure.plots) == 2
    actions["curvature.by_step"].setChecked(False)
    assert not panel.by_step.isChecked() and third.isVisible()


def test_measured_runs_stand_beside_each_other(
    panel: CurvaturePanel,
    toy_run: RunEntry,
    toy_experiment: Experiment,
    add_run: Train,
    qtbot: QtBot,
) -> None:
    menu = panel.beside.menu()
    assert isinstance(menu, QMenu)
    menu.aboutToShow.emit()
    assert [each.isEnabled() for each in menu.actions()] == [False]  # none was measured yet
    other = add_run(toy_experiment.with_settings(META_SGD))
    show(panel, other, qtbot)
    measure(panel, qtbot)
    assert panel.results.shown[0].record.latent_size == 0
    assert len([plot for plot in panel.results.grid.plots if not plot.isHidden()]) == 2
    show(panel, toy_run, qtbot)
    measure(panel, qtbot)
    menu.aboutToShow.emit()
    (action,) = menu.actions()
    action.trigger()
    assert methods(panel) == ["LEO", "Meta-SGD"]
    plot = panel.results.grid.plots[0]
    assert plot.shown is not None and list(plot.shown.x_names) == ["LEO", "Meta-SGD"]
    assert plot.text_at(1.2, -2.0).startswith("Meta-SGD, in weight space")
    require_beside_everywhere(panel)
    kept = panel.remembered()
    menu.aboutToShow.emit()
    menu.actions()[0].trigger()
    assert methods(panel) == ["LEO"]
    panel.restore(kept)
    assert methods(panel) == ["LEO", "Meta-SGD"]
    panel.restore({"episodes": "many", "beside": 3, "is_by_step": "yes"})
    assert not panel.by_step.isChecked()


def require_beside_everywhere(panel: CurvaturePanel) -> None:
    """Require both runs in the words, the table, the plots of steps, and what is exported."""
    first, second, _ = panel.results.finding.text().split("\n")
    assert first.startswith("LEO: The largest") and second.startswith("Meta-SGD: It adapts")
    assert "\nMeta-SGD: 6 episodes" in panel.results.description.text()
    table = panel.results.table
    rows = [[cell(table, row, column) for column in (0, 1)] for row in range(table.rowCount())]
    assert rows[:3] == [
        ["Eigenvalues of the Hessian, latent space", "LEO"],
        ["Eigenvalues of the Hessian, weight space", "LEO"],
        ["", "Meta-SGD"],
    ]
    assert len(rows) == 9 + 3
    record = panel.results.shown[1].record
    assert cell(table, 2, 4) == format_value(record.whole.weights.median, 3)
    panel.by_step.setChecked(True)
    shown = [plot.shown for plot in panel.results.grid.plots if not plot.isHidden()]
    assert [plot.title for plot in shown if plot] == [
        "Curvature along adaptation: LEO",
        "Lengths of steps: LEO",
        "Curvature along adaptation: Meta-SGD",
        "Lengths of steps: Meta-SGD",
    ]
    assert shown[0] and shown[2] and shown[0].y_range == shown[2].y_range
    exported = panel.exported()
    assert exported is not None and exported.figure is not None
    assert len(exported.figure.plots) == 4 and exported.figure.columns == 2
    assert len(set(exported.tables[0].columns["run"])) == 2
    panel.by_step.setChecked(False)


def cell(table: QTableWidget, row: int, column: int) -> str:
    item = table.item(row, column)
    assert item is not None
    return item.text()


def test_columns_of_numbers_are_equally_wide_whatever_is_in_them(
    panel: CurvaturePanel, toy_run: RunEntry, qtbot: QtBot
) -> None:
    measure(panel, qtbot)
    table = panel.results.table
    for width in (1300, 801, 1000):
        panel.resize(width, 700)
        numbers = [table.columnWidth(place) for place in range(2, 7)]
        assert max(numbers) - min(numbers) <= 1
        assert sum(table.columnWidth(place) for place in range(7)) == table.viewport().width()


@pytest.mark.parametrize("kind", ["protonet", "ridge"])
def test_a_run_without_steps_is_not_offered(
    panel: CurvaturePanel,
    kind: str,
    toy_experiment: Experiment,
    add_run: Train,
    told: list[Notice],
    qtbot: QtBot,
) -> None:
    run = add_run(toy_experiment.with_settings({"learner.kind": kind}))
    show(panel, run, qtbot)
    assert not is_shown(panel) and not panel.button.isEnabled()
    assert "takes no gradient steps on a linear classifier" in panel.nothing.text()
    assert panel.banner.box.itemData(0, Qt.ItemDataRole.UserRole - 1) == 0  # cannot be chosen
    panel.start()
    assert "takes no gradient steps" in told[-1].text


def test_measuring_is_cancelled_and_leaves_nothing(
    panel: CurvaturePanel,
    toy_run: RunEntry,
    controller: Controller,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    monkeypatch.setattr(curvature, "_MOST_EPISODES_AT_A_TIME", 1)
    panel.episodes.setValue(100_000)
    QTest.mouseClick(panel.button, Qt.MouseButton.LeftButton)
    assert not panel.button.isEnabled() and panel.progress.isVisible()
    qtbot.waitUntil(lambda: any((task.fraction or 0) > 0 for task in controller.tasks))
    QTest.mouseClick(panel.progress._cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not controller.tasks)
    qtbot.waitUntil(lambda: panel.button.isEnabled() and not panel.progress.isVisible())
    assert kept_curvatures(toy_run.path).records == () and not is_shown(panel)


def test_a_result_that_cannot_be_kept_is_shown_all_the_same(
    panel: CurvaturePanel, toy_run: RunEntry, told: list[Notice], qtbot: QtBot
) -> None:
    (toy_run.path / "evaluations").write_text("somebody else's")
    measure(panel, qtbot)
    (notice,) = told
    assert notice.kind == "warning" and "could not be kept" in notice.text


def test_another_checkpoint_is_another_result(
    panel: CurvaturePanel, toy_run: RunEntry, qtbot: QtBot
) -> None:
    measure(panel, qtbot)
    own = panel.results.shown[0].record.checkpoint_step
    other = next(step for step in toy_run.checkpoints if step != own)
    panel.followed.choose(toy_run.path, other)
    assert not is_shown(panel) and panel.nothing.text() == NOT_MEASURED
    assert panel.checkpoint.currentData() == other
    measure(panel, qtbot)
    assert panel.results.shown[0].record.checkpoint_step == other


def test_a_damaged_record_is_told_with_the_run(
    controller: Controller, toy_run: RunEntry, qtbot: QtBot
) -> None:
    folder = toy_run.path / "evaluations"
    folder.mkdir(exist_ok=True)
    file = folder / "curvature-test-step-000000040-6.json"
    file.write_text("{")
    controller.refresh_runs()
    path: Path = toy_run.path
    qtbot.waitUntil(lambda: any(run.evaluation_problems for run in controller.runs))
    (run,) = (run for run in controller.runs if run.path == path)
    assert run.evaluation_problems == (f"{file} is no whole evaluation; analyse the run again.",)
    assert Run(path).record.id == run.id
