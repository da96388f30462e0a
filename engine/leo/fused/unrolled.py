# mypy: disable-error-code="no-untyped-def, no-untyped-call, untyped-decorator"
"""The two loops of `engine.leo.unrolled` for a GPU, in a few fused kernels for each step.

A step of LEO is hundreds of small operations that depend on one another; on a GPU each costs its
launch, whatever it computes. Here every inner step is two kernels forward and two backward, and
every fine-tuning step one and one. A kernel's program works on some tasks ("a pack") and a chunk
of the D embedding dimensions. What needs all dimensions, the logits and the gradients of codes, is
left as one partial sum per chunk for the next kernel to add up, always in the same order: results
repeat to the bit.

The formulas, and the names, are those of `engine.leo.unrolled`. This module needs triton, which
comes with torch where there are CUDA GPUs; `engine.leo.kernels` says whether it is there.

Shapes: M members, C copies, B tasks, N ways, K shots, D embedding size, L latent size, T inner
steps, F fine-tuning steps. In a program: R rows, the classes of its tasks; E columns, the support
examples of its tasks; both rounded up to a power of two.
"""

from typing import Any, NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import once_differentiable

from engine.leo.fused.precision import precision
from engine.leo.model import SMALLEST_DEVIATION

# Embedding dimensions of a program, parts of a sum that it fetches at a time, and its warps. Of few
# tasks, so many programs that all of a GPU is busy; of many, so few that less is left to add up.
# None of them needs more registers than there are (ptxas says so for 5 ways, 1 and 5 shots).
_CUT_OF_FEW, _CUT_OF_MANY = (64, 5, 4), (128, 1, 8)
# A product on a GPU's matrix units has at least this many rows.
_LEAST = 16
# Up to so many tasks each has programs of its own; above, a program is filled with several.
_FEW_TASKS = 32
# The largest task that fits into a program.
_MOST_ROWS, _MOST_EXAMPLES, _MOST_LATENT = 64, 256, 128

_FLOOR = tl.constexpr(SMALLEST_DEVIATION)


def fits(n_way: int, k_shot: int, latent_size: int) -> bool:
    """Whether the kernels can take tasks and codes of this size."""
    is_small = n_way <= _MOST_ROWS and latent_size <= _MOST_LATENT
    return is_small and n_way * k_shot <= _MOST_EXAMPLES


class _Sizes(NamedTuple):
    """How tasks are cut into programs; what a kernel is compiled for."""

    members: int
    tasks: int  # B
    ways: int
    shots: int
    copies: int
    dim: int  # D
    latent: int  # L
    packed: int  # tasks of a program
    chunk: int  # embedding dimensions of a program
    unrolled: int  # parts of a sum that are on their way at a time
    warps: int  # of a program

    @property
    def packs(self) -> int:
        """Programs for all tasks."""
        return self.members * self.packs_per_member

    @property
    def packs_per_member(self) -> int:
        """Programs for a member's tasks."""
        return -(-self.tasks // self.packed)

    @property
    def chunks(self) -> int:
        """Programs for all embedding dimensions."""
        return -(-self.dim // self.chunk)

    @property
    def grid(self) -> tuple[int, int]:
        """The programs of a kernel."""
        return self.packs, self.chunks

    @property
    def rows(self) -> int:
        """R."""
        return _tile(self.packed * self.ways)

    @property
    def columns(self) -> int:
        """E."""
        # With fewer columns triton multiplies without the matrix units.
        return max(2 * _LEAST, _tile(self.packed * self.ways * self.shots))

    def constants(self) -> dict[str, Any]:
        """Return what every kernel is compiled for."""
        return {
            "TASKS": self.tasks,
            "WAYS": self.ways,
            "SHOTS": self.shots,
            "COPIES": self.copies,
            "DIM": self.dim,
            "LATENT": self.latent,
            "PACKED": self.packed,
            "PACKS": self.packs_per_member,
            "CHUNKS": self.chunks,
            "R": self.rows,
            "E": self.columns,
            "X": self.chunk,
            "Z": _tile(self.latent),
            "PRECISION": precision(),
            "num_warps": self.warps,
        }


def _tile(count: int) -> int:
    """Return the size of a tile that holds so many rows or columns."""
    return max(_LEAST, 1 << (count - 1).bit_length())


def _sizes(weights_shape: tuple[int, ...], shots: int, copies: int, latent: int) -> _Sizes:
    members, tasks, ways, dim = weights_shape
    if members * tasks <= _FEW_TASKS:
        packed, cut = 1, _CUT_OF_FEW
    else:
        packed, cut = max(1, _LEAST // ways), _CUT_OF_MANY
    return _Sizes(members, tasks, ways, shots, copies, dim, latent, packed, *cut)


class FusedInnerLoop(torch.autograd.Function):
    """`engine.leo.unrolled.InnerLoop`, for sampled codes and weights."""

    @staticmethod
    def forward(
        ctx: Any,
        codes: Tensor,
        decoder: Tensor,
        inner_lr: Tensor,
        support: Tensor,
        noise: Tensor,
        shots: int,
        offset: float,
    ) -> tuple[Tensor, Tensor]:
        """Adapt; see `InnerLoop`."""
        ctx.shapes = codes.shape, decoder.shape, inner_lr.shape
        # A population's weights are views of one row for each member: not one after the other.
        decoder, inner_lr = decoder.contiguous(), inner_lr.contiguous()
        codes = codes.contiguous().view(-1, *codes.shape[-4:])
        members, copies, tasks, ways, latent = codes.shape
        decoder = decoder.view(members, latent, -1)
        dim = decoder.shape[-1] // 2
        steps = len(support)
        size = _sizes((members, tasks, ways, dim), shots, copies, latent)
        constants = size.constants()
        empty = codes.new_empty
        # The decoder's gradient is left^T right, over all decodes and then over all steps back
        # through which a gradient came; so both are kept as they are made.
        slots = 2 * steps + 1
        left = empty(members, slots, copies, tasks, ways, latent)
        right = empty(members, slots, copies, tasks, ways, dim)
        mean_right = empty(members, slots, tasks, ways, dim)
        slopes = empty(members, steps + 1, copies, tasks, ways, dim)
        descents = empty(members, steps, copies, tasks, ways, latent)
        probabilities = empty(steps, size.packs, size.rows, size.columns)
        weights = empty(members, tasks, ways, dim)
        logits = empty(size.packs, size.chunks, size.rows, size.columns)
        partial = empty(size.chunks, *codes.shape)
        left[:, 0] = codes
        for step in range(steps + 1):
            is_last = step == steps
            _decode[size.grid](
                left[:, max(step - 1, 0)],
                left[:, step],
                left.stride(0),
                partial,
                partial.stride(0),
                inner_lr,
                descents[:, max(step - 1, 0)] if steps else descents,
                descents.stride(0),
                decoder,
                noise[step],
                support[step if not is_last else 0] if steps else support,
                slopes[:, step],
                slopes.stride(0),
                weights,
                logits,
                offset,
                MOVES=step > 0,
                UNROLL=size.unrolled,
                IS_LAST=is_last,
                **constants,
            )
            if is_last:
                break
            _descend[size.grid](
                logits,
                support[step],
                decoder,
                slopes[:, step],
                slopes.stride(0),
                mean_right[:, steps + 1 + step],
                mean_right.stride(0),
                right[:, steps + 1 + step],
                right.stride(0),
                probabilities[step],
                partial,
                partial.stride(0),
                **constants,
            )
        ctx.save_for_backward(decoder, inner_lr, support)
        ctx.trace = (left, right, mean_right, slopes, descents, probabilities)
        ctx.size = size
        adapted = left[:, steps].clone().view(ctx.shapes[0])
        ctx.mark_non_differentiable(adapted)
        return weights.view(*ctx.shapes[0][:-4], tasks, ways, dim), adapted

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, weights_grad: Tensor, _adapted_grad: Tensor) -> Any:
        """Send the gradient of the weights back through every step."""
        decoder, inner_lr, support = ctx.saved_tensors
        left, right, mean_right, slopes, descents, probabilities = ctx.trace
        size: _Sizes = ctx.size
        constants = size.constants()
        steps = descents.shape[1]
        empty = left.new_empty
        codes_grads = empty(size.members, steps + 1, *left.shape[2:])
        pulled = empty(size.members, size.copies, size.tasks, size.ways, size.dim)
        logits = empty(size.packs, size.chunks, size.rows, size.columns)
        partial = empty(size.chunks, size.members, *left.shape[2:])
        mean_right[:, steps] = weights_grad.view(mean_right[:, steps].shape)
        for step in reversed(range(steps + 1)):
            is_last = step == steps
            if not is_last:
                _pull[size.grid](
                    codes_grads[:, min(step + 2, steps)],
                    codes_grads[:, step + 1],
                    codes_grads.stride(0),
                    partial,
                    partial.stride(0),
                    inner_lr,
                    decoder,
                    support[step],
                    slopes[:, step],
                    slopes.stride(0),
                    pulled,
                    pulled.stride(0),
                    logits,
                    ADDS=step + 1 < steps,
                    UNROLL=size.unrolled,
                    **constants,
                )
            _push[size.grid](
                logits,
                probabilities[step if not is_last else 0] if steps else probabilities,
                support[step if not is_last else 0] if steps else support,
                decoder,
                slopes[:, step],
                slopes.stride(0),
                pulled,
                pulled.stride(0),
                right[:, steps + 1 + step] if not is_last else right,
                right[:, step],
                right.stride(0),
                mean_right[:, step],
                mean_right.stride(0),
                partial,
                partial.stride(0),
                IS_LAST=is_last,
                **constants,
            )
        first = partial.sum(0)
        if steps:
            first += codes_grads[:, 1]
        through = codes_grads[:, 1:]
        rate = inner_lr.view(size.members, 1, 1, 1, 1, -1)
        torch.mul(through, -rate, out=left[:, steps + 1 :])
        mean_left = left.squeeze(2)
        if size.copies > 1:
            mean_left = left.mean(2)
            # What a step takes from the mean it takes for every copy.
            mean_left[:, steps + 1 :] *= size.copies
        halves = (
            mean_left.flatten(1, 3).mT @ mean_right.flatten(1, 3),
            left.flatten(1, 4).mT @ right.flatten(1, 4),
        )
        lr_grad = -(through * descents).sum((1, 2, 3, 4))
        codes_shape, decoder_shape, lr_shape = ctx.shapes
        return (
            first.view(codes_shape),
            torch.cat(halves, dim=-1).view(decoder_shape),
            lr_grad.view(lr_shape),
            None,
            None,
            None,
            None,
        )


class FusedFineTuning(torch.autograd.Function):
    """`engine.leo.unrolled.FineTuning`."""

    @staticmethod
    def forward(
        ctx: Any, weights: Tensor, finetuning_lr: Tensor, support: Tensor, shots: int
    ) -> Tensor:
        """Fine-tune; see `FineTuning`."""
        ctx.shapes = weights.shape, finetuning_lr.shape
        weights, finetuning_lr = weights.contiguous(), finetuning_lr.contiguous()
        support = support.contiguous()
        steps = len(support)
        size = _sizes(tuple(weights.view(-1, *weights.shape[-3:]).shape), shots, 1, 1)
        constants = size.constants()
        empty = weights.new_empty
        gradients = empty(steps, *weights.shape)
        probabilities = empty(steps, size.packs, size.rows, size.columns)
        # A program may still read what the last kernel left while another writes for the next.
        logits = empty(2, size.packs, size.chunks, size.rows, size.columns)
        tuned = torch.empty_like(weights)
        if steps == 0:
            tuned.copy_(weights)
        else:
            _ask[size.grid](
                weights, support[0], finetuning_lr, logits[0], SCALES=False, **constants
            )
        for step in range(steps):
            _tune[size.grid](
                weights if step == 0 else tuned,
                tuned,
                finetuning_lr,
                logits[step % 2],
                logits[(step + 1) % 2],
                support[step],
                support[min(step + 1, steps - 1)],
                gradients[step],
                probabilities[step],
                IS_LAST=step + 1 == steps,
                **constants,
            )
        ctx.save_for_backward(finetuning_lr, support)
        ctx.trace = (gradients, probabilities)
        ctx.size = size
        return tuned

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, weights_grad: Tensor) -> Any:
        """Send the gradient of the weights back through every step."""
        finetuning_lr, support = ctx.saved_tensors
        gradients, probabilities = ctx.trace
        size: _Sizes = ctx.size
        constants = size.constants()
        steps = len(support)
        # What the gradient of the weights is after each step, from before the first one on.
        grads = torch.empty(
            steps + 1, *weights_grad.shape, dtype=weights_grad.dtype, device=weights_grad.device
        )
        grads[steps] = weights_grad
        logits = weights_grad.new_empty(2, size.packs, size.chunks, size.rows, size.columns)
        if steps:
            _ask[size.grid](
                grads[steps], support[steps - 1], finetuning_lr, logits[0], SCALES=True, **constants
            )
        for turn, step in enumerate(reversed(range(steps))):
            _untune[size.grid](
                grads[step + 1],
                grads[step],
                finetuning_lr,
                logits[turn % 2],
                logits[(turn + 1) % 2],
                support[step],
                support[max(step - 1, 0)],
                probabilities[step],
                IS_FIRST=step == 0,
                **constants,
            )
        weights_shape, lr_shape = ctx.shapes
        by_member = (steps, size.members, size.tasks * size.ways, size.dim)
        lr_grad = -(grads[1:] * gradients).view(by_member).sum((0, 2))
        return grads[0].view(weights_shape), lr_grad.view(lr_shape), None, None


# What the kernels share. A pack's rows are the classes of its tasks, one task after the other, and
# its columns their support examples.


@triton.jit
def _rows(pack, TASKS, WAYS, PACKED, PACKS, R: tl.constexpr):
    """Return each row's member, its place in (B, N), and whether there is such a row."""
    member = pack // PACKS
    row = tl.arange(0, R)
    place = (pack % PACKS) * PACKED * WAYS + row
    return member, place, (row < PACKED * WAYS) & (place < TASKS * WAYS)


@triton.jit
def _columns(pack, TASKS, WAYS, SHOTS, PACKED, PACKS, E: tl.constexpr):
    """Return each column's row in (M, B, N K), and whether there is such a column."""
    column = tl.arange(0, E)
    place = (pack % PACKS) * PACKED * WAYS * SHOTS + column
    is_there = (column < PACKED * WAYS * SHOTS) & (place < TASKS * WAYS * SHOTS)
    return (pack // PACKS) * TASKS * WAYS * SHOTS + place, is_there


@triton.jit
def _grid_of(place, is_there, offsets, is_inside, width):
    """Return where a tile of a matrix of `width` columns is, and which of it there is."""
    where = place[:, None] * width + offsets[None, :]
    return where, is_there[:, None] & is_inside[None, :]


@triton.jit
def _added_up(partial, pack, CHUNKS, R: tl.constexpr, E: tl.constexpr):
    """Add up what the chunks left of a pack's (R, E)."""
    row, column = tl.arange(0, R), tl.arange(0, E)
    total = tl.zeros((R, E), tl.float32)
    for chunk in tl.static_range(CHUNKS):
        total += tl.load(
            partial + ((pack * CHUNKS + chunk) * R + row[:, None]) * E + column[None, :]
        )
    return total


@triton.jit
def _leave(partial, pack, chunk, CHUNKS, value, R: tl.constexpr, E: tl.constexpr):
    """Leave a chunk's part of a pack's (R, E)."""
    row, column = tl.arange(0, R), tl.arange(0, E)
    tl.store(partial + ((pack * CHUNKS + chunk) * R + row[:, None]) * E + column[None, :], value)


@triton.jit
def _softmax(logits, is_row, is_column, WAYS, SHOTS, R: tl.constexpr, E: tl.constexpr):
    """Return probabilities and p - y, (R, E), over the classes of each column's own task."""
    row, column = tl.arange(0, R), tl.arange(0, E)
    is_own = (row // WAYS)[:, None] == (column // (WAYS * SHOTS))[None, :]
    is_own = is_own & is_row[:, None] & is_column[None, :]
    is_label = is_own & (row[:, None] == (column // SHOTS)[None, :])
    logits = tl.where(is_own, logits, float("-inf"))
    highest = tl.max(logits, axis=0)
    highest = tl.where(is_column, highest, 0.0)
    exponentials = tl.where(is_own, tl.exp(logits - highest[None, :]), 0.0)
    total = tl.where(is_column, tl.sum(exponentials, axis=0), 1.0)
    probabilities = exponentials / total[None, :]
    return probabilities, probabilities - tl.where(is_label, 1.0, 0.0)


@triton.jit
def _decode(
    codes_before, codes, codes_stride, partial, partial_stride, rates, descents, descents_stride,
    decoder, noise, support, slopes, slopes_stride, weights, logits, offset,
    MOVES: tl.constexpr, IS_LAST: tl.constexpr, UNROLL: tl.constexpr,
    TASKS: tl.constexpr, WAYS: tl.constexpr, SHOTS: tl.constexpr, COPIES: tl.constexpr,
    DIM: tl.constexpr, LATENT: tl.constexpr, PACKED: tl.constexpr, PACKS: tl.constexpr,
    CHUNKS: tl.constexpr, R: tl.constexpr, E: tl.constexpr, X: tl.constexpr, Z: tl.constexpr,
    PRECISION: tl.constexpr,
):  # fmt: skip
    """Take the step on the codes whose parts were left, and decode them into a chunk of weights.

    Leaves the chunk's part of the logits, or the weights where no step follows.
    """
    pack, chunk = tl.program_id(0), tl.program_id(1)
    member, place, is_row = _rows(pack, TASKS, WAYS, PACKED, PACKS, R)
    x, z = chunk * X + tl.arange(0, X), tl.arange(0, Z)
    is_x, is_z = x < DIM, z < LATENT
    matrix, in_matrix = _grid_of(z, is_z, x, is_x, 2 * DIM)
    matrix += member * LATENT * 2 * DIM
    to_deviation = tl.load(decoder + matrix + DIM, mask=in_matrix, other=0.0)
    rate = tl.load(rates + member * LATENT + z, mask=is_z, other=0.0)
    average = tl.zeros((R, Z), tl.float32)
    spread = tl.zeros((R, X), tl.float32)
    for copy in range(COPIES):
        of_copy = copy * TASKS * WAYS + place
        code_at, is_code = _grid_of(of_copy, is_row, z, is_z, LATENT)
        code = tl.load(codes_before + member * codes_stride + code_at, mask=is_code, other=0.0)
        if MOVES:
            descent = tl.zeros((R, Z), tl.float32)
            whole = member * COPIES * TASKS * WAYS * LATENT + code_at
            for part in tl.range(CHUNKS, loop_unroll_factor=UNROLL):
                descent += tl.load(partial + part * partial_stride + whole, mask=is_code, other=0.0)
            code -= rate[None, :] * descent
            if chunk == 0:
                tl.store(codes + member * codes_stride + code_at, code, mask=is_code)
                tl.store(descents + member * descents_stride + code_at, descent, mask=is_code)
        average += code
        exponential = tl.exp(tl.dot(code, to_deviation, input_precision=PRECISION))
        weight_at, is_weight = _grid_of(of_copy, is_row, x, is_x, DIM)
        drawn = tl.load(
            noise + member * COPIES * TASKS * WAYS * DIM + weight_at, mask=is_weight, other=0.0
        )
        deviation = exponential - (1 - offset)
        slope = tl.where(deviation > _FLOOR, exponential * drawn, 0.0)
        tl.store(slopes + member * slopes_stride + weight_at, slope, mask=is_weight)
        spread += tl.where(deviation > _FLOOR, deviation, _FLOOR) * drawn
    to_mean = tl.load(decoder + matrix, mask=in_matrix, other=0.0)
    decoded = tl.dot(average / COPIES, to_mean, input_precision=PRECISION) + spread / COPIES
    if IS_LAST:
        at, is_at = _grid_of(place, is_row, x, is_x, DIM)
        tl.store(weights + member * TASKS * WAYS * DIM + at, decoded, mask=is_at)
    else:
        column, is_column = _columns(pack, TASKS, WAYS, SHOTS, PACKED, PACKS, E)
        at, is_at = _grid_of(column, is_column, x, is_x, DIM)
        examples = tl.load(support + at, mask=is_at, other=0.0)
        asked = tl.dot(decoded, tl.trans(examples), input_precision=PRECISION)
        _leave(logits, pack, chunk, CHUNKS, asked, R, E)


@triton.jit
def _descend(
    logits, support, decoder, slopes, slopes_stride, gradients, gradients_stride,
    sampled, sampled_stride, probabilities, partial, partial_stride,
    TASKS: tl.constexpr, WAYS: tl.constexpr, SHOTS: tl.constexpr, COPIES: tl.constexpr,
    DIM: tl.constexpr, LATENT: tl.constexpr, PACKED: tl.constexpr, PACKS: tl.constexpr,
    CHUNKS: tl.constexpr, R: tl.constexpr, E: tl.constexpr, X: tl.constexpr, Z: tl.constexpr,
    PRECISION: tl.constexpr,
):  # fmt: skip
    """Make a chunk of the support loss's gradient, and leave its part of the codes' gradients."""
    pack, chunk = tl.program_id(0), tl.program_id(1)
    member, place, is_row = _rows(pack, TASKS, WAYS, PACKED, PACKS, R)
    column, is_column = _columns(pack, TASKS, WAYS, SHOTS, PACKED, PACKS, E)
    x, z = chunk * X + tl.arange(0, X), tl.arange(0, Z)
    is_x, is_z = x < DIM, z < LATENT
    added = _added_up(logits, pack, CHUNKS, R, E)
    probability, residual = _softmax(added, is_row, is_column, WAYS, SHOTS, R, E)
    if chunk == 0:
        _leave(probabilities, pack, 0, 1, probability, R, E)
    at, is_at = _grid_of(column, is_column, x, is_x, DIM)
    examples = tl.load(support + at, mask=is_at, other=0.0)
    gradient = tl.dot(residual / SHOTS, examples, input_precision=PRECISION)
    at, is_at = _grid_of(place, is_row, x, is_x, DIM)
    tl.store(gradients + member * gradients_stride + at, gradient, mask=is_at)
    matrix, in_matrix = _grid_of(z, is_z, x, is_x, 2 * DIM)
    matrix += member * LATENT * 2 * DIM
    to_mean = tl.load(decoder + matrix, mask=in_matrix, other=0.0)
    shared = tl.dot(gradient, tl.trans(to_mean), input_precision=PRECISION)
    to_deviation = tl.load(decoder + matrix + DIM, mask=in_matrix, other=0.0)
    for copy in range(COPIES):
        of_copy = copy * TASKS * WAYS + place
        weight_at, is_weight = _grid_of(of_copy, is_row, x, is_x, DIM)
        slope = tl.load(slopes + member * slopes_stride + weight_at, mask=is_weight, other=0.0)
        own = gradient * slope
        tl.store(sampled + member * sampled_stride + weight_at, own, mask=is_weight)
        descent = shared + tl.dot(own, tl.trans(to_deviation), input_precision=PRECISION)
        code_at, is_code = _grid_of(of_copy, is_row, z, is_z, LATENT)
        whole = member * COPIES * TASKS * WAYS * LATENT + code_at
        tl.store(partial + chunk * partial_stride + whole, descent, mask=is_code)


@triton.jit
def _pull(
    grads_after, grads, grads_stride, partial, partial_stride, rates, decoder, support,
    slopes, slopes_stride, pulled, pulled_stride, logits,
    ADDS: tl.constexpr, UNROLL: tl.constexpr,
    TASKS: tl.constexpr, WAYS: tl.constexpr, SHOTS: tl.constexpr, COPIES: tl.constexpr,
    DIM: tl.constexpr, LATENT: tl.constexpr, PACKED: tl.constexpr, PACKS: tl.constexpr,
    CHUNKS: tl.constexpr, R: tl.constexpr, E: tl.constexpr, X: tl.constexpr, Z: tl.constexpr,
    PRECISION: tl.constexpr,
):  # fmt: skip
    """Send the codes' gradient back to the gradient that the step took, a chunk of it.

    Leaves the chunk's part of what that does to the logits.
    """
    pack, chunk = tl.program_id(0), tl.program_id(1)
    member, place, is_row = _rows(pack, TASKS, WAYS, PACKED, PACKS, R)
    x, z = chunk * X + tl.arange(0, X), tl.arange(0, Z)
    is_x, is_z = x < DIM, z < LATENT
    matrix, in_matrix = _grid_of(z, is_z, x, is_x, 2 * DIM)
    matrix += member * LATENT * 2 * DIM
    to_deviation = tl.load(decoder + matrix + DIM, mask=in_matrix, other=0.0)
    rate = tl.load(rates + member * LATENT + z, mask=is_z, other=0.0)
    shared = tl.zeros((R, Z), tl.float32)
    gradient_grad = tl.zeros((R, X), tl.float32)
    for copy in range(COPIES):
        of_copy = copy * TASKS * WAYS + place
        code_at, is_code = _grid_of(of_copy, is_row, z, is_z, LATENT)
        whole = member * COPIES * TASKS * WAYS * LATENT + code_at
        code_grad = tl.zeros((R, Z), tl.float32)
        if ADDS:
            code_grad += tl.load(
                grads_after + member * grads_stride + code_at, mask=is_code, other=0.0
            )
        for part in tl.range(CHUNKS, loop_unroll_factor=UNROLL):
            code_grad += tl.load(partial + part * partial_stride + whole, mask=is_code, other=0.0)
        if chunk == 0:
            tl.store(grads + member * grads_stride + code_at, code_grad, mask=is_code)
        descent_grad = -rate[None, :] * code_grad
        shared += descent_grad
        slope_grad = tl.dot(descent_grad, to_deviation, input_precision=PRECISION)
        weight_at, is_weight = _grid_of(of_copy, is_row, x, is_x, DIM)
        tl.store(pulled + member * pulled_stride + weight_at, slope_grad, mask=is_weight)
        slope = tl.load(slopes + member * slopes_stride + weight_at, mask=is_weight, other=0.0)
        gradient_grad += slope_grad * slope
    to_mean = tl.load(decoder + matrix, mask=in_matrix, other=0.0)
    gradient_grad += tl.dot(shared, to_mean, input_precision=PRECISION)
    column, is_column = _columns(pack, TASKS, WAYS, SHOTS, PACKED, PACKS, E)
    at, is_at = _grid_of(column, is_column, x, is_x, DIM)
    examples = tl.load(support + at, mask=is_at, other=0.0)
    moved = tl.dot(gradient_grad, tl.trans(examples), input_precision=PRECISION)
    _leave(logits, pack, chunk, CHUNKS, moved, R, E)


@triton.jit
def _push(
    logits, probabilities, support, decoder, slopes, slopes_stride, pulled, pulled_stride,
    sampled, unnormalised, right_stride, weights_grads, weights_grads_stride,
    partial, partial_stride,
    IS_LAST: tl.constexpr,
    TASKS: tl.constexpr, WAYS: tl.constexpr, SHOTS: tl.constexpr, COPIES: tl.constexpr,
    DIM: tl.constexpr, LATENT: tl.constexpr, PACKED: tl.constexpr, PACKS: tl.constexpr,
    CHUNKS: tl.constexpr, R: tl.constexpr, E: tl.constexpr, X: tl.constexpr, Z: tl.constexpr,
    PRECISION: tl.constexpr,
):  # fmt: skip
    """Send a chunk of the decoded weights' gradient back, and leave its part of the codes'.

    After the last decode that gradient is given; before, it comes from the step's logits.
    """
    pack, chunk = tl.program_id(0), tl.program_id(1)
    member, place, is_row = _rows(pack, TASKS, WAYS, PACKED, PACKS, R)
    x, z = chunk * X + tl.arange(0, X), tl.arange(0, Z)
    is_x, is_z = x < DIM, z < LATENT
    shared_at, is_shared = _grid_of(place, is_row, x, is_x, DIM)
    shared_at += member * weights_grads_stride
    if IS_LAST:
        weights_grad = tl.load(weights_grads + shared_at, mask=is_shared, other=0.0)
    else:
        weights_grad = _through_softmax(
            logits, probabilities, support, pack, x, is_x, TASKS, WAYS, SHOTS, DIM, PACKED, PACKS,
            CHUNKS, R, E, PRECISION,
        )  # fmt: skip
        tl.store(weights_grads + shared_at, weights_grad, mask=is_shared)
    matrix, in_matrix = _grid_of(z, is_z, x, is_x, 2 * DIM)
    matrix += member * LATENT * 2 * DIM
    to_mean = tl.load(decoder + matrix, mask=in_matrix, other=0.0)
    share = weights_grad / COPIES
    shared = tl.dot(share, tl.trans(to_mean), input_precision=PRECISION)
    to_deviation = tl.load(decoder + matrix + DIM, mask=in_matrix, other=0.0)
    for copy in range(COPIES):
        of_copy = copy * TASKS * WAYS + place
        weight_at, is_weight = _grid_of(of_copy, is_row, x, is_x, DIM)
        slope = tl.load(slopes + member * slopes_stride + weight_at, mask=is_weight, other=0.0)
        own = share * slope
        if not IS_LAST:
            slope_grad = tl.load(
                pulled + member * pulled_stride + weight_at, mask=is_weight, other=0.0
            )
            stepped = tl.load(
                sampled + member * right_stride + weight_at, mask=is_weight, other=0.0
            )
            own += slope_grad * stepped
        tl.store(unnormalised + member * right_stride + weight_at, own, mask=is_weight)
        code_grad = shared + tl.dot(own, tl.trans(to_deviation), input_precision=PRECISION)
        code_at, is_code = _grid_of(of_copy, is_row, z, is_z, LATENT)
        whole = member * COPIES * TASKS * WAYS * LATENT + code_at
        tl.store(partial + chunk * partial_stride + whole, code_grad, mask=is_code)


@triton.jit
def _through_softmax(
    logits, probabilities, support, pack, x, is_x,
    TASKS: tl.constexpr, WAYS: tl.constexpr, SHOTS: tl.constexpr, DIM: tl.constexpr,
    PACKED: tl.constexpr, PACKS: tl.constexpr, CHUNKS: tl.constexpr,
    R: tl.constexpr, E: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """Return a chunk of `support_gradient_backward`, (R, X), from what was left of the logits."""
    column, is_column = _columns(pack, TASKS, WAYS, SHOTS, PACKED, PACKS, E)
    moved = _added_up(logits, pack, CHUNKS, R, E)
    probability = _added_up(probabilities, pack, 1, R, E)
    centred = moved - tl.sum(probability * moved, axis=0)[None, :]
    at, is_at = _grid_of(column, is_column, x, is_x, DIM)
    examples = tl.load(support + at, mask=is_at, other=0.0)
    return tl.dot(probability * centred / SHOTS, examples, input_precision=PRECISION)


@triton.jit
def _ask(
    weights, support, rates, logits, SCALES: tl.constexpr,
    TASKS: tl.constexpr, WAYS: tl.constexpr, SHOTS: tl.constexpr, COPIES: tl.constexpr,
    DIM: tl.constexpr, LATENT: tl.constexpr, PACKED: tl.constexpr, PACKS: tl.constexpr,
    CHUNKS: tl.constexpr, R: tl.constexpr, E: tl.constexpr, X: tl.constexpr, Z: tl.constexpr,
    PRECISION: tl.constexpr,
):  # fmt: skip
    """Leave a chunk's part of the logits of some weights, or of weights times minus the rates."""
    pack, chunk = tl.program_id(0), tl.program_id(1)
    member, place, is_row = _rows(pack, TASKS, WAYS, PACKED, PACKS, R)
    x = chunk * X + tl.arange(0, X)
    is_x = x < DIM
    at, is_at = _grid_of(place, is_row, x, is_x, DIM)
    asking = tl.load(weights + member * TASKS * WAYS * DIM + at, mask=is_at, other=0.0)
    if SCALES:
        asking *= -tl.load(rates + member * DIM + x, mask=is_x, other=0.0)[None, :]
    column, is_column = _columns(pack, TASKS, WAYS, SHOTS, PACKED, PACKS, E)
    at, is_at = _grid_of(column, is_column, x, is_x, DIM)
    examples = tl.load(support + at, mask=is_at, other=0.0)
    asked = tl.dot(asking, tl.trans(examples), input_precision=PRECISION)
    _leave(logits, pack, chunk, CHUNKS, asked, R, E)


@triton.jit
def _tune(
    weights, tuned, rates, logits, logits_next, support, support_next, gradients, probabilities,
    IS_LAST: tl.constexpr,
    TASKS: tl.constexpr, WAYS: tl.constexpr, SHOTS: tl.constexpr, COPIES: tl.constexpr,
    DIM: tl.constexpr, LATENT: tl.constexpr, PACKED: tl.constexpr, PACKS: tl.constexpr,
    CHUNKS: tl.constexpr, R: tl.constexpr, E: tl.constexpr, X: tl.constexpr, Z: tl.constexpr,
    PRECISION: tl.constexpr,
):  # fmt: skip
    """Take a step on a chunk of the weights, and leave its part of the next step's logits."""
    pack, chunk = tl.program_id(0), tl.program_id(1)
    member, place, is_row = _rows(pack, TASKS, WAYS, PACKED, PACKS, R)
    column, is_column = _columns(pack, TASKS, WAYS, SHOTS, PACKED, PACKS, E)
    x = chunk * X + tl.arange(0, X)
    is_x = x < DIM
    added = _added_up(logits, pack, CHUNKS, R, E)
    probability, residual = _softmax(added, is_row, is_column, WAYS, SHOTS, R, E)
    if chunk == 0:
        _leave(probabilities, pack, 0, 1, probability, R, E)
    examples_at, is_example = _grid_of(column, is_column, x, is_x, DIM)
    examples = tl.load(support + examples_at, mask=is_example, other=0.0)
    gradient = tl.dot(residual / SHOTS, examples, input_precision=PRECISION)
    at, is_at = _grid_of(place, is_row, x, is_x, DIM)
    at += member * TASKS * WAYS * DIM
    tl.store(gradients + at, gradient, mask=is_at)
    rate = tl.load(rates + member * DIM + x, mask=is_x, other=0.0)
    moved = tl.load(weights + at, mask=is_at, other=0.0) - rate[None, :] * gradient
    tl.store(tuned + at, moved, mask=is_at)
    if not IS_LAST:
        examples = tl.load(support_next + examples_at, mask=is_example, other=0.0)
        asked = tl.dot(moved, tl.trans(examples), input_precision=PRECISION)
        _leave(logits_next, pack, chunk, CHUNKS, asked, R, E)


@triton.jit
def _untune(
    grads_after, grads, rates, logits, logits_next, support, support_next, probabilities,
    IS_FIRST: tl.constexpr,
    TASKS: tl.constexpr, WAYS: tl.constexpr, SHOTS: tl.constexpr, COPIES: tl.constexpr,
    DIM: tl.constexpr, LATENT: tl.constexpr, PACKED: tl.constexpr, PACKS: tl.constexpr,
    CHUNKS: tl.constexpr, R: tl.constexpr, E: tl.constexpr, X: tl.constexpr, Z: tl.constexpr,
    PRECISION: tl.constexpr,
):  # fmt: skip
    """Send a chunk of the weights' gradient back through a step, and leave its part of the next."""
    pack, chunk = tl.program_id(0), tl.program_id(1)
    member, place, is_row = _rows(pack, TASKS, WAYS, PACKED, PACKS, R)
    x = chunk * X + tl.arange(0, X)
    is_x = x < DIM
    at, is_at = _grid_of(place, is_row, x, is_x, DIM)
    at += member * TASKS * WAYS * DIM
    weights_grad = tl.load(grads_after + at, mask=is_at, other=0.0) + _through_softmax(
        logits, probabilities, support, pack, x, is_x, TASKS, WAYS, SHOTS, DIM, PACKED, PACKS,
        CHUNKS, R, E, PRECISION,
    )  # fmt: skip
    tl.store(grads + at, weights_grad, mask=is_at)
    if not IS_FIRST:
        rate = tl.load(rates + member * DIM + x, mask=is_x, other=0.0)
        column, is_column = _columns(pack, TASKS, WAYS, SHOTS, PACKED, PACKS, E)
        examples_at, is_example = _grid_of(column, is_column, x, is_x, DIM)
        examples = tl.load(support_next + examples_at, mask=is_example, other=0.0)
        moved = tl.dot(weights_grad * -rate[None, :], tl.trans(examples), input_precision=PRECISION)
        _leave(logits_next, pack, chunk, CHUNKS, moved, R, E)
