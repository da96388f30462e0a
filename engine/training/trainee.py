"""Trainees: what the training loop trains, and how it comes by what validates it."""

from collections.abc import Callable, Generator, Mapping
from typing import Protocol

from torch import Tensor

from engine.tasks.scores import Score


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


class Examined(Protocol):
    """What a validation measured."""

    @property
    def scores(self) -> Mapping[str, Score]:
        """The scores of the tasks' kind, by name."""


Examine = Callable[[int], Generator[int, None, Examined]]
"""Evaluates a member's weights on the validation tasks, yielding often how many are done."""
