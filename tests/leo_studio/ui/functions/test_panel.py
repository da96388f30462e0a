"""The panel Functions with the mouse and the keys of a person, on runs that were trained."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

from engine.config import Experiment, regression
from engine.evaluation.protocol import SEED
from engine.evaluation.regression.evaluator import (
    QUERIES,
    function_adapter,
    predicted_functions,
)
from engine.inspection.function_records import TEST_SPLIT, FunctionRecord
from engine.io.generators import finished
from engine.learners.layout import named_weights
from engine.learners.registry import learner_of
from engine.runs.run import Run
from engine.tasks.regression import evaluation_tasks, prior_of
from leo_studio.analysis.functions.sentences import summary, values_at
from leo_studio.figures.drawing import Look, draw
from leo_studio.figures.styles import PAPER
from leo_studio.services.controller import Controller
from leo_studio.services.records import Notice
from leo_studio.ui.functions import FunctionsPanel
from leo_studio.ui.widgets.actions import ActionRegistry
from tests.leo_studio.ui.conftest import Train
from tests.leo_studio.ui.functions.conftest import STEPS, TASKS, AddRun

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


def settle(panel: FunctionsPanel, qtbot: QtBot) -> FunctionRecord:
    """Wait until all is there, and return what is shown."""
    qtbot.waitUntil(lambda: panel.has_parts and not panel.is_busy)
    assert panel.record is not None
    return panel.record


def viewport(panel: FunctionsPanel) -> QWidget:
    return panel.plot.view.viewport()


def pixel(panel: FunctionsPanel, x: float, y: float) -> QPoint:
    scene = panel.plot.box.mapViewToScene(QPointF(x, y))
    place: QPoint = panel.plot.view.mapFromScene(scene)
    return place


def pixel_of(panel: FunctionsPanel, place: int) -> QPoint:
    points = panel.plot.points
    return pixel(panel, float(points.x[place]), float(points.y[place]))


def drag(panel: FunctionsPanel, place: int, y: float, moves: int = 4) -> None:
    """Drag a point up or down, in some moves."""
    points = panel.plot.points
    x, start = float(points.x[place]), float(points.y[place])
    QTest.mousePress(viewport(panel), LEFT, pos=pixel_of(panel, place))
    for move in range(1, moves + 1):
        QTest.mouseMove(viewport(panel), pixel(panel, x, start + (y - start) * move / moves))
        QTest.qWait(5)
    QTest.mouseRelease(viewport(panel), LEFT, pos=pixel(panel, x, y))


def predicted_mean(run: Run, number: int) -> NDArray[np.float32]:
    """Return the mean that an evaluation predicts for a task."""
    task, cpu = regression(run.experiment), torch.device("cpu")
    prior = prior_of(task)
    tasks = evaluation_tasks(prior, task.k_shot, SEED, TEST_SPLIT, number + 1, QUERIES)
    learner = learner_of(run.experiment, 1, cpu)
    weights = named_weights(learner.weights_type, run.checkpoint(str(STEPS)).weights(), cpu)
    adapt = function_adapter(run.experiment, weights, cpu)
    found = finished(predicted_functions(adapt, tasks, prior, cpu)).weighted
    mean: NDArray[np.float32] = found.mean[number]
    return mean


def look_at_last_step(controller: Controller, run: Run) -> None:
    controller.current.choose(run.path, STEPS)


@pytest.mark.parametrize("kind", ["leo_regression", "maml"])
def test_a_task_has_the_mean_of_the_evaluation(
    panel: FunctionsPanel, controller: Controller, add_functions: AddRun, qtbot: QtBot, kind: str
) -> None:
    run = add_functions(kind)
    look_at_last_step(controller, run)
    settle(panel, qtbot)
    panel.number.setValue(5)
    record = settle(panel, qtbot)
    assert record.number == 5
    np.testing.assert_allclose(record.mean[-1], predicted_mean(run, 5), atol=3e-5)
    assert panel.source is not None and panel.source.step == STEPS


def test_dragging_a_point_of_the_most_ambiguous_task_decides_its_family(
    panel: FunctionsPanel, actions: ActionRegistry, add_functions: AddRun, qtbot: QtBot
) -> None:
    add_functions()
    settle(panel, qtbot)
    actions["functions.ambiguous"].trigger()
    own = settle(panel, qtbot)
    table = panel.table.tasks.table
    assert table is not None and len(table.numbers) == TASKS
    assert own.number == int(np.abs(table.limit_first - 0.5).argmin())
    assert own.limit is not None
    before = own.limit.family_probability.max()
    (_, _), (bottom, top) = panel.plot.box.viewRange()
    place = int(np.abs(own.support_x).argmin())  # in the middle, where a line cannot follow
    target = top - 0.2 if own.support_y[place] < 0 else bottom + 0.2
    drag(panel, place, target)
    record = settle(panel, qtbot)
    assert record.is_changed and record.samples == 40  # all of them, now that the mouse rests
    assert record.support_y[place] == pytest.approx(target, abs=0.1)
    assert record.limit is not None
    assert record.limit.family_probability.max() > max(0.9, before)
    assert panel.words.text() == f"Points changed: {summary(record, record.steps, 'LEO')}"
    assert "each of which counts by how well it fits" in panel.words.toolTip()
    assert "true function" not in panel.legend.names
    np.testing.assert_array_equal(record.support_x, panel.plot.points.x)
    actions["functions.back"].trigger()
    back = settle(panel, qtbot)
    assert not back.is_changed
    np.testing.assert_array_equal(back.mean, own.mean)
    assert "true function" in panel.legend.names
    assert actions["functions.back"].isEnabled() is False


def test_few_samples_answer_a_drag_and_all_of_them_its_end(
    panel: FunctionsPanel, controller: Controller, add_functions: AddRun, qtbot: QtBot
) -> None:
    add_functions()
    settle(panel, qtbot)
    seen: list[int] = []
    show = panel.plot.show_record

    def watch(record: FunctionRecord, step: int, *, is_other_task: bool) -> None:
        seen.append(record.samples)
        show(record, step, is_other_task=is_other_task)

    panel.plot.show_record = watch  # type: ignore[method-assign]
    drag(panel, 0, float(panel.plot.points.y[0]) + 0.5)
    qtbot.waitUntil(lambda: bool(seen))
    assert panel.words.text().startswith("Points changed, 30 samples so far: ")
    settle(panel, qtbot)
    assert seen[0] == 30 and seen[-1] == 40
    assert panel.words.text().startswith("Points changed: ")


def test_points_are_added_and_removed_by_mouse_and_keys(
    panel: FunctionsPanel, controller: Controller, add_functions: AddRun, qtbot: QtBot
) -> None:
    notices: list[Notice] = []
    controller.notified.connect(notices.append)
    add_functions()
    own = settle(panel, qtbot)
    free = float(own.grid[np.abs(own.grid[:, None] - own.support_x).min(1).argmax()])
    QTest.mouseDClick(viewport(panel), LEFT, pos=pixel(panel, free, 1.0))
    record = settle(panel, qtbot)
    assert len(record.support_x) == 6
    assert record.support_x[-1] == pytest.approx(free, abs=0.05)
    assert record.support_y[-1] == pytest.approx(1.0, abs=0.05)
    QTest.mouseClick(viewport(panel), RIGHT, pos=pixel_of(panel, 0))
    record = settle(panel, qtbot)
    np.testing.assert_array_equal(record.support_x[:-1], own.support_x[1:])
    QTest.mouseClick(viewport(panel), LEFT, pos=pixel_of(panel, 2))
    assert panel.plot.hasFocus()
    for left in (4, 3, 2, 1):
        QTest.keyClick(panel.plot, Qt.Key.Key_Delete)
        assert len(settle(panel, qtbot).support_x) == left
    QTest.keyClick(panel.plot, Qt.Key.Key_Delete)
    assert len(settle(panel, qtbot).support_x) == 1
    assert [each.text for each in notices if "last point" in each.text]
    QTest.keyClick(panel.plot, Qt.Key.Key_Insert)
    assert len(settle(panel, qtbot).support_x) == 2


def test_keys_move_the_chosen_point_and_go_along_the_inner_loop(
    panel: FunctionsPanel, add_functions: AddRun, qtbot: QtBot
) -> None:
    add_functions()
    own = settle(panel, qtbot)
    QTest.keyClick(panel.plot, Qt.Key.Key_Left)
    assert panel.steps.position == own.steps - 1
    panel.steps.move_to(0)
    QTest.keyClick(panel.plot, Qt.Key.Key_Right)
    assert panel.steps.position == 1
    assert "step 1 of 4" in panel.steps.label.text()
    QTest.keyClick(panel.plot, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(panel.plot, Qt.Key.Key_Up)
    QTest.keyClick(panel.plot, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    record = settle(panel, qtbot)
    assert record.support_y[0] == pytest.approx(own.support_y[0] + 0.1, abs=1e-5)
    assert record.support_x[0] == pytest.approx(own.support_x[0] + 0.1, abs=1e-5)
    assert panel.steps.position == 1  # stays where a person has put it


def test_slider_shows_each_inner_step(
    panel: FunctionsPanel, add_functions: AddRun, qtbot: QtBot
) -> None:
    add_functions()
    record = settle(panel, qtbot)
    words = set()
    for step in range(record.steps + 1):
        panel.steps.slider.setValue(step)
        x, y = panel.plot.curves._mean.getData()
        np.testing.assert_array_equal(x, record.grid)
        np.testing.assert_array_equal(y, record.mean[step])
        words.add(panel.words.text())
    assert len(words) > 1


def test_tasks_are_gone_through_by_keys_rows_and_numbers(
    panel: FunctionsPanel, actions: ActionRegistry, add_functions: AddRun, qtbot: QtBot
) -> None:
    add_functions()
    settle(panel, qtbot)
    for name, key in (("uncertain", "spread"), ("overconfident", "advantage")):
        actions[f"functions.{name}"].trigger()
        first = settle(panel, qtbot).number
        table = panel.table.tasks.table
        assert table is not None
        values = getattr(table, key) * (-1 if name == "uncertain" else 1)
        assert first == int(values.argmin())
        actions["functions.next"].trigger()
        assert settle(panel, qtbot).number == int(values.argsort()[1])
        assert panel.number.value() == int(values.argsort()[1])
        actions["functions.previous"].trigger()
        assert settle(panel, qtbot).number == first
    index = panel.table.tasks.index(3, 0)
    QTest.mouseClick(panel.table.viewport(), LEFT, pos=panel.table.visualRect(index).center())
    assert settle(panel, qtbot).number == int(panel.table.tasks.numbers[3])
    panel.number.setValue(4321)  # not in the table
    assert settle(panel, qtbot).number == 4321
    QTest.keyClick(panel.plot, Qt.Key.Key_PageDown)
    assert settle(panel, qtbot).number == 4322


def test_maml_shows_one_function_and_no_code(
    panel: FunctionsPanel, actions: ActionRegistry, add_functions: AddRun, qtbot: QtBot
) -> None:
    add_functions("maml")
    record = settle(panel, qtbot)
    assert record.samples == 1 and record.codes is None
    assert panel.codes.isHidden()
    assert actions["functions.codes"].isEnabled() is False
    texts = {button.text() for button in panel.findChildren(QToolButton)}
    assert {"Code", "Most ambiguous", "Limit's functions"} <= texts  # short, also when disabled
    assert "MAML's mean" in panel.legend.names
    assert not any("sample" in name for name in panel.legend.names)
    drag(panel, 1, float(panel.plot.points.y[1]) - 1)
    assert settle(panel, qtbot).is_changed


def test_code_is_folded_away_and_back(
    panel: FunctionsPanel, actions: ActionRegistry, add_functions: AddRun, qtbot: QtBot
) -> None:
    add_functions()
    settle(panel, qtbot)
    assert panel.codes.isVisible()
    actions["functions.codes"].trigger()
    assert not panel.codes.isVisible()
    actions["functions.codes"].trigger()
    assert panel.codes.isVisible()
    actions["functions.posterior"].trigger()
    assert panel.plot.curves._posterior.isVisible()
    assert "limit's functions" in panel.legend.names


def test_codes_of_other_tasks_stand_behind_on_axes_that_stay_and_a_click_shows_one(
    panel: FunctionsPanel, add_functions: AddRun, qtbot: QtBot
) -> None:
    add_functions()
    record, codes = settle(panel, qtbot), panel.codes
    assert record.codes is not None and len(codes.map.points) == TASKS
    here = np.concatenate(codes._here[1].getData())
    np.testing.assert_allclose(codes.map.points[0], here, atol=1e-5)  # this task is one of them
    labels, ends = codes.plot.getAxis("bottom").labelText, codes.map.points
    panel.steps.move_to(0)
    starts = codes.map.points
    assert np.abs(starts - ends).max() > 1e-4
    panel.steps.move_to(record.steps)
    apart = np.linalg.norm(ends[:, None] - ends, axis=2) + np.eye(TASKS) * 1e9
    loneliest = int(apart.min(1).argmax())
    at = QPointF(*ends[loneliest].tolist())
    assert codes.words_at(at.x(), at.y())[0].startswith(f"task {loneliest}: ")
    QTest.mouseClick(
        codes.view.viewport(), LEFT, pos=codes.view.mapFromScene(codes.box.mapViewToScene(at))
    )
    assert settle(panel, qtbot).number == loneliest
    assert codes.plot.getAxis("bottom").labelText == labels
    np.testing.assert_array_equal(codes.map.points, ends)


def test_changed_points_stay_for_another_checkpoint_and_come_back_with_their_task(
    panel: FunctionsPanel, controller: Controller, add_functions: AddRun, qtbot: QtBot
) -> None:
    run = add_functions()
    look_at_last_step(controller, run)
    settle(panel, qtbot)
    drag(panel, 0, float(panel.plot.points.y[0]) + 1)
    changed = settle(panel, qtbot)
    place = panel.checkpoint.findData(30)
    panel.checkpoint.setCurrentIndex(place)
    panel.checkpoint.activated.emit(place)
    qtbot.waitUntil(lambda: panel.source is not None and panel.source.step == 30)
    earlier = settle(panel, qtbot)
    np.testing.assert_array_equal(earlier.support_y, changed.support_y)
    best = controller.current.entry
    assert best is not None
    is_best = best.own_step == 30
    assert ("Looked at is step 30" in panel.note.text()) is not is_best
    assert np.abs(earlier.mean - changed.mean).max() > 1e-3
    panel.go_on(1)
    assert not settle(panel, qtbot).is_changed
    panel.go_on(-1)
    again = settle(panel, qtbot)
    assert again.is_changed
    np.testing.assert_array_equal(again.support_y, changed.support_y)
    panel.plot.undo()
    assert not settle(panel, qtbot).is_changed


def test_an_order_that_comes_late_leaves_a_task_that_somebody_works_on(
    panel: FunctionsPanel, actions: ActionRegistry, add_functions: AddRun, qtbot: QtBot
) -> None:
    add_functions()
    qtbot.waitUntil(lambda: panel.has_parts and panel.record is not None)
    settle(panel, qtbot)
    table = panel.table.tasks.table
    assert table is not None
    panel.table.wait(3, "")  # as while the tasks are gone through
    actions["functions.ambiguous"].trigger()
    drag(panel, 0, float(panel.plot.points.y[0]) + 1)
    panel._take_table(table)
    assert settle(panel, qtbot).number == 0
    assert panel.plot.points.is_changed
    assert panel.table.tasks.numbers[0] != 0  # in the order that was asked for
    assert panel.table.currentIndex().row() == panel.table.tasks.numbers.tolist().index(0)

    actions["functions.ambiguous"].trigger()  # once they are there, it leads to the first
    assert settle(panel, qtbot).number == panel.table.tasks.numbers[0]


def test_tasks_are_there_before_anything_is_known_of_them_and_keep_their_order(
    panel: FunctionsPanel, actions: ActionRegistry, add_functions: AddRun, qtbot: QtBot
) -> None:
    add_functions()
    qtbot.waitUntil(lambda: panel.has_parts and panel.record is not None)
    settle(panel, qtbot)
    model = panel.table.tasks
    table = model.table
    assert table is not None
    actions["functions.uncertain"].trigger()
    settle(panel, qtbot)
    assert "most uncertain first" in panel.note.text()
    in_order = model.numbers.tolist()
    panel.table.wait(3, "")  # as while the tasks are gone through with other weights
    cells = [[model.index(row, column).data() for column in (0, 1)] for row in range(3)]
    assert cells == [["0", "…"], ["1", "…"], ["2", "…"]]
    panel._take_table(table)
    assert model.numbers.tolist() == in_order and "most uncertain first" in panel.note.text()

    header = panel.table.horizontalHeader()
    header.sectionClicked.emit(0)
    assert "first" not in panel.note.text() and header.isSortIndicatorShown()
    header.sectionClicked.emit(0)
    descending = sorted(in_order, reverse=True)
    assert model.numbers.tolist() == descending
    panel._await_tasks()
    panel._take_table(table)
    assert model.numbers.tolist() == descending and header.isSortIndicatorShown()


def test_points_that_are_moved_while_another_task_is_on_its_way_stay_those_of_their_task(
    panel: FunctionsPanel, add_functions: AddRun, qtbot: QtBot
) -> None:
    add_functions()
    settle(panel, qtbot)
    panel.look_at(3)
    own = settle(panel, qtbot)
    panel.look_at(0)
    settle(panel, qtbot)
    seen: list[FunctionRecord] = []
    show = panel.plot.show_record

    def watch(record: FunctionRecord, step: int, *, is_other_task: bool) -> None:
        seen.append(record)
        show(record, step, is_other_task=is_other_task)

    panel.plot.show_record = watch  # type: ignore[method-assign]
    panel.plot.choose(0)
    panel.look_at(3)
    QTest.keyClick(panel.plot, Qt.Key.Key_Up)  # the plot shows task 0 still
    settle(panel, qtbot)
    assert seen and not panel.plot.points.is_changed
    for record in seen:
        assert record.number == 3
        np.testing.assert_array_equal(record.support_y, own.support_y)


def test_other_runs_say_what_the_panel_is_for(
    panel: FunctionsPanel,
    actions: ActionRegistry,
    add_run: Train,
    toy_experiment: Experiment,
    qtbot: QtBot,
) -> None:
    assert "few-shot regression" in panel._nothing.text()
    add_run(toy_experiment)
    qtbot.waitUntil(lambda: "this panel shows regression" in panel._nothing.text())
    assert not panel.has_parts
    assert "learns classification" in actions["functions.next"].statusTip()
    panel.show_nothing("")
    actions["functions.add"].trigger()  # has nothing to act on
    assert panel.record is None


def test_closing_while_something_is_computed(
    panel: FunctionsPanel, controller: Controller, add_functions: AddRun, qtbot: QtBot
) -> None:
    add_functions()
    qtbot.waitUntil(lambda: panel.record is not None)
    drag(panel, 0, float(panel.plot.points.y[0]) + 1)
    requests = panel._requests
    was_busy = requests.is_busy
    panel.close()
    assert (was_busy, requests.is_busy) == (True, False)
    controller.poll()


def test_run_that_is_gone_says_so(
    panel: FunctionsPanel, controller: Controller, add_functions: AddRun, qtbot: QtBot
) -> None:
    notices: list[Notice] = []
    controller.notified.connect(notices.append)
    run = add_functions()
    settle(panel, qtbot)
    for file in (run.path / "checkpoints").iterdir():
        file.unlink()
    panel.checkpoint.setCurrentIndex(panel.checkpoint.findData(30))
    panel.checkpoint.activated.emit(panel.checkpoint.currentIndex())
    qtbot.waitUntil(lambda: "no longer kept" in panel._nothing.text() or not panel.has_parts)
    assert panel.record is None


def is_whole(widget: QWidget) -> bool:
    """Whether nothing of a widget is cut off by what it stands in."""
    parent = widget.parentWidget()
    return parent is None or (parent.rect().contains(widget.geometry()) and is_whole(parent))


def at_1280_by_800(panel: FunctionsPanel) -> None:
    """Make the panel as large as it is in a window of 1280 by 800 that nobody has changed."""
    panel.resize(938, 406)


def test_most_of_the_panel_is_plot_in_a_small_window(
    panel: FunctionsPanel, add_functions: AddRun, qtbot: QtBot
) -> None:
    add_functions()
    settle(panel, qtbot)
    at_1280_by_800(panel)
    QTest.qWait(50)
    assert panel.plots.height() > 0.55 * panel.height()
    controls = panel.controls
    assert controls.height() < 2.5 * panel.fontMetrics().height()
    for widget in (panel.plots, panel.legend, controls):
        assert is_whole(widget)


def test_signs_of_the_way_of_the_code_are_in_the_legend_while_it_is_shown(
    panel: FunctionsPanel, actions: ActionRegistry, add_functions: AddRun, qtbot: QtBot
) -> None:
    add_functions()
    settle(panel, qtbot)
    at_1280_by_800(panel)
    signs = {"code before", "code now", "encoding"}
    assert signs <= set(panel.legend.names)
    assert all(panel.codes._elided(line) == line for line in panel.codes._title)  # none is cut
    actions["functions.codes"].trigger()
    assert not signs & set(panel.legend.names)


def test_the_headline_and_the_table_say_which_step_they_are_of(
    panel: FunctionsPanel, add_functions: AddRun, qtbot: QtBot
) -> None:
    add_functions()
    record = settle(panel, qtbot)
    assert record.steps == 4
    assert panel.table_words.text() == "Each task after the last step, 4 of 4"
    panel.steps.move_to(2)
    assert panel.words.text().startswith("After step 2 of 4: sine ")
    panel.steps.move_to(0)
    assert panel.words.text().startswith("Before the inner loop: sine ")


def test_titles_of_the_first_columns_are_whole_in_a_small_window(
    panel: FunctionsPanel, add_functions: AddRun, qtbot: QtBot
) -> None:
    at_1280_by_800(panel)
    add_functions()
    settle(panel, qtbot)
    QTest.qWait(50)
    header = panel.table.horizontalHeader()
    assert panel.table.tasks.columns[2].title == "LEO: sine"
    for column in range(3):
        assert header.sectionSize(column) >= header.sectionSizeHint(column)
        end = header.sectionViewportPosition(column) + header.sectionSize(column)
        assert end <= panel.table.viewport().width()


def test_values_under_the_mouse_stand_above_the_plot_and_never_in_it(
    panel: FunctionsPanel, add_functions: AddRun, qtbot: QtBot
) -> None:
    add_functions()
    record = settle(panel, qtbot)
    assert "Drag" in panel.readout.text()
    codes = panel.codes.view.viewport()
    QTest.mouseMove(codes, codes.rect().center())
    assert "moved the code" in panel.readout.text() and panel.codes.readout.isHidden()
    x = float(record.grid[30])
    QTest.mouseMove(viewport(panel), pixel(panel, x, 0.0))
    assert panel.readout.text() == values_at(record, record.steps, "LEO", x)[0]
    assert panel.plot.readout.isHidden()
    panel.steps.move_to(0)  # the mouse rests
    assert panel.readout.text() == values_at(record, 0, "LEO", x)[0]
    panel.resize(658, 306)
    QTest.qWait(50)
    assert panel.readout.text() == values_at(record, 0, "LEO", x)[1]
    QTest.mouseMove(viewport(panel), QPoint(1, 1))
    assert panel.readout.text().startswith("Drag")


def test_the_plot_is_exported_with_its_numbers(
    panel: FunctionsPanel, add_functions: AddRun, qtbot: QtBot
) -> None:
    assert panel.exported() is None
    add_functions()
    record = settle(panel, qtbot)
    panel.steps.move_to(1)
    exported = panel.exported()
    assert exported is not None and exported.figure is not None
    functions, points, codes = exported.tables
    np.testing.assert_array_equal(functions.columns["mean"], record.mean[1])
    np.testing.assert_array_equal(functions.columns["sample"], record.values[1].T)
    np.testing.assert_array_equal(points.columns["y"], record.support_y)
    assert functions.facts["inner_step"] == 1 and len(codes.columns["code"]) == 5
    labels = [layer.label for layer in exported.figure.plots[0].layers if layer.label]  # type: ignore[union-attr]
    assert "true function" in labels and labels.count("given point") == 1
    assert draw(exported.figure, Look(PAPER, 6, 4, 1), "png").startswith(b"\x89PNG")


def test_a_checkpoint_that_the_run_chooses_now_is_one_click_away(
    panel: FunctionsPanel, controller: Controller, add_functions: AddRun, qtbot: QtBot
) -> None:
    run = add_functions()
    settle(panel, qtbot)
    entry = controller.current.entry
    assert entry is not None and entry.own_step is not None
    assert not panel.newer.isVisible()
    other = 30 if entry.own_step != 30 else STEPS
    controller.current.choose(run.path, other)
    settle(panel, qtbot)
    assert panel.newer.isVisible() and panel.newer.text() == f"Show step {entry.own_step:,}"
    assert f"Looked at is step {other}" in panel.note.text()
    before = panel.plot.curves
    QTest.mouseClick(panel.newer, LEFT)
    settle(panel, qtbot)
    assert panel.source is not None and panel.source.step == entry.own_step
    assert panel.checkpoint.currentData() == entry.own_step
    assert not panel.newer.isVisible() and panel.plot.curves is before


def seen_whole(panel: FunctionsPanel, record: FunctionRecord, step: int) -> bool:
    _, (bottom, top) = panel.plot.box.viewRange()
    drawn = np.concatenate([record.band[step].ravel(), record.mean[step]])
    return bool(bottom <= drawn.min() and drawn.max() <= top)


def test_all_of_a_step_is_seen_also_with_other_weights(
    panel: FunctionsPanel, controller: Controller, add_functions: AddRun, qtbot: QtBot
) -> None:
    run = add_functions()
    controller.current.choose(run.path, STEPS)
    record = settle(panel, qtbot)
    own = panel.plot.box.viewRange()
    tall = replace(record, band=record.band.copy(), mean=record.mean.copy(), limit=None, truth=None)
    tall.band[1] *= 40
    tall.band[-1] *= 20
    panel.plot.show_record(tall, record.steps, is_other_task=False)
    assert panel.plot.box.viewRange() == own  # as while points are moved
    panel.plot.fit_next()
    panel.plot.show_record(tall, record.steps, is_other_task=False)
    assert panel.plot.box.viewRange() != own and seen_whole(panel, tall, record.steps)
    panel.steps.move_to(1)
    assert seen_whole(panel, tall, 1)
    panel.steps.move_to(record.steps)
    controller.current.choose(run.path, 30)
    qtbot.waitUntil(lambda: panel.source is not None and panel.source.step == 30)
    other = settle(panel, qtbot)
    low, high = panel.plot.box.viewRange()[1]
    assert seen_whole(panel, other, other.steps)
    assert high - low < 10 * (float(other.band[-1].max()) - float(other.band[-1].min()) + 6)
