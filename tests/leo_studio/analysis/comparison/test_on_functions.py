"""Runs of regression beside each other, task by task."""

from pathlib import Path

import pytest

from engine.config import experiment_from_dict
from engine.evaluation.regression.paired import paired_scores
from engine.evaluation.regression.record import MeasuredScores, RegressionEvaluation
from engine.runs.record import Best
from leo_studio.analysis.comparison.differences import missing_evaluations, paired
from leo_studio.analysis.comparison.exported import exported_comparison
from leo_studio.analysis.comparison.on_functions import (
    PairedOnFunctions,
    difference_rows,
    verdict_on_functions,
)
from leo_studio.analysis.comparison.results import markdown, result_rows
from leo_studio.services.records import RunEntry
from tests.function_evaluations import evaluation

BASE = {"name": "toy", "task": {"kind": "regression"}, "learner": {"kind": "maml"}}
GOOD = evaluation([0.1, 0.2, 0.3, 0.2], [-0.5, -0.6, -0.4, -0.5])
BAD = evaluation([0.9, 1.1, 1.0, 1.2], [-0.9, -1.0, -0.7, -1.0])
OF_VAL = evaluation([1.0] * 2, [1.0] * 2, split="val")
OLDER = GOOD.model_copy(update={"per_task": None})


def run(name: str, *kept: RegressionEvaluation, noise: float = 0.3) -> RunEntry:
    return RunEntry(
        Path(f"/runs/{name}"),
        name,
        experiment=experiment_from_dict(BASE, "toy").with_settings({"task.noise": noise}),
        best=Best(step=60, score="error", value=0.5),
        checkpoints=(60, 80),
        validation=(0.7, 0.5),
        function_evaluations=kept,
    )


def test_runs_on_the_same_tasks_have_differences_in_every_score() -> None:
    found = paired(run("good", GOOD), run("bad", BAD), "test")
    assert isinstance(found, PairedOnFunctions)
    assert (found.one, found.other) == (GOOD, BAD)
    assert found.scores == paired_scores(GOOD, BAD)
    rows = difference_rows(found.scores)
    assert [row.label for row in rows] == ["risk ratio", "risk ratio, trimmed", "log likelihood"]
    assert rows[0][1:3] == ("1.400", "3.100")
    assert rows[0].difference.startswith("+1.700 ± 0.") and rows[0].interval == "excludes 0"
    said = verdict_on_functions(found, "good", "bad", "test")
    assert said.startswith("good is better than bad by 0.400 ± 0.0")
    assert " nats of log likelihood and 1.700 ± 0." in said
    assert said.endswith("of the risk ratio (test, paired on the same 4 tasks).")
    back = paired(run("bad", BAD), run("good", GOOD), "test")
    assert isinstance(back, PairedOnFunctions)
    assert verdict_on_functions(back, "bad", "good", "test") == said
    assert difference_rows(back.scores)[0].difference.startswith("-1.700")


def test_a_run_is_not_clearly_better_than_one_alike() -> None:
    alike = evaluation([0.2, 0.1, 0.31, 0.2], [-0.6, -0.5, -0.4, -0.49])
    found = paired(run("good", GOOD), run("alike", alike), "test")
    assert isinstance(found, PairedOnFunctions)
    said = verdict_on_functions(found, "good", "alike", "test")
    assert said.startswith("good and alike: no clear difference in log likelihood (0.003 ± 0.0")
    assert " nats) and the risk ratio (0.005 ± 0." in said
    assert said.count("no clear difference") == said.count("alike") == 1


NAN = float("nan")


@pytest.mark.parametrize(
    ("astray", "sentence"),
    [
        (
            evaluation([NAN, 0.2, 0.3, 0.2], [NAN, -0.6, -0.4, -0.5]),
            "good and astray cannot be compared, as a model went astray, in log likelihood and the "
            "risk ratio (test, paired on the same 4 tasks).",
        ),
        (
            evaluation([float("inf"), 1.1, 1.0, 1.2], [-0.9, -1.0, -0.7, -1.0]),
            "good is better than astray by 0.400 ± 0.080 nats of log likelihood; good and astray "
            "cannot be compared, as a model went astray, in the risk ratio (test, paired on the "
            "same 4 tasks).",
        ),
        (
            evaluation([0.9, 1.1, 1.0, 1.2], [-float("inf"), -1.0, -0.7, -1.0]),
            "good and astray cannot be compared, as a model went astray, in log likelihood; good "
            "is better than astray by 1.700 ± 0.253 of the risk ratio (test, paired on the same 4 "
            "tasks).",
        ),
    ],
)
def test_a_model_that_went_astray_has_a_whole_sentence(
    astray: RegressionEvaluation, sentence: str
) -> None:
    found = paired(run("good", GOOD), run("astray", astray), "test")
    assert isinstance(found, PairedOnFunctions)
    assert verdict_on_functions(found, "good", "astray", "test") == sentence
    unknown = [row for row in difference_rows(found.scores) if row.interval == "is unknown"]
    assert unknown and all(row.difference == "– ± –" for row in unknown)


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        (run("other", BAD, noise=0.5), "cannot be compared: "),
        (run("other"), "other was not evaluated on test yet."),
        (run("other", OF_VAL), "was not evaluated on test yet."),
        (run("other", OLDER), "by an earlier version, which kept no single tasks; evaluate it"),
        (run("other", evaluation([1.0] * 5, [1.0] * 5)), "on 4 and 5 tasks; both need the same"),
        (
            run("other", evaluation([1.0] * 4, [1.0] * 4, limit="limit-2.npz")),
            "they were evaluated on other tasks.",
        ),
    ],
)
def test_what_cannot_be_compared_says_why(other: RunEntry, sentence: str) -> None:
    found = paired(run("good", GOOD), other, "test")
    assert isinstance(found, str) and sentence in found


def test_what_is_missing_is_evaluated_on_as_many_tasks() -> None:
    runs = (
        run("good", GOOD),
        run("older", OLDER),
        run("none"),
        run("last", BAD.model_copy(update={"checkpoint_step": 80})),
    )
    wanted = missing_evaluations(runs, "test")
    assert [(each.run.name, each.episodes) for each in wanted] == [
        ("older", 4),
        ("none", 4),
        ("last", 4),  # its own checkpoint is another
    ]
    assert not missing_evaluations((run("good", GOOD), run("bad", BAD)), "test")


def test_results_text_and_export_say_the_scores_of_regression() -> None:
    runs = (run("good", GOOD), run("bad", BAD))
    rows = {row.path: row.values for row in result_rows(runs, "test")}
    assert rows["test risk ratio"] == ("1.400 (step 60, 4 tasks)", "3.100 (step 60, 4 tasks)")
    assert rows["test log likelihood"][0] == "−0.500 ± 0.020 nats (step 60, 4 tasks)"
    assert "test accuracy" not in rows
    assert "- good is better than bad by" in markdown(runs, (), "test")
    found = exported_comparison(runs, (), "test")
    assert found is not None and found.figure is not None
    (plot,) = found.figure.plots
    assert plot.y_label == "validation squared error" and not plot.has_percent
    tables = {table.name: table for table in found.tables}
    assert list(tables["validation"].columns["error"]) == [0.7, 0.5, 0.7, 0.5]
    pairs = tables["pairs_on_functions"].columns
    assert list(pairs["score"]) == ["risk_ratio", "trimmed_risk_ratio", "log_likelihood"]
    assert list(pairs["tasks"]) == [4, 3, 4] and pairs["better_by"][0] == pytest.approx(1.7)


def test_runs_on_measured_functions_have_results_and_say_why_they_are_not_compared() -> None:
    scores = MeasuredScores(
        tasks=4,
        functions=4,
        log_likelihood=-0.434,
        log_likelihood_ci95=0.17,
        coverage_50=0.5,
        coverage_90=0.9,
        levels=(0.5,),
        shares_below=(0.5,),
        mean_squared_error=1.0,
        median_squared_error=0.5,
    )
    measured = RegressionEvaluation(
        split="test", scores=scores, plain=scores, run="", checkpoint_step=60
    )
    runs = (run("one", measured), run("other", measured))
    rows = {row.path: row.values for row in result_rows(runs, "test")}
    assert rows["test log likelihood"][0] == "−0.434 ± 0.170 nats (step 60, 4 tasks)"
    assert rows["test risk ratio"] == ("–", "–")
    found = paired(*runs, "test")
    assert isinstance(found, str) and "functions of a file are not compared" in found
    assert not missing_evaluations(runs, "test")


def test_runs_of_both_kinds_stand_beside_each_other() -> None:
    of_classes = RunEntry(
        Path("/runs/classes"),
        "classes",
        experiment=experiment_from_dict({"name": "toy", "data": {"store": "s"}}, "toy"),
        validation=(0.4,),
    )
    runs = (run("good", GOOD), of_classes)
    rows = {row.path: row.values for row in result_rows(runs, "test")}
    assert rows["test accuracy"] == ("–", "not evaluated")
    assert rows["test risk ratio"][1] == "–"
    found = exported_comparison(runs, (), "test")
    assert found is not None and list(found.tables[1].columns["score"]) == [
        "error",
        "error",
        "accuracy",
    ]
