"""Learners: what is meta-trained, and what turns a support set into a predictor.

Shapes: B tasks, N ways, K shots, D embedding size, P numbers of a model. A population has its M
members before these, in weights, tasks, draws and terms; a single model has no such dimension.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import torch
from torch import Tensor

from engine.config import Experiment
from engine.learners.columns import ColumnSpec
from engine.learners.layout import Layout, Weights
from engine.tasks.family import Categorical, Likelihood, Measured
from engine.tasks.predictor import QueryPredictor

W = TypeVar("W", bound=Weights)
S = TypeVar("S")
Made = TypeVar("Made")

_LIKELIHOOD: Likelihood = Categorical()


class Terms(Protocol):
    """The loss of a step and its parts: a named tuple of tensors (M,), the loss first.

    Its names and their order are those of the learner's columns.
    """

    @property
    def loss(self) -> Tensor:
        """What is minimised."""

    def __iter__(self) -> Iterator[Tensor]:
        """Go through all of them."""


class Begin(Protocol):
    """Begins work, on a GPU beside the rest, and returns what waits for its result."""

    def __call__(self, work: Callable[[], Made]) -> Callable[[], Made]:
        """Begin; what is returned gives the result."""
        ...


def at_once(work: Callable[[], Made]) -> Callable[[], Made]:
    """Do the work before anything else; calling what is returned gives its result."""
    made = work()
    return lambda: made


class MetaGradient(Protocol):
    """Computes the loss of a model or a population, and its gradient."""

    def __call__(
        self, weights: Any, rows: Tensor, inputs: Any, begin: Begin = at_once
    ) -> tuple[Terms, Tensor]:
        """Return the terms, without gradient, and the loss's gradient in rows, (M, P).

        Parameters
        ----------
        weights, rows
            The weights, as variables that can be differentiated and as rows, (M, P).
        inputs
            What the learner's `prepared` returned.
        begin
            Begins work beside the rest.
        """


class Learner(Protocol):
    """Turns support sets into predictors. One that is not trained needs no more than this.

    It is made of the settings of one experiment, or of a population's:
    ``Learner(experiments, embedding_dim, device, is_compiled=False)``.
    """

    columns: ClassVar[tuple[ColumnSpec, ...]]

    @property
    def weights_type(self) -> type[Weights]:
        """The named tuple that its weights make; it may depend on settings."""

    def weight_shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Return the shape of every weight by name, in their order; none where none is learned.

        Without making them: a bundle that nobody vouches for may claim any size.
        """

    def adapt(self, weights: Any, support: Any) -> Any:
        """Adapt one model to the support sets of some tasks, deterministically.

        Of classification to examples (B, N, K, D), which makes a `Predictor`; of regression to a
        `FunctionSupport`, which makes `SampledFunctions`.
        """


class TransductiveLearner(Learner, Protocol):
    """A learner that adapts to the queries of an episode too, without their labels.

    Asked about one example at a time, it is what `adapt` says.
    """

    def adapt_together(self, weights: Any, support: Any, queries: Tensor) -> QueryPredictor:
        """Adapt to support sets (B, N, K, D) and all queries of each task, (B, Q, D).

        What is returned is asked about these very queries.
        """


class TrainedLearner(Learner, Protocol):
    """A learner that is meta-trained by gradients; see `AutogradLearner` for most of it."""

    def initial(self, member: int) -> Any:
        """Return a member's weights at the start: a function of its seed, the same everywhere."""

    def draws(self, step: int | Tensor) -> Any:
        """Return every random number of a step: a function of the members' seeds and the step."""

    def prepared(self, tasks: Any, draws: Any) -> Any:
        """Return what the objective takes: all that depends on tasks and draws, not on weights."""

    def meta_gradient(self, layout: Layout, like: Tensor) -> MetaGradient:
        """Return what computes the gradient for weights that lie so, of the type of `like`."""

    def weight_columns(self, weights: Any) -> Sequence[Tensor]:
        """Return what is reported of the weights after a step, (M,) each."""

    @property
    def is_plain(self) -> bool:
        """Whether torch's operations do the arithmetic, one by one."""

    def plainly(self) -> "Any":
        """Compute with torch's operations alone inside the block, on the same draws."""

    def become_plain(self) -> None:
        """Compute with torch's operations alone from now on, on the same draws."""


class AutogradLearner(Generic[W]):
    """Base of learners whose loss torch differentiates; draws nothing unless told otherwise.

    Parameters
    ----------
    experiments
        All settings of each member; one for a single model.
    embedding_dim
        D.
    device
        Where it is trained.
    is_compiled
        Whether torch compiles the objective.
    target_unit
        How large one unit of the targets is in the unit of people; 1 where they are not scaled.
        Settings are in the unit of people, and so is what is reported.
    """

    def __init__(
        self,
        experiments: Sequence[Experiment],
        embedding_dim: int,
        device: torch.device,
        *,
        is_compiled: bool = False,
        target_unit: float = 1.0,
    ) -> None:
        self.experiments, self.embedding_dim, self.device = experiments, embedding_dim, device
        self.target_unit = target_unit
        self._measure: Callable[..., Any] = self.objective
        if is_compiled:
            self._measure = torch.compile(self.objective, fullgraph=True, dynamic=False)

    def objective(self, weights: W, inputs: Any) -> Any:
        """Return the terms of a step; `loss` can be differentiated, and see `Terms`."""
        raise NotImplementedError

    def draws(self, step: int | Tensor) -> Any:
        """Draw nothing; see `TrainedLearner`."""
        return None

    def prepared(self, tasks: Any, draws: Any) -> Any:
        """Return the tasks as they are; see `TrainedLearner`."""
        return tasks

    def weight_columns(self, weights: W) -> Sequence[Tensor]:
        """Report nothing of the weights; see `TrainedLearner`."""
        return ()

    def meta_gradient(self, layout: Layout, like: Tensor) -> MetaGradient:
        """Differentiate the objective; see `TrainedLearner`."""

        def gradient(
            weights: W, rows: Tensor, inputs: Any, begin: Begin = at_once
        ) -> tuple[Terms, Tensor]:
            terms = self._measure(weights, inputs)
            # Members do not meet in any term, so the gradient of the sum is each member's own.
            found = torch.autograd.grad(
                terms.loss.sum(), tuple(weights), allow_unused=True, materialize_grads=True
            )
            return type(terms)(*(term.detach() for term in terms)), layout.rows(found)

        return gradient

    @property
    def is_plain(self) -> bool:
        """Whether torch's operations are computed one by one."""
        return self._measure == self.objective

    @contextmanager
    def plainly(self) -> Iterator[None]:
        """Compute what is not compiled inside the block; see `TrainedLearner`."""
        fast, self._measure = self._measure, self.objective
        try:
            yield
        finally:
            self._measure = fast

    def become_plain(self) -> None:
        """Compute what is not compiled from now on; see `TrainedLearner`."""
        self._measure = self.objective

    def member_settings(self, name: str, like: Tensor) -> Tensor | float:
        """Return a setting of the learner: a number, or (M,) where there are members."""
        values = [float(getattr(each.learner, name)) for each in self.experiments]
        return values[0] if len(values) == 1 else like.new_tensor(values)


def query_scores(predictor: QueryPredictor, queries: Tensor) -> Measured:
    """Measure a predictor on each task's own queries (M, B, N, Q, D), class n of label n."""
    n_way, of_class = queries.shape[-3:-1]
    labels = torch.arange(n_way, device=queries.device).repeat_interleave(of_class)
    return _LIKELIHOOD.measure(predictor.own_logits(queries.flatten(-3, -2)), labels)


def settings_of(experiment: Experiment, kind: type[S]) -> S:
    """Return the learner's settings of an experiment that is known to be of a kind."""
    settings = experiment.learner
    assert isinstance(settings, kind)
    return settings
