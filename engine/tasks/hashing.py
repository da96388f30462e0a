"""A counter-based hash: random-looking numbers as a pure function of integers.

splitmix64 (Steele, Lea and Flood 2014) on 64-bit integers. No state exists, so the numbers are the
same on every device, in every order and after a restart.
"""

from torch import Tensor

GOLDEN = 0x9E3779B97F4A7C15
FIRST = 0xBF58476D1CE4E5B9
SECOND = 0x94D049BB133111EB
_MASK = 0xFFFFFFFFFFFFFFFF


def mixed(*numbers: int) -> int:
    """Hash some integers into one of 0 to 2**64 - 1; their order matters."""
    state = 0
    for number in numbers:
        state = _finish((state + GOLDEN + number) & _MASK)
    return state


def mixed_text(text: str) -> int:
    """Hash a text into 0 to 2**64 - 1."""
    return mixed(*text.encode())


def mixed_with(state: Tensor, numbers: Tensor) -> Tensor:
    """Hash `numbers` on top of `state`, elementwise with broadcasting, on int64 tensors.

    `mixed_with(mixed_with(0, a), b)` has the bits of `mixed(a, b)`.
    """
    z = state + numbers + _signed(GOLDEN)
    z = (z ^ _shifted(z, 30)) * _signed(FIRST)
    z = (z ^ _shifted(z, 27)) * _signed(SECOND)
    return z ^ _shifted(z, 31)


def _finish(z: int) -> int:
    z = ((z ^ (z >> 30)) * FIRST) & _MASK
    z = ((z ^ (z >> 27)) * SECOND) & _MASK
    return z ^ (z >> 31)


def _shifted(z: Tensor, bits: int) -> Tensor:
    """Shift right without the sign: torch's int64 shift copies the sign bit."""
    return (z >> bits) & ((1 << (64 - bits)) - 1)


def _signed(number: int) -> int:
    """Return the int64 with the same bits as an unsigned 64-bit number."""
    return number - (1 << 64) if number >= 1 << 63 else number
