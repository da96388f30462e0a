"""One outer step: sample, adapt, differentiate, clip, Adam (Rusu et al. 2019, algorithm 1).

Of one model, or of a population: models of one shape whose seeds and some settings differ, trained
side by side. No step waits for the device that it is computed on, or branches on what was computed,
so that it can be captured as a CUDA graph.

Shapes: M members, there for a population only; P numbers of a model.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor

from engine.config import Experiment
from engine.data.store import Split
from engine.learners.learner import Terms, TrainedLearner
from engine.learners.registry import trained_learner_of
from engine.tasks.family import TaskFamily
from engine.tasks.registry import task_family_of
from engine.training.clipping import Clipping
from engine.training.cuda_streams import SideStream, StreamPrefetch
from engine.training.optimizer import FlatAdam
from engine.training.prefetch import Prefetch
from engine.training.rates import has_constant_rate, rate_share


class Gradients(NamedTuple):
    """What an outer step computes before the weights move; rows as in `FlatAdam.rows`."""

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
        Training examples, on the device to train on or, where they do not fit there, on the CPU;
        None where tasks need no store.
    device
        Where to train; where the examples are by default, or the CPU.
    learner
        What is trained; by default the one that the experiments ask for.
    tasks
        Where its tasks come from; by default where the experiments say.
    is_compiled
        Whether torch compiles the learner's arithmetic.

    Attributes
    ----------
    learner
        What is trained.
    tasks
        Where its tasks come from.
    members
        The weights of each member: views that follow what is learned, without a gradient.
    has_constant_rate
        Whether every step has the same step size; others cannot be replayed as a graph.
    loss_columns
        How many columns of the metrics are of the loss; those after it are of the weights after
        the step, and last comes the gradient's norm.
    """

    def __init__(
        self,
        experiments: Sequence[Experiment],
        split: Split | None,
        device: torch.device | None = None,
        learner: TrainedLearner | None = None,
        tasks: TaskFamily | None = None,
        *,
        is_compiled: bool = False,
    ) -> None:
        if device is None:
            device = torch.device("cpu") if split is None else split.embeddings.device
        self.device = device
        self.tasks = tasks or task_family_of(experiments, split, device)
        self.learner = learner = learner or trained_learner_of(
            experiments,
            1 if split is None else split.embeddings.shape[1],
            device,
            is_compiled=is_compiled,
        )
        self._prefetch, self._side_stream = StreamPrefetch(device), SideStream(device)
        self._ahead: Prefetch[Any] | None = None
        models = [learner.initial(member) for member in range(len(experiments))]
        rates = [experiment.optimizer.outer_lr for experiment in experiments]
        self._adam = adam = FlatAdam(models, rates, device)
        self.members = adam.members
        self.loss_columns = len(learner.columns) - 1 - len(learner.weight_columns(self.members[0]))
        limits = experiments[0].optimizer
        self._meta_gradient = learner.meta_gradient(adam.layout, adam.rows)
        self._clipping = Clipping(
            adam.layout, limits.clip_value, limits.clip_norm, adam.rows, limits.clip_all
        )
        self._experiment = experiments[0]
        self.has_constant_rate = has_constant_rate(self._experiment)

    def __call__(self, steps: "range | Tensor") -> Tensor:
        """Take outer steps and return their metrics, (steps, M, columns).

        `steps` are their numbers, one after the other: a range or, on a CUDA GPU, a tensor
        (steps,) int64 there, whose values are not looked at by the host.
        """
        if self._ahead is None:
            return self.learn(steps, self.tasks.sample(steps))
        return self._together([self._learn(step, self._ahead(step)) for step in steps])

    def learn(self, steps: "range | Tensor", tasks: Any) -> Tensor:
        """Take outer steps on tasks that were sampled for them; see `__call__`."""
        each, kind = zip(steps, *tasks, strict=True), type(tasks)
        makers = [partial(self._prepared, step, kind(*of_step)) for step, *of_step in each]
        prepared = zip(steps, self._prefetch(makers), strict=True)
        metrics = [self._learn(step, inputs) for step, inputs in prepared]
        return self._together(metrics)

    def prepare_ahead(self) -> None:
        """Let another thread make each next step's tasks and draws, until `prepare_in_turn`.

        To the same bits: they depend on the step's number alone, whoever makes them.
        """
        self._ahead = Prefetch(self._inputs, 1)

    def prepare_in_turn(self) -> None:
        """Make the tasks and draws of a step when its turn has come, as at the start."""
        if self._ahead is not None:
            self._ahead.close()
            self._ahead = None

    def _inputs(self, step: int) -> Any:
        sampled = self.tasks.sample(range(step, step + 1))
        return self._prepared(step, type(sampled)(*(of_steps[0] for of_steps in sampled)))

    def _prepared(self, step: "int | Tensor", tasks: Any) -> Any:
        """Make what a step needs and no weight has a part in."""
        return self.learner.prepared(tasks, self.learner.draws(step))

    def _learn(self, step: "int | Tensor", inputs: Any) -> Tensor:
        """Take one step and return its metrics, (M, columns)."""
        gradients = self.gradients(inputs)
        share = None if self.has_constant_rate else rate_share(self._experiment, int(step))
        with torch.no_grad():
            self._adam.step(share)
            of_weights = self.learner.weight_columns(self._adam.parameters)
            return torch.stack((*gradients.terms, *of_weights, gradients.norm), dim=-1)

    def _together(self, metrics: list[Tensor]) -> Tensor:
        return torch.stack(metrics).view(len(metrics), len(self.members), -1)

    def gradients(self, inputs: Any) -> Gradients:
        """Compute what the weights are to move by; they stay as they are.

        `inputs` are what the learner's `prepared` makes of a step's tasks and draws.
        """
        adam = self._adam
        terms, raw = self._meta_gradient(
            adam.parameters, adam.rows, inputs, begin=self._side_stream
        )
        with torch.no_grad():
            norm: Tensor = torch.linalg.vector_norm(raw, dim=-1)
            guarded = self._clipping.guarded(raw, norm, terms.loss, adam.rows)
            clipped = self._clipping.clip(guarded, out=adam.gradients)
        return Gradients(terms, raw, norm, guarded, clipped)

    def weights(self, member: int = 0) -> dict[str, Tensor]:
        """Return a member's weights by name."""
        return self._adam.weights(member)

    def moments(self, member: int = 0) -> dict[str, Tensor]:
        """Return a member's state of Adam by name, such as "decoder.exp_avg"."""
        return self._adam.moments(member)

    def restore(
        self, weights: Mapping[str, Tensor], moments: Mapping[str, Tensor], member: int = 0
    ) -> None:
        """Go back to what `weights` and `moments` once returned of a member."""
        self._adam.restore(member, weights, moments)

    @property
    def is_plain(self) -> bool:
        """Whether torch's operations do the arithmetic, one by one."""
        return self.learner.is_plain

    @contextmanager
    def plainly(self) -> Iterator[None]:
        """Take steps with torch's operations alone inside the block, on the same draws."""
        with self.learner.plainly():
            yield

    def become_plain(self) -> None:
        """Take steps with torch's operations alone from now on, on the same draws."""
        self.learner.become_plain()
