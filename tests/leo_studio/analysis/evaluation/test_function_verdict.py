"""The verdict on an evaluation on functions: a whole sentence for whatever was found."""

import math

import pytest

from engine.evaluation.regression.record import MeasuredScores, RegressionEvaluation
from leo_studio.analysis.evaluation.function_verdict import function_verdict
from tests.leo_studio.analysis.evaluation.test_function_scores import FOUND, SCORES

MEASURED = MeasuredScores(
    tasks=40,
    functions=12,
    log_likelihood=-3.1,
    log_likelihood_ci95=0.25,
    coverage_50=0.4,
    coverage_90=0.8,
    levels=(0.5,),
    shares_below=(0.5,),
    mean_squared_error=12.0,
    median_squared_error=0.1,
)


def found(**scores: float) -> RegressionEvaluation:
    return FOUND.model_copy(update={"scores": SCORES.model_copy(update=scores)})


@pytest.mark.parametrize(
    ("ratio", "times", "place"),
    [
        (0.99, "0.990", "close to the best possible"),
        (1.042, "1.04", "close to the best possible"),
        (1.315, "1.31", "not far from the best possible"),
        (15.3, "15.3", "far from the best possible"),
        (160.2, "160", "far from the best possible"),
    ],
)
def test_the_risk_is_said_beside_the_limits(ratio: float, times: str, place: str) -> None:
    said = function_verdict(found(risk_ratio=ratio, coverage_90=0.88), "LEO")
    assert said == (
        f"LEO's risk is {times} times the Bayes-optimal limit's: {place}; its 90 % intervals hold "
        "88 % of the targets, about as many as they should."
    )


def test_intervals_that_hold_too_few_or_too_many_are_said_to() -> None:
    assert function_verdict(found(coverage_90=0.61), "Meta-SGD").endswith(
        "; its 90 % intervals hold 61 % of the targets, too few: it is too sure."
    )
    assert function_verdict(found(coverage_90=0.99), "LEO").endswith(
        "hold 99 % of the targets, too many: it is too careful."
    )


def test_of_measured_functions_the_intervals_alone_are_said() -> None:
    evaluation = FOUND.model_copy(update={"scores": MEASURED, "plain": MEASURED})
    said = "LEO's 90 % intervals hold 80 % of the targets, too few: it is too sure."
    assert function_verdict(evaluation, "LEO") == said


@pytest.mark.parametrize("name", ["risk_ratio", "log_likelihood"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_model_that_went_astray_is_said_to(name: str, value: float) -> None:
    said = "MAML went astray: some of its predictions are no numbers."
    assert function_verdict(found(**{name: value}), "MAML") == said
