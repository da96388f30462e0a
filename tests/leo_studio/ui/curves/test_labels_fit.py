"""Numbers behind curves, names of axes and values in legends have room."""

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from leo_studio.ui.curves import CurvesPanel
from leo_studio.ui.curves.marks import STAR_RADIUS
from leo_studio.ui.curves.plot import CurvePlot
from tests.leo_studio.ui.curves.conftest import MakeRun
from tests.leo_studio.ui.curves.test_panel import show


def test_the_numbers_of_runs_are_not_cut_off_at_the_end_of_their_curves(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    show(panel, qtbot, make_run(100), make_run(100))
    panel.grab()
    for name in panel.visible_plots():
        plot = panel.plots[name]
        right = plot.canvas._box.sceneBoundingRect().right()
        labels = [trace.label for trace in plot._traces.values() if trace.label.isVisible()]
        assert len(labels) == 2
        for label in labels:
            assert label.mapRectToScene(label.boundingRect()).right() <= right


def test_the_numbers_of_runs_that_end_alike_do_not_overprint(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    show(panel, qtbot, make_run(100), make_run(100))
    panel.grab()
    line = panel.fontMetrics().height()
    for name in panel.visible_plots():
        plot = panel.plots[name]
        labels = [trace.label for trace in plot._traces.values() if trace.label.isVisible()]
        first, second = (label.mapToScene(0, 0).y() for label in labels)
        assert abs(first - second) > 0.8 * line, name


def test_the_numbers_of_runs_are_not_cut_at_the_edge_of_a_plot(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    up = {"inner_lr": np.append(0.01, np.full(99, 50.0))}  # it ends higher than all others
    show(panel, qtbot, *[make_run(100, up) for _ in range(4)])
    panel.grab()
    plot = panel.plots["learning_rates"]
    box = plot.canvas._box.sceneBoundingRect()
    middles = [label.mapToScene(0, 0).y() for label in labels_of(plot)]
    half = panel.fontMetrics().height() / 2 - 1
    assert len(middles) == 4
    assert box.top() + half <= min(middles) and max(middles) <= box.bottom() - half


def test_the_number_of_a_run_begins_behind_its_star(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    show(panel, qtbot, make_run(100), make_run(100))
    plot = panel.plots["accuracy"]
    for run in panel._runs.all:
        run.series.best_step = 50  # the only validation
    plot.draw_quantities(["validation.accuracy"])
    qtbot.waitUntil(lambda: len(plot._marks_drawn.stars) == 2 and len(plot.drawn) == 2)
    panel.grab()
    stars = [plot.canvas._box.mapViewToScene(QPointF(*place)) for place in plot._marks_drawn.stars]
    assert len(stars) == len(labels_of(plot)) == 2
    for label in labels_of(plot):
        begin = label.mapRectToScene(label.boundingRect()).left() + 4
        assert all(begin >= star.x() + STAR_RADIUS - 0.5 for star in stars)


def labels_of(plot: CurvePlot) -> list[Any]:
    return [trace.label for trace in plot._traces.values() if trace.label.isVisible()]


def test_first_curves_have_their_values_where_not_all_have_room(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    show(panel, qtbot, make_run())
    legend = panel.plots["loss"].legend
    first = next(iter(legend.chips.values()))
    names = 0
    legend.resize(4000, legend.height())
    assert all(chip.has_value for chip in legend.offered)
    for chip in legend.offered:
        chip.has_value = False
        names += chip.sizeHint().width() + 4
    first.has_value = True
    legend.resize(names + first.sizeHint().width(), legend.height())
    assert first.has_value and legend.shows_value("training.loss")
    assert first.value != ""
    assert not legend.offered[-1].has_value and not legend._behind


def test_names_of_axes_are_whole_words_in_a_panel_of_any_height(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    show(panel, qtbot, make_run(100))
    window = panel.window()
    written: set[str] = set()
    for height in (900, 560, 420):
        window.resize(1100, height)
        qtbot.wait(50)
        for name in panel.visible_plots():
            canvas = panel.plots[name].canvas
            axis = canvas._axes["left"]
            assert set(axis.labelText.split()) <= {*canvas._label.split(), "nats", "%"}
            length = axis.label.mapRectToScene(axis.label.boundingRect()).height()
            margins = 2 * axis.label.document().documentMargin()
            assert length - margins <= canvas._box.height() + 1
            written.add(axis.labelText)
    assert "learned step size" in written
