"""Optuna's journal is made again from the trials wherever it is not as they are."""

from collections.abc import Callable
from pathlib import Path

import optuna
import pytest

from engine.errors import BadInput
from engine.studies.sweeps.journal import update_journal
from engine.studies.sweeps.trials import Trial
from tests.engine.studies.sweeps.conftest import MakeSweep
from tests.engine.studies.sweeps.test_proposals import imagined

Damage = Callable[[Path], object]


def read(path: Path) -> optuna.Study:
    backend = optuna.storages.journal.JournalFileBackend(str(path))
    storage = optuna.storages.JournalStorage(backend)
    return optuna.load_study(study_name="tiny", storage=storage)


def test_it_holds_the_trials_up_to_the_first_that_has_not_ended(
    make_sweep: MakeSweep, tmp_path: Path
) -> None:
    sweep, path = make_sweep(trials=9), tmp_path / "journal.log"
    trials = imagined(sweep, 9)
    open_trial = Trial(6, Path("run-6"), None, trials[6].values)
    update_journal(path, sweep, [*trials[:6], open_trial, *trials[7:]])
    assert [trial.number for trial in read(path).trials] == list(range(6))
    before = path.read_bytes()
    update_journal(path, sweep, trials)
    assert path.read_bytes().startswith(before)  # appended to, not made again
    study = read(path)
    assert [trial.params for trial in study.trials] == [trial.values for trial in trials]
    best = max(trials, key=lambda trial: trial.outcome.value or 0 if trial.outcome else 0)
    assert study.best_trial.number == best.number
    assert study.trials[8].user_attrs["run"] == "run-8"
    assert study.trials[8].intermediate_values == dict.fromkeys(range(1, 7), study.trials[8].value)


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-40]),
        lambda path: path.write_bytes(b"".join(path.read_bytes().splitlines(True)[:4])),
        lambda path: path.write_bytes(b"".join(path.read_bytes().splitlines(True)[1:])),
        lambda path: path.write_bytes(path.read_bytes().replace(b'"op_code":4', b'"op_c', 1)),
        lambda path: path.write_bytes(path.read_bytes().replace(b"run-2", b"run-7")),
        lambda path: path.write_bytes(path.read_bytes() + path.read_bytes().splitlines(True)[3]),
        lambda path: path.write_bytes(b"\x00" * 4096 + b"\n"),
        lambda path: path.write_bytes(b"[]\n"),
    ],
    ids=["lost", "empty", "torn", "cut", "headless", "garbled", "other", "longer", "zeros", "list"],
)
def test_whatever_happened_to_it_it_is_whole_again(
    make_sweep: MakeSweep, tmp_path: Path, damage: Damage
) -> None:
    sweep, path = make_sweep(trials=8), tmp_path / "journal.log"
    trials = imagined(sweep, 8)
    update_journal(path, sweep, trials[:7])
    damage(path)
    update_journal(path, sweep, trials)
    assert [trial.params for trial in read(path).trials] == [trial.values for trial in trials]
    assert sorted(each.name for each in tmp_path.iterdir() if "journal" in each.name) == [path.name]


def test_the_lock_of_a_writer_that_was_killed_keeps_nobody_waiting(
    make_sweep: MakeSweep, tmp_path: Path
) -> None:
    sweep, path = make_sweep(), tmp_path / "journal.log"
    trials = imagined(sweep, 3)
    update_journal(path, sweep, trials[:2])
    lock = tmp_path / "journal.log.lock"
    lock.touch()
    update_journal(path, sweep, trials)
    assert not lock.exists()
    assert len(read(path).trials) == 3


def test_where_it_cannot_be_written_is_said(make_sweep: MakeSweep, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be written"):
        update_journal(tmp_path / "file" / "journal.log", make_sweep(), [])
