"""Ridge regression is evaluated as scikit-learn's classifies, and its weights are the best ones."""

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge as Reference

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.export.episodes import save_episodes
from engine.export.trained import trained
from engine.learners.registry import adapter_of
from engine.learners.ridge.learner import NoWeights, classifier
from engine.runs.run import Run
from engine.runs.run_store import store_record
from engine.tasks.predictor import LinearClassifier
from engine.training import train


@pytest.fixture
def experiment(toy_experiment: Experiment) -> Experiment:
    return toy_experiment.with_settings({"learner.kind": "ridge", "learner.penalty": 0.3})


def test_an_evaluation_finds_what_ridge_regression_finds(
    experiment: Experiment, toy_store: EmbeddingStore, tmp_path: Path
) -> None:
    """By scikit-learn, from exported episodes alone."""
    run = Run.create(tmp_path, experiment, store_record(toy_store))
    list(train(experiment, toy_store, run))
    save_episodes(tmp_path / "e.npz", trained(run), toy_store, "test", 20, lambda _: None)
    arrays = np.load(tmp_path / "e.npz")
    examples = arrays["embeddings"].astype(np.float64)
    examples /= np.linalg.norm(examples, axis=1, keepdims=True)
    accuracies = []
    for support, query in zip(arrays["support"], arrays["query"], strict=True):
        targets = 2 * np.repeat(np.eye(4), support.shape[1], axis=0) - 1
        fitted = Reference(alpha=0.3, fit_intercept=False).fit(examples[support.ravel()], targets)
        predicted = fitted.predict(examples[query.ravel()]).argmax(1).reshape(query.shape)
        accuracies.append(np.mean(predicted == np.arange(4)[:, None]))
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
    experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    split = toy_store.load(["test"])
    support = torch.randn(2, 4, 3, 16, generator=torch.Generator().manual_seed(2))
    for changes in ({}, {"learner.penalty": 7.0}, {"learner.scale": 2.5}):
        changed = experiment.with_settings(changes)
        settings = changed.to_dict()["learner"]
        found = adapter_of(changed, NoWeights(), split)(support)
        assert isinstance(found, LinearClassifier)
        expected = classifier(support, settings["penalty"], settings["scale"])
        torch.testing.assert_close(found.weights, expected.weights)
