"""What a sweep's folder says of its trials."""

import math
import shutil
from pathlib import Path

import pytest

from engine.runs.library import Library
from engine.runs.preparation import new_run
from engine.studies.sweeps.proposals import proposed
from engine.studies.sweeps.trials import (
    OUTCOME,
    History,
    Outcome,
    SweepFolder,
    Trial,
    best_of,
    read_outcome,
)
from tests.engine.studies.sweeps.conftest import MakeSweep, carry_out


def test_an_outcome_is_read_as_it_was_written(tmp_path: Path) -> None:
    for outcome in (
        Outcome(3, {"a.b": 0.1 + 0.2, "a.c": None}, "complete", [0.1, 0.7], 18, 0.7, 6),
        Outcome(4, {"a.b": True, "a.c": "x"}, "pruned", [1 / 3], 3),
        Outcome(5, {}, "failed", [], 0, why="So it was."),
    ):
        outcome.write(tmp_path)
        assert read_outcome(tmp_path) == outcome
    Outcome(6, {}, "pruned", [math.nan], 3).write(tmp_path)
    found = read_outcome(tmp_path)
    assert found is not None and math.isnan(found.accuracies[0])


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", '{"schema": 1}', '{"schema": 2, "number": 1}']
)
def test_a_damaged_outcome_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / OUTCOME).write_text(text)
    assert read_outcome(tmp_path) is None


def test_runs_that_are_half_made_or_of_nobody_are_overlooked(
    make_sweep: MakeSweep, library: Library, sweep_folder: SweepFolder
) -> None:
    sweep = make_sweep()
    for name in ("trial-0000-x", "other", "trial-000-x"):
        (sweep_folder.runs / name).mkdir(parents=True)
    history = History(sweep, sweep_folder)
    assert history.look() == [Trial(number) for number in range(10)]

    values = proposed(sweep, [], 0)
    run, _ = new_run(library, sweep.trial_experiment(0, values, "cpu"), sweep_folder.runs)
    trial = history.look()[0]
    assert (trial.run, trial.values, trial.is_over) == (run.path, values, False)
    assert history.look_at(0) == trial
    assert not history.look_at(1).values


def test_a_trial_whose_run_was_taken_away_has_not_begun(
    make_sweep: MakeSweep, library: Library, sweep_folder: SweepFolder
) -> None:
    sweep = make_sweep(trials=3)
    carry_out(sweep, sweep_folder, library)
    history = History(sweep, sweep_folder)
    trials = history.look()
    assert all(trial.is_over for trial in trials)
    assert trials[1].run is not None
    shutil.rmtree(trials[1].run)
    assert [trial.run is None for trial in history.look()] == [False, True, False]


def test_the_best_is_complete_and_the_first_of_equals() -> None:
    def ended(number: int, value: float | None) -> Trial:
        state = "pruned" if value is None else "complete"
        outcome = Outcome(number, {}, state, [0.99], 3, value, 3)  # type: ignore[arg-type]
        return Trial(number, outcome=outcome)

    trials = [ended(0, 0.5), ended(1, None), ended(2, 0.7), ended(3, 0.7), Trial(4)]
    best = best_of(trials)
    assert best is not None and best.number == 2
    assert best_of([ended(1, None), Trial(2)]) is None
    zero = best_of([ended(0, 0.0)])
    assert zero is not None and zero.number == 0
