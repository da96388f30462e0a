"""What the engine tells the world: one union of frozen records.

They hold plain numbers, texts and numpy arrays, so that a window can read them without torch.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# The columns of `StepsTaken.metrics`, and of train.csv after `step`.
STEP_COLUMNS = (
    "loss",
    "query_loss",
    "query_accuracy",
    "kl",
    "encoder_penalty",
    "l2",
    "orthogonality",
    "inner_lr",
    "finetuning_lr",
    "gradient_norm",
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Data and weights are in place; training goes on after `step`."""

    run: str
    step: int
    steps: int
    device: str


@dataclass(frozen=True, slots=True)
class StepsTaken:
    """Some outer steps were taken, the last of which is `step`."""

    step: int
    metrics: NDArray[np.float32]  # (steps, len(STEP_COLUMNS))
    seconds: float  # of training so far, over all sittings
    steps_per_second: float


@dataclass(frozen=True, slots=True)
class Validated:
    """Validation finished after an outer step."""

    step: int
    accuracy: float  # mean over episodes, 0 to 1
    ci95: float  # half width of its confidence interval
    loss: float
    calibration_error: float
    is_best: bool


@dataclass(frozen=True, slots=True)
class CheckpointSaved:
    """A checkpoint is whole on disk."""

    step: int
    path: str


@dataclass(frozen=True, slots=True)
class Finished:
    """Training came to its end."""

    step: int
    stopped_early: bool


Event = Prepared | StepsTaken | Validated | CheckpointSaved | Finished
