"""MAML and Meta-SGD as learners of functions (Finn et al. 2017; Li et al. 2017).

Shapes: B tasks, K and Q points, P weights of the network. A population has its M members before
these.
"""

from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from engine.config import Maml
from engine.learners.columns import ColumnSpec
from engine.learners.function_network import (
    SCALE,
    clipped,
    error_gradient,
    initial_network,
    network_size,
    network_values,
)
from engine.learners.function_points import Points, counted, scaled_points
from engine.learners.layout import Weights
from engine.learners.learner import AutogradLearner, settings_of
from engine.learners.maml.columns import COLUMNS
from engine.learners.sampled_functions import (
    FunctionAdaptation,
    FunctionSupport,
    SampledFunctions,
)
from engine.tasks.regression import FunctionTasks


class Parameters(NamedTuple):
    """Everything that is learned; the step sizes stay as they are unless they are learned."""

    network: Tensor  # (P,)
    inner_lr: Tensor  # (P,)


class Terms(NamedTuple):
    """The loss and the error that it is made of, each (M,)."""

    loss: Tensor
    query_error: Tensor


class Draws(NamedTuple):
    """How the tasks of a step count: by the roots of their errors, or by the errors."""

    takes_roots: bool


class Inputs(NamedTuple):
    """What a step needs and no weight has a part in."""

    points: Points
    draws: Draws


class MamlLearner(AutogradLearner[Parameters]):
    """MAML, of one experiment or of a population's; see `AutogradLearner`."""

    columns: ClassVar[tuple[ColumnSpec, ...]] = COLUMNS
    weights_type: ClassVar[type[Weights]] = Parameters

    @property
    def _settings(self) -> Maml:
        return settings_of(self.experiments[0], Maml)

    def initial(self, member: int) -> Parameters:
        """Return a member's network and step sizes at the start."""
        experiment = self.experiments[member]
        settings = settings_of(experiment, Maml)
        network = initial_network(
            settings.hidden_units, torch.Generator().manual_seed(experiment.run.seed)
        )
        return Parameters(network, torch.full_like(network, settings.inner_lr))

    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the network's weights and of their step sizes, (P,) each."""
        return dict.fromkeys(Parameters._fields, (network_size(self._settings.hidden_units),))

    def draws(self, step: int | Tensor) -> Draws:
        """Return how tasks count at a step; nothing is drawn."""
        steps = self.experiments[0].schedule.steps
        return Draws(int(step) < self._settings.steps_of_roots(steps))

    def prepared(self, tasks: FunctionTasks, draws: Draws) -> Inputs:
        """Return the tasks, and how they count."""
        return Inputs(scaled_points(tasks, self.experiments[0].optimizer.meta_batch), draws)

    def objective(self, weights: Parameters, inputs: Inputs) -> Terms:
        """Return the error on the queries after adaptation (equation 1 of MAML)."""
        points, steps = inputs.points, self._settings.inner_steps
        networks = self._adapted(weights, points.support_x, points.support_y, steps)
        errors = network_values(networks, points.query_x) - points.query_y
        of_tasks = errors.square().mean(-1)
        loss = counted(of_tasks, takes_roots=inputs.draws.takes_roots)
        unit = SCALE * self.target_unit
        return Terms(loss.mean(-1), unit**2 * of_tasks.detach().mean(-1))

    def weight_columns(self, weights: Parameters) -> Sequence[Tensor]:
        """Return the mean of the step sizes, (M,)."""
        return (weights.inner_lr.mean(-1),)

    def adapt(self, weights: Parameters, support: FunctionSupport) -> SampledFunctions:
        """Fit the network to support sets (B, K): one function for each task."""
        x, y = support.x / SCALE, support.y / SCALE
        return SampledFunctions(self._adapted(weights, x, y, self._evaluation_steps).unsqueeze(0))

    def adaptation(
        self, weights: Parameters, support: FunctionSupport, samples: int | None
    ) -> FunctionAdaptation:
        """Return the way to the function that `adapt` fits; there is but one to sample."""
        x, y = support.x / SCALE, support.y / SCALE
        path = self._path(weights, x, y, self._evaluation_steps)
        steps = tuple(SampledFunctions(networks.unsqueeze(0)) for networks in path)
        return FunctionAdaptation(steps, None)

    @property
    def _evaluation_steps(self) -> int:
        return self._settings.evaluation_steps if self._settings.inner_steps else 0

    def _adapted(self, weights: Parameters, x: Tensor, y: Tensor, steps: int) -> Tensor:
        """Take gradient steps from the initial network on each task's points: (..., B, P)."""
        *_, adapted = self._path(weights, x, y, steps)
        return adapted

    def _path(self, weights: Parameters, x: Tensor, y: Tensor, steps: int) -> Iterator[Tensor]:
        """Yield the networks before and after each gradient step, `steps` + 1 times."""
        networks = weights.network.unsqueeze(-2).expand(*x.shape[:-1], -1)
        rates = weights.inner_lr if self._settings.learns_rates else weights.inner_lr.detach()
        yield networks
        for _ in range(steps):
            gradient = clipped(error_gradient(networks, x, y), self._settings.inner_clip)
            networks = networks - rates.unsqueeze(-2) * gradient
            yield networks
