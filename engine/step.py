"""One outer step: sample, adapt, differentiate, clip, Adam (Rusu et al. 2019, algorithm 1).

Of one model, or of a population: models of one shape whose seeds and some settings differ, trained
side by side. No step waits for the device that it is computed on, or branches on what was computed,
so that it can be captured as a CUDA graph.

Shapes: M members, there for a population only; P numbers of a model.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from engine.config import Experiment
from engine.data.store import Split
from engine.episodes import SeedsInTurn, numbers_of, sample_episodes
from engine.events import STEP_COLUMNS
from engine.graphs import Ahead, Beside
from engine.hashing import mixed_text
from engine.learned import Learned
from engine.leo.draws import Draws, GeneratorDraws, HashedDraws
from engine.leo.flat import Layout
from engine.leo.kernels import OPERATIONS, Kernels, kernels_for
from engine.leo.model import Parameters, initial_parameters
from engine.leo.objective import Algorithm, Seen, Tasks, TaskTerms, see, task_terms
from engine.leo.regularisation import correlation_error_and_gradient
from engine.leo.variants import algorithm_of, draw_shapes_of

# The weight of the L2 term whose gradient stands in for one that is not a number.
_FALLBACK_L2 = 1e-4
_LOSS_WEIGHTS = ("kl_weight", "encoder_penalty_weight", "l2_weight", "orthogonality_weight")


class OuterStep:
    """Takes outer steps; its only state is the weights and Adam's moments.

    Step number s sees episodes s * B to (s + 1) * B - 1 and draws that are a function of the seed
    and s, so any step can be repeated from a checkpoint before it.

    Parameters
    ----------
    experiments
        All settings of each member; one for a single model. They may differ in what
        `engine.config` declares as `varies_in_population`.
    split
        Training examples, on the device to train on or, where they do not fit there, on the CPU.
    device
        Where to train; where the examples are by default.
    kernels
        What does the arithmetic; the fastest there is by default.
    is_compiled
        Whether torch compiles the arithmetic, instead of our kernels.

    Attributes
    ----------
    members
        The weights of each member: views that follow what is learned, without a gradient.
    """

    def __init__(
        self,
        experiments: Sequence[Experiment],
        split: Split,
        device: torch.device | None = None,
        kernels: Kernels | None = None,
        *,
        is_compiled: bool = False,
    ) -> None:
        first = experiments[0]
        self.device = device = device or split.embeddings.device
        self._experiment, self._split = first, split
        self._terms: Callable[..., TaskTerms] = task_terms
        self._ahead, self._beside = Ahead(device), Beside(device)
        self._algorithm = _joint_algorithm(experiments, device)
        self._kernels = kernels or kernels_for(device, first.task, first.leo)
        if is_compiled:
            self._terms = torch.compile(task_terms, fullgraph=True, dynamic=False)
            self._kernels = OPERATIONS._replace(fill=self._kernels.fill)
        dim = split.embeddings.shape[1]
        seeds = [experiment.run.seed for experiment in experiments]
        self._seed = (
            seeds[0] if len(seeds) == 1 else SeedsInTurn(split, seeds, first.optimizer.meta_batch)
        )
        self._draws = self._draw_source(experiments, dim)
        models = [_initial_model(experiment, dim) for experiment in experiments]
        rates = [experiment.optimizer.outer_lr for experiment in experiments]
        self._learned = learned = Learned(models, rates, device)
        self.members = learned.members
        sizes = torch.tensor(learned.layout.sizes)
        # By number of a row: the variable that it belongs to.
        self._variable = torch.arange(len(sizes)).repeat_interleave(sizes).to(device)
        matrices = matrix_places(learned.layout).to(device)
        self._fallback = _FALLBACK_L2 * matrices
        l2 = torch.tensor([experiment.leo.l2_weight for experiment in experiments], device=device)
        self._l2 = l2[:, None] * matrices if len(experiments) > 1 else l2 * matrices

    def __call__(self, steps: "range | Tensor") -> Tensor:
        """Take outer steps and return their metrics, (steps, M, len(STEP_COLUMNS)).

        `steps` are their numbers, one after the other: a range or, on a CUDA GPU, a tensor
        (steps,) int64 there, whose values are not looked at by the host.
        """
        tasks = self.sample(steps)
        return self.learn(steps, tasks)

    def sample(self, steps: "range | Tensor") -> Tasks:
        """Return the tasks of some steps, with the steps as their first dimension.

        Of examples on the CPU, `steps` must be a range.
        """
        task, batch = self._experiment.task, self._experiment.optimizer.meta_batch
        place = self._split.embeddings.device
        numbers = numbers_of(steps, batch, len(self.members), place)
        episodes = sample_episodes(
            self._split,
            self._seed,
            numbers.flatten(),
            task.n_way,
            task.k_shot,
            task.queries,
        )
        shape = numbers.shape if len(self.members) > 1 else (numbers.shape[0], numbers.shape[2])
        tasks = Tasks(
            self._split.embeddings[episodes.support.unflatten(0, shape)],
            self._split.embeddings[episodes.query.unflatten(0, shape)],
        )
        if not self.samples_on_host:
            return tasks
        if self.device.type == "cuda":
            tasks = Tasks(*(tensor.pin_memory() for tensor in tasks))
        return Tasks(*(tensor.to(self.device, non_blocking=True) for tensor in tasks))

    @property
    def samples_on_host(self) -> bool:
        """Whether the examples are elsewhere than where the steps are taken."""
        return self._split.embeddings.device.type != self.device.type

    def learn(self, steps: "range | Tensor", tasks: Tasks) -> Tensor:
        """Take outer steps on tasks that were sampled for them; see `__call__`."""
        each = zip(steps, *tasks, strict=True)
        makers = [partial(self._prepared, step, Tasks(*of_step)) for step, *of_step in each]
        metrics = [self._learn(inputs) for inputs in self._ahead(makers)]
        return torch.stack(metrics).view(len(metrics), len(self.members), len(STEP_COLUMNS))

    def _prepared(self, step: "int | Tensor", tasks: Tasks) -> "_Inputs":
        """Make what a step needs and no weight has a part in."""
        draws = self._draws(step)
        return _Inputs(see(tasks, draws, self._algorithm), draws)

    def _learn(self, inputs: "_Inputs") -> Tensor:
        """Take one step and return its metrics, (M, len(STEP_COLUMNS))."""
        regularisation = self._beside(self._regularisation)
        learned, parameters = self._learned, self._learned.parameters
        terms = self._terms(parameters, *inputs, self._algorithm, self._kernels)
        # Members do not meet in any term, so the gradient of the sum is each member's own.
        raw = torch.autograd.grad(
            terms.loss.sum(), parameters, allow_unused=True, materialize_grads=True
        )
        with torch.no_grad():
            l2, orthogonality, decoder_grad = regularisation()
            gradients = torch.addcmul(learned.layout.rows(raw), learned.rows, self._l2)
            learned.layout.views(gradients).decoder.add_(decoder_grad)
            loss = terms.loss.detach() + l2 + orthogonality
            norm = self._clipped(gradients, loss)
            learned.step()
            rates = (parameters.inner_lr.mean(-1), parameters.finetuning_lr.mean(-1))
            parts = (loss, *terms[1:], l2, orthogonality, *rates, norm)
            return torch.stack(parts, dim=-1)

    @torch.no_grad()
    def _regularisation(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return the weighted L2 and orthogonality terms, (M,), and the latter's gradient."""
        weight = self._algorithm.orthogonality_weight
        error, gradient = correlation_error_and_gradient(self._learned.parameters.decoder)
        own_weight = weight[..., None, None] if isinstance(weight, Tensor) else weight
        l2 = (self._learned.rows.square() * self._l2).sum(-1) / 2
        return l2, weight * error, own_weight * gradient

    def _clipped(self, raw: Tensor, loss: Tensor) -> Tensor:
        """Set what the weights move by from raw gradients, (M, P); returns those's norm, (M,)."""
        optimizer, learned = self._experiment.optimizer, self._learned
        norm: Tensor = torch.linalg.vector_norm(raw, dim=-1)
        gradients = without_nan(norm + loss, raw, learned.rows * self._fallback)
        if optimizer.clip_value is not None:
            gradients.clamp_(-optimizer.clip_value, optimizer.clip_value)
        if optimizer.clip_norm is not None:
            scales = norm_scales(learned.layout, gradients, optimizer.clip_norm)
            scale = scales.index_select(-1, self._variable)
            torch.mul(gradients, scale, out=learned.gradients)
        else:
            learned.gradients.copy_(gradients)
        return norm

    def weights(self, member: int = 0) -> dict[str, Tensor]:
        """Return a member's weights by name."""
        return self._learned.weights(member)

    def moments(self, member: int = 0) -> dict[str, Tensor]:
        """Return a member's state of Adam by name, such as "decoder.exp_avg"."""
        return self._learned.moments(member)

    def restore(
        self, weights: Mapping[str, Tensor], moments: Mapping[str, Tensor], member: int = 0
    ) -> None:
        """Go back to what `weights` and `moments` once returned of a member."""
        self._learned.restore(member, weights, moments)

    @property
    def is_plain(self) -> bool:
        """Whether torch's operations do the arithmetic, one by one."""
        return self._terms is task_terms and self._kernels is OPERATIONS

    @contextmanager
    def plainly(self) -> Iterator[None]:
        """Take steps with torch's operations alone inside the block, on the same draws."""
        fast = self._terms, self._kernels
        self._terms, self._kernels = task_terms, OPERATIONS
        try:
            yield
        finally:
            self._terms, self._kernels = fast

    def become_plain(self) -> None:
        """Take steps with torch's operations alone from now on, on the same draws."""
        self._terms, self._kernels = task_terms, OPERATIONS

    def _draw_source(
        self, experiments: Sequence[Experiment], dim: int
    ) -> "Callable[[int | Tensor], Draws]":
        shapes = [draw_shapes_of(experiment, dim) for experiment in experiments]
        seeds = [experiment.run.seed ^ mixed_text("draws") for experiment in experiments]
        if self.device.type != "cuda":
            return GeneratorDraws(shapes, seeds, self.device)
        hashed = HashedDraws(shapes, seeds, self.device, self._kernels.fill)
        return lambda step: hashed(torch.as_tensor(step, device=self.device))


def without_nan(witness: Tensor, gradients: Tensor, fallback: Tensor) -> Tensor:
    """Replace a model's gradients, (M, P), by `fallback` where its witness (M,) is not a number.

    As released: the L2 term's alone, rescaled to a weight of 1e-4, and learning rates are not in
    it. No branch depends on a value, so a device is never waited for. `witness` is the loss plus
    the norm of all gradients, which is not a number when any of them is not.
    """
    return torch.where(witness.isnan()[..., None], fallback, gradients)


def matrix_places(layout: Layout) -> Tensor:
    """Say which numbers of a row are those of matrices, (P,): 1 there, else 0."""
    is_matrix = torch.tensor([float(len(shape) == 2) for shape in layout.shapes])
    return is_matrix.repeat_interleave(torch.tensor(layout.sizes))


def norm_scales(layout: Layout, gradients: Tensor, norm: float) -> Tensor:
    """Return what clips each variable's gradient in rows (M, P) to a norm: (M, variables).

    Every variable by its own norm, as released: one norm over all of them would let the decoder,
    which has most weights, silence the learned learning rates.
    """
    rows = gradients if gradients.dim() == 2 else [gradients]
    norms = torch._foreach_norm([piece for row in rows for piece in layout.pieces(row)])
    lengths = torch.stack(norms).view(*gradients.shape[:-1], -1)
    return norm / lengths.clamp(min=norm)


def _initial_model(experiment: Experiment, dim: int) -> Parameters:
    return initial_parameters(
        dim,
        experiment.leo.latent_size,
        experiment.leo.inner_lr,
        experiment.leo.finetuning_lr,
        torch.Generator().manual_seed(experiment.run.seed),
    )


def _joint_algorithm(experiments: Sequence[Experiment], device: torch.device) -> Algorithm:
    """Return the algorithm of a model, or of a population with its members' weights of the loss."""
    algorithms = [algorithm_of(experiment.leo) for experiment in experiments]
    if len(algorithms) == 1:
        return algorithms[0]
    weights = {
        name: torch.tensor([getattr(each, name) for each in algorithms], device=device)
        for name in _LOSS_WEIGHTS
    }
    return replace(algorithms[0], **weights)  # type: ignore[arg-type]


class _Inputs(NamedTuple):
    """What a step needs and no weight has a part in."""

    seen: Seen
    draws: Draws
