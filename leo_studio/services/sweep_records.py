"""Records of sweeps that the windows show: no torch, no Optuna."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.studies.sweeps.overseer import SweepState
from engine.studies.sweeps.sweep import Sweep
from engine.studies.sweeps.trials import Outcome, SweepFolder, Trial, best_of
from leo_studio.services.work_states import WorkState


@dataclass(frozen=True, slots=True)
class SweepWanted:
    """A sweep as somebody wants to see or carry it out.

    Attributes
    ----------
    name
        Of its folder in the library.
    preset, space
        What a new one is made of; one that was begun knows.
    trials, final_seeds
        How many trials, and how many runs of the best; None for as many as it was begun with.
    steps, pruning
        Of a new one; None for the preset's steps.
    device, at_once
        Where trials are trained, and by how many workers.
    """

    name: str
    preset: str = ""
    space: str = ""
    trials: int | None = None
    final_seeds: int | None = None
    steps: int | None = None
    pruning: bool = True
    device: str = "cpu"
    at_once: int = 1


@dataclass(frozen=True, slots=True)
class SweepEntry:
    """A sweep in a list, and how it stands."""

    name: str
    trials: int = 0
    done: int = 0
    best: float | None = None  # validation accuracy, 0 to 1
    state: WorkState = "new"
    problem: str = ""  # why it cannot be read
    lacks: tuple[str, ...] = ()  # stores that it needs, and the library does not have


@dataclass(frozen=True, slots=True)
class SpaceOffer:
    """A space that a sweep can be begun with.

    Attributes
    ----------
    name, about
        As its file has them; of one that cannot be read, the file's name.
    presets
        Those that it fits.
    problem
        Why it cannot be read, or why it fits none; "" otherwise.
    """

    name: str
    about: str
    presets: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SweepList:
    """All sweeps of the library, and what others can be begun with."""

    entries: tuple[SweepEntry, ...]
    spaces: tuple[SpaceOffer, ...]
    problem: str = ""  # why none can be carried out: Optuna is not installed


@dataclass(frozen=True, slots=True, eq=False)
class SweepView:
    """How a sweep stands, trial by trial.

    Attributes
    ----------
    wanted
        As it was wanted.
    state
        What the engine sees of it.
    standing
        How it stands as a whole.
    folder
        Where it is carried out.
    why_not
        Why it cannot be carried out, and what to do; "" where it can.
    lacks_store
        Whether that is a store which the library does not have.
    """

    wanted: SweepWanted
    state: SweepState
    standing: WorkState
    folder: SweepFolder
    why_not: str = ""
    lacks_store: bool = False

    @property
    def name(self) -> str:
        """What it is called in the list."""
        return self.wanted.name

    @property
    def sweep(self) -> Sweep:
        """What was asked for."""
        return self.state.sweep

    @property
    def trials(self) -> Sequence[Trial]:
        """How each trial stands, by number."""
        return self.state.trials

    @property
    def begun(self) -> Sequence[Trial]:
        """Trials that have a run."""
        return [each for each in self.trials if each.run is not None]

    @property
    def best(self) -> Outcome | None:
        """The trial that validated best so far."""
        return best_of(self.trials)

    @property
    def ended(self) -> int:
        """How many trials have ended."""
        return sum(each.is_over for each in self.trials)

    @property
    def complete(self) -> int:
        """How many of them were trained to their last step."""
        ended = [each.outcome for each in self.trials if each.outcome is not None]
        return sum(outcome.state == "complete" for outcome in ended)

    @property
    def total(self) -> int:
        """How many runs there are to be: trials, and runs of the best."""
        return len(self.trials) + runs_of_best(self.state)

    @property
    def done(self) -> int:
        """How many of them are done; one that failed is."""
        return self.ended + sum(each.is_over for each in self.state.finals)

    @property
    def share_done(self) -> float:
        """How much of all runs is done, 0 to 1."""
        shares = [each.share_done for each in self.trials]
        shares += [each.share_done for each in self.state.finals]
        return sum(shares) / max(self.total, 1)


def runs_of_best(state: SweepState) -> int:
    """Return how many runs of the best there are to be, as far as that is known."""
    if all(trial.is_over for trial in state.trials):
        return len(state.finals)
    wanted = state.sweep.final_seeds
    return wanted if state.sweep.experiment.learner.is_trained else min(wanted, 1)


@dataclass(frozen=True, slots=True)
class Importance:
    """How much each setting decides of the accuracy, and of how many complete trials that is."""

    shares: Mapping[str, float] = field(default_factory=dict)
    trials: int = 0
    problem: str = ""  # why nobody knows


@dataclass(frozen=True, slots=True)
class AddedSpace:
    """A space of one's own that was taken into the library."""

    name: str
    file: Path
