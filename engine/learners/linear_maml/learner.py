"""MAML and Meta-SGD on a linear classifier (Finn et al. 2017; Li et al. 2017).

A vector for each class, w_n, and logits x . w_n, as LEO fine-tunes. The inner gradient of softmax
regression is written out, and the outer one goes through it: second order.

Shapes: B tasks, N ways, K shots, Q queries per class, D embedding size. A population has its M
members before these.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from engine.config import LinearMaml, classification
from engine.learners.adaptation_path import AdaptationPath
from engine.learners.columns import ColumnSpec
from engine.learners.layout import Weights
from engine.learners.learner import AutogradLearner, query_scores, settings_of
from engine.learners.linear_maml.columns import COLUMNS
from engine.tasks.classification import Tasks
from engine.tasks.predictor import LinearClassifier

_START_DEVIATION = 0.01


class Parameters(NamedTuple):
    """Everything that is learned; the step sizes stay as they are unless they are learned."""

    start: Tensor  # (N, D)
    inner_lr: Tensor  # (D,): of each number of an embedding, for all classes


class Terms(NamedTuple):
    """The loss and its parts, each (M,)."""

    loss: Tensor
    query_loss: Tensor
    query_accuracy: Tensor
    l2: Tensor


class LinearMamlLearner(AutogradLearner[Parameters]):
    """MAML on a linear classifier, of one experiment or of a population's; see `AutogradLearner`.

    Step sizes are shared by the classes, whose order in an episode is random.
    """

    columns: ClassVar[tuple[ColumnSpec, ...]] = COLUMNS
    weights_type: ClassVar[type[Weights]] = Parameters

    @property
    def _settings(self) -> LinearMaml:
        return settings_of(self.experiments[0], LinearMaml)

    @property
    def _n_way(self) -> int:
        return classification(self.experiments[0]).n_way

    def initial(self, member: int) -> Parameters:
        """Return a member's classifier and step sizes at the start."""
        experiment = self.experiments[member]
        generator = torch.Generator().manual_seed(experiment.run.seed)
        start = torch.empty(self._n_way, self.embedding_dim)
        start.normal_(std=_START_DEVIATION, generator=generator)
        rate = settings_of(experiment, LinearMaml).inner_lr
        return Parameters(start, torch.full((self.embedding_dim,), rate))

    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the initial classifier, (N, D), and of the step sizes, (D,)."""
        return {
            "start": (self._n_way, self.embedding_dim),
            "inner_lr": (self.embedding_dim,),
        }

    def objective(self, weights: Parameters, inputs: Tasks) -> Terms:
        """Return the query loss after adaptation (equation 1 of MAML), and an L2 term."""
        measured = query_scores(self.adapt(weights, inputs.support), inputs.query)
        weight = self.member_settings("l2_weight", measured.loss)
        l2 = weight / 2 * weights.start.square().sum((-2, -1))
        return Terms(measured.loss + l2, measured.loss, measured.accuracy, l2)

    def weight_columns(self, weights: Parameters) -> Sequence[Tensor]:
        """Return the mean of the step sizes, (M,)."""
        return (weights.inner_lr.mean(-1),)

    def adapt(self, weights: Parameters, support: Tensor) -> LinearClassifier:
        """Take gradient steps from the initial classifier on support sets (B, N, K, D).

        Of other ways than training's, all classes begin at the mean of the initial vectors.
        """
        # One at a time: what comes before the last need not be kept.
        return LinearClassifier(deque(self._descended(weights, support), maxlen=1).pop())

    def path(self, weights: Parameters, support: Tensor) -> AdaptationPath:
        """Return the path to what `adapt` makes of support sets (B, N, K, D)."""
        classifiers = torch.stack(list(self._descended(weights, support)), 1)
        return AdaptationPath(classifiers, self._settings.inner_steps)

    def _descended(self, weights: Parameters, support: Tensor) -> Iterator[Tensor]:
        """Yield the classifiers, (B, N, D), before and after each gradient step."""
        n_way, k_shot, size = support.shape[-3:]
        start = weights.start
        if n_way != start.shape[-2]:
            start = start.mean(-2, keepdim=True)
        adapted = start.unsqueeze(-3).expand(*support.shape[:-2], size)
        rates = weights.inner_lr if self._settings.learns_rates else weights.inner_lr.detach()
        examples = support.flatten(-3, -2)
        targets = torch.eye(n_way, dtype=support.dtype, device=support.device)
        targets = targets.repeat_interleave(k_shot, 0)
        yield adapted
        for _ in range(self._settings.inner_steps):
            errors = torch.softmax(examples @ adapted.mT, -1) - targets
            gradient = errors.mT @ examples / len(targets)
            adapted = adapted - rates[..., None, None, :] * gradient
            yield adapted
