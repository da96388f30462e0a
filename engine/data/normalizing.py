"""Embeddings divided by their Euclidean norms, in single precision, whatever their size.

The square of 1e20 is more than single precision holds, that of 1e-25 less. Rows so long or so short
are multiplied with a power of two first, which rounds nothing; all others give the same bits as a
plain division.
"""

import torch
from torch import Tensor

# Between these, squares and their sums lose nothing that shows.
_SHORT, _LONG = 1e-15, 1e15
# From the shortest number that is not zero, and from the longest, into that range.
_LENGTHEN, _SHORTEN = 2.0**100, 2.0**-100


def normalized(embeddings: Tensor) -> Tensor:
    """Divide embeddings (..., D) by their norms; zeros stay zeros."""
    norms = embeddings.norm(dim=-1, keepdim=True)
    one = torch.ones_like(norms)
    factors = torch.where(norms > _LONG, one * _SHORTEN, one)
    scaled = embeddings * torch.where(norms < _SHORT, one * _LENGTHEN, factors)
    norms = scaled.norm(dim=-1, keepdim=True)
    return scaled / torch.where(norms == 0, one, norms)


def normalize_(embeddings: Tensor) -> bool:
    """Divide embeddings (n, D) by their norms where they lie; zeros stay zeros.

    Returns whether some are very long or very short, or not finite, which they stay.
    """
    norms = embeddings.norm(dim=1, keepdim=True)
    is_extreme = ~((norms >= _SHORT) & (norms <= _LONG)).squeeze(1)
    has_extreme = bool(is_extreme.any())
    if has_extreme:
        norms[is_extreme] = 1
        embeddings[is_extreme] = normalized(embeddings[is_extreme])
    embeddings.div_(norms)
    return has_extreme
