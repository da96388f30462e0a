"""Evaluations of learners that see all queries of an episode at once."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.config import Experiment, QueriesTogether
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.evaluation import evaluator
from engine.evaluation.checkpoints import (
    evaluate_baseline,
    evaluate_checkpoint,
    require_same_episodes,
)
from engine.evaluation.evaluator import evaluate
from engine.evaluation.protocol import Protocol
from engine.evaluation.record import Evaluation
from engine.export.episodes import save_episodes
from engine.export.trained import trained
from engine.io.generators import finished
from engine.learners.baselines.class_mean import nearest_class_mean
from engine.runs.run import Run
from engine.runs.run_store import store_record
from engine.tasks.predictor import LinearClassifier
from engine.training import train

Arrays = NDArray[np.float64]
BALANCES = ("balanced", "dirichlet")


def run_of(
    kind: str, balance: str, experiment: Experiment, store: EmbeddingStore, folder: Path
) -> Run:
    changes = {"kind": kind, "query_balance": balance, "queries_per_class": 7}
    changed = experiment.with_settings(
        {f"learner.{name}": value for name, value in changes.items()}
    )
    run = Run.create(folder, changed, store_record(store))
    list(train(changed, store, run))
    return run


def soft_kmeans(x: Arrays, y: NDArray[np.int64], asked: Arrays) -> Arrays:
    """Return the probabilities of queries by soft k-means of the default settings."""
    labels = np.eye(y.max() + 1)[y]
    means = labels.T @ x / labels.sum(0)[:, None]
    for refinement in range(11):
        closeness = np.exp(-10 * np.square(asked[:, None] - means).sum(-1))
        shares: Arrays = closeness / closeness.sum(1, keepdims=True)
        if refinement < 10:
            sums = labels.T @ x + shares.T @ asked
            means = sums / (labels.sum(0) + shares.sum(0))[:, None]
    return shares


@pytest.mark.parametrize("balance", BALANCES)
def test_an_evaluation_finds_what_the_exported_episodes_say(
    balance: str, toy_experiment: Experiment, toy_store: EmbeddingStore, tmp_path: Path
) -> None:
    run = run_of("soft_kmeans", balance, toy_experiment, toy_store, tmp_path)
    save_episodes(tmp_path / "e.npz", trained(run), toy_store, "test", 20, lambda _: None)
    arrays = np.load(tmp_path / "e.npz")
    examples = arrays["embeddings"].astype(np.float64)
    examples /= np.linalg.norm(examples, axis=1, keepdims=True)
    counts, accuracies = [], []
    for support, query in zip(arrays["support"], arrays["query"], strict=True):
        of_classes = [rows[rows >= 0] for rows in query]
        asked = np.concatenate(of_classes)
        assert len(asked) == len(set(asked)) == 28
        assert not set(asked) & set(support.ravel())
        labels = np.arange(4).repeat([len(rows) for rows in of_classes])
        found = soft_kmeans(
            examples[support.ravel()], np.arange(4).repeat(support.shape[1]), examples[asked]
        )
        accuracies.append(np.mean(found.argmax(1) == labels))
        counts.append([len(rows) for rows in of_classes])
    np.testing.assert_allclose(arrays["accuracies"], accuracies, atol=1e-12)
    assert (np.ptp(counts) == 0) == (balance == "balanced")


def classes_alone(support: Tensor, queries: Tensor) -> LinearClassifier:
    return nearest_class_mean(support)


@pytest.mark.parametrize("balance", BALANCES)
def test_sizes_of_pieces_do_not_show(
    balance: Any, toy_store: EmbeddingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = toy_store.load(["test"])
    protocol = Protocol(4, 1, 30, 50, QueriesTogether(6, balance))

    def result() -> Evaluation:
        return evaluate(classes_alone, split, protocol)

    whole = result()
    monkeypatch.setattr(evaluator, "_EPISODES_AT_A_TIME", 20)
    monkeypatch.setattr(evaluator, "_NUMBERS_AT_A_TIME", 4000)
    pieces = result()
    assert np.array_equal(whole.accuracies, pieces.accuracies)
    assert np.array_equal(whole.class_accuracies, pieces.class_accuracies)
    assert np.array_equal(whole.calibration.counts, pieces.calibration.counts)
    assert whole.loss == pytest.approx(pieces.loss, rel=1e-6)
    assert whole.calibration.counts.sum() == 50 * 4 * 6


def test_queries_per_class_are_told(toy_store: EmbeddingStore) -> None:
    split = toy_store.load(["test"])
    even = evaluate(classes_alone, split, Protocol(4, 1, 30, 50, QueriesTogether(6, "balanced")))
    assert even.queries_per_class == (6, 6)
    uneven = evaluate(classes_alone, split, Protocol(4, 1, 30, 50, QueriesTogether(6, "dirichlet")))
    fewest, most = uneven.queries_per_class
    assert fewest < 6 < most


def test_every_example_as_query_is_the_evaluation_that_asks_one_by_one(
    toy_store: EmbeddingStore,
) -> None:
    """Support sets and classes are the same ones, so a learner that looks away gets the same."""
    split = toy_store.load(["test"])
    alone = evaluate(nearest_class_mean, split, Protocol(4, 2, 30, 30))
    together = evaluate(
        classes_alone, split, Protocol(4, 2, 30, 30, QueriesTogether(28, "balanced"))
    )
    np.testing.assert_allclose(together.accuracies, alone.accuracies)
    np.testing.assert_allclose(together.class_accuracies, alone.class_accuracies)
    assert together.loss == pytest.approx(alone.loss, rel=1e-5)
    assert together.calibration_error == pytest.approx(alone.calibration_error, abs=1e-6)


def test_a_class_needs_as_many_examples(toy_store: EmbeddingStore) -> None:
    split = toy_store.load(["test"])
    with pytest.raises(BadInput, match="needs 31 of each class"):
        evaluate(classes_alone, split, Protocol(4, 1, 30, 9, QueriesTogether(30, "dirichlet")))


def test_it_says_what_it_is_not_to_be_compared_with(
    toy_experiment: Experiment, toy_store: EmbeddingStore, tmp_path: Path
) -> None:
    run = run_of("alpha_tim", "dirichlet", toy_experiment, toy_store, tmp_path)
    found = finished(evaluate_checkpoint(run, 0, toy_store, "test", 5))
    assert "sees all 28 queries of an episode at once (unevenly spread)" in found.caution
    # Nearest class mean beside it meets the same queries, each alone.
    baseline = finished(evaluate_baseline(run, toy_store, "test", 5))
    assert baseline.queries_per_class == found.queries_per_class
    alone = Run.create(tmp_path, toy_experiment, store_record(toy_store))
    with pytest.raises(BadInput, match="one sees all queries of an episode at once"):
        require_same_episodes(run, alone)
    balanced = run_of("soft_kmeans", "balanced", toy_experiment, toy_store, tmp_path)
    with pytest.raises(BadInput, match="query_balance is dirichlet in one and balanced"):
        require_same_episodes(run, balanced)
    assert torch.isfinite(torch.tensor(found.loss))
