"""Whether uncertainty tells wrong answers: the figures themselves, and on a trained run."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.evaluation.checkpoints import evaluate_checkpoint
from engine.evaluation.record import kept_evaluations
from engine.inspection.checkpoint_inspection import (
    LoadedCheckpoint,
    load_model,
    load_split,
    loaded_checkpoint,
)
from engine.inspection.uncertainty import (
    auroc,
    fitted_temperature,
    keep_uncertainty,
    measured_uncertainty,
    risk_coverage,
    risk_curve,
)
from engine.inspection.uncertainty_record import MEASURES, RISK_POINTS, kept_uncertainties
from engine.io.generators import finished
from engine.runs.run import Run
from tests.conftest import TrainedCopy

WRONG = np.array([False, False, True, False, True, True])


def numbers(*values: float) -> NDArray[np.float32]:
    return np.array(values, np.float32)


def test_auroc_is_the_chance_that_a_wrong_answer_is_more_uncertain() -> None:
    assert auroc(numbers(0, 1, 3, 2, 4, 5), WRONG) == 1
    assert auroc(numbers(5, 4, 2, 3, 1, 0), WRONG) == 0
    assert auroc(numbers(1, 1, 1, 1, 1, 1), WRONG) == 0.5
    assert auroc(numbers(0, 1, 2, 3, 4, 5), WRONG) == pytest.approx(8 / 9)


def test_risk_coverage_is_the_mean_error_of_the_surest() -> None:
    surest_first = [0, 0, 0, 1 / 4, 2 / 5, 3 / 6]
    assert risk_coverage(numbers(0, 1, 3, 2, 4, 5), WRONG) == pytest.approx(np.mean(surest_first))
    assert risk_coverage(numbers(5, 4, 2, 3, 1, 0), WRONG) > 0.5


def test_the_risk_curve_is_the_error_of_the_surest_share() -> None:
    curve = risk_curve(numbers(0, 1, 3, 2, 4, 5), WRONG)
    assert len(curve) == RISK_POINTS
    # Of six answers a third is two, and a share of one more is rounded up to three, and so on.
    assert curve[:50] == (0.0,) * 50
    assert curve[50] == curve[65] == 1 / 4 and curve[66] == curve[82] == 2 / 5
    assert curve[83] == curve[99] == WRONG.mean()


@given(count=st.integers(100, 400), seed=st.integers(0, 100))
def test_the_area_under_the_risk_curve_is_nearly_what_is_kept(count: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    uncertainty = generator.random(count, np.float32)
    is_wrong = generator.random(count) < uncertainty
    mean = np.mean(risk_curve(uncertainty, is_wrong))
    assert mean == pytest.approx(risk_coverage(uncertainty, is_wrong), abs=0.03)


@given(factor=st.floats(0.2, 5), seed=st.integers(0, 100))
def test_the_temperature_undoes_a_factor_on_calibrated_logits(factor: float, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    logits = 2 * torch.randn(3000, 4, generator=generator)
    true = torch.multinomial(logits.softmax(1), 1, generator=generator)
    order = (true + torch.arange(4)) % 4
    assert fitted_temperature(factor * logits.gather(1, order)) == pytest.approx(factor, rel=0.15)


@pytest.fixture
def run(tmp_path: Path, toy_experiment: Experiment, trained_copy: TrainedCopy) -> Run:
    return trained_copy(tmp_path, toy_experiment)


def loaded(run: Run, store: EmbeddingStore, split: str) -> LoadedCheckpoint:
    model = load_model(run, 40, "cpu")
    return loaded_checkpoint(run, 40, split, model, load_split(run, store, split, "cpu"))


@pytest.mark.parametrize("cores", [1, 4])
def test_a_record_has_the_same_bits_on_any_number_of_cores(
    run: Run, toy_store: EmbeddingStore, monkeypatch: pytest.MonkeyPatch, cores: int
) -> None:
    asked: list[int] = []

    def usable(count: int) -> int:
        asked.append(count)
        return count

    test, val = loaded(run, toy_store, "test"), loaded(run, toy_store, "val")
    monkeypatch.setattr("engine.evaluation.evaluator.usable_cores", lambda: usable(2))
    record = finished(measured_uncertainty(test, val, 40, 6))
    monkeypatch.setattr("engine.evaluation.evaluator.usable_cores", lambda: usable(cores))
    assert finished(measured_uncertainty(test, val, 40, 6)) == record
    assert asked == [2, 2, cores, cores]


def test_a_run_is_measured_on_the_answers_of_its_evaluation(
    run: Run, toy_store: EmbeddingStore
) -> None:
    test, val = loaded(run, toy_store, "test"), loaded(run, toy_store, "val")
    done: list[int] = []
    record = finished(measured_uncertainty(test, val, 40, 6), done.append)
    assert done == [*range(4, 21, 4), *range(24, 41, 4)]
    evaluated = finished(evaluate_checkpoint(run, 40, toy_store, "test", 40))
    assert record.error == pytest.approx(1 - evaluated.accuracy, abs=1e-6)
    assert record.loss == pytest.approx(evaluated.loss, rel=1e-4)
    assert record.scaled_loss <= record.loss + 0.05 and record.temperature > 0
    assert [each.name for each in record.measures] == list(MEASURES)
    confidence, entropy, *_, expected, information = record.measures
    assert min(each.auroc.value for each in (confidence, entropy, expected)) > 0.6
    assert entropy.gain_on_entropy.value == entropy.gain_on_entropy.ci95 == 0
    for each in record.measures:
        gain = each.auroc.value - entropy.auroc.value
        assert each.gain_on_entropy.value == pytest.approx(gain)
        assert each.auroc.ci95 > 0 and each.risk_coverage.ci95 > 0
        assert len(each.risk_curve) == RISK_POINTS
        assert each.risk_curve[-1] == pytest.approx(record.error)
    assert entropy.risk_coverage.value < record.error
    assert information.auroc != entropy.auroc
    assert record == finished(measured_uncertainty(test, val, 40, 6))
    path = keep_uncertainty(run, record)
    assert kept_uncertainties(run.path) == ((record,), ())
    assert kept_evaluations(run.path).problems == ()
    earlier = json.loads(path.read_text())
    for measure in earlier["measures"]:
        del measure["risk_curve"]
    path.write_text(json.dumps(earlier))
    ((read,), problems) = kept_uncertainties(run.path)
    assert problems == () and [each.risk_curve for each in read.measures] == [()] * len(MEASURES)
    path.write_text(path.read_text()[:-20])
    (problem,) = kept_uncertainties(run.path).problems
    assert problem == f"{path} is no whole evaluation; measure its uncertainty again."
    path.write_text('{"schema": 2}')
    (problem,) = kept_uncertainties(run.path).problems
    assert "reads up to 1: update LEO Studio" in problem


def test_too_few_episodes_are_one_sentence(run: Run, toy_store: EmbeddingStore) -> None:
    test, val = loaded(run, toy_store, "test"), loaded(run, toy_store, "val")
    with pytest.raises(BadInput, match="at least 20"):
        finished(measured_uncertainty(test, val, 19, 2))
