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

from engine.config import Experiment, leo_settings
from engine.data.store import Split
from engine.learners.leo.columns import COLUMNS
from engine.learners.leo.draws import Draws, GeneratorDraws, HashedDraws
from engine.learners.leo.kernels import OPERATIONS, Kernels, kernels_for
from engine.learners.leo.meta_gradient import MetaGradient
from engine.learners.leo.model import Parameters, initial_parameters
from engine.learners.leo.objective import (
    Algorithm,
    MaskedTasks,
    Tasks,
    TaskTerms,
    Terms,
    masked_tasks,
    task_terms,
)
from engine.learners.leo.variants import algorithm_of, draw_shapes_of
from engine.tasks.episodes import PopulationSeeds, numbers_of, sample_episodes
from engine.tasks.hashing import mixed_text
from engine.training.clipping import Clipping
from engine.training.cuda_streams import SideStream as Beside
from engine.training.cuda_streams import StreamPrefetch as Ahead
from engine.training.optimizer import FlatAdam as Learned

_LOSS_WEIGHTS = ("kl_weight", "encoder_penalty_weight", "l2_weight", "orthogonality_weight")


class Gradients(NamedTuple):
    """What an outer step computes before the weights move; rows as in `Learned.rows`."""

    terms: Terms  # the loss and its parts, (M,)
    raw: Tensor  # (M, P): the loss's gradient
    norm: Tensor  # (M,): the norm of `raw`, over all variables
    guarded: Tensor  # (M, P): what stands in for `raw` where that is not a number
    clipped: Tensor  # (M, P): after both clips, where Adam reads it until the next step


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
    algorithm
        Which LEO, with the members' own weights of the loss.
    draws
        Makes the random draws of a step, by its number.
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
        self.algorithm = _joint_algorithm(experiments, device)
        self._kernels = kernels or kernels_for(device, first.task, leo_settings(first))
        if is_compiled:
            self._terms = torch.compile(task_terms, fullgraph=True, dynamic=False)
            self._kernels = OPERATIONS._replace(fill=self._kernels.fill)
        dim = split.embeddings.shape[1]
        seeds = [experiment.run.seed for experiment in experiments]
        self._seed = (
            seeds[0]
            if len(seeds) == 1
            else PopulationSeeds(split, seeds, first.optimizer.meta_batch)
        )
        self.draws = self._draw_source(experiments, dim)
        models = [_initial_model(experiment, dim) for experiment in experiments]
        rates = [experiment.optimizer.outer_lr for experiment in experiments]
        self._learned = learned = Learned(models, rates, device)
        self.members = learned.members
        layout, limits = learned.layout, (first.optimizer.clip_value, first.optimizer.clip_norm)
        self._meta_gradient = MetaGradient(self.algorithm, layout, learned.rows)
        self._clipping = Clipping(layout, *limits, learned.rows)

    def __call__(self, steps: "range | Tensor") -> Tensor:
        """Take outer steps and return their metrics, (steps, M, len(COLUMNS)).

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
        return torch.stack(metrics).view(len(metrics), len(self.members), len(COLUMNS))

    def _prepared(self, step: "int | Tensor", tasks: Tasks) -> "_Inputs":
        """Make what a step needs and no weight has a part in."""
        draws = self.draws(step)
        return _Inputs(masked_tasks(tasks, draws, self.algorithm), draws)

    def _learn(self, inputs: "_Inputs") -> Tensor:
        """Take one step and return its metrics, (M, len(COLUMNS))."""
        gradients = self.gradients(*inputs)
        with torch.no_grad():
            self._learned.step()
            parameters = self._learned.parameters
            rates = (parameters.inner_lr.mean(-1), parameters.finetuning_lr.mean(-1))
            return torch.stack((*gradients.terms, *rates, gradients.norm), dim=-1)

    def gradients(self, seen: MaskedTasks, draws: Draws) -> Gradients:
        """Compute what the weights are to move by; they stay as they are.

        Parameters
        ----------
        seen
            A step's tasks after dropout.
        draws
            A step's random draws.
        """
        learned = self._learned
        terms, raw = self._meta_gradient(
            learned.parameters,
            learned.rows,
            seen,
            draws,
            self._kernels,
            measure=self._terms,
            begin=self._beside,
        )
        with torch.no_grad():
            norm: Tensor = torch.linalg.vector_norm(raw, dim=-1)
            guarded = self._clipping.guarded(raw, norm, terms.loss, learned.rows)
            clipped = self._clipping.clip(guarded, out=learned.gradients)
        return Gradients(terms, raw, norm, guarded, clipped)

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


def _initial_model(experiment: Experiment, dim: int) -> Parameters:
    leo = leo_settings(experiment)
    return initial_parameters(
        dim,
        leo.latent_size,
        leo.inner_lr,
        leo.finetuning_lr,
        torch.Generator().manual_seed(experiment.run.seed),
    )


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


class _Inputs(NamedTuple):
    """What a step needs and no weight has a part in."""

    seen: MaskedTasks
    draws: Draws
