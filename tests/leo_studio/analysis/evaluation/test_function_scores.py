"""An evaluation on functions in words: the limit has a score of its own beside each."""

from engine.evaluation.regression.record import (
    MeasuredScores,
    RegressionEvaluation,
    RegressionScores,
)
from leo_studio.analysis.evaluation.function_scores import (
    description,
    has_limit,
    headline,
    is_of_one_function,
    score_rows,
    score_texts,
)

SCORES = RegressionScores(
    tasks=2000,
    risk_ratio=1.2345,
    trimmed_risk_ratio=1.1,
    ratio_of_medians=1.05,
    log_likelihood=-0.6204,
    log_likelihood_ci95=0.031,
    limit_log_likelihood=-0.4101,
    coverage_50=0.4871,
    coverage_90=0.88,
    levels=(0.5,),
    shares_below=(0.51,),
    mean_squared_error=0.12,
    ambiguous_tasks=40,
    both_families=0.75,
)
PLAIN = SCORES.model_copy(update={"risk_ratio": 2.0})
FOUND = RegressionEvaluation(
    split="test", scores=SCORES, plain=PLAIN, run="run", checkpoint_step=60000
)


def test_each_score_stands_beside_the_limits() -> None:
    rows = {row.label: row for row in score_rows(FOUND)}
    assert rows["risk ratio"][2:] == ("1.234", "2.000", "1")
    assert rows["log likelihood"].weighted == "−0.620 ± 0.031 nats"
    assert rows["log likelihood"].limit == "−0.410 nats"
    assert rows["90 % interval"][2:] == ("holds 88.00 %", "holds 88.00 %", "holds 90 %")
    assert rows["both families"].weighted == "in 75.00 % of 40 ambiguous tasks"
    assert rows["squared error"].limit == ""
    assert all(row.tip for row in rows.values())


def test_headline_and_what_it_is_of() -> None:
    assert headline(FOUND) == "−0.620 ± 0.031 nats; the limit −0.410"
    assert "2,000 tasks of split test, checkpoint step 60,000" in description(FOUND)


def test_what_is_not_there_is_left_out() -> None:
    alone = SCORES.model_copy(update={"both_families": None, "log_likelihood_ci95": None})
    assert "both families" not in score_texts(alone)
    assert score_texts(alone)["log likelihood"] == "-0.620 nats"
    assert "interval" not in description(FOUND.model_copy(update={"scores": alone}))
    assert not is_of_one_function(FOUND)
    assert is_of_one_function(FOUND.model_copy(update={"plain": SCORES}))


def test_measured_functions_have_scores_of_their_own_and_no_limit() -> None:
    scores = MeasuredScores(
        tasks=40,
        functions=12,
        log_likelihood=-3.1234,
        log_likelihood_ci95=0.25,
        coverage_50=0.4,
        coverage_90=0.8,
        levels=(0.5,),
        shares_below=(0.5,),
        mean_squared_error=12345.6,
        median_squared_error=0.00012,
    )
    evaluation = RegressionEvaluation(
        split="test", scores=scores, plain=scores, run="run", checkpoint_step=40
    )
    assert not has_limit(evaluation)
    rows = {row.label: (row.weighted, row.limit) for row in score_rows(evaluation)}
    assert rows == {
        "log likelihood": ("−3.123 ± 0.250 nats", ""),
        "50 % interval": ("holds 40.00 %", ""),
        "90 % interval": ("holds 80.00 %", ""),
        "squared error": ("12,346", ""),
        "median squared error": ("1.20e−04", ""),
    }
    assert headline(evaluation) == "−3.123 ± 0.250 nats; squared error 12,346"
    assert "40 tasks of 12 functions of split test" in description(evaluation)
    assert "No limit is known" in description(evaluation)
    alone = scores.model_copy(update={"log_likelihood_ci95": None})
    assert score_texts(alone)["log likelihood"] == "-3.123 nats"
