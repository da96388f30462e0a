import json
import math
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.evaluation.record import FOLDER, kept_evaluations
from engine.evaluation.regression.record import (
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
