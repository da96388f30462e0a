"""How a sweep stands as a whole: its trials, and the runs of the best; no torch, no Optuna."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.io.files import write_text
from engine.studies.standing import Standing
from engine.studies.study import Study
from engine.studies.sweeps.final import final_cells, final_study
from engine.studies.sweeps.sweep import Sweep
from engine.studies.sweeps.trials import History, SweepFolder, Trial, best_of


@dataclass(frozen=True, slots=True)
class SweepState:
    """How a sweep stands.

    Attributes
    ----------
    sweep
        What was asked for.
    trials
        By number.
    study, finals
        The study of the best, and how its runs stand; none before all trials have ended.
    """

    sweep: Sweep
    trials: Sequence[Trial]
    study: Study
    finals: Sequence[Standing]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left to do."""
        best, wants_test = best_of(self.trials), bool(self.sweep.final_seeds)
        is_tested = bool(self.finals) or not wants_test or best is None
        are_ended = all(trial.is_over for trial in self.trials)
        return are_ended and is_tested and all(standing.is_over for standing in self.finals)


class SweepOverseer:
    """Looks at how a sweep stands; what has ended it does not read again.

    See `engine.studies.carrying_out.Undertaking`.
    """

    def __init__(self, sweep: Sweep, folder: SweepFolder, device: str) -> None:
        self.sweep, self.folder, self._device = sweep, folder, device
        self._history = History(sweep, folder)
        self._study = final_study(sweep)

    @property
    def title(self) -> str:
        """What it is, and its name."""
        return f"sweep {self.sweep.name}"

    def write(self) -> None:
        """Write the sweep's file into its folder."""
        write_text(self.folder.file, self.sweep.to_yaml())

    def look(self) -> list[Trial | Standing]:
        """Return how all trials stand, and then the runs of the best."""
        state = self.state()
        return [*state.trials, *state.finals]

    def state_of(self, standings: Sequence[Trial | Standing]) -> SweepState:
        """Return how everything stands by what `look` has returned."""
        trials = [each for each in standings if isinstance(each, Trial)]
        finals = [each for each in standings if isinstance(each, Standing)]
        return SweepState(self.sweep, trials, self._study, finals)

    def claims(self, standings: Sequence[Trial | Standing]) -> list[Path]:
        """Return the locks of the trials, and of runs of the best, that are left."""
        return [
            self.folder.claim(self.sweep.trial_name(each.number))
            if isinstance(each, Trial)
            else self.folder.final.claim(each.cell.name)
            for each in standings
            if not each.is_over
        ]

    def state(self) -> SweepState:
        """Return how everything stands."""
        trials = self._history.look()
        cells = final_cells(self.sweep, trials, self._device)
        finals = self.folder.final.standings(self._study, cells)
        return SweepState(self.sweep, trials, self._study, finals)
