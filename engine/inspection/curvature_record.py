"""The record of curvature and coverage along adaptation (Rusu et al. 2019, figure 5); no torch.

Curvature is said by the eigenvalues of the Hessian of the support loss, coverage by the singular
values of the decoder and by the lengths of steps.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from engine.evaluation.kept_models import KeptModels, kept_models
from engine.evaluation.record import OF_CURVATURE

SCHEMA = 1
EPISODES = 1000
"""As many as the paper's figure 5 is over."""
PERCENTILES = (5, 25, 50, 75, 95)
"""Where a box has its lower whisker, lower edge, line, upper edge and upper whisker."""


class Box(BaseModel):
    """The spread of some numbers, as a box with whiskers shows it."""

    model_config = ConfigDict(frozen=True)

    low: float  # the 5th percentile
    lower: float  # the 25th
    median: float
    upper: float  # the 75th
    high: float  # the 95th

    @classmethod
    def of(cls, values: NDArray[np.float64] | Sequence[float]) -> Self:
        """Return the box of some numbers of any shape; of what is not a number, no number."""
        found = np.percentile(np.asarray(values, np.float64), PERCENTILES).tolist()
        return cls(**dict(zip(cls.model_fields, found, strict=True)))

    @property
    def values(self) -> tuple[float, ...]:
        """The five numbers, rising."""
        return self.low, self.lower, self.median, self.upper, self.high


class Curvature(BaseModel):
    """How the support loss bends, at one position of the adaptation of many episodes or at all.

    Attributes
    ----------
    latent, weights
        The absolute eigenvalues of the Hessian in either space, all that are not 0 whatever the
        weights are, of all episodes; None where there are no latent codes.
    largest_latent, largest_weights
        Each episode's largest one.
    ratio
        Each episode's largest one in latent space over that in weight space.
    """

    model_config = ConfigDict(frozen=True)

    weights: Box
    largest_weights: Box
    latent: Box | None = None
    largest_latent: Box | None = None
    ratio: Box | None = None


class StepLengths(BaseModel):
    """How far a step goes: Euclidean lengths over all classes of an episode together.

    Attributes
    ----------
    weights
        Of the step in weight space.
    latent
        Of the step in latent space; None for one on weights.
    """

    model_config = ConfigDict(frozen=True)

    weights: Box
    latent: Box | None = None


class PositionCurvature(BaseModel):
    """One position of an adaptation; `step` is the step that led there, None before all."""

    model_config = ConfigDict(frozen=True)

    curvature: Curvature
    step: StepLengths | None = None


class CurvatureRecord(BaseModel):
    """Curvature and coverage along the adaptation of some weights of a run.

    Attributes
    ----------
    run, checkpoint_step
        The run's name and the step of the weights.
    method
        What its learner is called, such as "LEO" or "Meta-SGD".
    split, episodes
        Episodes 0 to `episodes` - 1 of a split, as evaluations meet them.
    n_way, k_shot
        Of these.
    inner_steps, finetuning_steps
        T and F.
    weight_size, weight_rank
        N D, the numbers of a classifier, and how many eigenvalues of its Hessian are counted for
        each episode and position: (N - 1) min(N K, D). The others are 0 whatever the weights are.
    latent_size, latent_rank
        N L and (N - 1) min(N K, L) of the codes; 0 without codes.
    whole
        Over all positions.
    inner, finetuning
        Over all inner and all fine-tuning steps; None where there are none.
    positions
        T + F + 1: before, after each inner step, and after each fine-tuning step.
    singular_values
        Of the decoder's Jacobian, the largest first, (L,), each of which counts N times for the
        codes of a task; empty without a decoder.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    schema_version: int = Field(SCHEMA, alias="schema")
    run: str
    checkpoint_step: int
    method: str
    split: str
    episodes: int
    n_way: int
    k_shot: int
    inner_steps: int
    finetuning_steps: int
    weight_size: int
    weight_rank: int
    latent_size: int
    latent_rank: int
    whole: Curvature
    inner: StepLengths | None
    finetuning: StepLengths | None
    positions: tuple[PositionCurvature, ...]
    singular_values: tuple[float, ...] = ()

    @property
    def has_codes(self) -> bool:
        """Whether there is a latent space."""
        return self.latent_size > 0

    @property
    def expansion(self) -> Box | None:
        """The spread of the decoder's singular values; None without a decoder."""
        return Box.of(self.singular_values) if self.singular_values else None

    def position_name(self, position: int) -> str:
        """Return "before", "inner 3" or "fine-tuning 2"."""
        if position == 0:
            return "before"
        if position <= self.inner_steps:
            return f"inner {position}"
        return f"fine-tuning {position - self.inner_steps}"

    @property
    def file_name(self) -> str:
        """What its file is called among the run's evaluations."""
        return f"{OF_CURVATURE}{self.split}-step-{self.checkpoint_step:09d}-{self.episodes}.json"

    def to_json(self) -> str:
        """Return the text of its file."""
        return self.model_dump_json(indent=1, by_alias=True) + "\n"


def kept_curvatures(run_folder: Path) -> KeptModels[CurvatureRecord]:
    """Read the records that a run keeps, by the names of their files."""
    return kept_models(run_folder, OF_CURVATURE, CurvatureRecord, SCHEMA, "analyse the run again")
