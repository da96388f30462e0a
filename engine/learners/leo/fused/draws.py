# mypy: disable-error-code="no-untyped-def, no-untyped-call, untyped-decorator"
"""The draws of `engine.learners.leo.draws.filled`, each in one kernel on a GPU.

Word by word the same hash, and number by number the same arithmetic but for the last digits of
logarithm, sine and cosine. This module needs triton; `engine.learners.leo.kernels` says whether it
is there.
"""

import math

import torch
import triton
import triton.language as tl
from torch import Tensor

from engine.learners.leo.draws import Filling
from engine.tasks.hashing import FIRST, GOLDEN, SECOND

_WORDS = 512
_GOLDEN, _FIRST, _SECOND = tl.constexpr(GOLDEN), tl.constexpr(FIRST), tl.constexpr(SECOND)
_TURN = tl.constexpr(2 * math.pi / 2**32)


def fused_filled(filling: Filling) -> Tensor:
    """Make a draw in one kernel; see `engine.learners.leo.draws.filled`."""
    members = len(filling.states)
    out = torch.empty(filling.shape, device=filling.states.device)
    count = out.numel() // members
    words = -(-count // (2 if filling.kept is None else 4))
    grid = (members, triton.cdiv(words, _WORDS))
    _fill[grid](
        out,
        filling.states,
        filling.step,
        filling.states if filling.kept is None else filling.kept,
        count,
        filling.run,
        members,
        PURPOSE=filling.purpose,
        IS_NOISE=filling.kept is None,
        W=_WORDS,
    )
    return out


@triton.jit
def _mixed(state, number):
    """Hash a number on top of a state; see `engine.tasks.hashing`."""
    z = state + number + _GOLDEN
    z = (z ^ (z >> 30)) * _FIRST
    z = (z ^ (z >> 27)) * _SECOND
    return z ^ (z >> 31)


@triton.jit
def _put(out, number, value, count, run, members, member):
    """Store number i of a member, whose runs alternate with the others'."""
    at = ((number // run) * members + member) * run + number % run
    tl.store(out + at, value, mask=number < count)


@triton.jit
def _fill(
    out, states, step, kept, count, run, members,
    PURPOSE: tl.constexpr, IS_NOISE: tl.constexpr, W: tl.constexpr,
):  # fmt: skip
    member = tl.program_id(0)
    word = (tl.program_id(1) * W + tl.arange(0, W)).to(tl.int64)
    state = _mixed(tl.load(states + member).to(tl.uint64), tl.load(step).to(tl.uint64))
    hashed = _mixed(_mixed(state, tl.full((), PURPOSE, tl.uint64)), word.to(tl.uint64))
    if IS_NOISE:
        high = (hashed >> 32).to(tl.float32)
        angle = (hashed & 0xFFFFFFFF).to(tl.float32) * _TURN
        radius = tl.sqrt(-2.0 * tl.log((high + 0.5) * (1.0 / 4294967296.0)))
        _put(out, word * 2, radius * tl.cos(angle), count, run, members, member)
        _put(out, word * 2 + 1, radius * tl.sin(angle), count, run, members, member)
    else:
        keeps = tl.load(kept + member)
        scale = 65536.0 / keeps.to(tl.float32)
        for quarter in tl.static_range(4):
            # The sixteen bits are a signed number in `filled`: its sign is the highest bit.
            bits = (hashed >> (16 * quarter)) & 0xFFFF
            value = (bits ^ 0x8000).to(tl.int64)
            mask = tl.where(value < keeps, scale, 0.0)
            _put(out, word * 4 + quarter, mask, count, run, members, member)
