"""MAML on a linear classifier learns as a second, plainer program does it."""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from engine.config import Experiment
from engine.data.store import EmbeddingStore, Split
from engine.learners.linear_maml.learner import LinearMamlLearner, Parameters
from engine.tasks.classification import Tasks
from engine.training.outer_step import OuterStep

CPU = torch.device("cpu")


@pytest.fixture(params=[True, False], ids=["meta-sgd", "maml"])
def experiment(request: pytest.FixtureRequest, toy_experiment: Experiment) -> Experiment:
    return toy_experiment.with_settings(
        {
            "learner.kind": "linear_maml",
            "learner.inner_steps": 3,
            "learner.inner_lr": 2.0,
            "learner.learns_rates": request.param,
            "learner.l2_weight": 0.02,
        }
    )


def plain_loss(weights: Parameters, tasks: Tasks, steps: int) -> tuple[Tensor, float]:
    """Return loss and accuracy with inner gradients by autograd, task by task."""
    losses, right = [], []
    for support, queries in zip(*tasks, strict=True):
        adapted = weights.start
        n_way = len(support)
        labels = torch.arange(n_way)
        for _ in range(steps):
            given = labels.repeat_interleave(support.shape[1])
            error = cross_entropy(support.flatten(0, 1) @ adapted.mT, given)
            (gradient,) = torch.autograd.grad(error, adapted, create_graph=True)
            adapted = adapted - weights.inner_lr * gradient
        asked = labels.repeat_interleave(queries.shape[1])
        logits = queries.flatten(0, 1) @ adapted.mT
        losses.append(cross_entropy(logits, asked))
        right.append((logits.argmax(-1) == asked).double().mean().item())
    penalty = 0.02 * (weights.start**2).sum() / 2
    return torch.stack(losses).mean() + penalty, sum(right) / len(right)


def in_double(split: Split) -> Split:
    examples = split.in_memory.double()
    return Split.of(split.name, examples, split.class_offsets, list(split.class_names))


def test_the_objective_and_its_gradient_are_those_of_a_loop_over_tasks(
    double: None, experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    outer_step = OuterStep([experiment], in_double(toy_store.load(["train"])))
    tasks = Tasks(*(each[0] for each in outer_step.tasks.sample(range(3, 4))))
    found = outer_step.gradients(tasks)
    member = outer_step.members[0]
    weights = Parameters(*(each.clone().requires_grad_() for each in member))
    loss, accuracy = plain_loss(weights, tasks, 3)
    loss.backward()
    assert weights.start.grad is not None and weights.inner_lr.grad is not None
    learns_rates = experiment.to_dict()["learner"]["learns_rates"]
    rates = weights.inner_lr.grad * learns_rates
    assert float(weights.inner_lr.grad.abs().max()) > 1e-6  # so that leaving it out shows
    expected = torch.cat([weights.start.grad.flatten(), rates])
    torch.testing.assert_close(found.raw.flatten(), expected)
    terms = dict(zip(("loss", "query_loss", "query_accuracy", "l2"), found.terms, strict=True))
    assert float(terms["loss"]) == pytest.approx(float(loss.detach()))
    assert float(terms["query_accuracy"]) == pytest.approx(accuracy)
    assert float(terms["l2"]) == pytest.approx(0.01 * float(member.start.square().sum()))


def test_step_sizes_move_where_they_are_learned_alone(
    experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    outer_step = OuterStep([experiment], toy_store.load(["train"]))
    metrics = outer_step(range(2))
    is_moved = not torch.equal(outer_step.members[0].inner_lr, torch.full((16,), 2.0))
    assert is_moved == experiment.to_dict()["learner"]["learns_rates"]
    names = [column.name for column in LinearMamlLearner.columns]
    assert float(metrics[1, 0, names.index("inner_lr")]) == pytest.approx(
        float(outer_step.members[0].inner_lr.mean())
    )


def test_members_of_a_population_do_not_meet(experiment: Experiment) -> None:
    learner = LinearMamlLearner([experiment] * 3, 16, CPU)
    g = torch.Generator().manual_seed(0)
    weights = Parameters(torch.randn(3, 4, 16, generator=g), torch.rand(3, 16, generator=g))
    support = torch.randn(3, 2, 4, 2, 16, generator=g)
    together = learner.adapt(weights, support).weights
    for member in range(3):
        alone = learner.adapt(Parameters(*(each[member] for each in weights)), support[member])
        torch.testing.assert_close(together[member], alone.weights)


def test_other_ways_begin_at_the_mean_of_the_initial_vectors(experiment: Experiment) -> None:
    learner = LinearMamlLearner([experiment], 16, CPU)
    weights = learner.initial(0)
    support = torch.randn(2, 7, 3, 16, generator=torch.Generator().manual_seed(1))
    same = Parameters(weights.start.mean(0, keepdim=True).expand(7, -1), weights.inner_lr)
    torch.testing.assert_close(
        learner.adapt(weights, support).weights, learner.adapt(same, support).weights
    )
