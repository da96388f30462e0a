import math

import numpy as np
import pytest

from leo_studio.analysis.evaluation.exported_functions import (
    evaluation_text,
    exported_function_evaluation,
)
from leo_studio.figures.records import Line
from tests.function_evaluations import evaluation

FOUND = evaluation([0.1, 0.3], [-0.5, -0.7])


def test_all_numbers_are_exported() -> None:
    exported = exported_function_evaluation(FOUND, "mine")
    assert exported.name == "mine-test-60-scores" and "mine: −0.600 ± 0.020" in exported.title
    scores, reliability, tasks = exported.tables
    of = dict(
        zip(
            scores.columns["score"],
            zip(
                *(scores.columns[name] for name in ("value", "plain_samples", "limit")), strict=True
            ),
            strict=True,
        )
    )
    assert of["risk_ratio"] == (pytest.approx(1.4), pytest.approx(2.4), 1)
    assert of["log_likelihood"] == (pytest.approx(-0.6), pytest.approx(-0.6), -0.4)
    assert of["coverage_90"] == (0.85, 0.85, 0.9)
    assert math.isnan(of["both_families"][0]) and math.isnan(of["mean_squared_error"][2])
    assert scores.facts["tasks"] == 2 and scores.facts["run"] == "mine"
    np.testing.assert_array_equal(reliability.columns["targets_below"], [0.3, 0.5, 0.7])
    np.testing.assert_array_equal(tasks.columns["distance_to_limit"], [0.1, 0.3])
    np.testing.assert_array_equal(tasks.columns["log_likelihood"], [-0.5, -0.7])
    assert exported.figure is not None
    lines = [each for each in exported.figure.plots[0].layers if isinstance(each, Line)]
    assert [each.label for each in lines] == ["calibrated", "plain samples", "weighted samples"]


def test_what_is_not_there_is_not_exported() -> None:
    alone = FOUND.model_copy(update={"per_task": None, "plain": FOUND.scores})
    exported = exported_function_evaluation(alone, "mine")
    assert [table.name for table in exported.tables] == ["scores", "reliability"]
    assert exported.figure is not None and len(exported.figure.plots[0].layers) == 2


def test_text_has_every_score_beside_the_limit() -> None:
    lines = evaluation_text(FOUND, "mine").splitlines()
    assert lines[0] == "−0.600 ± 0.020 nats; the limit −0.400"
    assert lines[1].startswith("mine: log likelihood of a point; 2 tasks of split test")
    assert "risk ratio: 1.400; plain samples 2.400; limit 1" in lines
    of_one = FOUND.model_copy(update={"plain": FOUND.scores})
    assert "squared error: 0.7000" in evaluation_text(of_one, "mine").splitlines()
