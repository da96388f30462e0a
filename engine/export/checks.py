"""Checks that an exported program computes what the engine computes.

The engine is asked by the ways that training and evaluation take (`unrolled` and `trajectory` in
`engine.learners.leo`), not by the programs that were written.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.features import Features
from engine.errors import BadInput
from engine.export.formats import BAR, Check
from engine.export.programs import Program, cases
from engine.learners.leo.model import Parameters, weight_deviation_offset
from engine.learners.leo.trajectory import Model, Support, distribution, trajectory
from engine.learners.leo.unrolled import FineTuning, InnerLoop

# One class or shot alone, many, several tasks, and what nobody trained: sizes are free.
SIZES = ((1, 5, 1), (1, 5, 5), (3, 2, 1), (2, 7, 3), (1, 1, 1), (1, 20, 2))

_LOUDNESS = tuple(0.5**halvings for halvings in range(8))

Stage = Callable[[float, str], None]
"""Told how much of a program's export is done, 0 to 1, and what begins: one of those below."""

TRACING: Final = "Tracing"
CHECKING: Final = f"Checking against the engine, at {len(SIZES)} sizes:"
WRITING: Final = "Writing"

Runner = Callable[[Sequence[NDArray[np.float32]]], Sequence[NDArray[np.float32]]]
"""Runs a program that was written: arrays in, arrays out, in its order."""


def checked(
    name: str, reader: str, program: Program, model: Model, features: Features, run: Runner
) -> Check:
    """Compare a program that was written with the engine at several sizes.

    Raises
    ------
    BadInput
        If they differ: a file that computes something else must not leave the studio.
    """
    exact = _in_float64(model)
    difference, compared = 0.0, 0
    for drawn in cases(program, SIZES):
        case = _steady(program, model, exact, features, drawn)
        if case is None:
            continue
        compared += 1
        found = run([tensor.numpy() for tensor in case.inputs])
        difference = max(difference, *map(_relative_difference, case.outputs, found))
    if compared == 0:
        raise BadInput(
            "Adaptation with these weights overflows or hangs on rounding; choose another "
            "checkpoint."
        )
    check = Check(name, reader, difference, compared)
    if not check.agrees:
        raise BadInput(f"{check}; nothing was exported. Report it, with the run's experiment.yaml.")
    return check


class _Case(NamedTuple):
    """Inputs of a program, and the outputs that the engine gives for them."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]


def _steady(
    program: Program, model: Model, exact: Model, features: Features, drawn: tuple[Tensor, ...]
) -> _Case | None:
    """Return a case in which the engine's own rounding is far below the bar, or None.

    Weights that learned from one kind of embeddings may blow up on random ones and full noise,
    where no two programs agree. So noise is halved until the engine in float32 is near the engine
    in float64, and left out at last.
    """
    for loudness in (*_LOUDNESS, 0.0):
        inputs = tuple(
            tensor * loudness if name.endswith("noise") else tensor
            for name, tensor in zip(program.inputs, drawn, strict=True)
        )
        outputs = expected(program, model, features, inputs)
        precise = expected(program, exact, features, [tensor.double() for tensor in inputs])
        rounding = max(
            _relative_difference(ours.double(), precise.numpy())
            for ours, precise in zip(outputs, precise, strict=True)
        )
        if rounding <= BAR / 10:
            return _Case(inputs, outputs)
    return None


def _relative_difference(ours: Tensor, precise: NDArray[Any]) -> float:
    """Return the largest difference, as a share of the largest number (at least 1).

    Infinite where something is not a number: that must not pass for small.
    """
    if precise.shape != tuple(ours.shape):
        return np.inf
    with np.errstate(invalid="ignore"):  # of infinities, which are told from numbers below
        largest = np.abs(precise - ours.numpy()).max() / max(1.0, float(ours.abs().max()))
    return float(largest) if np.isfinite(largest) else np.inf


def _in_float64(model: Model) -> Model:
    exact = (tensor.double() for tensor in model.parameters)
    return model._replace(parameters=Parameters(*exact))


@torch.no_grad()
def expected(
    program: Program, model: Model, features: Features, inputs: Sequence[Tensor]
) -> tuple[Tensor, ...]:
    """Return the engine's outputs for a program's inputs."""
    if program.name == "predict":
        weights, queries = inputs
        return (torch.softmax(torch.einsum("bqd,bnd->bqn", features(queries), weights), -1),)
    support = features(inputs[0])
    sets = Support.of(support)
    start = distribution(model, sets)
    if program.name == "adapt":
        return (*_deterministic(model, sets, start.mean), start.mean, start.deviation)
    return (*_sampled(model, support, inputs[1], inputs[2]), start.mean, start.deviation)


def _deterministic(model: Model, support: Support, start: Tensor) -> tuple[Tensor, Tensor]:
    """Adapt as evaluation does."""
    *_, last = trajectory(model, support, start)
    return last.weights, last.codes


def _sampled(
    model: Model, support: Tensor, latent_noise: Tensor, weight_noise: Tensor
) -> tuple[Tensor, Tensor]:
    """Adapt by training's own loops, without dropout."""
    parameters = model.parameters
    b, n, k, d = support.shape
    mean, deviation = distribution(model, Support.of(support))
    codes = mean + deviation * latent_noise
    examples = support.reshape(b, n * k, d)
    weights, adapted = InnerLoop.apply(  # type: ignore[no-untyped-call]
        codes,
        parameters.decoder,
        parameters.inner_lr,
        examples.expand(model.inner_steps, -1, -1, -1),
        weight_noise,
        k,
        weight_deviation_offset(n, d),
    )
    weights = FineTuning.apply(  # type: ignore[no-untyped-call]
        weights, parameters.finetuning_lr, examples.expand(model.finetuning_steps, -1, -1, -1), k
    )
    return weights, adapted
