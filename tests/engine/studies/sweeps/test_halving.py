"""Trials are ended early as by Optuna's own Hyperband, where both know the same."""

import math

import numpy as np
import optuna
import pytest

from engine.studies.sweeps.halving import Hyperband, Seen

SEED = 5


@pytest.mark.parametrize("validations", [1, 2, 3, 8, 9, 12, 27, 40])
def test_it_is_optunas_where_all_earlier_trials_are_known(validations: int) -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    pruner = optuna.pruners.HyperbandPruner(
        min_resource=1, max_resource=validations, reduction_factor=3
    )
    study = optuna.create_study(direction="maximize", study_name=str(SEED), pruner=pruner)
    numbers = np.random.default_rng(validations)
    known: list[Seen] = []
    ours = Hyperband(validations, SEED)
    counts: set[int] = set()
    for number in range(120):
        trial = study.ask()
        quality = numbers.normal(0.6, 0.1)
        seen: list[float] = []
        for count in range(1, validations + 1):
            # Rounded, so that some are equal.
            seen.append(round(float(quality + numbers.normal(0, 0.05)), 2))
            trial.report(seen[-1], count)
            is_pruned = trial.should_prune() and count < validations
            assert ours.is_ended(Seen(number, seen), known) == is_pruned
            if is_pruned:
                break
        counts.add(len(seen))
        known.append(Seen(number, seen))
        study.tell(trial, state=optuna.trial.TrialState.PRUNED)
    rungs = {1, 3, 9, 27}
    assert counts == {rung for rung in rungs if rung < validations} | {validations}


def test_trials_of_other_brackets_and_those_not_come_so_far_are_no_rivals() -> None:
    ours = Hyperband(9, SEED)
    first = [number for number in range(60) if ours.bracket(number) == 0]
    second = [number for number in range(60) if ours.bracket(number) == 1]
    poor = Seen(first[-1], [0.1])
    assert not ours.is_ended(poor, [])
    assert not ours.is_ended(poor, [Seen(number, [0.9]) for number in second])
    assert ours.is_ended(poor, [Seen(number, [0.9]) for number in first[:3]])
    later = Seen(second[-1], [0.1, 0.1, 0.1])
    assert not ours.is_ended(later, [Seen(number, [0.9, 0.9]) for number in second[:5]])
    assert ours.is_ended(later, [Seen(number, [0.0, 0.0, 0.9]) for number in second[:3]])


def test_it_is_known_afterwards_where_a_trial_was_to_end() -> None:
    ours = Hyperband(9, SEED)
    first = [number for number in range(60) if ours.bracket(number) == 0]
    known = [Seen(number, [0.5, 0.5, 0.9]) for number in first[:6]]
    assert ours.ended_after(Seen(first[-1], [0.6, 0.6, 0.6, 0.6]), known) == 3
    assert ours.ended_after(Seen(first[-1], [0.4, 0.9]), known) == 1
    assert ours.ended_after(Seen(first[-1], [0.6, 0.6]), known) is None
    assert ours.ended_after(Seen(first[-1], []), known) is None


def test_what_is_no_number_is_ended_and_no_rival() -> None:
    ours = Hyperband(9, SEED)
    first = [number for number in range(60) if ours.bracket(number) == 0]
    lost = [Seen(number, [math.nan]) for number in first[:6]]
    assert ours.is_ended(Seen(first[-1], [math.nan]), [])
    assert not ours.is_ended(Seen(first[-1], [0.3]), lost)
