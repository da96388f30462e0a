"""Records that the windows show: frozen, of plain values and numpy arrays, never torch.

The controller makes them; the windows read them and know nothing else of the engine but its events,
its settings and its errors.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.config import Experiment
from engine.data.splits import SplitSummary
from engine.evaluation.grid_record import GridEvaluation
from engine.evaluation.record import Evaluation
from engine.evaluation.regression.record import RegressionEvaluation
from engine.events import ACTIVE_STATES, State
from engine.inspection.curvature_record import CurvatureRecord
from engine.inspection.records import Inspection
from engine.inspection.uncertainty_record import UncertaintyRecord
from engine.learners.catalogue import learner_kind
from engine.learners.columns import ColumnSpec
from engine.runs.record import Best, Status, own_checkpoint
from engine.tasks.catalogue import task_kind
from engine.tasks.scores import UNKNOWN, ScoreSpec
from leo_studio.services.gradient_steps import why_no_gradient_steps
from leo_studio.services.latent_space import why_no_latent_space


@dataclass(frozen=True, slots=True)
class TrainingStatus:
    """The status of training at this moment."""

    state: State = "idle"
    run: str = ""  # the run's folder; "" before there is one
    step: int = 0
    steps: int = 0
    steps_per_second: float = 0.0
    seconds: float = 0.0  # of training so far, over all sittings
    seconds_so_far: float = 0.0  # under way in this sitting, with validations, without pauses
    seconds_left: float | None = None  # with validations; None where nobody can say yet
    is_left_at_least: bool = False  # whether more is to come, of which nobody knows how long
    device: str = ""  # where it trains
    validation: tuple[int, int] | None = None  # episodes done and all, while one is under way

    @property
    def is_active(self) -> bool:
        """Whether a run is being trained, or held."""
        return self.state in ACTIVE_STATES

    @property
    def name(self) -> str:
        """The run's name; "" before there is one."""
        return Path(self.run).name


@dataclass(frozen=True, slots=True)
class DeviceEntry:
    """A device that runs can be trained on."""

    name: str  # as run.device takes it
    description: str


@dataclass(frozen=True, slots=True)
class PresetEntry:
    """A preset; `experiment` is None where the file cannot be used, and `problem` says why."""

    name: str
    path: Path
    is_built_in: bool
    experiment: Experiment | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class StoreEntry:
    """An embedding store; `splits` is empty where the file cannot be used."""

    name: str  # as data.store takes it: a name in the library, or a path
    path: Path
    embedding_dim: int = 0
    source: str = ""
    splits: tuple[SplitSummary, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RunEntry:
    """A run on disk, or a folder that cannot be read as one, of which `problem` says why."""

    path: Path
    id: str = ""
    shown_title: str = ""  # see `title`
    changes: tuple[str, ...] = ()  # in what it differs from its preset, in words
    status: Status = "created"
    watched_host: str = ""  # the machine that may still train it; "" where that is known
    preset: str = ""
    experiment: Experiment | None = None
    step: int = 0
    steps: int = 0
    best: Best | None = None  # of its validations
    kept_best: Best | None = None  # of those whose checkpoint is there
    created: str = ""  # ISO 8601, UTC
    seconds: float = 0.0  # of training
    device: str = ""
    store: str = ""
    store_path: str = ""  # where it was last; "" where nobody knows
    error: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    validation: tuple[float, ...] = ()  # the first score of its tasks, the oldest first
    checkpoints: tuple[int, ...] = ()  # steps
    evaluations: tuple[Evaluation, ...] = ()
    evaluation_problems: tuple[str, ...] = ()  # of files that hold no whole evaluation
    function_evaluations: tuple[RegressionEvaluation, ...] = ()  # of a run of regression
    uncertainties: tuple[UncertaintyRecord, ...] = ()
    curvatures: tuple[CurvatureRecord, ...] = ()
    grids: tuple[GridEvaluation, ...] = ()
    problem: str = ""
    is_newer: bool = False  # it cannot be read since a later version of LEO Studio wrote it
    versions: Mapping[str, str] = field(default_factory=dict, hash=False, repr=False)
    # Classes and examples of each split of its store: runs with other ones meet other episodes.
    store_splits: Mapping[str, Mapping[str, int]] = field(
        default_factory=dict, hash=False, repr=False
    )

    @property
    def state(self) -> str:
        """How it stands, or how it is that nobody can say; see `STATE_WORDS`."""
        if self.problem:
            return "newer" if self.is_newer else "unreadable"
        return self.status

    @property
    def name(self) -> str:
        """The folder's name, by which files and the command line call the run."""
        return self.path.name

    @property
    def title(self) -> str:
        """What people read: "5-way 1-shot, leaves100, seed 2", or the name that one of them gave.

        See `leo_studio.services.run_titles`.
        """
        return self.shown_title or self.path.name

    @property
    def is_trained(self) -> bool:
        """Whether its learner is trained, step by step."""
        return self.experiment is None or self.experiment.learner.is_trained

    @property
    def learns_functions(self) -> bool:
        """Whether it learns functions, so that its tasks come from no store."""
        return self.experiment is not None and not self.experiment.task.needs_store

    @property
    def why_no_latent_space(self) -> str:
        """Why it has no latent codes to look at; "" where it has, or cannot be read."""
        return why_no_latent_space(self.title, self.experiment)

    @property
    def why_no_gradient_steps(self) -> str:
        """Why its adaptation has no curvature to measure; "" where it has, or cannot be read."""
        return why_no_gradient_steps(self.title, self.experiment)

    @property
    def score(self) -> ScoreSpec | None:
        """What picks its best checkpoint; None where its settings cannot be read."""
        return None if self.experiment is None else task_kind(self.experiment).scores[0]

    @property
    def best_step(self) -> int | None:
        """The step of the best validation; None before there was one."""
        return None if self.best is None else self.best.step

    @property
    def kept_best_step(self) -> int | None:
        """The step of the best checkpoint that is there; None where none was validated."""
        if self.best_step in self.checkpoints:
            return self.best_step
        return None if self.kept_best is None else self.kept_best.step

    @property
    def best_text(self) -> str:
        """The best validation as people read it; a dash before there was one."""
        if self.best is None or self.score is None:
            return UNKNOWN
        return self.score.text(self.best.value, self.best.ci95)

    @property
    def named_best_text(self) -> str:
        """The same with the score's name, where it is no accuracy, as everybody expects."""
        if self.best is None or self.score is None or self.score.is_percentage:
            return self.best_text
        return f"{self.score.label} {self.best_text}"

    @property
    def own_checkpoint(self) -> Literal["best", "last"]:
        """The checkpoint that is meant where none is named."""
        train_splits = self.experiment.data.train_splits if self.experiment is not None else ()
        return own_checkpoint(self.best_step, train_splits)

    @property
    def own_step(self) -> int | None:
        """The step of that checkpoint; None where there is none."""
        if self.own_checkpoint == "best" and self.kept_best_step is not None:
            return self.kept_best_step
        return self.checkpoints[-1] if self.checkpoints else None


@dataclass(frozen=True, slots=True)
class Curves:
    """All metrics of a run: columns of equal length by name.

    Attributes
    ----------
    training
        The columns of train.csv, one number per outer step; see `engine.runs.metrics`.
    validation
        Those of validation.csv, one number per validation.
    checkpoints
        Steps that a checkpoint was kept of.
    """

    path: Path
    id: str
    experiment: Experiment
    training: Mapping[str, NDArray[np.float64]]
    validation: Mapping[str, NDArray[np.float64]]
    checkpoints: tuple[int, ...]
    best_step: int | None

    @property
    def columns(self) -> tuple[ColumnSpec, ...]:
        """What each outer step reports."""
        return learner_kind(self.experiment).columns

    @property
    def scores(self) -> tuple[ScoreSpec, ...]:
        """What its validations measure."""
        return task_kind(self.experiment).scores


@dataclass(frozen=True, slots=True)
class EvaluationRequest:
    """A request for an evaluation."""

    run: Path
    checkpoint: str | None  # "best", "last", a step, or None for the run's own choice
    split: str
    episodes: int
    compare: str | None = None  # another run's folder, `NEAREST_CLASS_MEAN`, or None


@dataclass(frozen=True, slots=True)
class EpisodeSource:
    """A source of episodes to inspect: a checkpoint of a run, and a split.

    Attributes
    ----------
    run
        The run's folder.
    step
        Of one of its checkpoints.
    split
        "train", "val" or "test": episodes as evaluations have them; or `TRAINING_EPISODES`.
    """

    run: Path
    step: int
    split: str


@dataclass(frozen=True, slots=True)
class Examples:
    """Some examples of a store, in the order in which they were asked for."""

    rows: NDArray[np.int64]  # (n,) of the source's split
    names: tuple[str, ...]
    images: NDArray[np.uint8] | None  # (n, h, w, 1 or 3); None where the store keeps none


@dataclass(frozen=True, slots=True)
class KeptInspection:
    """An inspection in a file.

    Attributes
    ----------
    path
        The file.
    split, episode, step
        What was looked at.
    what_if
        What was changed by hand; see `engine.inspection.what_if`.
    note, kept
        A person's words, and when they were written.
    problem
        Why it cannot be opened; "" where it can.
    classes, names
        What its classes are called, by their places, and its examples, by their rows.
    has_images
        Whether the run's store is there and has pictures of them.
    """

    path: Path
    split: str = ""
    episode: int = 0
    step: int = 0
    what_if: str = ""
    note: str = ""
    kept: str = ""  # ISO 8601, UTC
    problem: str = ""
    classes: tuple[str, ...] = ()
    names: Mapping[int, str] = field(default_factory=dict)
    has_images: bool = False


@dataclass(frozen=True, slots=True)
class OpenedInspection:
    """An inspection from a file.

    Attributes
    ----------
    inspection, note
        What was kept.
    examples
        Its examples: names, and pictures where the run's store is there and has them.
    plain
        The same episode as it is, where that was changed by hand and can be looked at; else None.
    path
        The file.
    """

    inspection: Inspection
    note: str
    examples: Examples
    plain: Inspection | None = None
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class NoticeAction:
    """A button on a toast."""

    label: str
    trigger: Callable[[], None]
    tip: str = ""


@dataclass(frozen=True, slots=True)
class ImportChoice:
    """One answer to an `ImportQuestion`; `choose` gets the names that were typed."""

    label: str
    choose: Callable[[Mapping[str, str]], None]
    needs_names: bool = False


@dataclass(frozen=True, slots=True)
class ImportQuestion:
    """What an import has to know before anything is written; no answer is none of the choices.

    Attributes
    ----------
    archive
        What is imported.
    sentence
        What is in the way.
    choices
        The answers; the first one loses nothing.
    names
        Names to be typed: those that are proposed, by those that are taken.
    is_taken
        Whether a name that is typed is taken too.
    """

    archive: str
    sentence: str
    choices: tuple[ImportChoice, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    is_taken: Callable[[str], bool] = lambda _: False


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell the person at the window, as a toast."""

    kind: Literal["information", "success", "warning", "error"]
    text: str
    details: str = ""  # such as a traceback, shown when asked for
    actions: tuple[NoticeAction, ...] = ()
    stays: bool = False  # until somebody is there to see it: what it tells of took minutes, perhaps
    about: str = ""  # such as a run: it takes the place of an older one about the same
