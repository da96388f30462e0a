"""Predictors: what a learner makes of support sets, to be asked about queries.

Shapes: B tasks, N ways, Q queries of a task, D embedding size, n examples that tasks share, e tasks
that share them.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

import torch
from torch import Tensor


class Predictor(Protocol):
    """Classifiers of B tasks: a named tuple of tensors whose first dimension is B.

    What all tasks share has no such dimension: a tensor that is the same object in all predictors
    of one adaptation, or None.
    """

    def logits(self, examples: Tensor, tasks: Tensor, classes: Tensor) -> Tensor:
        """Score examples that several tasks share, (n, N, e).

        Evaluation asks so, a class of the store after the other: all queries of the class against
        every task that contains it.

        Parameters
        ----------
        examples
            (n, D).
        tasks
            Which tasks are asked, (e,).
        classes
            Their classes, in the order that is wanted, (N, e).
        """
        ...


@runtime_checkable
class QueryPredictor(Predictor, Protocol):
    """A predictor that also scores each task's own queries, as training does."""

    def own_logits(self, queries: Tensor) -> Tensor:
        """Score each task's own queries, (..., Q, D): (..., Q, N), with or without members."""
        ...


class LinearClassifier(NamedTuple):
    """A weight vector per class, and a bias where the learner has one: logits are x . w + b."""

    weights: Tensor  # (B, N, D)
    bias: Tensor | None = None  # (B, N)

    def logits(self, examples: Tensor, tasks: Tensor, classes: Tensor) -> Tensor:
        """Score examples that several tasks share; see `Predictor`."""
        weights = self.weights[tasks, classes].flatten(0, 1)
        logits = (examples @ weights.mT).view(len(examples), *classes.shape)
        return logits if self.bias is None else logits + self.bias[tasks, classes]

    def own_logits(self, queries: Tensor) -> Tensor:
        """Score each task's own queries, (..., Q, D): (..., Q, N), with or without members."""
        logits = queries @ self.weights.mT
        return logits if self.bias is None else logits + self.bias.unsqueeze(-2)


def joined(predictors: Sequence[Predictor]) -> Predictor:
    """Put predictors of one kind together, the tasks of one behind those of the other."""
    kind = type(predictors[0])
    return kind(*(_joined_field(each) for each in zip(*predictors, strict=True)))


def _joined_field(parts: tuple[Any, ...]) -> Any:
    is_shared = all(part is parts[0] for part in parts)
    return parts[0] if is_shared else torch.cat(parts)
