# mypy: disable-error-code="no-untyped-def, no-untyped-call, untyped-decorator"
"""The kernels of `engine.learners.leo.fused.unrolled`, where it is said how they fit together.

Shapes and names are explained there. Every kernel is one program for a pack of tasks and a chunk of
the embedding dimensions.
"""

import triton
import triton.language as tl

from engine.learners.leo.model import SMALLEST_DEVIATION

_FLOOR = tl.constexpr(SMALLEST_DEVIATION)

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
def decode(
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
def descend(
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
def pull(
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
def push(
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
def ask(
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
def tune(
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
def untune(
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
