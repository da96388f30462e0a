"""The path of an adaptation by gradient steps: the codes and the classifiers that it goes through.

Shapes: B tasks, N ways, K shots, D embedding size, L latent size, T inner steps, F fine-tuning
steps; P = T + F + 1 positions.
"""

from typing import Any, NamedTuple, Protocol, runtime_checkable

from torch import Tensor


class AdaptationPath(NamedTuple):
    """Every position of an adaptation: before it, after each inner and each fine-tuning step."""

    weights: Tensor  # (B, P, N, D): the classifiers
    inner_steps: int  # T
    codes: Tensor | None = None  # (B, T + 1, N, L), which fine-tuning leaves; None without codes
    to_mean: Tensor | None = None  # (L, D): the decoder, with which `codes @ to_mean` are weights


@runtime_checkable
class PathLearner(Protocol):
    """A learner that adapts a linear classifier step by step."""

    def path(self, weights: Any, support: Tensor) -> AdaptationPath:
        """Return the path to what `adapt` makes of support sets (B, N, K, D)."""
