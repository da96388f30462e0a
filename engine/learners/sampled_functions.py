"""Functions that a learner of regression makes of a support set: the predictor of its tasks.

Shapes: B tasks, S samples, N points, P weights of a network, T inner steps, L latent size.
"""

from typing import Any, NamedTuple, Protocol, runtime_checkable

from torch import Tensor

from engine.learners.function_network import SCALE, network_values


class FunctionSupport(NamedTuple):
    """The points that are given of some tasks' functions."""

    x: Tensor  # (B, K)
    y: Tensor  # (B, K)


class SampledFunctions(NamedTuple):
    """Networks that stand for what a task's function may be; one where a learner knows but one."""

    networks: Tensor  # (S, B, P)

    def values(self, x: Tensor) -> Tensor:
        """Evaluate at each task's points, (B, N): (B, S, N)."""
        scaled = network_values(self.networks, (x / SCALE).expand(len(self.networks), *x.shape))
        return (SCALE * scaled).transpose(0, 1)

    def log_likelihood(self, support: FunctionSupport, noise: float) -> Tensor:
        """Return how well each fits the given points: log likelihood less a constant, (B, S)."""
        errors = self.values(support.x) - support.y[:, None]
        return -errors.square().sum(-1) / (2 * noise**2)


class CodeWays(NamedTuple):
    """The ways of latent codes through the inner loop."""

    mean: Tensor  # (T + 1, B, L): of the mean of the encoding
    samples: Tensor  # (T + 1, S, B, L)
    encoded: Tensor  # (B, L): the mean of what a support set is encoded to
    deviation: Tensor  # (B, L): its standard deviations


class FunctionAdaptation(NamedTuple):
    """The way of a learner to its functions: those before and after each inner step."""

    steps: tuple[SampledFunctions, ...]  # T + 1
    codes: CodeWays | None  # None for a learner without a latent space


@runtime_checkable
class AdaptsFunctions(Protocol):
    """A learner of functions whose adaptation can be followed step by step."""

    def adaptation(
        self, weights: Any, support: FunctionSupport, samples: int | None
    ) -> FunctionAdaptation:
        """Follow the adaptation to support sets, with some of the samples; with all for None."""
