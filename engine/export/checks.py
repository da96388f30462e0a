"""Whether what was written computes what the engine computes.

The engine is asked by the ways that training and evaluation take, `engine.leo.unrolled` and
`engine.leo.adaptation`, not by the programs that were written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.errors import BadInput
from engine.export.programs import Program, cases
from engine.leo.adaptation import adapt, adapt_codes
from engine.leo.model import weight_deviation_offset
from engine.leo.trajectory import Model, Support, distribution
from engine.leo.unrolled import FineTuning, InnerLoop

BAR = 1e-5
"""The largest difference that is let through, as a share of the largest number (at least 1)."""

# One class or shot alone, many, several tasks, and what nobody trained: sizes are free.
SIZES = ((1, 5, 1), (1, 5, 5), (3, 2, 1), (2, 7, 3), (1, 1, 1), (1, 20, 2))

Runner = Callable[[Sequence[NDArray[np.float32]]], Sequence[NDArray[np.float32]]]
"""Runs a program that was written: arrays in, arrays out, in its order."""


@dataclass(frozen=True, slots=True)
class Check:
    """How far a program that was written is from the engine.

    Attributes
    ----------
    name
        The file.
    reader
        What ran it.
    difference
        The largest one, as a share of the largest number (at least 1) of the same output.
    cases
        Sizes that were tried.
    """

    name: str
    reader: str
    difference: float
    cases: int

    @property
    def agrees(self) -> bool:
        """Whether the difference is below the bar."""
        return self.difference <= BAR

    def __str__(self) -> str:
        """Say it in a sentence."""
        verdict = "agrees with" if self.agrees else "DIFFERS from"
        return (
            f"{self.name} in {self.reader} {verdict} the engine: at most {self.difference:.1e} "
            f"apart over {self.cases} sizes (allowed: {BAR:.0e})"
        )


def checked(
    name: str, reader: str, program: Program, model: Model, is_normalized: bool, run: Runner
) -> Check:
    """Compare a program that was written with the engine at several sizes.

    Raises
    ------
    BadInput
        If they differ: a file that computes something else must not leave the studio.
    """
    difference = 0.0
    for inputs in cases(program, SIZES):
        found = run([tensor.numpy() for tensor in inputs])
        for mine, theirs in zip(
            expected(program, model, is_normalized, inputs), found, strict=True
        ):
            if not mine.isfinite().all():
                raise BadInput(
                    "These weights make classifiers that are not numbers; choose another "
                    "checkpoint."
                )
            scale = max(1.0, float(mine.abs().max()))
            apart = np.abs(theirs - mine.numpy()).max()
            difference = max(difference, float(np.nan_to_num(apart, nan=np.inf)) / scale)
    check = Check(name, reader, difference, len(SIZES))
    if not check.agrees:
        raise BadInput(f"{check}; nothing was exported. Report it, with the run's experiment.yaml.")
    return check


@torch.no_grad()
def expected(
    program: Program, model: Model, is_normalized: bool, inputs: Sequence[Tensor]
) -> tuple[Tensor, ...]:
    """Return what the engine gives for a program's inputs."""
    seen = partial(_as_loaded, is_normalized=is_normalized)
    if program.name == "predict":
        weights, queries = inputs
        return (torch.softmax(torch.einsum("bqd,bnd->bqn", seen(queries), weights), -1),)
    support = seen(inputs[0])
    start = distribution(model, Support.of(support))
    if program.name == "adapt":
        steps = (model.inner_steps, model.finetuning_steps)
        return (*_deterministic(model, support, steps), start.mean, start.deviation)
    return (*_sampled(model, support, inputs[1], inputs[2]), start.mean, start.deviation)


def _deterministic(model: Model, support: Tensor, steps: tuple[int, int]) -> tuple[Tensor, Tensor]:
    parameters = model.parameters
    weights = adapt(
        parameters,
        support,
        inner_steps=steps[0],
        finetuning_steps=steps[1],
        has_encoder=model.has_encoder,
    )
    sets = Support.of(support)
    latent = sets.examples @ parameters.decoder[:, : parameters.embedding_dim].mT
    start = distribution(model, sets).mean
    shots, rate = support.shape[2], parameters.inner_lr
    return weights, adapt_codes(start, latent, sets.labels, shots, rate, steps[0])


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


def _as_loaded(embeddings: Tensor, is_normalized: bool) -> Tensor:
    """Return embeddings as `EmbeddingStore.load` does."""
    return torch.nn.functional.normalize(embeddings, dim=-1) if is_normalized else embeddings
