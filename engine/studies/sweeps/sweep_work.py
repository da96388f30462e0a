"""A sweep's worker: carries out one trial after the other, then runs of the best."""

import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Literal

import numpy as np

from engine.errors import BadInput
from engine.events import Failed, Validated
from engine.runs.library import Library
from engine.runs.preparation import new_run, resumed_run
from engine.runs.run import Run
from engine.studies.cell_work import Say, carry_out_cell
from engine.studies.claims import claimed
from engine.studies.executors import PROBLEM
from engine.studies.sweeps.final import final_cells, final_study
from engine.studies.sweeps.halving import Hyperband, Seen
from engine.studies.sweeps.journal import update_journal
from engine.studies.sweeps.proposals import proposed
from engine.studies.sweeps.sweep import Sweep, load_sweep
from engine.studies.sweeps.trials import History, Outcome, SweepFolder, Trial, outcomes
from engine.training import train_together

_ASKING = "ask"  # the claim under which trials are begun, one after the other, and the journal
_SECONDS_BETWEEN_LOOKS = 0.1


def work_on_sweep(folder: SweepFolder, library: Library, device: str, say: Say) -> Generator[None]:
    """Carry out what is left of a sweep, yielding many times a second; closing it stops.

    What is being trained keeps a checkpoint then. What fails is told of and left.

    Parameters
    ----------
    folder
        The sweep's folder, which holds its file.
    library
        Where stores are found.
    device
        Where to train.
    say
        Told what happens, a line each.
    """
    sweep = load_sweep(folder.file)
    trials = _Trials(sweep, folder, library, device, say)
    yield from trials.carry_out()
    study = final_study(sweep)
    for cell in final_cells(sweep, trials.history.look(), device):
        yield from carry_out_cell(study, folder.final, cell, library, device, say)


class _Trials:
    """Carries out the trials of a sweep that nobody else has."""

    def __init__(
        self, sweep: Sweep, folder: SweepFolder, library: Library, device: str, say: Say
    ) -> None:
        self.history = History(sweep, folder)
        self._sweep, self._folder, self._library = sweep, folder, library
        self._device, self._say = device, say
        self._given_up: set[int] = set()

    def carry_out(self) -> Generator[None]:
        """Carry out trials until all have ended, or those that have not cannot be."""
        while True:
            with ExitStack() as claim:
                found = self._next(claim)
                if found is None:
                    return
                if found == "wait":
                    time.sleep(_SECONDS_BETWEEN_LOOKS)
                    yield
                    continue
                try:
                    with closing(self._ended(found)) as steps:
                        yield from steps
                except BadInput as error:
                    self._give_up(found.number, error)
            self._update_journal()

    def _next(self, claim: ExitStack) -> Trial | Literal["wait"] | None:
        """Claim a trial that was left, or begin one; None where nothing can be done any more."""
        trials = self.history.look()
        others_work = False
        for trial in trials:
            if trial.is_over or trial.run is None or trial.number in self._given_up:
                continue
            if not self._knows(trials, trial.number):
                continue
            if claim.enter_context(claimed(self._claim(trial.number))):
                now = self.history.look_at(trial.number)
                if not now.is_over and now.run is not None:
                    return now
                claim.close()  # whoever had it has ended it meanwhile
            others_work = True
        if self._can_begin(trials) is not None:
            begun = self._begun(claim)
            if begun is not None:
                return begun
            others_work = True
        return "wait" if others_work else None

    def _can_begin(self, trials: Sequence[Trial]) -> int | None:
        """Return the trial to begin next; None where there is none, or not yet."""
        number = next((trial.number for trial in trials if trial.run is None), None)
        if number is None or number in self._given_up or not self._knows(trials, number):
            return None
        return number

    def _knows(self, trials: Sequence[Trial], number: int) -> bool:
        """Whether all trials have ended that a trial has to know."""
        return all(trial.is_over for trial in trials[: self._sweep.known_to(number)])

    def _begun(self, claim: ExitStack) -> Trial | None:
        """Claim and begin the next trial; None where others are about to."""
        with claimed(self._folder.claim(_ASKING), timeout=0.2) as is_asking:
            trials = self.history.look()
            number = self._can_begin(trials)
            if not is_asking or number is None:
                return None
            if not claim.enter_context(claimed(self._claim(number))):
                return None
            try:
                values = proposed(self._sweep, trials, number)
                experiment = self._sweep.trial_experiment(number, values, self._device)
                base = self._sweep.experiment.name
                # Whole once it is there: a proposal that is lost before is made again, the same.
                run, _ = new_run(self._library, experiment, self._folder.runs, preset=base)
            except BadInput as error:
                self._give_up(number, error)
                return None
            return Trial(number, run.path, run.record, values)

    def _ended(self, trial: Trial) -> Generator[None]:
        """Train a trial's run on to where it ends, and write down how."""
        assert trial.run is not None
        known = self.history.look()[: self._sweep.known_to(trial.number)]
        judge = _Judge(self._sweep, trial, [each.seen for each in outcomes(known)])
        run = Run(trial.run)
        # Whoever was killed may have written the validation that it was to end at.
        outcome = None if run.record.status == "finished" else judge.ended_early(run)
        if outcome is None and run.record.status != "finished":
            self._say(f"{trial.run.name}: trains from step {run.record.step}")
            run, store = resumed_run(self._library, run, device=self._device, say=self._say)
            with closing(train_together([run.experiment], store, [run])) as events:
                for _, event in events:
                    if isinstance(event, Failed):
                        outcome = judge.outcome(run, "failed", why=event.sentence)
                    elif isinstance(event, Validated):
                        outcome = judge.ended_early(run)
                    if outcome is not None:
                        # Before training is stopped: nobody is to go on with it after that.
                        outcome.write(run.path)
                        break
                    yield
        if outcome is None:
            outcome = judge.outcome(run, "complete")
        outcome.write(run.path)
        self._say(f"{trial.run.name}: {outcome.sentence}")

    def _update_journal(self) -> None:
        """Bring Optuna's journal up to date; whoever ends the next trial does it otherwise."""
        with claimed(self._folder.claim(_ASKING), timeout=1.0) as is_asking:
            if not is_asking:
                return
            try:
                update_journal(self._folder.journal, self._sweep, self.history.look())
            except (BadInput, OSError) as error:
                self._say(f"{self._folder.journal} was left behind: {error}")

    def _give_up(self, number: int, error: BadInput) -> None:
        self._given_up.add(number)
        self._say(f"{PROBLEM}{self._name(number)}: {error}")

    def _claim(self, number: int) -> Path:
        return self._folder.claim(self._name(number))

    def _name(self, number: int) -> str:
        return self._sweep.trial_name(number)


class _Judge:
    """Says how a trial ends, as far as it has come."""

    def __init__(self, sweep: Sweep, trial: Trial, known: Sequence[Seen]) -> None:
        self._trial, self._known = trial, known
        is_pruning = sweep.pruning and sweep.experiment.learner.is_trained
        self._hyperband = Hyperband(sweep.validations, sweep.seed) if is_pruning else None

    def ended_early(self, run: Run) -> Outcome | None:
        """Return how it was ended at one of its validations; None where it goes on."""
        if self._hyperband is None:
            return None
        seen = Seen(self._trial.number, _accuracies(run))
        count = self._hyperband.ended_after(seen, self._known)
        return None if count is None else self.outcome(run, "pruned", count)

    def outcome(
        self,
        run: Run,
        state: Literal["complete", "pruned", "failed"],
        count: int | None = None,
        why: str = "",
    ) -> Outcome:
        """Return how it ended, after so many validations, or all that it has."""
        best = run.record.best if state == "complete" else None
        if state == "complete" and best is None:
            state, why = "failed", "No validation accuracy was a number."
        rows = run.validation.read()[:count]
        if state == "failed":  # training was given up some steps later, whenever a chunk ended
            step = _last_number(run)
        else:
            step = int(rows[-1]["step"]) if state == "pruned" else run.record.step
        return Outcome(
            number=self._trial.number,
            values=self._trial.values,
            state=state,
            accuracies=_accuracies(run)[:count],
            step=step,
            value=None if best is None else best.value,
            best_step=None if best is None else best.step,
            why=why,
        )


def _accuracies(run: Run) -> list[float]:
    return [row[run.scores[0].name] for row in run.validation.read()]


def _last_number(run: Run) -> int:
    """Return the last step whose loss was a number; 0 where there is none."""
    columns = run.training.arrays()
    steps = columns["step"][np.isfinite(columns[run.columns[0].name])]
    return int(steps[-1]) if len(steps) else 0
