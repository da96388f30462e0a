"""Prototypical networks are trained and evaluated as a second, plainer program does it."""

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.neighbors import NearestCentroid
from torch import Tensor
from torch.nn.functional import cross_entropy

from engine.config import Experiment
from engine.data.store import EmbeddingStore, Split
from engine.export.episodes import save_episodes
from engine.export.trained import trained
from engine.learners.protonet.learner import ProtoNetLearner
from engine.runs.run import Run
from engine.runs.run_store import store_record
from engine.tasks.classification import Tasks
from engine.training import train
from engine.training.outer_step import OuterStep

CPU = torch.device("cpu")


@pytest.fixture
def experiment(toy_experiment: Experiment) -> Experiment:
    return toy_experiment.with_settings(
        {"learner.kind": "protonet", "learner.projected_size": 6, "learner.l2_weight": 0.02}
    )


def plain_loss(projection: Tensor, tasks: Tasks, l2_weight: float) -> tuple[Tensor, float]:
    """Return loss and accuracy as the paper writes them: tasks, queries and classes in loops."""
    losses, right = [], []
    for support, queries in zip(*tasks, strict=True):
        prototypes = [(examples @ projection).mean(0) for examples in support]
        for label, of_class in enumerate(queries):
            for query in of_class:
                scores = torch.stack(
                    [-((query @ projection - prototype) ** 2).sum() for prototype in prototypes]
                )
                losses.append(cross_entropy(scores[None], torch.tensor([label])))
                right.append(int(scores.argmax()) == label)
    penalty = l2_weight * (projection**2).sum() / 2
    return torch.stack(losses).mean() + penalty, sum(right) / len(right)


def tasks_of(outer_step: OuterStep, step: int) -> Tasks:
    return Tasks(*(each[0] for each in outer_step.tasks.sample(range(step, step + 1))))


def in_double(split: Split) -> Split:
    examples = split.embeddings.double()
    return Split.of(split.name, examples, split.class_offsets, list(split.class_names))


def test_the_objective_and_its_gradient_are_those_of_the_paper(
    double: None, experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    outer_step = OuterStep([experiment], in_double(toy_store.load(["train"])))
    tasks = tasks_of(outer_step, 3)
    found = outer_step.gradients(tasks)
    projection = outer_step.members[0].projection.clone().requires_grad_()
    loss, accuracy = plain_loss(projection, tasks, 0.02)
    loss.backward()
    assert projection.grad is not None
    loss, squares = loss.detach(), (projection.detach() ** 2).sum()
    torch.testing.assert_close(found.raw.view_as(projection), projection.grad)
    terms = dict(zip(("loss", "query_loss", "query_accuracy", "l2"), found.terms, strict=True))
    assert float(terms["loss"]) == pytest.approx(float(loss))
    assert float(terms["query_accuracy"]) == pytest.approx(accuracy)
    assert float(terms["l2"]) == pytest.approx(0.01 * float(squares))
    assert float(terms["query_loss"] + terms["l2"]) == pytest.approx(float(loss))
    assert float(terms["l2"]) > 0.01 * float(loss)  # so that its gradient shows


def test_outer_steps_are_those_of_torchs_own_adam(
    double: None, experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    """With clipping by value, then by norm, both of which bind."""
    limits = {"optimizer.clip_value": 0.02, "optimizer.clip_norm": 0.05, "optimizer.outer_lr": 0.01}
    experiment = experiment.with_settings(limits)
    outer_step = OuterStep([experiment], in_double(toy_store.load(["train"])))
    projection = outer_step.members[0].projection.clone().requires_grad_()
    adam = torch.optim.Adam([projection], lr=0.01)
    for step in range(4):
        loss, _ = plain_loss(projection, tasks_of(outer_step, step), 0.02)
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_value_([projection], 0.02)
        assert float(torch.nn.utils.clip_grad_norm_([projection], 0.05)) > 0.05
        adam.step()
        metrics = outer_step(range(step, step + 1))
        assert float(metrics[0, 0, 0]) == pytest.approx(float(loss.detach()), rel=1e-5)
        torch.testing.assert_close(
            outer_step.members[0].projection, projection.detach(), rtol=1e-5, atol=1e-7
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
