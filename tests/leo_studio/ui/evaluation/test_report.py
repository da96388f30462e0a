"""A kept evaluation in words and numbers."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadInput
from leo_studio.figures.drawing import Look, draw
from leo_studio.figures.tables import rows_of
from leo_studio.ui.evaluation.exported import exported_evaluation
from leo_studio.ui.evaluation.report import (
    histogram,
    read_report,
)
from tests.leo_studio.ui.evaluation.reports import entry

PAIRED = {
    "other": "nearest-class-mean",
    "other_accuracy": 0.6548,
    "other_ci95": 0.0038,
    "difference": 0.2214,
    "ci95": 0.0036,
    "excludes_zero": True,
}


def test_the_headline_has_the_accuracy_and_its_interval() -> None:
    assert read_report(entry()).headline == "87.50 ± 12.25 %"


def test_the_description_says_what_the_interval_is_of() -> None:
    assert read_report(entry(), "5-way 1-shot").description == (
        "5-way 1-shot, 2 episodes of split test, checkpoint step 2,750, 39 queries per class; "
        "95 % confidence interval over episodes"
    )


def test_the_comparison_says_whether_the_interval_excludes_zero() -> None:
    better = read_report(entry(paired=PAIRED)).comparison
    worse = read_report(entry(paired=PAIRED | {"difference": -0.2214})).comparison
    unclear = read_report(entry(paired=PAIRED | {"excludes_zero": False})).comparison

    assert better is not None
    assert better.sentence == (
        "+22.14 ± 0.36 points over nearest class mean (65.48 ± 0.38 %) on the same episodes; the "
        "interval excludes 0"
    )
    assert worse is not None
    assert worse.sentence.startswith("22.14 ± 0.36 points below nearest class mean")
    assert unclear is not None
    assert unclear.sentence.endswith("the interval includes 0")


def test_another_run_is_called_by_its_name() -> None:
    comparison = read_report(entry(paired=PAIRED | {"other": "/library/runs/mini-1"})).comparison

    assert comparison is not None
    assert comparison.other == "mini-1"


def test_classes_fall_in_accuracy_and_those_never_seen_are_last() -> None:
    report = read_report(entry())

    assert report.classes == ("best", "middling", "unseen")
    assert math.isnan(report.class_accuracies[2])


@pytest.mark.parametrize(
    "changes",
    [
        {"classes": [1, 2]},
        {"loss": None},
        {"calibration": {"counts": [1], "confidences": [0.5, 0.5], "accuracies": [0.5]}},
        {"paired": {"other": "x"}},
    ],
)
def test_a_file_that_says_too_little_is_refused_in_a_sentence(changes: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="is no whole evaluation; evaluate again"):
        read_report(entry(**changes))


def test_an_old_file_without_accuracies_can_be_read() -> None:
    report = read_report(entry(accuracies=[]))

    assert len(report.accuracies) == 0


@given(st.lists(st.floats(0, 1), min_size=2, max_size=300))
def test_the_histogram_counts_every_episode_once(accuracies: list[float]) -> None:
    counts, edges = histogram(np.asarray(accuracies))

    assert counts.sum() == len(accuracies)
    assert len(edges) == len(counts) + 1
    assert (np.diff(edges) > 0).all()


def test_tables_hold_what_the_plots_show() -> None:
    report = read_report(entry())
    exported = exported_evaluation(report, "mine", "episodes")

    assert [table.name for table in exported.tables] == ["episodes", "classes", "calibration"]
    rows = {table.name: rows_of(table, 0, 10) for table in exported.tables}
    assert [row[-2:] for row in rows["classes"]] == [
        ["best", "0.75"],
        ["middling", "0.5"],
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
    report = read_report(entry(classes=classes), n_way=5)
    figure = exported_evaluation(report, "mine", part).figure

    assert figure is not None
    svg = draw(figure, Look(), "svg").decode()
    assert ("guessing" in svg and f"{count} classes" in svg) == (part == "classes")
