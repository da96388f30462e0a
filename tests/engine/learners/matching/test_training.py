"""Matching networks begin at cosines of the embeddings and are evaluated by the paper's formula."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.functional import cosine_similarity

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.export.episodes import save_episodes
from engine.export.trained import trained
from engine.learners.matching.learner import MatchingLearner
from engine.runs.run import Run
from engine.runs.run_store import store_record
from engine.training import train

CPU = torch.device("cpu")


@pytest.fixture
def experiment(toy_experiment: Experiment) -> Experiment:
    return toy_experiment.with_settings(
        {"learner.kind": "matching", "learner.projected_size": 6, "learner.scale": 5.0}
    )


def test_an_evaluation_finds_what_the_formula_finds(
    experiment: Experiment, toy_store: EmbeddingStore, tmp_path: Path
) -> None:
    """By loops in numpy, from exported episodes and weights alone."""
    run = Run.create(tmp_path, experiment, store_record(toy_store))
    list(train(experiment, toy_store, run))
    subject = trained(run)
    save_episodes(tmp_path / "e.npz", subject, toy_store, "test", 20, lambda _: None)
    arrays = np.load(tmp_path / "e.npz")
    space = arrays["embeddings"].astype(np.float64) @ subject.tensors["projection"].double().numpy()
    accuracies = []
    for support, query in zip(arrays["support"], arrays["query"], strict=True):
        right = []
        for label, rows in enumerate(query):
            for asked in space[rows]:
                votes = np.zeros(len(support))
                for of_class, examples in enumerate(space[support]):
                    for example in examples:
                        lengths = np.linalg.norm(asked) * np.linalg.norm(example)
                        votes[of_class] += np.exp(5 * asked @ example / lengths)
                right.append(votes.argmax() == label)
        accuracies.append(np.mean(right))
    np.testing.assert_allclose(arrays["accuracies"], accuracies, atol=1e-12)


def test_the_first_projection_keeps_cosines(experiment: Experiment) -> None:
    """Of a space as large as the embeddings': training begins at attention to them as they are."""
    learner = MatchingLearner([experiment.with_settings({"learner.projected_size": 16})], 16, CPU)
    (projection,) = learner.initial(0)
    examples = torch.randn(7, 16, generator=torch.Generator().manual_seed(0))
    projected = examples @ projection
    found = cosine_similarity(projected[:, None], projected[None], dim=-1)
    expected = cosine_similarity(examples[:, None], examples[None], dim=-1)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
