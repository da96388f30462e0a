"""LEO as a learner: what training, evaluation and export ask of it (Rusu et al. 2019)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from engine.config import Experiment, classification, leo_settings
from engine.learners.adaptation_path import AdaptationPath
from engine.learners.columns import ColumnSpec
from engine.learners.layout import Layout, Weights
from engine.learners.learner import Begin, MetaGradient, at_once
from engine.learners.leo.columns import COLUMNS
from engine.learners.leo.draws import Draws, GeneratorDraws, HashedDraws
from engine.learners.leo.kernels import OPERATIONS, Kernels, kernels_for
from engine.learners.leo.meta_gradient import LeoGradient
from engine.learners.leo.model import Parameters, initial_parameters
from engine.learners.leo.objective import (
    Algorithm,
    MaskedTasks,
    TaskTerms,
    Terms,
    masked_tasks,
    task_terms,
)
from engine.learners.leo.trajectory import Support, distribution, trajectory
from engine.learners.leo.variants import adapted, algorithm_of, draw_shapes_of, model_of
from engine.tasks.classification import Tasks
from engine.tasks.hashing import mixed_text
from engine.tasks.predictor import LinearClassifier

_LOSS_WEIGHTS = ("kl_weight", "encoder_penalty_weight", "l2_weight", "orthogonality_weight")


class LeoInputs(NamedTuple):
    """What a step needs and no weight has a part in."""

    masked: MaskedTasks
    draws: Draws


class LeoLearner:
    """LEO, of one experiment or of a population's; see `engine.learners.learner`.

    Parameters
    ----------
    experiments
        All settings of each member; one for a single model. They may differ in what
        `engine.config` declares as `varies_in_population`.
    embedding_dim
        D.
    device
        Where it is trained.
    is_compiled
        Whether torch compiles the arithmetic, instead of our kernels.
    kernels
        What does the arithmetic; the fastest there is by default.

    Attributes
    ----------
    algorithm
        Which LEO, with the members' own weights of the loss.
    """

    columns: ClassVar[tuple[ColumnSpec, ...]] = COLUMNS
    weights_type: ClassVar[type[Weights]] = Parameters

    def __init__(
        self,
        experiments: Sequence[Experiment],
        embedding_dim: int,
        device: torch.device,
        *,
        is_compiled: bool = False,
        kernels: Kernels | None = None,
    ) -> None:
        self._experiments, self._embedding_dim = experiments, embedding_dim
        first = experiments[0]
        self.algorithm = _joint_algorithm(experiments, device)
        self._measure: Callable[..., TaskTerms] = task_terms
        self._kernels = kernels or kernels_for(device, classification(first), leo_settings(first))
        if is_compiled:
            self._measure = torch.compile(task_terms, fullgraph=True, dynamic=False)
            self._kernels = OPERATIONS._replace(fill=self._kernels.fill)
        self._draws = self._draw_source(device)

    def initial(self, member: int) -> Parameters:
        """Return a member's weights at the start."""
        experiment = self._experiments[member]
        return initial_parameters(
            self._embedding_dim,
            leo_settings(experiment).latent_size,
            leo_settings(experiment).inner_lr,
            leo_settings(experiment).finetuning_lr,
            torch.Generator().manual_seed(experiment.run.seed),
        )

    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of every weight; see `Parameters`."""
        size, dim = leo_settings(self._experiments[0]).latent_size, self._embedding_dim
        pair = (2 * size, 2 * size)
        shapes = ((dim, size), pair, pair, pair, (size, 2 * dim), (size,), (dim,))
        return dict(zip(Parameters._fields, shapes, strict=True))

    def draws(self, step: int | Tensor) -> Draws:
        """Return every random number of a step."""
        return self._draws(step)

    def prepared(self, tasks: Tasks, draws: Draws) -> LeoInputs:
        """Return the tasks after dropout, and the draws."""
        return LeoInputs(masked_tasks(tasks, draws, self.algorithm), draws)

    def meta_gradient(self, layout: Layout, like: Tensor) -> MetaGradient:
        """Return what computes the gradient; the regularisation's is written out."""
        gradient = LeoGradient(self.algorithm, layout, like)

        def computed(
            weights: Parameters, rows: Tensor, inputs: LeoInputs, begin: Begin = at_once
        ) -> tuple[Terms, Tensor]:
            # Read at every step: after a trial they may be plain ones.
            measure, kernels = self._measure, self._kernels
            return gradient(weights, rows, *inputs, kernels, measure=measure, begin=begin)

        return computed

    def weight_columns(self, weights: Parameters) -> Sequence[Tensor]:
        """Return the means of the learned step sizes, (M,) each."""
        return weights.inner_lr.mean(-1), weights.finetuning_lr.mean(-1)

    def adapt(self, weights: Parameters, support: Tensor) -> LinearClassifier:
        """Adapt to support sets (B, N, K, D): means, nothing drawn."""
        return adapted(self._experiments[0], weights, support)

    def path(self, weights: Parameters, support: Tensor) -> AdaptationPath:
        """Return the path to what `adapt` makes of support sets (B, N, K, D)."""
        model = model_of(leo_settings(self._experiments[0]), weights)
        sets = Support.of(support)
        positions = list(trajectory(model, sets, distribution(model, sets).mean))
        return AdaptationPath(
            torch.stack([position.weights for position in positions], 1),
            model.inner_steps,
            torch.stack([position.codes for position in positions[: model.inner_steps + 1]], 1),
            positions[0].to_mean,
        )

    @property
    def is_plain(self) -> bool:
        """Whether torch's operations do the arithmetic, one by one."""
        return self._measure is task_terms and self._kernels is OPERATIONS

    @contextmanager
    def plainly(self) -> Iterator[None]:
        """Compute with torch's operations alone inside the block, on the same draws."""
        fast = self._measure, self._kernels
        self.become_plain()
        try:
            yield
        finally:
            self._measure, self._kernels = fast

    def become_plain(self) -> None:
        """Compute with torch's operations alone from now on, on the same draws."""
        self._measure, self._kernels = task_terms, OPERATIONS

    def _draw_source(self, device: torch.device) -> Callable[[Any], Draws]:
        shapes = [draw_shapes_of(each, self._embedding_dim) for each in self._experiments]
        seeds = [each.run.seed ^ mixed_text("draws") for each in self._experiments]
        if device.type != "cuda":
            return GeneratorDraws(shapes, seeds, device)
        hashed = HashedDraws(shapes, seeds, device, self._kernels.fill)
        return lambda step: hashed(torch.as_tensor(step, device=device))


def _joint_algorithm(experiments: Sequence[Experiment], device: torch.device) -> Algorithm:
    """Return the algorithm of a model, or of a population with its members' weights of the loss."""
    algorithms = [algorithm_of(leo_settings(experiment)) for experiment in experiments]
    if len(algorithms) == 1:
        return algorithms[0]
    weights = {
        name: torch.tensor([getattr(each, name) for each in algorithms], device=device)
        for name in _LOSS_WEIGHTS
    }
    return replace(algorithms[0], **weights)  # type: ignore[arg-type]
