"""Comparing runs of regression that were really trained."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from leo_studio.analysis.comparison.differences import paired
from leo_studio.analysis.comparison.on_functions import PairedOnFunctions, difference_rows
from leo_studio.analysis.comparison.short_names import short_names
from leo_studio.services.controller import Controller
from leo_studio.services.records import RunEntry
from leo_studio.ui.comparison import ComparisonPanel
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.ui.functions.conftest import AddRun, add_functions, trained

__all__ = ["add_functions", "trained"]


@pytest.fixture
def panel(
    controller: Controller, actions: ActionRegistry, themes: ThemeManager, qtbot: QtBot
) -> Iterator[ComparisonPanel]:
    made = ComparisonPanel(controller, actions, themes)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    qtbot.waitExposed(made)
    yield made


@pytest.fixture
def two(add_functions: AddRun, controller: Controller) -> list[RunEntry]:
    settings = {"evaluation.episodes": 12}
    paths = [add_functions(kind, **settings).path for kind in ("leo_regression", "maml")]
    return [run for path in paths for run in controller.runs if run.path == path]


def test_runs_of_regression_are_evaluated_and_compared_in_a_table(
    panel: ComparisonPanel, two: list[RunEntry], controller: Controller, qtbot: QtBot
) -> None:
    panel.show_runs(two)
    text = panel.differences.text
    assert "was not evaluated on test yet" in text.text().replace("\u200b", "")
    button = panel.differences.button
    assert button.text() == "Evaluate both on test" and "12 tasks" in button.toolTip()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not button.isEnabled()
    qtbot.waitUntil(lambda: button.text() == "Evaluated on test", timeout=60_000)
    by_path = {run.path: run for run in controller.runs}
    found = paired(by_path[two[0].path], by_path[two[1].path], "test")
    assert isinstance(found, PairedOnFunctions) and found.one.scores.tasks == 12
    shown = text.text().replace("&nbsp;", " ")
    assert "paired on the same 12 tasks" in shown
    for row in difference_rows(found.scores):
        for cell in row:
            assert f"<td>{cell.replace('-', '−')}" in shown
    # The columns are called by what tells the runs apart, in the order of the large table.
    names = short_names([by_path[run.path].title for run in two])
    plain = shown.replace("\u200b", "")
    heads = [f">{name}</td>" for name in names] + [f">{names[0]} is better by</td>"]
    places = [plain.index(head) for head in heads]
    assert places == sorted(places) and ">first<" not in plain
    headers = [panel.table.verticalHeaderItem(row).text() for row in range(panel.table.rowCount())]
    assert "test log likelihood" in headers and "test accuracy" not in headers
    exported = panel.exported()
    assert exported is not None
    assert [table.name for table in exported.tables][-1] == "pairs_on_functions"
