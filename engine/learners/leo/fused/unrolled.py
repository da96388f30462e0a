# mypy: disable-error-code="no-untyped-def, no-untyped-call, untyped-decorator"
"""The two loops of `engine.learners.leo.unrolled` for a GPU, in a few fused kernels for each step.

A step of LEO is hundreds of small operations that depend on one another; on a GPU each costs its
launch, whatever it computes. Here every inner step is two kernels forward and two backward, and
every fine-tuning step one and one. A kernel's program works on some tasks ("a pack") and a chunk
of the D embedding dimensions. What needs all dimensions, the logits and the gradients of codes, is
left as one partial sum per chunk for the next kernel to add up, always in the same order: results
repeat to the bit.

The formulas, and the names, are those of `engine.learners.leo.unrolled`. This module needs triton,
which comes with torch where there are CUDA GPUs; `engine.learners.leo.kernels` says whether it is
there.

Shapes: M members, C copies, B tasks, N ways, K shots, D embedding size, L latent size, T inner
steps, F fine-tuning steps. In a program: R rows, the classes of its tasks; E columns, the support
examples of its tasks; both rounded up to a power of two.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from engine.learners.leo.fused import unrolled_kernels as kernels
from engine.learners.leo.fused.precision import precision

# Embedding dimensions of a program, parts of a sum that it fetches at a time, and its warps: the
# fastest of what was tried on an H200, for one model and for 64. No kernel then needs more
# registers than there are (ptxas says so for 5 ways, 1 and 5 shots).
_CHUNK, _UNROLLED, _WARPS = 64, 5, 4
# A product on a GPU's matrix units has at least this many rows.
_LEAST = 16
# Up to so many tasks each has programs of its own; above, a program is filled with several.
_FEW_TASKS = 32
# The largest task that fits into a program.
_MOST_ROWS, _MOST_EXAMPLES, _MOST_LATENT = 64, 256, 128


def fits(n_way: int, k_shot: int, latent_size: int) -> bool:
    """Whether the kernels can take tasks and codes of this size."""
    is_small = n_way <= _MOST_ROWS and latent_size <= _MOST_LATENT
    return is_small and n_way * k_shot <= _MOST_EXAMPLES


class _Sizes(NamedTuple):
    """Sizes by which tasks are cut into programs; a kernel is compiled for them."""

    members: int
    tasks: int  # B
    ways: int
    shots: int
    copies: int
    dim: int  # D
    latent: int  # L
    packed: int  # tasks of a program

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
        return -(-self.dim // _CHUNK)

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
            "X": _CHUNK,
            "Z": _tile(self.latent),
            "PRECISION": precision(),
            "num_warps": _WARPS,
        }


def _tile(count: int) -> int:
    """Return the size of a tile that holds so many rows or columns."""
    return max(_LEAST, 1 << (count - 1).bit_length())


def _sizes(weights_shape: tuple[int, ...], shots: int, copies: int, latent: int) -> _Sizes:
    members, tasks, ways, dim = weights_shape
    packed = 1 if members * tasks <= _FEW_TASKS else max(1, _LEAST // ways)
    return _Sizes(members, tasks, ways, shots, copies, dim, latent, packed)


class FusedInnerLoop(torch.autograd.Function):
    """`engine.learners.leo.unrolled.InnerLoop`, for sampled codes and weights."""

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
            kernels.decode[size.grid](
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
                UNROLL=_UNROLLED,
                IS_LAST=is_last,
                **constants,
            )
            if is_last:
                break
            kernels.descend[size.grid](
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
                kernels.pull[size.grid](
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
                    UNROLL=_UNROLLED,
                    **constants,
                )
            kernels.push[size.grid](
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
    """`engine.learners.leo.unrolled.FineTuning`."""

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
            kernels.ask[size.grid](
                weights, support[0], finetuning_lr, logits[0], SCALES=False, **constants
            )
        for step in range(steps):
            kernels.tune[size.grid](
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
            kernels.ask[size.grid](
                grads[steps], support[steps - 1], finetuning_lr, logits[0], SCALES=True, **constants
            )
        for turn, step in enumerate(reversed(range(steps))):
            kernels.untune[size.grid](
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
