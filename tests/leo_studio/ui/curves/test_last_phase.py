"""Where the last phase of a run begins is marked in the plot of its loss."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.config import load_experiment
from engine.runs.library import built_in_presets
from leo_studio.analysis.curves.aggregation import OneRun
from leo_studio.analysis.curves.quantities import every_plot
from leo_studio.analysis.curves.scene import Scene, Shown
from leo_studio.ui.curves.marks import DrawnMarks
from leo_studio.ui.widgets.canvas import Canvas
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.analysis.curves.test_aggregation import series_of

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
    yield DrawnMarks(canvas)


def test_a_line_is_where_the_last_phase_begins(marks: DrawnMarks, themes: ThemeManager) -> None:
    theme, scene = themes.current, Scene(shown=(shown_of(0.2),))
    marks.draw_phase(scene, PLOTS["loss"], theme)
    assert marks.phase == 8
    (words,) = marks.words_on_phase(8.0)
    assert "the last phase begins here" in words
    assert marks.words_on_phase(2.0) == marks.words_on_phase(None) == []
    assert marks._phase.label.format == "last phase"
    assert "the loss is another quantity and jumps" in marks._phase.toolTip()
    marks.draw_phase(replace(scene, is_log_x=True), PLOTS["loss"], theme)
    assert marks.phase == pytest.approx(0.90309)
    for other in (
        (scene, PLOTS["gradient_norm"]),
        (Scene(shown=(shown_of(0.0),)), PLOTS["loss"]),
        (Scene(shown=(shown_of(0.2), shown_of(0.4, 2))), PLOTS["loss"]),
        (Scene(), PLOTS["loss"]),
    ):
        marks.draw_phase(*other, theme)
        assert marks.phase is None
