"""Task families: where tasks come from, and how predictions about them are scored.

Shapes: B tasks, N ways, Q queries of a task. A population has its M members before these.
"""

from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor

from engine.tasks.catalogue import TASK_KINDS
from engine.tasks.scores import ScoreSpec


class TaskFamily(Protocol):
    """Samples the tasks that one experiment, or a population's, is trained on.

    A task is a pure function of (seed, split, number), so it is the same on every device, in every
    batch and after every restart.
    """

    @property
    def samples_on_host(self) -> bool:
        """Whether the examples are elsewhere than where the tasks are wanted."""

    def sample(self, steps: range | Tensor) -> Any:
        """Return the tasks of some steps: a named tuple of tensors, the steps first.

        `steps` are their numbers: a range or, on a CUDA GPU, a tensor (steps,) int64 there, whose
        values the host does not look at.
        """


class Likelihood(Protocol):
    """Scores predictions against targets; owns the loss, and the scores that people read."""

    scores: tuple[ScoreSpec, ...]  # the first one picks the best checkpoint

    def measure(self, prediction: Tensor, target: Tensor) -> "Measured":
        """Return the mean loss and the share of right answers of each member's queries."""


class Measured(NamedTuple):
    """A likelihood's measure of some queries, averaged over tasks and queries."""

    loss: Tensor  # (M,), in nats; can be differentiated
    accuracy: Tensor  # (M,), 0 to 1


class Categorical:
    """The likelihood of classification: softmax over the classes of a task."""

    scores = TASK_KINDS["classification"].scores

    def measure(self, prediction: Tensor, target: Tensor) -> Measured:
        """Measure logits (M, B, Q, N) against labels (Q,), the same in every task.

        A tie is no knowledge: it counts as wrong.
        """
        labels = target.expand(prediction.shape[:-1]).unsqueeze(-1)
        true = prediction.gather(-1, labels).squeeze(-1)
        loss = (prediction.logsumexp(-1) - true).mean((-2, -1))
        with torch.no_grad():
            others = prediction.scatter(-1, labels, -torch.inf).amax(-1)
            accuracy = (true > others).to(prediction.dtype).mean((-2, -1))
        return Measured(loss, accuracy)
