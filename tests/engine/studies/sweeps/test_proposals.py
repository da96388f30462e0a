"""A trial's values are a function of the seed, its number and what it knows."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.studies.sweeps import proposals
from engine.studies.sweeps.proposals import importance, proposed
from engine.studies.sweeps.sweep import Sweep
from engine.studies.sweeps.trials import Outcome, Trial
from tests.engine.studies.sweeps.conftest import MakeSweep


def imagined(sweep: Sweep, count: int) -> list[Trial]:
    """Return trials that end as if a small outer_lr were all that matters."""
    trials: list[Trial] = []
    for number in range(count):
        values = proposed(sweep, trials, number)
        rate = values["optimizer.outer_lr"]
        assert isinstance(rate, float)
        outcome = Outcome(number, values, "complete", [1 - rate] * 6, 18, 1 - rate, 18)
        trials.append(Trial(number, Path(f"run-{number}"), None, values, outcome))
    return trials


def test_the_first_trial_has_the_presets_values(make_sweep: MakeSweep) -> None:
    sweep = make_sweep()
    values = proposed(sweep, [], 0)
    assert values == sweep.space.values_of(sweep.experiment)
    assert list(values) == list(sweep.parameters)


def test_all_values_lie_in_the_space_and_make_experiments(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(trials=25)
    trials = imagined(sweep, 25)
    for trial in trials:
        for path, value in trial.values.items():
            assert sweep.parameters[path].holds(value)
        experiment = sweep.trial_experiment(trial.number, trial.values, "cpu")
        assert sweep.space.values_of(experiment) == trial.values
        assert experiment.name == f"trial-{trial.number:04d}"
    dropouts = {trial.values["learner.dropout"] for trial in trials}
    assert dropouts <= {0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6}  # to the bit: nothing like 0.30000000004
    assert len(dropouts) > 2


def test_what_ended_within_the_lag_changes_no_proposal(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(lag=3)
    trials = imagined(sweep, 20)
    begun = [Trial(each.number, each.run, None, each.values) for each in trials]
    expected = proposed(sweep, trials, 20)
    assert proposed(sweep, [*trials[:17], *begun[17:]], 20) == expected
    # What it knows does change it, and so do the seed and the number.
    poor = [replace(each, outcome=worse(each.outcome)) for each in trials]
    assert proposed(sweep, [*trials[:17], *poor[17:]], 20) == expected
    assert proposed(sweep, [*poor[:17], *begun[17:]], 20) != expected
    assert proposed(make_sweep(lag=3, seed=1), trials, 20) != expected


def worse(outcome: Outcome | None) -> Outcome:
    assert outcome is not None and outcome.value is not None
    return replace(outcome, value=1 - outcome.value, accuracies=[1 - outcome.value] * 6)


def test_values_are_random_until_enough_is_known_and_then_proposed(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(random=12, lag=4)
    trials = imagined(sweep, 40)
    rates = [trial.values["optimizer.outer_lr"] for trial in trials]
    # Trial 15 knows 11 results, and trial 16 knows 12.
    blind = imagined(make_sweep(random=100, lag=4), 40)
    alike = [one.values == other.values for one, other in zip(trials, blind, strict=True)]
    assert alike == [True] * 16 + [False] * 24
    late = sorted(float(str(rate)) for rate in rates[25:])
    early = sorted(float(str(rate)) for rate in rates[1:16])
    assert late[len(late) // 2] < early[len(early) // 2]


def test_what_failed_is_taken_for_poor_and_not_overlooked(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(random=5, lag=0)
    trials = imagined(sweep, 12)
    failed = [
        replace(each, outcome=Outcome(each.number, each.values, "failed", [], 0)) for each in trials
    ]
    alone = proposed(make_sweep(random=100, lag=0), failed, 12)
    assert proposed(sweep, failed, 12) != alone


def test_importance_names_what_decides(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(random=100)
    found = importance(sweep, imagined(sweep, 40))
    assert next(iter(found)) == "optimizer.outer_lr"
    assert found["optimizer.outer_lr"] > 0.8
    assert sum(found.values()) == pytest.approx(1)
    assert importance(sweep, imagined(sweep, 3)) == {}


def test_without_optuna_there_is_a_sentence(
    make_sweep: MakeSweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proposals, "find_spec", lambda _: None)
    with pytest.raises(BadInput, match=r"pip install 'leo-studio\[sweep\]'"):
        proposed(make_sweep(), imagined_one(make_sweep()), 1)


def imagined_one(sweep: Sweep) -> list[Trial]:
    return [Trial(0, Path("run-0"), None, proposed(sweep, [], 0))]
