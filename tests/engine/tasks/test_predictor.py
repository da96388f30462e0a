from typing import NamedTuple

import torch
from torch import Tensor

from engine.tasks.predictor import LinearClassifier, joined


def some(tasks: int, *, has_bias: bool, seed: int = 0) -> LinearClassifier:
    g = torch.Generator().manual_seed(seed)
    weights = torch.randn(tasks, 3, 5, generator=g)
    return LinearClassifier(weights, torch.randn(tasks, 3, generator=g) if has_bias else None)


def test_shared_examples_are_scored_by_each_task_that_is_asked() -> None:
    examples, tasks = torch.randn(4, 5), torch.tensor([5, 0])
    classes = torch.tensor([[2, 0], [0, 1], [1, 2]])
    for has_bias in (False, True):
        predictor = some(6, has_bias=has_bias)
        logits = predictor.logits(examples, tasks, classes)
        assert logits.shape == (4, 3, 2)
        for place, task in enumerate(tasks.tolist()):
            own = predictor.own_logits(examples.expand(6, -1, -1))[task]
            torch.testing.assert_close(logits[:, :, place], own[:, classes[:, place]])


class Shifted(NamedTuple):
    """A classifier of tasks that share a matrix."""

    weights: Tensor
    matrix: Tensor

    def logits(self, examples: Tensor, tasks: Tensor, classes: Tensor) -> Tensor:
        return LinearClassifier(self.weights).logits(examples @ self.matrix, tasks, classes)


def test_joined_predictors_keep_what_their_tasks_share_once() -> None:
    matrix = torch.randn(5, 5)
    parts = [Shifted(some(size, has_bias=False).weights, matrix) for size in (2, 3)]
    whole = joined(parts)
    assert isinstance(whole, Shifted)
    assert whole.matrix is matrix and len(whole.weights) == 5


def test_joined_predictors_have_the_tasks_of_each_in_turn() -> None:
    for has_bias in (False, True):
        parts = [some(2, has_bias=has_bias), some(3, has_bias=has_bias, seed=1)]
        whole = joined(parts)
        assert isinstance(whole, LinearClassifier)
        assert torch.equal(whole.weights[2:], parts[1].weights)
        assert (whole.bias is not None) == has_bias
        if whole.bias is not None and parts[1].bias is not None:
            assert torch.equal(whole.bias[2:], parts[1].bias)
