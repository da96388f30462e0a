"""A sweep of real workers, some of which are killed, comes to what one worker comes to."""

import os
import random
import signal
import time
from contextlib import suppress

import pytest

from engine.errors import BadInput
from engine.io.locks import holding
from engine.runs.library import Library
from engine.studies.carrying_out import carried_out
from engine.studies.executors import LocalExecutor
from engine.studies.sweeps.overseer import SweepOverseer
from engine.studies.sweeps.trials import SweepFolder, best_of
from tests.engine.studies.sweeps.conftest import MakeSweep, carry_out, ended

KILLS = 3
SECONDS = 0.05
pytestmark = pytest.mark.slow


def test_killed_workers_lose_no_trial_and_change_no_bit(
    make_sweep: MakeSweep, library: Library, sweep_folder: SweepFolder
) -> None:
    settings = {"schedule.steps": 180, "schedule.validate_every": 30}
    sweep = make_sweep(settings, trials=8, final_seeds=1)
    whole = SweepFolder(sweep_folder.path.with_name("whole"))
    carry_out(sweep, whole, library)

    overseer, said, draw = SweepOverseer(sweep, sweep_folder, "cpu"), list[str](), random.Random(1)
    executor = LocalExecutor(sweep_folder, library.root, "cpu")
    killed: set[int] = set()
    looks = carried_out(overseer, executor, 2, said.append)
    for standings in looks:
        records = [each.record for each in standings if not each.is_over and each.record]
        owners = {each.process_id for each in records if each.status == "running"} - killed
        if owners and len(killed) < KILLS and draw.random() < 0.5:
            victim = draw.choice(sorted(owners))
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
            killed.add(victim)
        if sweep_folder.journal.exists():
            sweep_folder.journal.write_bytes(sweep_folder.journal.read_bytes()[:-9])  # torn
        time.sleep(SECONDS)
    assert len(killed) == KILLS
    assert len([line for line in said if "was killed by SIGKILL, and another goes on" in line])
    assert ended(sweep, sweep_folder) == ended(sweep, whole)
    states = [SweepOverseer(sweep, each, "cpu").state() for each in (whole, sweep_folder)]
    assert best_of(states[0].trials) == best_of(states[1].trials)
    (one,), (other,) = (state.finals for state in states)
    assert one.evaluation is not None and other.evaluation is not None
    assert one.evaluation.accuracies.tolist() == other.evaluation.accuracies.tolist()
    assert len(list(sweep_folder.runs.glob("*/run.json"))) == 8


def test_a_stopped_sweep_goes_on_where_it_was(
    make_sweep: MakeSweep, library: Library, sweep_folder: SweepFolder
) -> None:
    sweep = make_sweep({"schedule.steps": 2000, "schedule.validate_every": 2000}, trials=1)
    overseer = SweepOverseer(sweep, sweep_folder, "cpu")
    executor = LocalExecutor(sweep_folder, library.root, "cpu")
    looks = carried_out(overseer, executor, 1, pytest.fail)
    for standings in looks:
        record = standings[0].record
        if record is not None and record.step > 0:
            break
        time.sleep(SECONDS)
    looks.close()
    trial = overseer.state().trials[0]
    assert executor.count == 0
    assert trial.record is not None and not trial.is_over
    assert (trial.record.status, 0 < trial.record.step < 2000) == ("stopped", True)
    carry_out(sweep, sweep_folder, library)
    assert overseer.state().trials[0].run == trial.run
    assert all(each.is_over for each in overseer.look())


def test_a_sweep_has_one_overseer(
    make_sweep: MakeSweep, library: Library, sweep_folder: SweepFolder
) -> None:
    overseer = SweepOverseer(make_sweep(), sweep_folder, "cpu")
    executor = LocalExecutor(sweep_folder, library.root, "cpu")
    sweep_folder.path.mkdir()
    with (
        holding(sweep_folder.lock, timeout=0),
        pytest.raises(BadInput, match="Another process carries out this sweep"),
    ):
        next(carried_out(overseer, executor, 1, pytest.fail))
    assert not sweep_folder.file.exists()
