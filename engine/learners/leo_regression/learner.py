"""LEO for regression as a learner: what training and evaluation ask of it.

Shapes: B tasks, S samples, L latent size. A population has its M members before these.
"""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from engine.config import Experiment, LeoRegression, regression
from engine.config import Regression as Task
from engine.learners.columns import ColumnSpec
from engine.learners.function_network import SCALE
from engine.learners.function_points import Points, scaled_points
from engine.learners.layout import Weights
from engine.learners.learner import AutogradLearner, settings_of
from engine.learners.leo_regression.columns import COLUMNS
from engine.learners.leo_regression.model import (
    Encoding,
    Parameters,
    adapt_codes,
    adapted_plainly,
    code_path,
    decode,
    encode,
    initial_parameters,
    sample_codes,
    shapes,
)
from engine.learners.leo_regression.objective import Adaptation, Objective, Terms, terms
from engine.learners.leo_regression.unrolled import adapted_functions
from engine.learners.sampled_functions import (
    CodeWays,
    FunctionAdaptation,
    FunctionSupport,
    SampledFunctions,
)
from engine.tasks.hashing import mixed, mixed_text
from engine.tasks.regression import FunctionTasks


class Draws(NamedTuple):
    """Every random number of a step, and the phase of training that it is in."""

    noise: Tensor  # (M, S, B, L)
    is_last_phase: bool
    takes_roots: bool


class Inputs(NamedTuple):
    """What a step needs and no weight has a part in."""

    points: Points
    draws: Draws


class LeoRegressionLearner(AutogradLearner[Parameters]):
    """LEO for regression, of one experiment or of a population's; see `AutogradLearner`.

    Attributes
    ----------
    inner_loop
        How codes are adapted in training: with the backward pass written out, or by autograd.
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
        target_unit: float = 1.0,
    ) -> None:
        super().__init__(
            experiments, embedding_dim, device, is_compiled=is_compiled, target_unit=target_unit
        )
        # A compiler unrolls and fuses plain operations by itself.
        self.inner_loop: Adaptation = adapted_plainly if is_compiled else adapted_functions

    @property
    def _settings(self) -> LeoRegression:
        return settings_of(self.experiments[0], LeoRegression)

    @property
    def _task(self) -> Task:
        return regression(self.experiments[0])

    def initial(self, member: int) -> Parameters:
        """Return a member's weights at the start."""
        experiment = self.experiments[member]
        settings = settings_of(experiment, LeoRegression)
        generator = torch.Generator().manual_seed(experiment.run.seed)
        return initial_parameters(
            settings.latent_size, settings.hidden_units, settings.inner_lr, generator
        )

    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of every weight; see `Parameters`."""
        return shapes(self._settings.latent_size, self._settings.hidden_units)

    def draws(self, step: int | Tensor) -> Draws:
        """Return the noise of the codes, and the phase that a step is in."""
        settings, batch = self._settings, self.experiments[0].optimizer.meta_batch
        steps = self.experiments[0].schedule.steps
        is_last = settings.phase_at(int(step), steps).place > 0
        samples = settings.last_phase_samples if is_last else 1
        tasks = min(batch, settings.last_phase_tasks) if is_last else batch
        shape = (samples, tasks, settings.latent_size)
        each = [
            self._noise(experiment.run.seed, int(step), shape) for experiment in self.experiments
        ]
        noise = each[0] if len(each) == 1 else torch.stack(each)
        takes_roots = int(step) < settings.steps_of_roots(steps)
        return Draws(noise.to(self.device), is_last, takes_roots)

    def _noise(self, seed: int, step: int, shape: tuple[int, ...]) -> Tensor:
        """Draw a member's noise; on the CPU, so that it is the same on every device."""
        if self._settings.variant == "deterministic":
            return torch.zeros(shape)
        generator = torch.Generator().manual_seed(mixed(seed ^ mixed_text("draws"), step))
        return torch.randn(shape, generator=generator)

    def prepared(self, tasks: FunctionTasks, draws: Draws) -> Inputs:
        """Return the points of as many tasks as the phase uses, scaled, and the draws."""
        return Inputs(scaled_points(tasks, draws.noise.shape[-2]), draws)

    def objective(self, weights: Parameters, inputs: Inputs) -> Terms:
        """Return the terms of the phase that the step is in."""
        settings, draws = self._settings, inputs.draws
        kl_weight = "last_phase_kl_weight" if draws.is_last_phase else "kl_weight"
        like = inputs.points.query_y
        objective = Objective(
            inner_steps=settings.steps_of_variant[0],
            inner_clip=settings.inner_clip,
            has_encoder=settings.variant != "random_prior",
            kl_weight=self.member_settings(kl_weight, like),
            encoder_penalty_weight=self.member_settings("encoder_penalty_weight", like),
            takes_roots=draws.takes_roots,
            noise=self._task.noise / self.target_unit / SCALE if draws.is_last_phase else None,
            error_unit=self.target_unit,
        )
        return terms(weights, inputs.points, draws.noise, objective, self.inner_loop)

    def weight_columns(self, weights: Parameters) -> Sequence[Tensor]:
        """Return the mean of the learned step sizes, (M,)."""
        return (weights.inner_lr.mean(-1),)

    def adapt(self, weights: Parameters, support: FunctionSupport) -> SampledFunctions:
        """Sample functions for support sets (B, K), by the same draws for every task."""
        _, start = self._start(weights, support)
        codes = adapt_codes(weights, start, *self._loop(support))
        return SampledFunctions(decode(weights, codes).networks)

    def adaptation(
        self, weights: Parameters, support: FunctionSupport, samples: int | None
    ) -> FunctionAdaptation:
        """Return the way to the functions that `adapt` samples, or to the first of them."""
        encoding, start = self._start(weights, support)
        # The mean goes the way with the samples, as one more of them.
        together = torch.cat([encoding.mean[None], start[:samples]])
        path = torch.stack([*code_path(weights, together, *self._loop(support))])
        steps = tuple(SampledFunctions(decode(weights, codes[1:]).networks) for codes in path)
        ways = CodeWays(path[:, 0], path[:, 1:], encoding.mean, encoding.log_deviation.exp())
        return FunctionAdaptation(steps, ways)

    def _start(self, weights: Parameters, support: FunctionSupport) -> tuple[Encoding, Tensor]:
        """Return what support sets are encoded to, and the codes (S, B, L) drawn from that."""
        settings = self._settings
        count = 1 if settings.variant == "deterministic" else settings.evaluation_samples
        generator = torch.Generator().manual_seed(mixed_text("evaluation"))
        noise = torch.randn(count, 1, settings.latent_size, generator=generator).to(support.x)
        if settings.variant == "deterministic":
            noise = torch.zeros_like(noise)
        start = noise.expand(-1, len(support.x), -1)
        if settings.variant == "random_prior":
            zeros = torch.zeros_like(start[0])
            return Encoding(zeros, zeros), start
        encoding = encode(weights, support.x / SCALE, support.y / SCALE)
        return encoding, sample_codes(encoding, start)

    def _loop(self, support: FunctionSupport) -> tuple[Tensor, Tensor, int, float]:
        """Return scaled points, how many inner steps are taken on them, and their clipping."""
        settings = self._settings
        steps = settings.steps_of_variant[1]
        return support.x / SCALE, support.y / SCALE, steps, settings.inner_clip
