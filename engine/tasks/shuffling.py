"""A shuffle that is looked at here and there: which numbers come first, without the others.

Swap-or-not (Hoang, Morris and Rogaway 2012, "An enciphering scheme based on a card shuffle"): in
each round a place is swapped with its mirror image about a point that is drawn, or not, as a bit
says that both share. So every round is a permutation of 0 to n - 1, of any n, and what stands at
one place takes as long to find in ten million as in ten.

Two places are as good as independent when one of them was swapped in some round and the other was
not, which has a chance of one half in each: after all rounds it is not so with a chance of 6e-8.
"""

import torch
from torch import Tensor

from engine.tasks.hashing import mixed_with

_ROUNDS = 24
_LARGEST = 2**63 - 1


def shuffled(keys: Tensor, sizes: Tensor, count: int) -> Tensor:
    """Return what stands at the first places of shuffles, (..., count) int64.

    The first ones do not depend on `count`.

    Parameters
    ----------
    keys
        What each shuffle is drawn with, (...) int64.
    sizes
        How many numbers it shuffles, (...) int64, 1 to 2**31. Where they are fewer than `count`,
        what stands at the places that are not there is one of them, too.
    count
        How many places are looked at.
    """
    drawn = mixed_with(keys[..., None], torch.arange(3 * _ROUNDS, device=keys.device))
    points, factors, terms = drawn.unflatten(-1, (3, _ROUNDS)).unbind(-2)
    sizes = sizes[..., None]
    points, factors = (points & _LARGEST) % sizes, factors | 1
    place = torch.arange(count, device=keys.device).minimum(sizes - 1)
    for number in range(_ROUNDS):
        mirrored = points[..., number, None] - place
        mirrored = mirrored + ((mirrored >> 63) & sizes)  # negative ones begin again at the end
        # The bit of a pair: the sign of a product in 64 bits, which is as good as random for
        # numbers of up to 32 (Dietzfelbinger 1996).
        bits = torch.maximum(place, mirrored) * factors[..., number, None]
        place = torch.where(bits + terms[..., number, None] < 0, mirrored, place)
    return place
