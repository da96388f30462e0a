"""Alpha-TIM: its gradient is that of what the paper minimises, and its steps lower it."""

import pytest
import torch
from torch import Tensor

from engine.config import AlphaTim, experiment_from_dict
from engine.data.normalizing import normalized
from engine.learners.baselines.untrained import NoWeights
from engine.learners.transductive.alpha_tim import AlphaTimLearner, gradient


def drawn(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def minimised(
    means: Tensor, support: Tensor, queries: Tensor, scale: float, order: float
) -> Tensor:
    """What the paper minimises of each task, (B,), written down with distances."""

    def probabilities(examples: Tensor) -> Tensor:
        return (-scale * (examples[:, :, None] - means[:, None]).square().sum(-1)).softmax(-1)

    def entropy(shares: Tensor) -> Tensor:
        return (1 - shares.pow(order).sum(-1)) / (order - 1)

    n_way, k_shot = support.shape[1:3]
    labels = torch.arange(n_way).repeat_interleave(k_shot)
    known = probabilities(support.flatten(1, 2))[:, torch.arange(len(labels)), labels]
    asked = probabilities(queries)
    return -known.log().mean(1) - entropy(asked.mean(1)) + entropy(asked).mean(1)


@pytest.mark.parametrize("order", [1.5, 2.0, 7.0])
def test_the_gradient_is_that_of_what_is_minimised(order: float) -> None:
    support, queries, means = drawn(3, 4, 2, 6), drawn(3, 9, 6, seed=1), drawn(3, 4, 6, seed=2)
    at = means.clone().requires_grad_()
    (expected,) = torch.autograd.grad(minimised(at, support, queries, 0.4, order).sum(), at)
    torch.testing.assert_close(gradient(means, support, queries, 0.4, order), expected)


def made_of(**settings: object) -> tuple[AlphaTimLearner, AlphaTim]:
    learner = {"kind": "alpha_tim", **settings}
    values = {"name": "tim", "data": {"store": "glyphs"}, "learner": learner}
    experiment = experiment_from_dict(values, "test")
    assert isinstance(experiment.learner, AlphaTim)
    return AlphaTimLearner([experiment], 6, torch.device("cpu")), experiment.learner


def test_its_steps_lower_what_is_minimised_and_tasks_do_not_meet() -> None:
    support, queries = normalized(drawn(3, 4, 1, 6)), normalized(drawn(3, 9, 6, seed=1))
    made, settings = made_of()
    found = made.adapt_together(NoWeights(), support, queries)
    means = found.weights / (2 * settings.scale)

    def value(means: Tensor) -> Tensor:
        return minimised(means, support, queries, settings.scale, 2.0)

    assert bool((value(means) < value(support.mean(2)) - 0.01).all())
    alone = made.adapt_together(NoWeights(), support[1:2], queries[1:2])
    torch.testing.assert_close(alone.weights, found.weights[1:2])


def test_without_queries_it_is_the_nearest_class_mean() -> None:
    support = drawn(2, 3, 2, 6)
    made, settings = made_of()
    assert torch.equal(
        made.adapt(NoWeights(), support).weights, 2 * settings.scale * support.mean(2)
    )


def test_the_order_is_as_its_authors_chose_it_unless_it_is_set() -> None:
    _, settings = made_of()
    assert [settings.order_for(k_shot) for k_shot in (1, 4, 5, 20)] == [2.0, 2.0, 7.0, 7.0]
    assert made_of(entropy_order=3)[1].order_for(5) == 3.0
