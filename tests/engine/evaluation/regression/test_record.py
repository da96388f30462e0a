import json
import math
from pathlib import Path

import numpy as np
import pytest

from engine.errors import BadInput
from engine.evaluation.record import FOLDER, kept_evaluations
from engine.evaluation.regression.record import (
    PerTask,
    RegressionEvaluation,
    RegressionScores,
    kept_regression_evaluations,
    read_regression_evaluation,
)

SCORES = RegressionScores(
    tasks=20,
    risk_ratio=1.5,
    trimmed_risk_ratio=1.4,
    ratio_of_medians=1.3,
    log_likelihood=-0.5,
    log_likelihood_ci95=0.02,
    limit_log_likelihood=-0.43,
    coverage_50=0.5,
    coverage_90=0.88,
    levels=(0.05, 0.95),
    shares_below=(0.06, 0.93),
    mean_squared_error=0.12,
    ambiguous_tasks=0,
    both_families=None,
)
EVALUATION = RegressionEvaluation(
    split="test", scores=SCORES, plain=SCORES, run="/runs/one", checkpoint_step=40
)


def kept(folder: Path, evaluation: RegressionEvaluation) -> Path:
    path = folder / FOLDER / evaluation.file_name
    path.parent.mkdir(exist_ok=True)
    path.write_text(evaluation.to_json())
    return path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = kept(tmp_path, EVALUATION)
    assert path.name == "regression-test-step-000000040-20.json"
    assert read_regression_evaluation(path) == EVALUATION
    found = kept_regression_evaluations(tmp_path)
    assert found == ((EVALUATION,), ())
    # Those of classification are another matter.
    assert kept_evaluations(tmp_path) == ((), ())


def test_a_model_that_went_astray_is_kept_as_it_is(tmp_path: Path) -> None:
    astray = SCORES.model_copy(update={"risk_ratio": math.nan, "log_likelihood": -math.inf})
    path = kept(tmp_path, EVALUATION.model_copy(update={"scores": astray}))
    found = read_regression_evaluation(path).scores
    assert isinstance(found, RegressionScores)
    assert math.isnan(found.risk_ratio) and found.log_likelihood == -math.inf


def test_the_interval_of_a_single_task_which_older_files_call_no_number_is_none(
    tmp_path: Path,
) -> None:
    path = kept(tmp_path, EVALUATION)
    values = json.loads(path.read_text())
    values["scores"]["log_likelihood_ci95"] = values["plain"]["log_likelihood_ci95"] = math.nan
    path.write_text(json.dumps(values))
    found = read_regression_evaluation(path)
    assert found.scores.log_likelihood_ci95 is None
    assert found.scores == found.plain  # two that are not a number would differ


PER_TASK = PerTask(
    limit="limit-0.npz",
    limit_risks=(0.1,) * 20,
    distances=(math.nan, *(0.2,) * 19),
    log_likelihoods=(-math.inf, *(-0.5,) * 19),
)


def test_single_tasks_are_kept_and_older_files_have_none(tmp_path: Path) -> None:
    path = kept(tmp_path, EVALUATION.model_copy(update={"per_task": PER_TASK}))
    found = read_regression_evaluation(path).per_task
    assert found is not None and found.limit == "limit-0.npz"
    np.testing.assert_array_equal(found.distances, PER_TASK.distances)
    assert found.log_likelihoods == PER_TASK.log_likelihoods
    values = json.loads(path.read_text())
    del values["per_task"]
    path.write_text(json.dumps(values))
    assert read_regression_evaluation(path) == EVALUATION
    assert "per_task" not in EVALUATION.to_json()


@pytest.mark.parametrize("name", ["distances", "limit_risks", "all"])
def test_single_tasks_of_another_number_are_no_whole_evaluation(tmp_path: Path, name: str) -> None:
    path = kept(tmp_path, EVALUATION.model_copy(update={"per_task": PER_TASK}))
    values = json.loads(path.read_text())
    names = ("limit_risks", "distances", "log_likelihoods") if name == "all" else (name,)
    for each in names:
        values["per_task"][each] = values["per_task"][each][:19]
    path.write_text(json.dumps(values))
    with pytest.raises(BadInput, match="is no whole evaluation"):
        read_regression_evaluation(path)


@pytest.mark.parametrize("damage", ["text", "part", "type", "newer"])
def test_what_is_no_whole_evaluation_is_one_sentence(tmp_path: Path, damage: str) -> None:
    path = kept(tmp_path, EVALUATION)
    values = json.loads(path.read_text())
    match damage:
        case "text":
            path.write_text(path.read_text()[:100])
        case "part":
            del values["scores"]["coverage_90"]
            path.write_text(json.dumps(values))
        case "type":
            values["scores"]["tasks"] = "many"
            path.write_text(json.dumps(values))
        case _:
            path.write_text(json.dumps(values | {"schema": 2}))
    sentence = "update LEO Studio" if damage == "newer" else "is no whole evaluation"
    with pytest.raises(BadInput, match=sentence) as caught:
        read_regression_evaluation(path)
    assert str(path) in str(caught.value)
    assert kept_regression_evaluations(tmp_path) == ((), (str(caught.value),))
