"""The Curves panel as a person uses it, on runs that are on disk."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QPaintEvent, QRegion
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QPushButton,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from leo_studio.services.controller import Controller
from leo_studio.services.records import Notice, RunEntry
from leo_studio.ui.curves import CurvesPanel
from leo_studio.ui.curves.legend import Chip
from leo_studio.ui.curves.marks import place_on_axes
from leo_studio.ui.curves.run_legend import _Sample
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.ui.curves.conftest import MakeRun


def show(panel: CurvesPanel, qtbot: QtBot, *paths: Path) -> None:
    """Show runs and wait until they are drawn."""
    for path in paths:
        panel.show_run(path)
    names, count = panel.visible_plots(), len(set(paths))
    qtbot.waitUntil(lambda: all(runs_drawn(panel, name) >= count for name in names), timeout=10_000)


def runs_drawn(panel: CurvesPanel, plot: str) -> int:
    return len({run for run, _ in panel.plots[plot].drawn})


def chip(panel: CurvesPanel, name: str) -> Chip:
    found = panel.findChild(Chip, f"chip_{name}")
    assert found is not None
    return found


def note(panel: CurvesPanel, plot: str) -> str:
    found = panel.findChild(QLabel, f"note_{plot}")
    assert found is not None
    return found.text() if found.isVisible() else ""


def test_an_empty_panel_says_how_curves_come(panel: CurvesPanel) -> None:
    hint = panel.findChild(QWidget, "curves_hint")
    assert hint is not None and hint.isVisible()
    assert any("Press Train" in label.text() for label in hint.findChildren(QLabel))


def test_a_run_that_is_shown_is_drawn_in_every_visible_plot(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    show(panel, qtbot, make_run())
    names = panel.visible_plots()
    qtbot.waitUntil(lambda: all(runs_drawn(panel, name) == 1 for name in names))
    assert panel.shown_runs() != ()


def test_a_legend_entry_that_is_pressed_hides_its_curve_and_pressed_again_shows_it(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    path = make_run()
    show(panel, qtbot, path)
    key = (str(path), "training.loss")
    assert key in panel.plots["loss"].drawn
    QTest.mouseClick(chip(panel, "loss_loss"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: key not in panel.plots["loss"].drawn)
    chip(panel, "loss_loss").setFocus()
    QTest.keyClick(chip(panel, "loss_loss"), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: key in panel.plots["loss"].drawn)


def test_penalties_are_off_until_they_are_asked_for(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    path = make_run()
    show(panel, qtbot, path)
    assert {quantity for _, quantity in panel.plots["loss"].drawn} == {
        "training.loss",
        "training.query_loss",
    }
    QTest.mouseClick(chip(panel, "loss_kl"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: (str(path), "training.kl") in panel.plots["loss"].drawn)


def test_a_logarithmic_axis_says_how_many_points_it_hides(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    show(panel, qtbot, make_run(17, columns={"gradient_norm": 0.0}))
    assert note(panel, "gradient_norm") == ""
    button = panel.findChild(QToolButton, "log_gradient_norm")
    assert button is not None
    button.click()
    qtbot.waitUntil(lambda: note(panel, "gradient_norm") == "17 points at or below 0 are not shown")
    button.click()
    qtbot.waitUntil(lambda: note(panel, "gradient_norm") == "")


def test_several_runs_are_numbered_in_a_legend_and_leave_by_its_button(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    first, second = make_run(), make_run()
    show(panel, qtbot, first, second)
    assert [label.number for label in panel.run_legend.labels] == [1, 2]
    button = panel.findChildren(QToolButton, "remove_run")[0]
    with qtbot.waitSignal(panel.shown_changed):
        button.click()
    assert panel.shown_runs() == (second,)
    qtbot.waitUntil(lambda: runs_drawn(panel, "loss") == 1)


def test_a_thirteenth_run_is_refused_with_a_sentence(
    panel: CurvesPanel, make_run: MakeRun, controller: Controller, qtbot: QtBot
) -> None:
    notices: list[Notice] = []
    controller.notified.connect(notices.append)
    paths = [make_run(2) for _ in range(13)]
    for path in paths:
        panel.show_run(path)
    assert panel.shown_runs() == tuple(paths[:12])
    assert "12 runs" in notices[0].text
    qtbot.waitUntil(lambda: runs_drawn(panel, "loss") == 12, timeout=10_000)


def test_a_run_that_is_gone_is_told_as_an_error(
    panel: CurvesPanel, controller: Controller, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(controller.notified) as told:
        panel.show_run(tmp_path / "gone")
    assert told.args is not None
    assert told.args[0].kind == "error"


def test_seeds_are_averaged_into_one_curve_with_a_band(
    panel: CurvesPanel,
    make_run: MakeRun,
    actions: ActionRegistry,
    controller: Controller,
    qtbot: QtBot,
) -> None:
    seeds = [make_run(run__seed=seed) for seed in range(3)]
    other = make_run(learner__dropout=0.1)
    show(panel, qtbot, *seeds, other)
    actions["curves.average_seeds"].trigger()
    qtbot.waitUntil(lambda: runs_drawn(panel, "loss") == 2)
    controller.refresh_runs()  # runs have their titles when they were read
    qtbot.waitUntil(
        lambda: (
            [label.name for label in panel.run_legend.labels]
            == ["4-way 2-shot, toy: mean of 3 seeds ± 1 s.d.", "4-way 2-shot, toy, seed 0 (2)"]
        )
    )
    mean, alone = panel.run_legend.labels
    curves = panel.plots["loss"].drawn
    assert curves[mean.key, "training.loss"].upper is not None
    assert curves[alone.key, "training.loss"].upper is None
    actions["curves.average_seeds"].trigger()
    qtbot.waitUntil(lambda: runs_drawn(panel, "loss") == 4)


def test_the_x_axis_is_chosen_in_the_panel_or_the_menu(
    panel: CurvesPanel, make_run: MakeRun, actions: ActionRegistry, qtbot: QtBot
) -> None:
    show(panel, qtbot, make_run(100))
    combo = panel.findChild(QComboBox, "x_axis")
    assert combo is not None
    actions["curves.x_episodes"].trigger()
    assert combo.currentData() == "episodes"
    canvas = panel.plots["loss"].canvas
    qtbot.waitUntil(lambda: canvas.ranges[0][1] > 300)  # 3 episodes a step
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Up)
    combo.activated.emit(combo.currentIndex())
    assert actions["curves.x_time"].isChecked()
    qtbot.waitUntil(lambda: canvas.ranges[0][1] < 20)  # 10 seconds


def test_the_crosshair_shows_the_values_of_its_step_in_every_plot(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    path = make_run(100)
    show(panel, qtbot, path)
    panel.set_smoothing(0.0)
    gradients = panel.plots["gradient_norm"]
    qtbot.waitUntil(lambda: gradients.drawn[str(path), "training.gradient_norm"].raw is None)
    curve = panel.plots["gradient_norm"].drawn[str(path), "training.gradient_norm"]
    panel.plots["loss"].canvas.hovered.emit(42.2)
    shown = chip(panel, "gradient_norm_gradient_norm").value
    assert float(shown) == pytest.approx(float(curve.line[41]), rel=1e-3)
    assert "step 42" in panel.plots["loss"].canvas.readout.text()
    panel.plots["loss"].canvas.hovered.emit(None)
    assert float(chip(panel, "gradient_norm_gradient_norm").value) == pytest.approx(
        float(curve.line[-1]), rel=1e-3
    )
    assert not panel.plots["loss"].canvas.readout.isVisible()


def test_smoothing_keeps_the_raw_curve_behind_and_none_leaves_it_alone(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    path = make_run(100)
    show(panel, qtbot, path)
    key = (str(path), "training.loss")
    curve = panel.plots["loss"].drawn[key]
    assert curve.raw is not None
    assert np.std(curve.line) < np.std(curve.raw)
    with qtbot.waitSignal(panel.smoothing_changed):
        panel.controls.number.setValue(0.0)
    qtbot.waitUntil(lambda: panel.plots["loss"].drawn[key].raw is None)


def test_hidden_plots_are_not_drawn(
    panel: CurvesPanel, make_run: MakeRun, actions: ActionRegistry, qtbot: QtBot
) -> None:
    panel.set_visible_plots(["loss", "gradient_norm"])
    show(panel, qtbot, make_run())
    qtbot.waitUntil(lambda: runs_drawn(panel, "gradient_norm") == 1)
    assert panel.visible_plots() == ("loss", "gradient_norm")
    assert runs_drawn(panel, "accuracy") == 0
    actions["curves.show_accuracy"].trigger()
    qtbot.waitUntil(lambda: runs_drawn(panel, "accuracy") == 1)


def test_plots_that_nobody_saw_when_they_changed_are_drawn_once_they_are_seen(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    """As after a change of the front panel, when they have no place for a while."""
    first, second = make_run(), make_run(50)
    show(panel, qtbot, first)
    cover = QWidget(panel.window())
    cover.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
    cover.setGeometry(panel.window().rect())
    cover.show()
    qtbot.waitUntil(lambda: panel.plots["loss"].visibleRegion().isEmpty())
    panel.show_run(second)
    qtbot.waitUntil(lambda: panel.points_of(second) == 50)
    qtbot.waitUntil(lambda: not panel._redraw.is_due)
    assert runs_drawn(panel, "loss") == 1

    cover.hide()
    qtbot.waitUntil(lambda: runs_drawn(panel, "loss") == 2)


def test_a_double_click_on_a_title_shows_one_plot_alone_and_again_all(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    show(panel, qtbot, make_run())
    plot = panel.plots["accuracy"]
    QTest.mouseDClick(plot.title, Qt.MouseButton.LeftButton)
    assert [name for name, each in panel.plots.items() if each.isVisible()] == ["accuracy"]
    QTest.mouseDClick(plot.title, Qt.MouseButton.LeftButton)
    assert panel.plots["loss"].isVisible()


def test_another_theme_recolours_the_plots_that_are_there(
    panel: CurvesPanel, make_run: MakeRun, themes: ThemeManager, qtbot: QtBot
) -> None:
    show(panel, qtbot, make_run())
    plots = dict(panel.plots)
    themes.choose("dark")
    assert panel.plots == plots
    assert panel.plots["loss"].canvas.view.backgroundBrush().color().name() == themes.current.raised
    qtbot.waitUntil(lambda: chip(panel, "loss_loss").color == themes.current.series_color(0))


def test_a_million_steps_are_shown_whole(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    path = make_run(10)
    rows = 1_000_000
    with (path / "train.csv").open("a", encoding="utf-8") as file:
        line = ",".join(["0.5"] * 10)
        file.writelines([f"{step},{line},{step},100\n" for step in range(11, rows + 1)])
    panel.show_run(path)
    qtbot.waitUntil(lambda: runs_drawn(panel, "loss") == 1, timeout=60_000)
    curve = panel.plots["loss"].drawn[str(path), "training.loss"]
    assert len(curve.line) == rows
    drawn = panel.plots["loss"]._traces[str(path), "training.loss"].line.getData()[0]
    assert len(drawn) <= 4 * panel.plots["loss"].canvas.columns
    assert drawn[-1] == rows


def test_a_run_behind_a_link_is_shown_once(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot, tmp_path: Path
) -> None:
    path = make_run()
    door = tmp_path / "door"
    door.symlink_to(path.parent)
    panel.show_run(path)
    panel.show_run(door / path.name)
    assert panel.shown_runs() == (path,)
    qtbot.waitUntil(lambda: runs_drawn(panel, panel.visible_plots()[0]) == 1)


def test_a_validation_before_the_first_step_is_left_out_of_a_logarithmic_axis(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    """A point at "not a number" would be warned of at every repaint; warnings are errors here."""
    path = make_run(1)  # validated at step 0, as a learner that needs no training is
    show(panel, qtbot, path)
    plot = panel.plots["accuracy"]
    key = (str(path), "validation.accuracy")
    qtbot.waitUntil(lambda: key in plot.drawn and len(plot._traces[key].points.data) == 1)
    panel.set_log_x(True)
    qtbot.waitUntil(lambda: len(plot._traces[key].points.data) == 0)
    plot.canvas.view.viewport().repaint()


@pytest.mark.parametrize("point", [(math.nan, 0.5), (3.0, math.nan), (math.inf, 0.5)])
def test_a_mark_without_a_number_has_no_place(point: tuple[float, float]) -> None:
    """A run without training has no times; a mark there would be warned of at every repaint."""
    assert place_on_axes(*point, is_log_x=False, is_log_y=False) is None
    assert place_on_axes(3.0, 0.5, is_log_x=False, is_log_y=False) == (3.0, 0.5)
    assert place_on_axes(100.0, 0.1, is_log_x=True, is_log_y=True) == (2.0, -1.0)


def test_a_run_alone_begins_with_its_own_colour_and_of_several_each_has_its_curves(
    panel: CurvesPanel, make_run: MakeRun, themes: ThemeManager, qtbot: QtBot
) -> None:
    first, second = make_run(), make_run()
    show(panel, qtbot, first, second)
    theme = themes.current
    colors = [theme.series_color(label.color or 0) for label in panel.run_legend.labels]
    assert [sample._color for sample in samples(panel)] == colors == list(theme.series[:2])
    assert chip(panel, "loss_loss").color == theme.text
    panel.hide_run(first)
    assert [label.color for label in panel.run_legend.labels] == [None]
    assert samples(panel) == []
    # As it was beside the other run, and as it is in other panels.
    assert chip(panel, "loss_loss").color == theme.series_color(1)
    qtbot.waitUntil(lambda: runs_drawn(panel, "loss") == 1)
    trace = panel.plots["loss"]._traces[str(second), "training.loss"]
    assert trace.line.opts["pen"].color().name() == theme.series_color(1)


def samples(panel: CurvesPanel) -> list[_Sample]:
    return [each for each in panel.run_legend.findChildren(_Sample) if each.isVisible()]


def test_the_curves_of_the_current_run_are_said_to_be_hidden_until_they_are_shown_again(
    panel: CurvesPanel, toy_run: RunEntry, make_run: MakeRun, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: panel.shown_runs() == (toy_run.path,))
    show(panel, qtbot, make_run())
    (button,) = panel.findChildren(QPushButton, "show_hidden")
    assert not button.isVisible()
    panel.hide_run(toy_run.path)
    assert panel.banner.box.currentText() == toy_run.title
    assert button.isVisible()
    button.click()
    assert toy_run.path in panel.shown_runs()
    assert not button.isVisible()


def test_escape_shows_all_plots_again(panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot) -> None:
    show(panel, qtbot, make_run())
    plot = panel.plots["accuracy"]
    panel.activateWindow()
    enlarging: tuple[Callable[[], None], ...] = (
        lambda: QTest.mouseDClick(plot.title, Qt.MouseButton.LeftButton),
        lambda: QTest.mouseClick(plot.size_button, Qt.MouseButton.LeftButton),
    )
    for enlarge in enlarging:
        enlarge()
        assert not panel.plots["loss"].isVisible()
        QTest.keyClick(panel.window(), Qt.Key.Key_Escape)
        assert panel.plots["loss"].isVisible()


def test_the_readout_says_where_a_checkpoint_was_saved(
    panel: CurvesPanel, toy_run: RunEntry, qtbot: QtBot
) -> None:
    plot = panel.plots["accuracy"]
    qtbot.waitUntil(lambda: runs_drawn(panel, "accuracy") == 1)
    step = float(toy_run.checkpoints[-1])
    plot.hovered.emit(step)
    assert f"a checkpoint was saved at step {step:,.0f}" in plot.canvas.readout.text()
    assert f"(step {step:,.0f})" in plot.canvas.readout.text()  # of the validation
    plot.hovered.emit(step - 3)
    assert "checkpoint" not in plot.canvas.readout.text()
    assert "checkpoint" in plot.title.toolTip()


def test_the_readout_has_a_value_of_each_plot_also_where_it_covers_the_legend(
    panel: CurvesPanel, toy_run: RunEntry, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: runs_drawn(panel, "loss") == 1)
    for name, plot in panel.plots.items():
        if plot.isVisible() and runs_drawn(panel, name):
            plot.hovered.emit(5.0)
            assert "<b>" in plot.canvas.readout.text(), name


def test_a_crosshair_that_goes_leaves_nothing_behind(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    """The whole plot is painted anew: parts of it may show the line where it was."""
    show(panel, qtbot, make_run(100))
    canvas = panel.plots["throughput"].canvas
    painted: list[QRegion] = []

    class Watch(QObject):
        def eventFilter(self, _: QObject, event: QEvent) -> bool:
            if isinstance(event, QPaintEvent):
                painted.append(event.region())
            return False

    watch, viewport = Watch(panel), canvas.view.viewport()
    changes: tuple[Callable[[], None], ...] = (
        lambda: canvas.hovered.emit(None),
        lambda: canvas.set_x_range(0.0, 300.0),
    )
    for change in changes:
        canvas.hovered.emit(42.2)
        qtbot.wait(50)
        viewport.installEventFilter(watch)
        change()
        qtbot.wait(50)
        viewport.removeEventFilter(watch)
        assert any(region.boundingRect() == viewport.rect() for region in painted)
        painted.clear()


def test_the_readout_covers_no_small_plot_and_lies_in_a_large_one(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    show(panel, qtbot, make_run(100), make_run(100))
    plot = panel.plots["loss"]
    canvas = plot.canvas
    qtbot.waitUntil(lambda: runs_drawn(panel, "loss") == 2)

    def covered() -> QRect:
        """Return what of the curves the values lie over."""
        readout = QRect(canvas.readout.mapToGlobal(QPoint(0, 0)), canvas.readout.size())
        return readout & QRect(canvas.view.mapToGlobal(QPoint(0, 0)), canvas.view.size())

    panel.window().resize(1000, 420)
    qtbot.waitUntil(lambda: canvas.view.height() < 180)
    canvas.hovered.emit(42.0)
    assert canvas.readout.isVisible() and canvas.readout.text().count("<br>") >= 2
    assert covered().isEmpty()
    assert panel.window().rect().contains(canvas.readout.geometry())
    QApplication.sendEvent(canvas.view.viewport(), QEvent(QEvent.Type.Leave))
    assert not canvas.readout.isVisible()
    panel.set_visible_plots(["loss"])
    panel.window().resize(1200, 900)
    qtbot.waitUntil(lambda: canvas.view.height() > 400)
    canvas.hovered.emit(42.0)
    assert canvas.readout.isVisible() and covered().size() == canvas.readout.size()
