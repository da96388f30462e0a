"""Baselines are evaluated as scikit-learn classifies, from exported episodes alone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid

from engine.config import Experiment, kinds_of
from engine.config.transductive import TransductiveSection
from engine.data.store import EmbeddingStore
from engine.export.episodes import save_episodes
from engine.export.trained import trained
from engine.learners.baselines.ridge import classifier
from engine.learners.baselines.untrained import NoWeights
from engine.learners.registry import UNTRAINED, adapter_of
from engine.runs.run import Run
from engine.runs.run_store import store_record
from engine.tasks.predictor import LinearClassifier
from engine.training import train

Arrays = NDArray[np.float64]
Classifies = Callable[[Arrays, NDArray[np.int64], Arrays], NDArray[np.int64]]


def by_ridge(x: Arrays, y: NDArray[np.int64], asked: Arrays) -> NDArray[np.int64]:
    fitted = Ridge(alpha=0.3, fit_intercept=False).fit(x, 2 * np.eye(y.max() + 1)[y] - 1)
    found: NDArray[np.int64] = fitted.predict(asked).argmax(1)
    return found


def by(made: Any) -> Classifies:
    def classifies(x: Arrays, y: NDArray[np.int64], asked: Arrays) -> NDArray[np.int64]:
        found: NDArray[np.int64] = made.fit(x, y).predict(asked)
        return found

    return classifies


# Settings, and what scikit-learn has of it. On embeddings of length 1.
KINDS: dict[str, tuple[dict[str, object], Classifies]] = {
    "class_mean": ({"distance": "euclidean"}, by(NearestCentroid())),
    "ridge": ({"penalty": 0.3}, by_ridge),
    "logistic": (
        {"penalty": 0.5},
        by(LogisticRegression(C=2, fit_intercept=False, tol=1e-10, max_iter=10_000)),
    ),
    "discriminant": (
        {"shrinkage": 0.2},
        by(LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.2)),
    ),
    "neighbours": ({"neighbours": 3}, by(KNeighborsClassifier(3, weights="distance"))),
}


def experiment_of(toy_experiment: Experiment, kind: str, **settings: object) -> Experiment:
    changes = {f"learner.{name}": value for name, value in settings.items()}
    return toy_experiment.with_settings({"learner.kind": kind} | changes)


def test_every_baseline_is_held_to_scikit_learn() -> None:
    sections = kinds_of("learner").items()
    alone = {kind for kind, each in sections if not issubclass(each, TransductiveSection)}
    assert KINDS.keys() == UNTRAINED.keys() & alone


@pytest.mark.parametrize("kind", KINDS)
def test_an_evaluation_finds_what_scikit_learn_finds(
    kind: str, toy_experiment: Experiment, toy_store: EmbeddingStore, tmp_path: Path
) -> None:
    settings, classifies = KINDS[kind]
    experiment = experiment_of(toy_experiment, kind, **settings)
    run = Run.create(tmp_path, experiment, store_record(toy_store))
    list(train(experiment, toy_store, run))
    save_episodes(tmp_path / "e.npz", trained(run), toy_store, "test", 20, lambda _: None)
    arrays = np.load(tmp_path / "e.npz")
    examples = arrays["embeddings"].astype(np.float64)
    examples /= np.linalg.norm(examples, axis=1, keepdims=True)
    accuracies = []
    for support, query in zip(arrays["support"], arrays["query"], strict=True):
        labels = np.arange(4).repeat(support.shape[1])
        predicted = classifies(examples[support.ravel()], labels, examples[query.ravel()])
        accuracies.append(np.mean(predicted.reshape(query.shape) == np.arange(4)[:, None]))
    np.testing.assert_allclose(arrays["accuracies"], accuracies, atol=1e-12)


@pytest.mark.parametrize("penalty", [1e-3, 1.0, 50.0])
def test_no_other_weights_have_a_smaller_penalised_error(double: None, penalty: float) -> None:
    """The gradient of |X W^T - Y|^2 + penalty |W|^2 is 0 there."""
    support = torch.randn(2, 4, 3, 20, generator=torch.Generator().manual_seed(2))
    found = classifier(support, penalty, scale=1.0).weights.requires_grad_()
    targets = (2 * torch.eye(4) - 1).repeat_interleave(3, 0)
    errors = support.flatten(1, 2) @ found.mT - targets
    error = errors.square().sum() + penalty * found.square().sum()
    (gradient,) = torch.autograd.grad(error, found)
    torch.testing.assert_close(gradient, torch.zeros_like(gradient), rtol=0, atol=1e-9)


def test_penalty_and_scale_are_those_of_the_settings(
    toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    split = toy_store.load(["test"])
    support = torch.randn(2, 4, 3, 16, generator=torch.Generator().manual_seed(2))
    for changes in ({}, {"penalty": 7.0}, {"scale": 2.5}):
        changed = experiment_of(toy_experiment, "ridge", **changes)
        settings = changed.to_dict()["learner"]
        found = adapter_of(changed, NoWeights(), split)(support)
        assert isinstance(found, LinearClassifier)
        expected = classifier(support, settings["penalty"], settings["scale"])
        torch.testing.assert_close(found.weights, expected.weights)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("class_mean", {"distance": "cosine"}, {"distance": "centred_cosine"}),
        ("class_mean", {"distance": "cosine"}, {"distance": "euclidean"}),
        ("class_mean", {"scale": 10.0}, {"scale": 20.0}),
        ("logistic", {"penalty": 1.0}, {"penalty": 0.1}),
        ("discriminant", {"shrinkage": 0.5}, {"shrinkage": 0.1}),
        ("neighbours", {"neighbours": 1}, {"neighbours": 3}),
    ],
)
def test_every_setting_changes_what_is_predicted(
    kind: str,
    one: dict[str, object],
    other: dict[str, object],
    toy_experiment: Experiment,
    toy_store: EmbeddingStore,
) -> None:
    split = toy_store.load(["test"])
    support = torch.randn(2, 4, 3, 16, generator=torch.Generator().manual_seed(2))
    queries = torch.randn(9, 16, generator=torch.Generator().manual_seed(3))
    every = torch.arange(4)[:, None].expand(-1, 2)
    first, second = (
        adapter_of(experiment_of(toy_experiment, kind, **settings), NoWeights(), split)(
            support
        ).logits(queries, torch.arange(2), every)
        for settings in (one, other)
    )
    assert not torch.allclose(first, second)
