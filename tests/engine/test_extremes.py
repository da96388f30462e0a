"""Extreme but finite numbers: lengths stay lengths, and no prediction is not a right one."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from torch import Tensor

from engine.data.normalizing import normalize_, normalized
from engine.data.store import EmbeddingStore, Split
from engine.data.store_writing import create_store
from engine.evaluation.evaluator import evaluate
from engine.evaluation.protocol import Protocol
from engine.evaluation.record import Evaluation, evaluation_from_dict
from engine.inspection.episode_inspection import Scores
from engine.inspection.tables import _confusions
from engine.learners.baselines import ridge
from engine.learners.baselines.class_mean import nearest_class_mean
from engine.learners.leo.unrolled import QueryLoss
from engine.learners.linear_embedding.learner import Parameters
from engine.learners.matching.model import Attention, attention
from engine.tasks.predictor import LinearClassifier
from tests.engine.learners.baselines.test_fits import FITS, Fit

LARGEST = float(np.finfo(np.float32).max)
SMALLEST = float(np.finfo(np.float32).smallest_subnormal)
EXTREMES = [1e20, -1e25, 3e38, -LARGEST, 1e-25, -1e-38, 1e-44, SMALLEST, 0.0, 1.0, 16_777_217.0]


def store_of(path: Path, embeddings: NDArray[np.float32], classes: int = 3) -> EmbeddingStore:
    rows = len(embeddings)
    with create_store(path, "extreme", "a test", embeddings.shape[1]) as writer:
        labels = np.arange(rows) % classes
        names = [f"class {label}" for label in range(classes)]
        writer.add_split("train", embeddings, labels, names, [str(row) for row in range(rows)])
    return EmbeddingStore(path)


def clusters(dim: int = 8) -> NDArray[np.float32]:
    generator = np.random.default_rng(0)
    centres = 2 * generator.normal(size=(5, dim))
    rows = centres[np.arange(60) % 5] + generator.normal(size=(60, dim))
    return rows.astype(np.float32)


@settings(max_examples=60, deadline=None)
@given(
    arrays.arrays(
        np.float32,
        st.tuples(st.integers(1, 4), st.integers(1, 40)),
        elements=st.floats(-LARGEST, LARGEST, width=32) | st.sampled_from(EXTREMES),
    )
)
def test_every_row_that_is_not_all_zeros_gets_length_one(rows: NDArray[np.float32]) -> None:
    there = torch.from_numpy(rows.copy())
    normalize_(there)
    lengths = there.double().norm(dim=1).numpy()
    is_zero = ~rows.any(axis=1)
    np.testing.assert_allclose(lengths[~is_zero], 1, atol=1e-5)
    assert (lengths[is_zero] == 0).all()
    torch.testing.assert_close(normalized(torch.from_numpy(rows)), there, rtol=0, atol=0)


def test_ordinary_rows_keep_the_bits_of_a_plain_division_also_beside_extreme_ones() -> None:
    rows = torch.randn(500, 640)
    plain = rows / rows.norm(dim=1, keepdim=True)
    extreme = torch.full((3, 640), 1e20)
    mixed = torch.cat([rows, extreme, torch.zeros(1, 640)])
    normalize_(mixed)
    assert torch.equal(mixed[:500], plain)
    assert torch.equal(normalized(rows), plain)


@pytest.mark.parametrize("power", [60, -60, 100, -100])
def test_scaling_all_embeddings_changes_no_evaluation(tmp_path: Path, power: int) -> None:
    """By about 1e18 and more; with powers of two, which round nothing, to the bit."""
    rows = clusters()
    plain = store_of(tmp_path / "plain.h5", rows, 5).load(["train"])
    scaled_rows = np.ldexp(rows, power).astype(np.float32)
    scaled = store_of(tmp_path / "scaled.h5", scaled_rows, 5).load(["train"])
    assert torch.equal(plain.in_memory, scaled.in_memory)
    protocol = Protocol(3, 2, 8, 10)
    assert evaluate(nearest_class_mean, plain, protocol) == evaluate(
        nearest_class_mean, scaled, protocol
    )
    tenfold = store_of(tmp_path / "ten.h5", rows * np.float32(10.0 ** (power // 4)), 5)
    torch.testing.assert_close(tenfold.load(["train"]).embeddings, plain.embeddings)


def _not_numbers(support: Tensor) -> LinearClassifier:
    return LinearClassifier(torch.full_like(support.mean(2), torch.nan))


def _infinite(support: Tensor) -> LinearClassifier:
    return LinearClassifier(torch.full_like(support.mean(2), torch.inf))


def _one_of_them(support: Tensor) -> LinearClassifier:
    weights = support.mean(2)
    weights[:, 1] = torch.nan
    return LinearClassifier(weights)


def _ridge(support: Tensor) -> LinearClassifier:
    return ridge.classifier(support, 1.0, 1.0)


def _matching(support: Tensor) -> Attention:
    projection = torch.randn(support.shape[-1], 5, generator=torch.Generator().manual_seed(0))
    return attention(Parameters(projection), support, 20.0)


def _split(rows: NDArray[np.float32]) -> Split:
    order = np.argsort(np.arange(len(rows)) % 5, kind="stable")
    offsets = torch.arange(0, len(rows) + 1, len(rows) // 5)
    return Split.of("test", torch.from_numpy(rows[order]), offsets, list("abcde"))


@pytest.mark.parametrize("adapt", [_not_numbers, _infinite, _one_of_them])
def test_a_prediction_that_is_no_number_counts_as_wrong(
    adapt: Callable[[Tensor], LinearClassifier],
) -> None:
    found = evaluate(adapt, _split(clusters()), Protocol(3, 2, 8, 10))
    assert found.accuracy == 0 and (found.accuracies == 0).all()
    assert not np.nan_to_num(found.class_accuracies).any()
    assert found.calibration.counts.sum() == 10 * 3 * 6 and found.calibration.counts[0] > 0
    assert found.calibration_error == 0
    _require_whole(found)


@pytest.mark.parametrize("size", [1e20, 3e37, 1e-25, 1e-42])
@pytest.mark.parametrize("adapt", [nearest_class_mean, *FITS.values(), _ridge, _matching])
def test_embeddings_that_nobody_normalised_are_scored_or_wrong(adapt: Fit, size: float) -> None:
    rows = (clusters() * np.float32(size)).astype(np.float32)
    found = evaluate(adapt, _split(rows), Protocol(3, 2, 8, 10))
    assert 0 <= found.accuracy <= 1 and found.calibration.counts.sum() == 10 * 3 * 6
    _require_whole(found)


def test_equal_examples_beside_which_the_penalty_vanishes_are_no_error() -> None:
    support = torch.full((1, 2, 2, 3), 1e10)
    weights = ridge.classifier(support, 1.0, 1.0).weights
    assert weights.shape == (1, 2, 3)


def test_a_learner_says_that_what_is_no_number_is_wrong() -> None:
    query = torch.randn(1, 2, 3, 4, 5)
    weights = torch.full((1, 2, 3, 5), torch.nan)
    loss, accuracy = QueryLoss.apply(weights, query)  # type: ignore[no-untyped-call]
    assert loss.isnan().all() and (accuracy == 0).all()


def test_an_inspected_query_without_numbers_is_taken_for_no_class() -> None:
    logits = torch.zeros(1, 1, 2, 3, 2)
    logits[..., 0] = 1.0
    logits[:, :, :, 1] = torch.nan
    scores = Scores(logits, torch.ones(1, 2, 3, dtype=torch.bool))
    assert _confusions(logits[:, 0], scores.is_there)[0].tolist() == [[2, 0], [2, 0]]
    assert scores.accuracy().item() == pytest.approx(2 / 6)


def _require_whole(found: Evaluation) -> None:
    """The record can be written and read back."""
    kept, here = replace(found, step=3), Path("here.json")
    assert evaluation_from_dict(json.loads(kept.to_json()), here) == replace(kept, path=here)
