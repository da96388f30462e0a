"""Layout of all weights of a model in one row, for work on all numbers at once.

Shapes: P numbers of a model, M members of a population.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from engine.learners.leo.model import Parameters


class Layout(NamedTuple):
    """The places of a model's variables in its row."""

    shapes: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, parameters: Parameters) -> "Layout":
        """Return the layout of one model's variables."""
        return cls(tuple(tuple(variable.shape) for variable in parameters))

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

    def views(self, rows: Tensor) -> Parameters:
        """Return variables (..., shape) that are views of rows (..., P)."""
        return Parameters(
            *(
                piece.unflatten(-1, shape)
                for piece, shape in zip(self.pieces(rows), self.shapes, strict=True)
            )
        )

    def matrix_places(self) -> Tensor:
        """Say which numbers of a row are those of matrices, (P,): 1 there, and 0 at the rates'."""
        is_matrix = torch.tensor([float(len(shape) == 2) for shape in self.shapes])
        return is_matrix.repeat_interleave(torch.tensor(self.sizes))
