"""Learners of a linear embedding are trained as a second, plainer program does it."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from engine.config import Experiment
from engine.data.store import EmbeddingStore, Split
from engine.tasks.classification import Tasks
from engine.training.outer_step import OuterStep

Plain = Callable[[Tensor, Tensor], Tensor]
"""Turns a query (E,) and its support set (N, K, E) into probabilities (N,)."""


def by_prototypes(query: Tensor, support: Tensor) -> Tensor:
    scores = [-((query - examples.mean(0)) ** 2).sum() for examples in support]
    return torch.stack(scores).softmax(0)


def by_attention(query: Tensor, support: Tensor) -> Tensor:
    """With a scale of 7."""
    cosines = [cosine_similarity(query, each, dim=0) for each in support.flatten(0, 1)]
    shares = (7 * torch.stack(cosines)).softmax(0)
    return torch.stack([of_class.sum() for of_class in shares.split(support.shape[1])])


PLAINLY: dict[str, Plain] = {"protonet": by_prototypes, "matching": by_attention}


@pytest.fixture(params=PLAINLY)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def plain(kind: str) -> Plain:
    return PLAINLY[kind]


@pytest.fixture
def experiment(kind: str, toy_experiment: Experiment) -> Experiment:
    own = {"learner.scale": 7.0} if kind == "matching" else {}
    common = {"learner.projected_size": 6, "learner.l2_weight": 0.02}
    return toy_experiment.with_settings({"learner.kind": kind} | common | own)


def plain_loss(
    plain: Plain, projection: Tensor, tasks: Tasks, l2_weight: float
) -> tuple[Tensor, float]:
    """Return loss and accuracy as the paper writes them: tasks, queries and classes in loops."""
    losses, right = [], []
    for support, queries in zip(*tasks, strict=True):
        for label, of_class in enumerate(queries):
            for query in of_class:
                probabilities = plain(query @ projection, support @ projection)
                losses.append(-probabilities[label].log())
                right.append(int(probabilities.argmax()) == label)
    penalty = l2_weight * (projection**2).sum() / 2
    return torch.stack(losses).mean() + penalty, sum(right) / len(right)


def tasks_of(outer_step: OuterStep, step: int) -> Tasks:
    return Tasks(*(each[0] for each in outer_step.tasks.sample(range(step, step + 1))))


def in_double(split: Split) -> Split:
    examples = split.in_memory.double()
    return Split.of(split.name, examples, split.class_offsets, list(split.class_names))


def test_the_objective_and_its_gradient_are_those_of_the_paper(
    double: None, experiment: Experiment, plain: Plain, toy_store: EmbeddingStore
) -> None:
    outer_step = OuterStep([experiment], in_double(toy_store.load(["train"])))
    tasks = tasks_of(outer_step, 3)
    found = outer_step.gradients(tasks)
    projection = outer_step.members[0].projection.clone().requires_grad_()
    loss, accuracy = plain_loss(plain, projection, tasks, 0.02)
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
    double: None, experiment: Experiment, plain: Plain, toy_store: EmbeddingStore
) -> None:
    """With clipping by value, then by norm, both of which bind."""
    limits = {"optimizer.clip_value": 0.02, "optimizer.clip_norm": 0.05, "optimizer.outer_lr": 0.01}
    experiment = experiment.with_settings(limits)
    outer_step = OuterStep([experiment], in_double(toy_store.load(["train"])))
    projection = outer_step.members[0].projection.clone().requires_grad_()
    adam = torch.optim.Adam([projection], lr=0.01)
    for step in range(4):
        loss, _ = plain_loss(plain, projection, tasks_of(outer_step, step), 0.02)
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
