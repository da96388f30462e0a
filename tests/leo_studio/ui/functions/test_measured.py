"""The panel Functions on measured functions: their points and names, and nothing of a limit."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.runs.library import Library
from engine.runs.preparation import new_run
from engine.runs.run import Run
from engine.training import train
from leo_studio.analysis.functions.sentences import values_at
from leo_studio.services.controller import Controller
from leo_studio.ui.functions import FunctionsPanel
from leo_studio.ui.widgets.actions import ActionRegistry
from tests.function_files import oscillations
from tests.leo_studio.ui.functions.conftest import TASKS, functions_experiment
from tests.leo_studio.ui.functions.test_panel import drag, settle


@pytest.fixture
def measured(controller: Controller, tmp_path: Path, qtbot: QtBot) -> Callable[[str], Run]:
    """Train a kind of learner on a file of functions, and look at it."""

    def add(kind: str) -> Run:
        file = oscillations(tmp_path / "damped.csv", tasks=40)
        changes = {"task.functions": str(file), "task.noise": 2.0, "schedule.steps": 20}
        experiment: Experiment = functions_experiment(kind, **changes)
        run, data = new_run(Library(controller.library.root), experiment)
        list(train(run.experiment, data, run))
        controller.refresh_runs()
        qtbot.waitUntil(lambda: any(each.path == run.path for each in controller.runs))
        controller.current.choose(run.path)
        return run

    return add


def test_points_of_the_file_are_shown_and_can_be_dragged(
    panel: FunctionsPanel,
    actions: ActionRegistry,
    measured: Callable[[str], Run],
    qtbot: QtBot,
) -> None:
    measured("leo_regression")
    own = settle(panel, qtbot)
    assert own.name.startswith("station ") and own.others is not None
    assert panel.words.text().startswith(
        f"function {own.name}: log likelihood of the given points "
    )
    assert panel.legend.names == (
        "sample",
        "LEO's mean",
        "LEO's 5 to 95 %",
        "given point",
        "other point",
        "code before",
        "code now",
        "encoding",
    )
    table = panel.table.tasks.table
    assert table is not None
    words, count = panel.source_words, len(set(table.names))  # which come in turn
    assert 1 < count < TASKS
    assert (
        words.isVisible() and words.text() == f"Tasks are 5 points each of {count} test functions"
    )
    hollow = panel.plot._others
    np.testing.assert_allclose(hollow.getData()[0], own.others[0])
    for curve in (panel.plot.curves._limit_mean, panel.plot.curves._limit_band):
        assert not curve.isVisible()
    (left, right), (bottom, top) = panel.plot.box.viewRange()
    for x, y in zip(*own.others, strict=True):
        assert left <= x <= right and bottom <= y <= top
    whole, means = values_at(own, own.steps, "LEO", 104.0)
    assert "LEO" in whole and "limit" not in whole + means and "true" not in whole + means
    place = int(np.abs(own.support_x - 105).argmin())
    drag(panel, place, float(own.support_y[place]) + 10)
    record = settle(panel, qtbot)
    assert record.is_changed and panel.words.text().startswith(
        f"Points changed: function {own.name}: "
    )
    assert record.support_y[place] == pytest.approx(own.support_y[place] + 10, abs=1)
    before = float(panel.plot.points.y[place])
    panel.plot.choose(place)
    QTest.keyClick(panel.plot, Qt.Key.Key_Down)
    # A step is a tenth of what it is for sines and lines, of which the unit is 1.
    assert panel.plot.points.y[place] == pytest.approx(before - 0.1 * record.units[1], rel=1e-6)
    actions["functions.back"].trigger()
    assert not settle(panel, qtbot).is_changed


def test_what_asks_for_the_limit_says_that_it_is_not_known(
    panel: FunctionsPanel,
    actions: ActionRegistry,
    measured: Callable[[str], Run],
    qtbot: QtBot,
) -> None:
    measured("maml")
    settle(panel, qtbot)
    for name in ("ambiguous", "overconfident", "posterior"):
        action = actions[f"functions.{name}"]
        assert not action.isEnabled() and "not known" in action.toolTip()
    actions["functions.uncertain"].trigger()
    settle(panel, qtbot)
    model = panel.table.tasks
    assert model.table is not None and len(model.table.numbers) == TASKS
    assert [column.title for column in model.columns] == ["Task", "Function", "Spread", "Error"]
    shown = [model.index(row, 1).data() for row in range(TASKS)]
    assert shown == [model.table.names[place] for place in model.order]
    panel.table._sort_by_header(1)
    again = [model.index(row, 1).data() for row in range(TASKS)]
    assert again == sorted(again, reverse=True)


def test_an_export_has_the_points_and_no_column_of_a_limit(
    panel: FunctionsPanel, measured: Callable[[str], Run], qtbot: QtBot
) -> None:
    measured("maml")
    record = settle(panel, qtbot)
    exported = panel.exported()
    assert exported is not None and record.others is not None
    functions, points = exported.tables[:2]
    assert not [name for name in functions.columns if "limit" in name or "true" in name]
    assert len(points.columns["x"]) == len(record.support_x) + len(record.others[0])
    assert list(points.columns["is_given"]) == [1] * 5 + [0] * len(record.others[0])
