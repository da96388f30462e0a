"""The journal of a sweep: its trials for Optuna's own tools, such as optuna-dashboard.

It holds the trials that have ended, by number, up to the first that has not. Nothing is decided by
it: where it is lost, torn, cut short or of something else, it is made again from the runs.
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.io.files import replacing
from engine.studies.sweeps.proposals import as_optuna, new_study, quiet_optuna
from engine.studies.sweeps.sweep import Sweep
from engine.studies.sweeps.trials import Trial

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial


def update_journal(path: Path, sweep: Sweep, trials: Sequence[Trial]) -> None:
    """Bring a journal up to date; whoever calls it holds the lock that all its writers hold.

    Parameters
    ----------
    path
        The journal, which may be damaged, or not there.
    sweep
        The sweep.
    trials
        By number.

    Raises
    ------
    BadInput
        If it cannot be written.
    """
    wanted = as_optuna(sweep, _ended_first(trials))
    # Left by a writer that was killed: others would wait for half a minute.
    with suppress(OSError):
        path.with_name(f"{path.name}.lock").unlink()
    study = _opened(path, sweep)
    if study is None or not _is_beginning(study.get_trials(deepcopy=False), wanted):
        _make(path, sweep, wanted)
    else:
        study.add_trials(wanted[len(study.trials) :])


def _ended_first(trials: Sequence[Trial]) -> list[Trial]:
    """Return the trials before the first that has not ended."""
    count = next((trial.number for trial in trials if not trial.is_over), len(trials))
    return list(trials[:count])


def _opened(path: Path, sweep: Sweep) -> "Study | None":
    """Open a journal; None where it cannot be read whole."""
    try:
        # Optuna overlooks a line that was cut off, and appends to it.
        if not path.read_bytes().endswith(b"\n"):
            return None
        quiet_optuna()
        from optuna import load_study

        study = load_study(study_name=sweep.name, storage=_storage(path))
        study.get_trials(deepcopy=False)
    except Exception:  # whatever Optuna stumbles over, of what anybody may have written there
        return None
    return study


def _make(path: Path, sweep: Sweep, wanted: Sequence["FrozenTrial"]) -> None:
    with replacing(path) as draft:
        new_study(sweep, storage=_storage(draft)).add_trials(wanted)


def _storage(path: Path) -> Any:
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    return JournalStorage(JournalFileBackend(str(path), JournalFileOpenLock(str(path))))


def _is_beginning(found: Sequence["FrozenTrial"], wanted: Sequence["FrozenTrial"]) -> bool:
    """Whether some trials are the first of others."""
    return len(found) <= len(wanted) and all(
        _facts(one) == _facts(other) for one, other in zip(found, wanted, strict=False)
    )


def _facts(trial: "FrozenTrial") -> tuple[Any, ...]:
    # As texts, so that not-a-number is equal to itself.
    seen = str(sorted(trial.intermediate_values.items()))
    return trial.state, trial.params, str(trial.values), seen, trial.distributions, trial.user_attrs
