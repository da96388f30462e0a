"""A kept evaluation in words and numbers."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leo_studio.analysis.evaluation.exported import exported_evaluation
from leo_studio.analysis.evaluation.report import (
    histogram,
    report_of,
)
from leo_studio.figures.drawing import Look, draw
from leo_studio.figures.tables import rows_of
from tests.evaluations import kept

PAIRED = {
    "other": "nearest-class-mean",
    "other_accuracy": 0.6548,
    "other_ci95": 0.0038,
    "difference": 0.2214,
    "ci95": 0.0036,
    "excludes_zero": True,
}


def test_the_headline_has_the_accuracy_and_its_interval() -> None:
    assert report_of(kept()).headline == "87.50 ± 12.25 %"


def test_the_description_says_what_the_interval_is_of() -> None:
    assert report_of(kept(), "5-way 1-shot").description == (
        "5-way 1-shot, 2 episodes of split test, checkpoint step 2,750, 39 queries per class; "
        "95 % confidence interval over episodes"
    )


def test_the_comparison_says_whether_the_interval_excludes_zero() -> None:
    better = report_of(kept(paired=PAIRED)).comparison
    worse = report_of(kept(paired=PAIRED | {"difference": -0.2214})).comparison
    unclear = report_of(kept(paired=PAIRED | {"ci95": 0.3})).comparison

    assert better == (
        "+22.14 ± 0.36 points over nearest class mean (65.48 ± 0.38 %) on the same episodes; the "
        "interval excludes 0"
    )
    assert worse.startswith("22.14 ± 0.36 points below nearest class mean")
    assert unclear.endswith("the interval includes 0")


def test_another_run_is_called_by_its_name() -> None:
    comparison = report_of(kept(paired=PAIRED | {"other": "/library/runs/mini-1"})).comparison

    assert "points over mini-1 (" in comparison


def test_classes_rise_in_accuracy_and_those_never_seen_are_last() -> None:
    report = report_of(kept())

    assert report.classes == ("middling", "best", "unseen")
    assert [report.rank(place) for place in range(3)] == [2, 1, 3]
    assert math.isnan(report.class_accuracies[2])


@given(st.lists(st.floats(0, 1), min_size=2, max_size=300))
@example([1.0, math.nextafter(1, 0)])
def test_the_histogram_counts_every_episode_once(accuracies: list[float]) -> None:
    counts, edges = histogram(np.asarray(accuracies))

    assert counts.sum() == len(accuracies)
    assert len(edges) == len(counts) + 1
    assert (np.diff(edges) > 0).all()


def test_tables_hold_what_the_plots_show() -> None:
    report = report_of(kept())
    exported = exported_evaluation(report, "mine", "episodes")

    assert [table.name for table in exported.tables] == ["episodes", "classes", "calibration"]
    rows = {table.name: rows_of(table, 0, 10) for table in exported.tables}
    assert [row[-2:] for row in rows["classes"]] == [
        ["middling", "0.5"],
        ["best", "0.75"],
        ["unseen", ""],
    ]
    assert [row[-2:] for row in rows["episodes"]] == [["0", "0.8125"], ["1", "0.9375"]]
    assert [row[-5:] for row in rows["calibration"]] == [
        ["0", "0.5", "0", "0", "0"],
        ["0.5", "1", "8", "0.9", "0.85"],
    ]
    assert rows["classes"][0][0] == "mine"


@pytest.mark.parametrize("part", ["classes", "episodes", "calibration"])
@pytest.mark.parametrize("count", [3, 100])
def test_each_plot_can_be_drawn(part: str, count: int) -> None:
    classes = {f"class-{number:03}": number / 100 for number in range(count)}
    report = report_of(kept(classes=classes), n_way=5)
    figure = exported_evaluation(report, "mine", part).figure

    assert figure is not None
    svg = draw(figure, Look(), "svg").decode()
    assert ("guessing" in svg and f"{count} classes" in svg) == (part == "classes")
