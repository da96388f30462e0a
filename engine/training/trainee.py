"""Trainees: what the training loop trains, and how it comes by what validates it."""

from collections.abc import Callable, Generator, Mapping
from typing import NamedTuple, Protocol

from torch import Tensor

from engine.data.store import Split
from engine.evaluation.evaluator import Adapt


class Trainee(Protocol):
    """Takes steps, and keeps and takes back what they change: of one run, or of a population's.

    There are two kinds: outer steps on tasks, and steps of pre-training on pictures.
    """

    def __call__(self, steps: range, /) -> Tensor:
        """Take steps by their numbers; returns metrics (steps, M, columns)."""

    def weights(self, member: int = 0) -> Mapping[str, Tensor]:
        """Return a member's weights by name, as a checkpoint keeps them."""

    def moments(self, member: int = 0) -> Mapping[str, Tensor]:
        """Return what else is needed to go on from a checkpoint, by name."""

    def restore(
        self, weights: Mapping[str, Tensor], moments: Mapping[str, Tensor], member: int = 0
    ) -> None:
        """Go back to what `weights` and `moments` once returned of a member."""


class Examined(NamedTuple):
    """What a validation evaluates."""

    adapt: Adapt
    split: Split


Examine = Callable[[int], Generator[None, None, Examined]]
"""Makes a member's weights ready for a validation, yielding often where that takes long."""
