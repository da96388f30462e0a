"""Exported curves: what is shown, and every number behind it."""

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.runs.metrics import training_metrics
from leo_studio.figures.drawing import Look, draw
from leo_studio.figures.records import Exported, Line, Texts
from leo_studio.figures.tables import length_of
from leo_studio.ui.curves import CurvesPanel
from leo_studio.ui.widgets.actions import ActionRegistry
from tests.leo_studio.ui.curves.conftest import MakeRun
from tests.leo_studio.ui.curves.test_panel import show
from tests.measured import COLUMNS


@pytest.fixture
def shown(panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot) -> Path:
    path = make_run(100)
    show(panel, qtbot, path)
    return path


def exported(panel: CurvesPanel) -> Exported:
    found = panel.exported()
    assert found is not None
    return found


def drawing(panel: CurvesPanel) -> str:
    figure = exported(panel).figure
    assert figure is not None
    return draw(figure, Look(width=8, height=6), "svg").decode()


def test_without_runs_there_is_nothing_to_export(panel: CurvesPanel) -> None:
    assert panel.exported() is None


def test_the_figure_has_titles_axes_and_legend(panel: CurvesPanel, shown: Path) -> None:
    svg = drawing(panel)
    for expected in ("Accuracy", "outer step", "loss (nats)", "query loss", shown.name):
        assert f">{expected}<" in svg
    assert ">KL<" not in svg  # it is off in the legend


def test_the_figure_shows_what_the_panel_shows(
    panel: CurvesPanel, shown: Path, make_run: MakeRun, qtbot: QtBot
) -> None:
    second = make_run(20)
    show(panel, qtbot, shown, second)
    panel.set_visible_plots(["loss"])
    panel.set_axis("episodes")
    panel.set_log_x(True)
    panel.plots["loss"].set_log_y(True)
    figure = exported(panel).figure
    assert figure is not None
    (plot,) = figure.plots
    assert (plot.x_label, plot.is_x_logarithmic, plot.is_y_logarithmic) == (
        "episodes seen",
        True,
        True,
    )
    assert [key.label for key in figure.keys] == [f"1 {shown.name}", f"2 {second.name}"]
    svg = drawing(panel)
    assert f">2 {second.name}<" in svg and ">query loss<" in svg


def test_a_legend_has_only_what_is_drawn(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    paths = [make_run(20), make_run(20)]  # of LEO, which is measured on no pictures
    for count in (2, 1):
        show(panel, qtbot, *paths[:count])
        figure = exported(panel).figure
        assert figure is not None
        plot = next(plot for plot in figure.plots if plot.title == "Accuracy")
        labels = {layer.label for layer in plot.layers if isinstance(layer, Line)}
        assert "validation" in labels, count
        assert "training pictures" not in labels, count


def test_numbers_of_runs_lie_neither_on_one_another_nor_on_a_star(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    show(panel, qtbot, make_run(20), make_run(20))
    panel.set_visible_plots(["accuracy", "loss"])
    figure = exported(panel).figure
    assert figure is not None
    for plot in figure.plots:
        texts = [layer for layer in plot.layers if isinstance(layer, Texts)]
        first, second = (float(text.y[0]) for text in texts)
        assert first != second, plot.title
    svg = draw(figure, Look(width=8, height=6), "svg").decode()
    assert ">1<" in svg and ">2<" in svg


def test_curves_keep_their_extremes_however_long_they_are(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    path = make_run(9000)
    show(panel, qtbot, path)
    figure = exported(panel).figure
    assert figure is not None
    raw = next(layer for layer in figure.plots[0].layers if isinstance(layer, Line))
    measured = training_metrics(path, COLUMNS).arrays()["loss"]
    assert len(raw.y) < 2500
    assert (np.nanmin(raw.y), np.nanmax(raw.y)) == (
        np.float32(measured.min()),
        np.float32(measured.max()),
    )


def test_values_are_one_row_per_step_as_they_were_measured(
    panel: CurvesPanel, shown: Path, make_run: MakeRun, qtbot: QtBot
) -> None:
    second = make_run(20)
    show(panel, qtbot, shown, second)
    training, validation = exported(panel).tables
    columns = training.columns
    assert list(columns["run"]) == [shown.name] * 100 + [second.name] * 20
    assert length_of(training) == 120
    first = np.asarray(columns["step"])[:100]
    np.testing.assert_array_equal(first, np.arange(1, 101))
    assert np.asarray(columns["episodes"])[9] == 10 * 3
    measured = training_metrics(shown, COLUMNS).arrays()
    for name in ("loss", "gradient_norm", "steps_per_second"):
        written = np.asarray(columns[name])[:100]
        np.testing.assert_array_equal(written, measured[name].astype(np.float32))
    assert (np.asarray(validation.columns["step"])[0], validation.columns["accuracy"][0]) == (
        50,
        0.5,
    )


def test_what_was_exported_stays_as_it_was_while_the_run_goes_on(
    panel: CurvesPanel, shown: Path
) -> None:
    before = exported(panel).tables[0]
    kept = np.array(before.columns["loss"])
    panel._runs.all[0].series.truncate(10)
    np.testing.assert_array_equal(before.columns["loss"], kept)
    assert length_of(exported(panel).tables[0]) == 10


def test_the_action_and_the_button_wish_for_it(
    panel: CurvesPanel, shown: Path, actions: ActionRegistry, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(panel.export_wanted):
        actions["curves.export"].trigger()
