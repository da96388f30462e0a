from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.config import Experiment
from engine.data.store import Split
from engine.evaluation.evaluator import evaluate
from engine.evaluation.protocol import Protocol
from engine.inspection.checkpoint_inspection import LoadedCheckpoint
from engine.inspection.episode_inspection import inspect, sampled_codes
from engine.inspection.records import Inspection, joined
from engine.inspection.rows import EpisodeRows
from engine.learners.leo.adaptation import adapt
from engine.learners.leo.model import Codes
from tests.engine.inspection.conftest import adapted_by


def arrays(inspection: Inspection) -> dict[str, NDArray[np.float32]]:
    return {
        field.name: getattr(inspection, field.name)
        for field in fields(inspection)
        if isinstance(getattr(inspection, field.name), np.ndarray)
    }


def assert_same(one: Inspection, other: Inspection) -> None:
    for name, array in arrays(one).items():
        np.testing.assert_array_equal(array, getattr(other, name), err_msg=name)


def test_the_deterministic_path_predicts_what_an_evaluation_predicts(
    loaded: LoadedCheckpoint, toy_experiment: Experiment
) -> None:
    seen = loaded.inspect(range(50), 2)
    result = evaluate(adapted_by(loaded.model), loaded.split, Protocol(4, 2, 30, 50))
    right = (seen.predictions[:, -1] == np.arange(4)[:, None]).mean((1, 2))
    np.testing.assert_array_equal(right, result.accuracies)
    np.testing.assert_allclose(seen.query_accuracy[:, -1], result.accuracies, rtol=1e-7)
    assert seen.query_loss[:, -1].mean() == pytest.approx(result.loss, rel=1e-6)
    assert 0.3 < result.accuracy < 0.99  # neither chance nor certainty, or nothing is compared


def test_an_episode_is_the_same_in_every_batch_and_after_a_restart(
    loaded: LoadedCheckpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = loaded.inspect(range(20), 5)
    assert_same(together.episode(7), loaded.inspect([7], 5))
    monkeypatch.setattr("engine.inspection.episode_inspection._AT_A_TIME", 1)
    assert_same(together, loaded.inspect(range(20), 5))
    copy = replace(
        loaded, split=Split.of("val", loaded.split.in_memory.clone(), *_rest(loaded.split))
    )
    assert_same(joined([copy.inspect([3], 5), copy.inspect([12], 5)]), copy.inspect([3, 12], 5))
    assert_same(copy.inspect([12], 5), together.episode(12))


def _rest(split: Split) -> tuple[torch.Tensor, tuple[str, ...]]:
    return split.class_offsets.clone(), split.class_names


def test_fewer_samples_are_the_first_of_many(loaded: LoadedCheckpoint) -> None:
    few, many = loaded.inspect([4], 3), loaded.inspect([4], 17)
    np.testing.assert_array_equal(few.sampled_codes, many.sampled_codes[:, :3])
    np.testing.assert_array_equal(few.sampled_probabilities, many.sampled_probabilities[:, :3])


def test_sampled_codes_have_the_stated_means_and_deviations(loaded: LoadedCheckpoint) -> None:
    samples = 4000
    seen = loaded.inspect([2], samples)
    start = seen.sampled_codes[0, :, 0].astype(np.float64)
    mean, deviation = seen.mean[0], seen.deviation[0]
    rounding = 1e-6  # of codes in single precision, where a deviation is next to nothing
    assert (np.abs(start.mean(0) - mean) < 5 * deviation / np.sqrt(samples) + rounding).all()
    tolerance = 5 / np.sqrt(2 * samples)
    np.testing.assert_allclose(start.std(0), deviation, rtol=tolerance, atol=rounding)
    assert deviation.max() > 0.01


def test_other_episodes_draw_other_codes(loaded: LoadedCheckpoint) -> None:
    codes = Codes(torch.zeros(2, 4, 5), torch.ones(2, 4, 5))
    drawn = sampled_codes(codes, torch.tensor([0, 1]), 3, loaded.provenance)
    assert not torch.equal(drawn[:, 0], drawn[:, 1])
    for other in (replace(loaded.provenance, seed=1), replace(loaded.provenance, split="test")):
        assert not torch.equal(drawn, sampled_codes(codes, torch.tensor([0, 1]), 3, other))


def test_a_sample_is_followed_like_the_deterministic_path(loaded: LoadedCheckpoint) -> None:
    """Without deviation every sample is the mean, and so is all that becomes of it."""
    still = replace(loaded, model=loaded.model._replace(is_sampled=False))
    seen = still.inspect(range(8), 3)
    for sample in range(3):
        np.testing.assert_array_equal(seen.sampled_codes[:, sample], seen.codes)
        np.testing.assert_allclose(
            seen.sampled_probabilities[:, sample],
            seen.probabilities[:, list(seen.stages)],
            rtol=1e-5,
            atol=1e-7,
        )
    assert 0 <= seen.mutual_information.min() <= seen.mutual_information.max() < 1e-6


def test_the_information_split_sums_up(loaded: LoadedCheckpoint) -> None:
    seen = loaded.inspect(range(10), 16)
    assert (seen.mutual_information >= 0).all()
    np.testing.assert_allclose(
        seen.expected_entropy + seen.mutual_information, seen.entropy, rtol=1e-4, atol=1e-6
    )
    assert (seen.entropy <= np.log(4) + 1e-6).all()
    mean = seen.sampled_probabilities.mean(1)
    np.testing.assert_allclose(seen.entropy, -(mean * np.log(mean)).sum(-1), rtol=1e-4, atol=1e-6)
    # Codes that differ must tell something, or nothing was measured.
    assert seen.mutual_information.max() > 1e-3


def test_fine_tuning_is_shown_as_the_nearest_codes(loaded: LoadedCheckpoint) -> None:
    seen = loaded.inspect([0], 1)
    to_mean = loaded.model.parameters.decoder[:, :16].numpy()
    support = loaded.split.embeddings[torch.from_numpy(seen.support)]
    weights = adapt(loaded.model.parameters, support, inner_steps=3, finetuning_steps=2)[0]
    rest = weights.numpy() - seen.codes[0, -1] @ to_mean
    # What is left is at right angles to whatever a code can decode to.
    np.testing.assert_allclose(rest @ to_mean.T, 0, atol=1e-5)
    share = np.linalg.norm(rest, axis=-1) / np.linalg.norm(weights.numpy(), axis=-1)
    np.testing.assert_allclose(seen.unreachable[0, -1], share, rtol=1e-4)
    np.testing.assert_allclose(
        seen.weight_norms[0, -1], np.linalg.norm(weights.numpy(), axis=-1), rtol=1e-5
    )
    assert (seen.unreachable[:, :4] == 0).all() and (seen.unreachable[:, 4:] > 0).all()
    np.testing.assert_allclose(seen.weight_cosines.diagonal(axis1=2, axis2=3), 1, rtol=1e-5)


def test_classes_may_have_different_numbers_of_queries(loaded: LoadedCheckpoint) -> None:
    rows = loaded.rows([5])
    short = rows.query.clone()
    short[0, 1, 3:] = -1
    whole = loaded.inspect([5], 4)
    seen = inspect(loaded.model, loaded.split, EpisodeRows(*rows[:3], short), 4, loaded.provenance)
    there = np.ones((4, 28), bool)
    there[1, 3:] = False
    kept, all_kept = seen.probabilities[0, -1][there], whole.probabilities[0, -1][there]
    np.testing.assert_allclose(kept, all_kept, rtol=1e-5)
    assert np.isnan(seen.probabilities[0, :, 1, 3:]).all()
    assert (seen.predictions[0, :, 1, 3:] == -1).all()
    right = (seen.predictions[0, -1] == np.arange(4)[:, None])[there]
    assert seen.query_accuracy[0, -1] == pytest.approx(right.mean(), rel=1e-6)
    true = seen.probabilities[0, -1, np.arange(4), :, np.arange(4)][there]
    assert seen.query_loss[0, -1] == pytest.approx(-np.log(true).mean(), rel=1e-4)
    assert 0 < seen.calibration_error[0, 2] < 1
