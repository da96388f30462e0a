"""A run that was killed goes on to the same bits."""

import multiprocessing
import random
import shutil
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.events import StepsTaken
from engine.runs.checkpoints import Checkpoint
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from engine.training import pipeline, saver, train
from tests.bits import assert_same_bits, columns

STEPS = 120


@pytest.fixture(scope="module")
def processes() -> multiprocessing.context.BaseContext:
    """Processes with torch already loaded, so that a kill falls into training, not into imports."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["engine.training", "engine.runs.library"])
    return context


@pytest.fixture(scope="module")
def experiment(toy_experiment: Experiment) -> Experiment:
    return toy_experiment.with_settings({"schedule.steps": STEPS, "schedule.validate_every": 25})


@pytest.fixture(scope="module")
def uninterrupted(
    experiment: Experiment, toy_store: EmbeddingStore, tmp_path_factory: pytest.TempPathFactory
) -> Run:
    """The run that the others are compared with."""
    run = Run.create(tmp_path_factory.mktemp("whole"), experiment, StoreRecord())
    list(train(experiment, toy_store, run))
    return run


def train_in_child(run_path: Path, store_path: Path, ready: Connection) -> None:
    # Far more checkpoints than usual, those between validations among them.
    saver._SECONDS_BETWEEN_CHECKPOINTS = 0.02
    pipeline._SECONDS_OF_A_CHUNK = 0.005
    run = Run(run_path)
    for event in train(run.experiment, EmbeddingStore(store_path), run):
        if not isinstance(event, StepsTaken):
            ready.send(type(event).__name__)


@pytest.mark.slow
@pytest.mark.parametrize("moment", range(20))
def test_resuming_after_kill_gives_the_same_bits(
    moment: int,
    tmp_path: Path,
    experiment: Experiment,
    toy_store: EmbeddingStore,
    uninterrupted: Run,
    processes: multiprocessing.context.SpawnContext,
) -> None:
    chance = random.Random(moment)
    run = Run.create(tmp_path / "killed", experiment, StoreRecord())
    kills = 0
    for _ in range(chance.choice([1, 1, 2, 3])):
        receiver, sender = processes.Pipe(duplex=False)
        child = processes.Process(target=train_in_child, args=(run.path, toy_store.path, sender))
        child.start()
        sender.close()
        try:
            receiver.recv()
            time.sleep(chance.uniform(0, 1.2))
        except EOFError:
            pass  # it had finished before
        child.kill()
        child.join()
        receiver.close()
        kills += child.exitcode != 0
        child.close()
    killed = Run(run.path)
    assert killed.status in ("interrupted", "finished")
    if killed.status == "interrupted":
        assert kills > 0
        list(train(killed.experiment, toy_store, killed))
    assert_same_bits(Run(run.path), uninterrupted)


@pytest.mark.parametrize("step", [1, 24, 25, 26, 60, 119])
def test_stopping_and_resuming_gives_the_same_bits(
    step: int,
    tmp_path: Path,
    experiment: Experiment,
    toy_store: EmbeddingStore,
    uninterrupted: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also when Stop falls between a step and the validation that is due after it."""
    monkeypatch.setattr(pipeline, "_SECONDS_OF_A_CHUNK", 0.0)
    run = Run.create(tmp_path / "stopped", experiment, StoreRecord())
    events = train(experiment, toy_store, run)
    for event in events:
        if isinstance(event, StepsTaken) and event.step == step:
            break
    events.close()
    list(train(experiment, toy_store, Run(run.path)))
    assert_same_bits(Run(run.path), uninterrupted)


def test_a_crash_between_a_validation_and_its_checkpoint_loses_neither(
    tmp_path: Path,
    experiment: Experiment,
    toy_store: EmbeddingStore,
    uninterrupted: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The step then has a checkpoint from before its validation, and a row without a checkpoint."""
    save = Run.save

    def crash_after_validation(self: Run, step: int, *tensors: Any) -> Checkpoint:
        if any(row["step"] == step for row in self.validation.read()):
            raise MemoryError
        return save(self, step, *tensors)

    run = Run.create(tmp_path / "crashed", experiment, StoreRecord())
    with monkeypatch.context() as crashing:
        crashing.setattr(saver, "_SECONDS_BETWEEN_CHECKPOINTS", 0.0)
        crashing.setattr(Run, "save", crash_after_validation)
        with pytest.raises(MemoryError):
            list(train(experiment, toy_store, run))
    crashed = Run(run.path)
    assert crashed.checkpoint("last").step == crashed.validation.read()[-1]["step"] == 25
    list(train(experiment, toy_store, crashed))
    assert_same_bits(Run(run.path), uninterrupted)


def test_a_longer_run_equals_one_that_was_long_from_the_start(
    tmp_path: Path, experiment: Experiment, toy_store: EmbeddingStore, uninterrupted: Run
) -> None:
    short = experiment.with_settings({"schedule.steps": 60})
    run = Run.create(tmp_path / "short", short, StoreRecord())
    list(train(short, toy_store, run))
    run.change_steps(STEPS)
    list(train(run.experiment, toy_store, run))
    for name in ("train.csv", "validation.csv"):
        assert columns(run.path / name) == columns(uninterrupted.path / name)
    assert run.record.best == uninterrupted.record.best


def test_a_damaged_checkpoint_is_passed_over(
    tmp_path: Path, experiment: Experiment, toy_store: EmbeddingStore, uninterrupted: Run
) -> None:
    run = Run(shutil.copytree(uninterrupted.path, tmp_path / "damaged"))
    last = run.checkpoint("last")
    whole = {path.name: path.read_bytes() for path in last.weights_path.parent.iterdir()}
    content = bytearray(last.weights_path.read_bytes())
    content[len(content) // 2] ^= 1
    last.weights_path.write_bytes(content)
    list(train(experiment, toy_store, run))
    assert last.weights_path.read_bytes() == whole[last.weights_path.name]
