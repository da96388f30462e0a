"""Events of the engine: one union of frozen records.

They hold plain numbers, texts and numpy arrays, so that a window can read them without torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.config import Experiment, Schedule
from engine.inspection.records import Latents
from engine.learners.columns import ColumnSpec
from engine.tasks.scores import Score, ScoreSpec


@dataclass(frozen=True, slots=True)
class Prepared:
    """Data and weights are in place; training goes on after `step`."""

    run: str
    step: int
    steps: int
    device: str
    columns: tuple[ColumnSpec, ...]  # what each step reports
    scores: tuple[ScoreSpec, ...]  # what a validation measures
    schedule: Schedule | None = None  # None where no steps are taken


@dataclass(frozen=True, slots=True)
class StepsTaken:
    """Some outer steps were taken, the last of which is `step`."""

    step: int
    metrics: NDArray[np.float32]  # (steps, columns); see `Prepared`
    seconds: float  # of training so far, over all sittings
    steps_per_second: float


@dataclass(frozen=True, slots=True)
class Validating:
    """A validation is under way; told some times a second."""

    step: int
    done: int  # episodes
    episodes: int


@dataclass(frozen=True, slots=True)
class Validated:
    """Validation finished after an outer step."""

    step: int
    scores: Mapping[str, Score]  # by name; see `Prepared`
    is_best: bool


@dataclass(frozen=True, slots=True)
class CheckpointSaved:
    """A checkpoint is whole on disk."""

    step: int
    path: str


@dataclass(frozen=True, slots=True)
class ProbesInspected:
    """The codes of the probe episodes, with the weights after an outer step."""

    step: int
    latents: Latents


@dataclass(frozen=True, slots=True)
class Finished:
    """Training came to its end."""

    step: int
    stopped_early: bool


TrainingEvent = (
    Prepared | StepsTaken | Validating | Validated | CheckpointSaved | ProbesInspected | Finished
)
"""What the training loop yields."""

State = Literal[
    "idle", "preparing", "running", "paused", "stopping", "finished", "stopped", "failed"
]
ACTIVE_STATES: tuple[State, ...] = ("preparing", "running", "paused", "stopping")


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The session is in another state."""

    state: State
    run: str  # the run's folder; "" before there is one


@dataclass(frozen=True, slots=True)
class Waiting:
    """An experiment, or a run to go on with, that waits for its turn."""

    number: int  # by which it is taken out of the queue
    name: str  # of the experiment, or of the run's folder
    steps: int | None  # 0 where it needs no training; None where nobody has read the run yet
    experiment: Experiment | None = None  # None for a run to go on with
    preset: str = ""  # what it began as; by default the one that has its name
    run: str = ""  # its folder; "" for an experiment


@dataclass(frozen=True, slots=True)
class QueueChanged:
    """What is trained next, in this order."""

    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """Training ended with an error; the run keeps its last checkpoint."""

    run: str  # the run's folder; "" where it failed before there was one
    sentence: str  # what went wrong and what to change
    traceback: str  # "" for what a person can put right
    lacks_store: bool = False  # whether the run's store is not where it was


SessionEvent = StateChanged | QueueChanged | Failed
Event = TrainingEvent | SessionEvent
"""What the engine's session tells."""
