"""Where the last phase of a run begins is marked in the plot of its loss."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.config import load_experiment
from engine.config.built_in import built_in_presets
from engine.events import Prepared
from engine.learners.catalogue import LEARNERS
from engine.runs.metrics import interval_column
from engine.tasks.catalogue import TASK_KINDS
from leo_studio.analysis.curves.aggregation import OneRun
from leo_studio.analysis.curves.quantities import every_plot
from leo_studio.analysis.curves.remembered import read_remembered
from leo_studio.analysis.curves.scene import Scene, Shown
from leo_studio.report.curve_figures import Measured, compared_curves, curves
from leo_studio.services.controller import Controller
from leo_studio.ui.curves import CurvesPanel
from leo_studio.ui.curves.marks import DrawnMarks
from leo_studio.ui.widgets.canvas import Canvas
from leo_studio.ui.widgets.theme import ThemeManager
from tests import measured
from tests.leo_studio.analysis.curves.test_aggregation import series_of
from tests.leo_studio.ui.curves.conftest import MakeRun

PLOTS = {kind.name: kind for kind in every_plot()}


def shown_of(last_phase: float, number: int = 1) -> Shown:
    preset = load_experiment(built_in_presets() / "sine-line-5shot.yaml")
    changes = {"schedule.steps": 10, "learner.last_phase": last_phase}
    return Shown(f"{number}", "run", 0, number, OneRun(series_of(preset.with_settings(changes), 0)))


@pytest.fixture
def marks(qtbot: QtBot) -> Iterator[DrawnMarks]:
    parent = QWidget()
    qtbot.addWidget(parent)
    canvas = Canvas("loss", parent)
    canvas.view.resize(900, 300)
    parent.show()
    qtbot.waitUntil(lambda: canvas.per_pixel()[0] < 1)
    canvas.set_x_range(0, 10)
    yield DrawnMarks(canvas)


def test_a_line_is_where_the_last_phase_begins(marks: DrawnMarks, themes: ThemeManager) -> None:
    theme, scene = themes.current, Scene(shown=(shown_of(0.2),))
    marks.draw_phases(scene, PLOTS["loss"], theme)
    assert marks.phase == 8
    (words,) = marks.words_on_phase(8.0)
    assert "the last phase begins here" in words
    assert marks.words_on_phase(2.0) == marks.words_on_phase(None) == []
    assert marks._phase.label.format == "last phase"
    assert "the loss is another quantity and jumps" in marks._phase.toolTip()
    marks.draw_phases(replace(scene, is_log_x=True), PLOTS["loss"], theme)
    assert marks.phase == pytest.approx(0.90309)
    of_two_seeds = Scene(shown=(shown_of(0.2), shown_of(0.2, 2)))
    marks.draw_phases(of_two_seeds, PLOTS["loss"], theme)
    assert marks.phase == 8
    for other in (
        (scene, PLOTS["gradient_norm"]),
        (Scene(shown=(shown_of(0.0),)), PLOTS["loss"]),
        (Scene(shown=(shown_of(0.2), shown_of(0.4, 2))), PLOTS["loss"]),
        (Scene(), PLOTS["loss"]),
    ):
        marks.draw_phases(*other, theme)
        assert marks.phase is None


def test_a_line_is_where_tasks_no_longer_count_by_roots(
    marks: DrawnMarks, themes: ThemeManager
) -> None:
    theme = themes.current
    marks._canvas.set_x_range(0, 7)
    marks.draw_phases(Scene(shown=(shown_of(0.4),)), PLOTS["loss"], theme)
    assert (marks.roots_end, marks.phase) == (5, 6)  # 0.77 of 6 steps
    (words,) = marks.words_on_phase(5.0)
    assert "squared errors from here on" in words
    assert marks._roots.label.format == "squared errors"
    assert "the loss is another quantity and jumps" in marks._roots.toolTip()
    marks.draw_phases(Scene(shown=(shown_of(0.4),)), PLOTS["gradient_norm"], theme)
    assert marks.roots_end is None


def test_words_at_lines_end_before_the_next_line(marks: DrawnMarks, themes: ThemeManager) -> None:
    canvas = marks._canvas

    def words(width: float) -> tuple[str, str]:
        canvas.set_x_range(0, width)
        marks.draw_phases(Scene(shown=(shown_of(0.4),)), PLOTS["loss"], themes.current)
        return marks._roots.label.format, marks._phase.label.format

    assert words(7) == ("squared errors", "last phase")  # at steps 5 and 6
    assert words(14) == ("errors²", "last phase")
    assert words(60) == ("", "last phase")
    assert words(6.3)[1] == "last"  # nor beyond the end of the axis
    for width in (7, 14, 60, 6.3):
        words(width)
        pixel = canvas.per_pixel()[0]
        for line, end in ((marks._roots, 6.0), (marks._phase, width)):
            right = float(line.value()) + line.label.boundingRect().width() * pixel
            assert not line.label.format or right <= end


def test_the_loss_begins_logarithmic_as_long_as_a_run_with_a_last_phase_is_shown(
    panel: CurvesPanel, controller: Controller, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controller, "load_curves", lambda path, then: None)
    scores = TASK_KINDS["regression"].scores

    def begin(kind: str) -> bool:
        columns, path = LEARNERS[kind].columns, str(make_run())
        of_kind = measured.SCORES if kind == "leo" else scores
        controller.happened.emit(Prepared(path, 0, 3, "cpu", columns, of_kind))
        return panel.plots["loss"].is_log_y

    assert not begin("leo") and begin("leo_regression")
    assert panel.plots["loss"].log_button.isChecked()
    kept = read_remembered(panel.remembered()).logarithmic
    assert kept is not None and "loss" not in kept  # else other runs would begin so
    assert not begin("leo") and not begin("maml") and begin("leo_regression")
    panel.plots["loss"].log_button.click()  # a person's own choice stays
    panel._offer_plots()
    assert not panel.plots["loss"].is_log_y
    panel.restore({"logarithmic": ["loss"]})
    assert begin("leo")


def test_the_report_draws_the_loss_of_a_run_with_a_last_phase_on_a_logarithmic_axis() -> None:
    numbers = np.array([0.1, 0.1, 300.0, 200.0])

    def run(kind: str, task: str) -> Measured:
        columns, scores = LEARNERS[kind].columns, TASK_KINDS[task].scores
        training = {each.name: numbers for each in columns} | {"step": np.arange(1.0, 5.0)}
        names = [each.name for each in scores]
        names += [interval_column(each, scores) for each in scores if each.has_interval]
        validation = dict.fromkeys(names, numbers[:1]) | {"step": np.array([4.0])}
        return Measured(kind, columns, scores, training, validation)

    def losses(one: Measured) -> list[tuple[bool, str]]:
        pictures = [*curves(one, (4, "these weights")), *compared_curves([one, one])]
        plots = [picture.plot for picture in pictures]
        wanted = ("Loss", "Training loss, running mean")
        return [(each.is_y_logarithmic, each.y_label) for each in plots if each.title in wanted]

    assert losses(run("leo_regression", "regression")) == 2 * [(True, "loss in nats (log scale)")]
    assert losses(run("leo", "classification")) == 2 * [(False, "loss in nats")]
