"""Operations on populations: tensors with a leading dimension of M members.

A population is several models of one shape, trained side by side: weights (M, ...), examples
(M, B, ...), and a loss (M,). The formulas count dimensions from the right, so one model without
that dimension and many with it read the same; what cannot be counted so is here.
"""

from torch import Tensor


def product(rows: Tensor, matrix: Tensor) -> Tensor:
    """Multiply `rows` (..., I) with `matrix` (I, O), or each member's (M, ..., I) with its own."""
    if matrix.dim() == 2:
        return rows @ matrix
    return (rows.flatten(1, -2) @ matrix).view(*rows.shape[:-1], matrix.shape[-1])


def outer_product(left: Tensor, right: Tensor, matrix: Tensor) -> Tensor:
    """Return left^T @ right over all dimensions but the last and `matrix`'s members.

    The gradient of `product` with respect to its matrix: left (..., I), right (..., O), result
    (I, O) or (M, I, O) like `matrix`.
    """
    first = matrix.dim() - 2
    return left.flatten(first, -2).mT @ right.flatten(first, -2)


def row_per_member(values: Tensor, dimensions: int) -> Tensor:
    """Insert `dimensions` of size 1 before the last, so that each member gets its own row."""
    return values.view(*values.shape[:-1], *(1,) * dimensions, values.shape[-1])
