"""Which values a trial has: the preset's, random ones, then those that TPE proposes (Optuna).

A proposal is a function of the sweep's seed, the trial's number, and what the trial knows: the
results of those below number - lag, and the values of those between, which count as under way even
if they have ended ("constant liar": they are taken for poor ones). So it is the same whatever was
killed, and whoever was faster.
"""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import BadInput
from engine.studies.sweeps.space import Parameter, Value, is_whole_number
from engine.studies.sweeps.sweep import Sweep
from engine.studies.sweeps.trials import Outcome, Trial

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler
    from optuna.study import Study
    from optuna.trial import FrozenTrial


def require_optuna() -> None:
    """Raise `BadInput` where Optuna is not installed."""
    if find_spec("optuna") is None:
        raise BadInput("Sweeps need Optuna; install it with: pip install 'leo-studio[sweep]'")


def new_study(sweep: Sweep, sampler: "BaseSampler | None" = None, storage: Any = None) -> "Study":
    """Return an empty study of Optuna; in memory unless a storage is given."""
    quiet_optuna()
    from optuna import create_study

    return create_study(
        direction="maximize", study_name=sweep.name, sampler=sampler, storage=storage
    )


def quiet_optuna() -> None:
    """Let Optuna tell of nothing but trouble; raises `BadInput` where it is not installed."""
    require_optuna()
    from optuna import logging

    logging.set_verbosity(logging.WARNING)


def proposed(sweep: Sweep, trials: Sequence[Trial], number: int) -> dict[str, Value]:
    """Return the values of a trial that has not begun.

    Parameters
    ----------
    sweep
        The sweep.
    trials
        Those of lower numbers at least, by number; all have begun, and those that the trial knows
        (`Sweep.known_to`) have ended.
    number
        The trial's.
    """
    if number == 0:
        return sweep.space.values_of(sweep.experiment)
    require_optuna()
    from optuna.samplers import TPESampler

    seed = int(np.random.SeedSequence([sweep.seed, number]).generate_state(1)[0])
    sampler = TPESampler(seed=seed, n_startup_trials=sweep.random, constant_liar=True)
    study = new_study(sweep, sampler)
    known = sweep.known_to(number)
    study.add_trials(as_optuna(sweep, trials[:number], known))
    values = study.ask(distributions(sweep)).params
    return {path: _rounded(values[path], each) for path, each in sweep.parameters.items()}


def _rounded(value: Value, parameter: Parameter) -> Value:
    """Return a value as people write it: 0.3 of steps of 0.1, not 0.30000000000000004."""
    if parameter.step is None or not isinstance(value, float):
        return value
    return float(f"{value:.12g}")


def distributions(sweep: Sweep) -> dict[str, "BaseDistribution"]:
    """Return what varies as Optuna has it."""
    return {
        path: _distribution(parameter, path, sweep) for path, parameter in sweep.parameters.items()
    }


def _distribution(parameter: Parameter, path: str, sweep: Sweep) -> "BaseDistribution":
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    if parameter.choices is not None:
        return CategoricalDistribution(parameter.choices)
    low, high, step, log = parameter.low, parameter.high, parameter.step, parameter.log
    assert low is not None
    assert high is not None
    if is_whole_number(path, sweep.experiment):
        return IntDistribution(int(low), int(high), step=int(step or 1), log=log)
    return FloatDistribution(low, high, step=step, log=log)


def as_optuna(
    sweep: Sweep, trials: Sequence[Trial], known: int | None = None
) -> list["FrozenTrial"]:
    """Return trials as Optuna has them: the first `known` as they ended, others as under way.

    One that failed counts as pruned before its first validation, which TPE takes for the worst:
    of trials that Optuna calls failed it would learn nothing.
    """
    varied = distributions(sweep)
    return [
        _as_optuna(trial, varied, trial.outcome if known is None or place < known else None)
        for place, trial in enumerate(trials)
    ]


def _as_optuna(
    trial: Trial, varied: dict[str, "BaseDistribution"], outcome: Outcome | None
) -> "FrozenTrial":
    from optuna.trial import TrialState, create_trial

    values = dict(trial.values)
    if outcome is None:
        return create_trial(state=TrialState.RUNNING, params=values, distributions=varied)
    is_complete = outcome.state == "complete"
    accuracies = () if outcome.state == "failed" else outcome.accuracies
    return create_trial(
        state=TrialState.COMPLETE if is_complete else TrialState.PRUNED,
        value=outcome.value,
        params=values,
        distributions=varied,
        intermediate_values=dict(enumerate(accuracies, 1)),
        user_attrs=_facts(trial, outcome),
    )


def _facts(trial: Trial, outcome: Outcome) -> dict[str, Any]:
    run = "" if trial.run is None else trial.run.name
    return {"run": run, "state": outcome.state, "step": outcome.step}


def importance(sweep: Sweep, trials: Sequence[Trial]) -> Mapping[str, float]:
    """Return how much each setting that varies decides of the best accuracy, 0 to 1 (fANOVA).

    Of trials that are complete; empty where they are fewer than four, or all equal.
    """
    complete = [each for each in trials if each.outcome and each.outcome.state == "complete"]
    if len(complete) < 4 or len({each.outcome.value for each in complete if each.outcome}) < 2:
        return {}
    study = new_study(sweep)
    study.add_trials(as_optuna(sweep, complete))
    from optuna.importance import FanovaImportanceEvaluator, get_param_importances

    found = get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=0))
    return {path: float(share) for path, share in found.items()}
