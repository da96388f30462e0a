"""The wheel, drags and ways back, with real events on the real plots."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QLine, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.events import State
from leo_studio.analysis.curves.scene import Range
from leo_studio.services.controller import Controller
from leo_studio.ui.curves import CurvesPanel
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.canvas import Canvas
from tests.leo_studio.ui.curves.conftest import MakeRun
from tests.leo_studio.ui.curves.test_panel import show
from tests.leo_studio.ui.mouse import turn_wheel

SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier
LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton


@pytest.fixture
def path(panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot) -> Path:
    """A run of 100 steps, drawn whole and unsmoothed in all plots."""
    path = make_run(100)
    panel.set_smoothing(0.0)
    show(panel, qtbot, path)
    qtbot.waitUntil(lambda: x_of(panel) == pytest.approx((0, 103)))
    return path


@pytest.fixture
def canvas(panel: CurvesPanel, path: Path) -> Canvas:
    """The loss."""
    return panel.plots["loss"].canvas


def x_of(panel: CurvesPanel, plot: str = "loss") -> Range:
    return panel.plots[plot].canvas.ranges[0]


def shows_x(panel: CurvesPanel, plot: str, expected: Range) -> bool:
    return x_of(panel, plot) == pytest.approx(expected, abs=0.5)


def pixel(canvas: Canvas, x: float) -> QPoint:
    """Return where x is, at half the height of the plot."""
    (_, _), (bottom, top) = canvas.ranges
    scene = canvas._box.mapViewToScene(QPointF(x, (bottom + top) / 2))
    place: QPoint = canvas.view.mapFromScene(scene)
    return place


def move(viewport: QWidget, to: QPoint, button: Qt.MouseButton) -> None:
    """Move the mouse with a button held; QTest's own moves hold none."""
    place, everywhere = QPointF(to), QPointF(viewport.mapToGlobal(to))
    no = Qt.MouseButton.NoButton
    QApplication.sendEvent(
        viewport, QMouseEvent(QEvent.Type.MouseMove, place, everywhere, no, button, NONE)
    )


def drag(
    canvas: Canvas,
    start: QPoint,
    end: QPoint,
    button: Qt.MouseButton = LEFT,
    modifiers: Qt.KeyboardModifier = NONE,
) -> None:
    viewport = canvas.view.viewport()
    QTest.mousePress(viewport, button, modifiers, start)
    for part in (0.3, 0.6, 1.0):
        move(viewport, start + (end - start) * part, button)
    QTest.mouseRelease(viewport, button, modifiers, end)


def assert_y_fits(panel: CurvesPanel, path: Path, plot: str = "gradient_norm") -> None:
    """What is seen of the curve fills the plot's height, but for a little room."""
    drawn = panel.plots[plot]
    curve = drawn.drawn[str(path), f"training.{plot}"]
    (left, right), (bottom, top) = drawn.canvas.ranges
    x = np.linspace(max(left, curve.x[0]), min(right, curve.x[-1]), 10_000)
    y = np.interp(x, curve.x, curve.line)
    y = np.log10(y) if drawn.is_log_y else y
    assert bottom <= y.min() and y.max() <= top
    assert y.max() - y.min() >= 0.8 * (top - bottom)


def test_the_wheel_zooms_x_around_the_mouse_in_all_plots_and_y_fits(
    panel: CurvesPanel, path: Path, canvas: Canvas, qtbot: QtBot
) -> None:
    before = canvas.ranges[0]
    at = pixel(canvas, 25)
    anchor = canvas.values_at(QPointF(at))[0]
    for _ in range(6):
        turn_wheel(canvas.view.viewport(), 1, at)
    left, right = x_of(panel)
    assert right - left < 0.3 * (before[1] - before[0])
    assert canvas.values_at(QPointF(at))[0] == pytest.approx(anchor)
    qtbot.waitUntil(
        lambda: all(x_of(panel, name) == (left, right) for name in panel.visible_plots())
    )
    assert_y_fits(panel, path)
    turn_wheel(canvas.view.viewport(), -20, at)
    qtbot.waitUntil(lambda: x_of(panel, "accuracy") == before)
    assert_y_fits(panel, path)


def test_with_ctrl_the_wheel_zooms_both_axes_and_y_stays_as_chosen(
    panel: CurvesPanel, canvas: Canvas, qtbot: QtBot
) -> None:
    others = panel.plots["accuracy"].canvas.ranges[1]
    (left, right), (bottom, top) = canvas.ranges
    turn_wheel(canvas.view.viewport(), 1, pixel(canvas, 50), modifiers=CONTROL)
    chosen = canvas.ranges
    assert chosen[0][1] - chosen[0][0] == pytest.approx(0.75 * (right - left))
    assert chosen[1][1] - chosen[1][0] == pytest.approx(0.75 * (top - bottom))
    qtbot.waitUntil(lambda: x_of(panel, "accuracy") == chosen[0])
    assert canvas.ranges == chosen
    qtbot.waitUntil(lambda: panel.plots["loss"].state.y_range is not None)
    state = panel.plots["loss"].state.y_range
    assert state is not None and state == pytest.approx(chosen[1])
    assert panel.plots["accuracy"].state.y_range is None
    assert panel.plots["accuracy"].canvas.ranges[1] != (bottom, top) and others


@pytest.mark.parametrize(("side", "changes"), [("bottom", (True, False)), ("left", (False, True))])
def test_over_an_axis_the_wheel_zooms_that_axis_alone(
    panel: CurvesPanel, canvas: Canvas, side: str, changes: tuple[bool, bool]
) -> None:
    before = canvas.ranges
    axis = canvas._axes[side].sceneBoundingRect().center()
    turn_wheel(canvas.view.viewport(), 1, canvas.view.mapFromScene(axis))
    after = canvas.ranges
    assert (after[0] != before[0], after[1] != before[1]) == changes


def test_a_drag_shades_a_range_of_x_and_shows_it_when_it_ends(
    panel: CurvesPanel, path: Path, canvas: Canvas, qtbot: QtBot
) -> None:
    viewport, before = canvas.view.viewport(), canvas.ranges
    start, end = pixel(canvas, 60), pixel(canvas, 20)
    QTest.mousePress(viewport, LEFT, NONE, start)
    move(viewport, QLine(start, end).center(), LEFT)
    move(viewport, end, LEFT)
    assert canvas._band.isVisible()
    assert canvas._band.getRegion() == pytest.approx((20, 60), abs=0.5)
    assert canvas.ranges == before
    QTest.mouseRelease(viewport, LEFT, NONE, end)
    assert not canvas._band.isVisible()
    for plot in ("loss", "accuracy", "gradient_norm"):
        qtbot.waitUntil(partial(shows_x, panel, plot, (20, 60)))
    assert_y_fits(panel, path)


def test_a_click_a_shaking_hand_and_escape_choose_nothing(
    panel: CurvesPanel, canvas: Canvas, actions: ActionRegistry
) -> None:
    viewport, before = canvas.view.viewport(), canvas.ranges
    QTest.mouseClick(viewport, LEFT, NONE, pixel(canvas, 30))
    drag(canvas, pixel(canvas, 30), pixel(canvas, 30) + QPoint(1, 40))
    QTest.mousePress(viewport, LEFT, NONE, pixel(canvas, 30))
    move(viewport, pixel(canvas, 60), LEFT)
    QTest.keyClick(canvas.view, Qt.Key.Key_Escape)
    assert not canvas._band.isVisible()
    QTest.mouseRelease(viewport, LEFT, NONE, pixel(canvas, 60))
    assert canvas.ranges == before
    assert not actions["curves.back"].isEnabled() and not actions["curves.fit"].isEnabled()


@pytest.mark.parametrize(("button", "modifiers"), [(LEFT, SHIFT), (MIDDLE, NONE)])
def test_shift_and_the_middle_button_move_what_is_seen_and_no_farther_than_the_curves_go(
    panel: CurvesPanel,
    path: Path,
    canvas: Canvas,
    button: Qt.MouseButton,
    modifiers: Qt.KeyboardModifier,
    qtbot: QtBot,
) -> None:
    drag(canvas, pixel(canvas, 40), pixel(canvas, 60))
    qtbot.waitUntil(lambda: x_of(panel, "gradient_norm") == x_of(panel))
    left, right = x_of(panel)
    drag(canvas, pixel(canvas, 50), pixel(canvas, 45), button, modifiers)
    assert x_of(panel) == pytest.approx((left + 5, right + 5), abs=0.2)
    qtbot.waitUntil(lambda: x_of(panel, "gradient_norm") == x_of(panel))
    assert_y_fits(panel, path)
    for _ in range(10):
        drag(
            canvas,
            pixel(canvas, x_of(panel)[1] - 1),
            pixel(canvas, x_of(panel)[0] + 1),
            button,
            modifiers,
        )
    assert x_of(panel)[1] == pytest.approx(103)
    assert x_of(panel)[1] - x_of(panel)[0] == pytest.approx(right - left)


def test_backspace_and_the_button_go_back_one_choice_and_a_double_click_shows_everything(
    panel: CurvesPanel, canvas: Canvas, actions: ActionRegistry, qtbot: QtBot
) -> None:
    whole = canvas.ranges[0]
    drag(canvas, pixel(canvas, 20), pixel(canvas, 80))
    first = x_of(panel)
    for _ in range(3):  # one movement
        turn_wheel(canvas.view.viewport(), 1, pixel(canvas, 50))
    assert x_of(panel) != first
    canvas.view.setFocus()
    QTest.keyClick(canvas.view, Qt.Key.Key_Backspace)
    qtbot.waitUntil(lambda: x_of(panel) == first)
    back, fit = (panel.findChild(QToolButton, name) for name in ("back", "fit"))
    assert back is not None and fit is not None
    QTest.mouseClick(back, LEFT)
    qtbot.waitUntil(lambda: x_of(panel) == whole)
    assert not back.isEnabled() and not fit.isEnabled()
    turn_wheel(canvas.view.viewport(), 1, pixel(canvas, 50), modifiers=CONTROL)
    QTest.mouseDClick(canvas.view.viewport(), LEFT, NONE, pixel(canvas, 50))
    qtbot.waitUntil(lambda: x_of(panel, "accuracy") == x_of(panel) == whole)
    assert panel.plots["loss"].state.y_range is None
    turn_wheel(canvas.view.viewport(), 1, pixel(canvas, 50))
    QTest.mouseClick(fit, LEFT)
    qtbot.waitUntil(lambda: x_of(panel) == whole)
    actions["curves.back"].trigger()
    qtbot.waitUntil(lambda: x_of(panel) != whole)
    QTest.keyClick(canvas.view, Qt.Key.Key_A)
    qtbot.waitUntil(lambda: x_of(panel) == whole)


def test_a_logarithmic_axis_fits_again_and_another_x_axis_shows_everything(
    panel: CurvesPanel, path: Path, canvas: Canvas, actions: ActionRegistry, qtbot: QtBot
) -> None:
    turn_wheel(canvas.view.viewport(), 1, pixel(canvas, 50), modifiers=CONTROL)
    panel.plots["loss"].log_button.click()
    qtbot.waitUntil(lambda: panel.plots["loss"].state.y_range is None)
    assert x_of(panel) != pytest.approx((0, 103))
    panel.set_axis("time")
    qtbot.waitUntil(lambda: x_of(panel) == pytest.approx((0, 10.3)))
    assert not actions["curves.back"].isEnabled()


def test_training_leaves_a_chosen_view_alone_until_it_is_followed_again(
    panel: CurvesPanel,
    controller: Controller,
    toy_experiment: Experiment,
    unhurried: pytest.MonkeyPatch,
    wait_for_state: Callable[[State], None],
    qtbot: QtBot,
) -> None:
    controller.train(toy_experiment.with_settings({"schedule.steps": 100_000}))
    qtbot.waitUntil(lambda: controller.status.step > 20, timeout=30_000)
    path = Path(controller.status.run)

    def drawn() -> int:
        curve = panel.plots["loss"].drawn.get((str(path), "training.loss"))
        return 0 if curve is None else len(curve.x)

    qtbot.waitUntil(lambda: drawn() > 20)
    canvas = panel.plots["loss"].canvas
    drag(canvas, pixel(canvas, 5), pixel(canvas, 15))
    chosen, known = x_of(panel), drawn()
    assert chosen == pytest.approx((5, 15), abs=0.5)
    fit = panel.findChild(QToolButton, "fit")
    assert fit is not None and fit.text() == "Follow"
    qtbot.waitUntil(lambda: drawn() > known + 10, timeout=30_000)
    assert x_of(panel) == x_of(panel, "accuracy") == chosen
    QTest.mouseClick(fit, LEFT)
    qtbot.waitUntil(lambda: x_of(panel)[1] >= drawn() > known)
    assert fit.text() == "Fit"
    panel.set_axis("time")
    plot = panel.plots["loss"]
    qtbot.waitUntil(lambda: plot.drawn[str(path), "training.loss"].x[-1] < drawn() / 2)
    seconds = plot.drawn[str(path), "training.loss"].x[-1]
    qtbot.waitUntil(lambda: plot.drawn[str(path), "training.loss"].x[-1] > seconds + 0.2)
    assert x_of(panel)[1] > seconds
    controller.stop()
    wait_for_state("stopped")
