"""Prototypical networks begin at the nearest class mean and are evaluated by nearest centroids."""

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.neighbors import NearestCentroid

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.export.episodes import save_episodes
from engine.export.trained import trained
from engine.learners.protonet.learner import ProtoNetLearner
from engine.runs.run import Run
from engine.runs.run_store import store_record
from engine.training import train

CPU = torch.device("cpu")


@pytest.fixture
def experiment(toy_experiment: Experiment) -> Experiment:
    return toy_experiment.with_settings(
        {"learner.kind": "protonet", "learner.projected_size": 6, "learner.l2_weight": 0.02}
    )


def test_an_evaluation_finds_what_nearest_centroids_in_the_learned_space_find(
    experiment: Experiment, toy_store: EmbeddingStore, tmp_path: Path
) -> None:
    """By scikit-learn, from exported episodes and weights alone."""
    run = Run.create(tmp_path, experiment, store_record(toy_store))
    list(train(experiment, toy_store, run))
    subject = trained(run)
    save_episodes(tmp_path / "e.npz", subject, toy_store, "test", 20, lambda _: None)
    arrays = np.load(tmp_path / "e.npz")
    projection = subject.tensors["projection"].double().numpy()
    examples = arrays["embeddings"].astype(np.float64)
    examples /= np.linalg.norm(examples, axis=1, keepdims=True)
    space = examples @ projection
    accuracies = []
    for support, query in zip(arrays["support"], arrays["query"], strict=True):
        labels = np.repeat(np.arange(4), support.shape[1])
        fitted = NearestCentroid().fit(space[support.ravel()], labels)
        predicted = fitted.predict(space[query.ravel()]).reshape(query.shape)
        accuracies.append(np.mean(predicted == np.arange(4)[:, None]))
    np.testing.assert_allclose(arrays["accuracies"], accuracies, atol=1e-12)


def test_the_first_projection_keeps_distances_times_the_scale(experiment: Experiment) -> None:
    """Of a space as large as the embeddings': training begins at nearest class mean."""
    settings = {"learner.projected_size": 16, "learner.initial_scale": 3.0}
    learner = ProtoNetLearner([experiment.with_settings(settings)], 16, CPU)
    (projection,) = learner.initial(0)
    examples = torch.randn(7, 16, generator=torch.Generator().manual_seed(0))
    found = torch.cdist(examples @ projection, examples @ projection).square()
    expected = 3 * torch.cdist(examples, examples).square()
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-3)
