"""Plots of an evaluation: what they say under the mouse, and in tables."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from leo_studio.analysis.evaluation.report import Report, leaning, report_of
from leo_studio.ui.evaluation.calibration import CalibrationCurve
from leo_studio.ui.evaluation.class_bars import ClassBars
from leo_studio.ui.evaluation.class_table import ClassTable
from leo_studio.ui.evaluation.histogram import EpisodeHistogram
from leo_studio.ui.evaluation.plot import ReportPlot
from leo_studio.ui.widgets.theme import ThemeManager
from tests.evaluations import kept

MANY = {f"class-{number:03}": 1 - number / 1000 for number in range(351)}


@pytest.fixture
def report() -> Report:
    return report_of(kept(), n_way=5)


def shown(qtbot: QtBot, plot: ReportPlot, report: Report) -> None:
    plot.resize(600, 400)
    qtbot.addWidget(plot)
    plot.show()
    plot.show_report(report)


def test_a_class_is_named_under_the_mouse(
    qtbot: QtBot, themes: ThemeManager, report: Report
) -> None:
    bars = ClassBars(themes)
    shown(qtbot, bars, report)

    assert bars.text_at(10, 0.2) == "middling: 50.00 %, 2 of 3"  # the worst first
    assert bars.text_at(10, 1) == "best: 75.00 %, 1 of 3"
    assert bars.text_at(10, 2) == "unseen: never came up"
    assert bars.text_at(10, 3) == ""


def test_all_classes_can_be_reached_by_scrolling(qtbot: QtBot, themes: ThemeManager) -> None:
    bars = ClassBars(themes)
    shown(qtbot, bars, report_of(kept(classes=MANY)))

    bars.scroll_bar.setValue(bars.scroll_bar.maximum())

    (_, (top, bottom)) = bars.box.viewRange()
    assert bars.scroll_bar.isVisible()
    assert top < 350 < bottom


def test_few_classes_need_no_scroll_bar(qtbot: QtBot, themes: ThemeManager, report: Report) -> None:
    bars = ClassBars(themes)
    shown(qtbot, bars, report)

    assert not bars.scroll_bar.isVisible()


def test_bars_of_the_histogram_tell_their_episodes(
    qtbot: QtBot, themes: ThemeManager, report: Report
) -> None:
    histogram = EpisodeHistogram(themes)
    shown(qtbot, histogram, report)

    assert "1 episodes, 50.0 % of all" in histogram.text_at(81.3, 0)
    assert histogram.text_at(10, 0) == ""


def test_the_calibration_curve_tells_empty_bins_from_full_ones(
    qtbot: QtBot, themes: ThemeManager, report: Report
) -> None:
    curve = CalibrationCurve(themes)
    shown(qtbot, curve, report)

    assert curve.text_at(20, 0) == "Confidence 0.0 to 50.0 %: no query"
    assert "8 queries" in curve.text_at(70, 0)
    assert "accuracy 85.00 %" in curve.text_at(70, 0)
    heights = np.asarray(curve._bars.opts["height"])
    assert heights.sum() == pytest.approx(100)  # on the axis that has percent
    bins = report.evaluation.calibration
    assert leaning(bins) == "mostly overconfident"
    assert leaning(replace(bins, confidences=bins.accuracies - 0.01)) == "mostly underconfident"


@pytest.mark.parametrize("kind", [ClassBars, EpisodeHistogram, CalibrationCurve])
def test_plots_follow_the_theme(
    qtbot: QtBot,
    themes: ThemeManager,
    report: Report,
    kind: type[ClassBars] | type[EpisodeHistogram] | type[CalibrationCurve],
) -> None:
    plot = kind(themes)
    shown(qtbot, plot, report)
    themes.choose("dark", 1.5)

    assert plot.view.backgroundBrush().color().name() == themes.current.base


def test_the_table_is_copied_as_it_is_sorted(qtbot: QtBot, report: Report) -> None:
    table = ClassTable()
    qtbot.addWidget(table)
    table.show_report(report)
    names = [table.model().index(row, 1).data() for row in range(3)]
    assert names == ["middling", "best", "unseen"]

    table.sortByColumn(2, Qt.SortOrder.AscendingOrder)
    table.copy()

    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines == [
        "Rank\tClass\tAccuracy",
        "3\tunseen\tnever came up",
        "2\tmiddling\t50.00 %",
        "1\tbest\t75.00 %",
    ]
