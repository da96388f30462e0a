"""Layout of all weights of a model in one row, for work on all numbers at once.

Shapes: P numbers of a model, M members of a population.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor


class Weights(Protocol):
    """All that a model learns: a named tuple of tensors, named as in checkpoints."""

    def __init__(self, *variables: Tensor) -> None: ...
    def __iter__(self) -> Iterator[Tensor]: ...
    def _asdict(self) -> dict[str, Any]: ...


class Layout(NamedTuple):
    """The places of a model's variables in its row."""

    kind: type[Weights]  # the named tuple that the variables make
    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, weights: Weights) -> "Layout":
        """Return the layout of one model's variables."""
        shapes = tuple(tuple(variable.shape) for variable in weights)
        return cls(type(weights), tuple(weights._asdict()), shapes)

    @property
    def sizes(self) -> list[int]:
        """How many numbers each variable has."""
        return [math.prod(shape) for shape in self.shapes]

    def rows(self, variables: Sequence[Tensor]) -> Tensor:
        """Put variables (..., shape) into rows, (..., P)."""
        flat = [
            variable.reshape(*variable.shape[: variable.dim() - len(shape)], -1)
            for variable, shape in zip(variables, self.shapes, strict=True)
        ]
        return torch.cat(flat, dim=-1)

    def pieces(self, rows: Tensor) -> tuple[Tensor, ...]:
        """Return each variable's piece of rows (..., P), flat."""
        pieces: tuple[Tensor, ...] = rows.split(self.sizes, dim=-1)
        return pieces

    def views(self, rows: Tensor) -> Any:
        """Return variables (..., shape) that are views of rows (..., P)."""
        pieces = zip(self.pieces(rows), self.shapes, strict=True)
        return self.kind(*(piece.unflatten(-1, shape) for piece, shape in pieces))

    def matrix_places(self) -> Tensor:
        """Say which numbers of a row are those of matrices, (P,): 1 there, and 0 at the rates'."""
        is_matrix = torch.tensor([float(len(shape) == 2) for shape in self.shapes])
        return is_matrix.repeat_interleave(torch.tensor(self.sizes))


def named_weights(kind: type[Weights], tensors: Mapping[str, Tensor], device: torch.device) -> Any:
    """Return a checkpoint's tensors as a learner's weights, on a device."""
    names: tuple[str, ...] = kind._fields  # type: ignore[attr-defined]  # a named tuple's
    return kind(*(tensors[name].to(device) for name in names))
