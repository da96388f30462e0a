"""Numbers that belong to a name and a key, instead of a random generator's."""

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

SEED = 1807_05960


def uniform(what: str, *key: int | NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the number in [0, 1) that belongs to a name and a key, e.g. ("slant", hand).

    There is no state: a number depends on nothing but its name, its key and the seed. Keys
    broadcast; the result has at least one axis.
    """
    return _numbers(crc32(what.encode()), *key)


def uniform_of_each(names: Sequence[str], *key: int | NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what `uniform` gives for each of W names and the same key, (W, ...)."""
    codes = np.array([crc32(name.encode()) for name in names])
    return _numbers(codes.reshape(-1, *[1] * max(map(np.ndim, key), default=0)), *key)


def pick(options: int, what: str, *key: int | NDArray[np.int64]) -> NDArray[np.int64]:
    """Return some of 0 ... options - 1, by the numbers that `uniform` gives for the same key."""
    return (uniform(what, *key) * options).astype(np.int64)


def bell(what: str, *key: int | NDArray[np.int64]) -> NDArray[np.float64]:
    """Return a bell-shaped number between -2 and 2 with mean 0 and variance 1/3."""
    bent: NDArray[np.float64] = bell_of_each((what,), *key)[0]
    return bent


def bell_of_each(names: Sequence[str], *key: int | NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what `bell` gives for each of W names and the same key, (W, ...)."""
    parts = np.arange(4).reshape(4, *[1] * max(1, *map(np.ndim, key)))
    first, second, third, fourth = np.moveaxis(uniform_of_each(names, *key, parts), 1, 0)
    bent: NDArray[np.float64] = first + second + third + fourth - 2.0
    return bent


def _numbers(*key: int | NDArray[np.int64]) -> NDArray[np.float64]:
    """Return a number in [0, 1) for each key: the hash is splitmix64, chained over its parts."""
    bits = np.full(1, SEED, np.uint64)
    for part in key:
        bits = bits + np.asarray(part).astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        bits = bits ^ (bits >> np.uint64(31))
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53
