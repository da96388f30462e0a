import json
import math
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.events import (
    CheckpointSaved,
    Event,
    Finished,
    Prepared,
    StepsTaken,
    Validated,
    Validating,
)
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from engine.training import train
from engine.training.outer_step import OuterStep
from engine.training.pace import Pace
from tests.measured import validated


@pytest.fixture
def run(tmp_path: Path, toy_experiment: Experiment, toy_store: EmbeddingStore) -> Run:
    return Run.create(tmp_path, toy_experiment, StoreRecord(path=str(toy_store.path)))


def accuracy_of(event: Validated) -> float:
    return event.scores["accuracy"].value


def test_a_run_tells_everything_and_writes_it_down(run: Run, toy_store: EmbeddingStore) -> None:
    events = list(train(run.experiment, toy_store, run))
    assert isinstance(events[0], Prepared) and isinstance(events[-1], Finished)
    told = np.concatenate([event.metrics for event in events if isinstance(event, StepsTaken)])
    rows = run.training.read()
    assert [row["step"] for row in rows] == list(range(1, 41))
    header = (run.path / "train.csv").read_text().splitlines()[0]
    assert header == (
        "step,loss,query_loss,query_accuracy,kl,encoder_penalty,l2,orthogonality,inner_lr,"
        "finetuning_lr,gradient_norm,seconds,steps_per_second"
    )
    header = (run.path / "validation.csv").read_text().splitlines()[0]
    assert header == "step,accuracy,ci95,loss,calibration_error"
    np.testing.assert_array_equal(
        told, np.array([list(row.values())[1:-2] for row in rows], np.float32)
    )
    results = [event for event in events if isinstance(event, Validated)]
    assert [event.step for event in results] == [15, 30, 40]
    assert [row["accuracy"] for row in run.validation.read()] == [accuracy_of(e) for e in results]
    best = max(map(accuracy_of, results))
    assert run.record.best is not None and run.record.best.value == best
    again = Run(run.path)
    assert (again.status, again.record.step) == ("finished", 40)
    assert again.checkpoint("best").step == again.record.best.step if again.record.best else False
    assert [checkpoint.step for checkpoint in again.checkpoints] == [15, 30, 40]
    assert any(isinstance(event, CheckpointSaved) for event in events)
    assert "finished at step 40" in (run.path / "log.txt").read_text()


def test_what_is_told_of_is_on_disk(run: Run, toy_store: EmbeddingStore) -> None:
    """So that a reader that stops, or is killed, at any event has all that it was told."""
    for event in train(run.experiment, toy_store, run):
        match event:
            case StepsTaken():
                assert Run(run.path).training.read()[-1]["step"] == event.step
            case Validated():
                on_disk = Run(run.path)
                assert on_disk.validation.read()[-1]["accuracy"] == accuracy_of(event)
                assert on_disk.checkpoint("last").step == event.step
                assert on_disk.checkpoint("last").is_validated
                assert on_disk.checkpoint("last").is_resumable
                is_best = on_disk.record.best is not None and on_disk.record.best.step == event.step
                assert event.is_best == is_best
            case CheckpointSaved():
                assert Run(run.path).checkpoint("last").step == event.step
            case Finished():
                assert Run(run.path).status == "finished"


def test_training_lowers_the_loss(
    tmp_path: Path, toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    experiment = toy_experiment.with_settings(
        {"schedule.steps": 150, "schedule.validate_every": 150, "optimizer.outer_lr": 3e-3}
    )
    run = Run.create(tmp_path, experiment, StoreRecord())
    list(train(experiment, toy_store, run))
    losses = [row["query_loss"] for row in run.training.read()]
    assert np.mean(losses[-30:]) < np.mean(losses[:30]) - 0.1


def test_the_seed_alone_decides_the_weights(
    tmp_path: Path, toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    def weights(name: str, seed: int) -> bytes:
        experiment = toy_experiment.with_settings({"run.seed": seed, "schedule.steps": 5})
        torch.manual_seed(len(name))  # the global generator must not matter
        run = Run.create(tmp_path / name, experiment, StoreRecord())
        list(train(experiment, toy_store, run))
        return run.checkpoint("last").weights_path.read_bytes()

    assert weights("a", 3) == weights("other", 3) != weights("c", 4)


def events_until_step(events: Iterator[Event], step: int) -> None:
    for event in events:
        if isinstance(event, StepsTaken) and event.step >= step:
            return


def test_closing_the_loop_keeps_a_checkpoint(
    run: Run, toy_store: EmbeddingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.training.pipeline._SECONDS_OF_A_CHUNK", 0.0)
    events = train(run.experiment, toy_store, run)
    events_until_step(events, 7)
    assert Run(run.path).status == "running"
    events.close()
    stopped = Run(run.path)
    assert (stopped.status, stopped.record.step) == ("stopped", 7)
    assert stopped.checkpoint("last").is_resumable


def test_closing_the_loop_before_its_first_step_reads_as_stopped(
    run: Run, toy_store: EmbeddingStore
) -> None:
    events = train(run.experiment, toy_store, run)
    assert isinstance(next(events), Prepared)
    events.close()
    assert Run(run.path).status == "stopped"


def test_nobody_trains_a_run_twice_at_once(run: Run, toy_store: EmbeddingStore) -> None:
    events = train(run.experiment, toy_store, run)
    next(events)
    with pytest.raises(BadInput, match="is being trained by process"):
        next(train(run.experiment, toy_store, Run(run.path)))
    events.close()
    assert not Run(run.path).has_owner()


def test_a_failure_is_written_down(
    run: Run, toy_store: EmbeddingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: OuterStep, steps: range) -> None:
        raise RuntimeError("the device is gone")

    monkeypatch.setattr(OuterStep, "__call__", broken)
    with pytest.raises(RuntimeError, match="the device is gone"):
        list(train(run.experiment, toy_store, run))
    failed = Run(run.path)
    assert failed.status == "failed"
    assert failed.record.error == "RuntimeError: the device is gone"
    assert not failed.has_owner()


def test_early_stopping_waits_for_its_patience(
    tmp_path: Path,
    toy_experiment: Experiment,
    toy_store: EmbeddingStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    accuracies = iter([0.5, 0.6, 0.6, 0.55, 0.9])

    def scripted(*args: object) -> Generator[Validating, None, Validated]:
        yield from ()
        run, step = args[0], args[2]
        assert isinstance(step, int) and isinstance(run, Run)
        accuracy = next(accuracies)
        best = run.record.best
        return validated(step, accuracy, is_best=best is None or accuracy > best.value)

    monkeypatch.setattr("engine.training.run_recorder.validate", scripted)
    experiment = toy_experiment.with_settings(
        {"schedule.validate_every": 5, "schedule.early_stopping": 2}
    )
    run = Run.create(tmp_path, experiment, StoreRecord())
    last = list(train(experiment, toy_store, run))[-1]
    # The second best validation is no better one: 0.6 at step 15, 0.55 at step 20.
    assert last == Finished(20, stopped_early=True)
    assert run.record.best is not None and run.record.best.step == 10


def test_a_loss_that_stays_no_number_ends_the_run(
    tmp_path: Path, toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    # So strong a step makes codes infinite at once.
    experiment = toy_experiment.with_settings(
        {
            "learner.inner_lr": 1000.0,
            "learner.inner_steps": 10,
            "schedule.steps": 500,
            "schedule.validate_every": 500,
        }
    )
    run = Run.create(tmp_path, experiment, StoreRecord())
    with pytest.raises(BadInput, match=r"lower optimizer\.outer_lr or learner\.inner_lr"):
        list(train(experiment, toy_store, run))
    assert Run(run.path).status == "failed"
    assert "were not a number" in (run.path / "log.txt").read_text()


def test_a_loss_that_stays_no_number_is_given_up_as_if_the_run_had_never_been_stopped(
    tmp_path: Path, toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    changes = {"learner.inner_lr": 1000.0, "learner.inner_steps": 10, "schedule.steps": 500}
    experiment = toy_experiment.with_settings(changes | {"schedule.validate_every": 500})
    run = Run.create(tmp_path, experiment, StoreRecord())
    pace = Pace(is_single_step=True)
    with closing(train(experiment, toy_store, run, pace)) as events:
        for event in events:
            if isinstance(event, StepsTaken) and event.step == 40:
                break
    assert run.status == "stopped"
    with pytest.raises(BadInput) as given_up:
        list(train(experiment, toy_store, run, pace))
    assert np.isnan(run.training.arrays()["loss"]).all()
    assert "for 50 steps up to step 50;" in str(given_up.value)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"task.n_way": 9}, "split val has 8 classes"),
        ({"task.queries": 29}, "has 30 examples, and this task needs 31"),
    ],
)
def test_a_store_that_does_not_fit_is_refused(
    tmp_path: Path,
    toy_experiment: Experiment,
    toy_store: EmbeddingStore,
    changes: dict[str, object],
    sentence: str,
) -> None:
    experiment = toy_experiment.with_settings(changes)
    with pytest.raises(BadInput, match=sentence):
        list(train(experiment, toy_store, Run.create(tmp_path, experiment, StoreRecord())))


VARIANTS = (
    "full",
    "no_finetuning",
    "deterministic",
    "random_prior",
    "conditional_generator",
    "conditional_generator_finetuning",
)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_ablation_trains_and_validates(
    tmp_path: Path, toy_experiment: Experiment, toy_store: EmbeddingStore, variant: str
) -> None:
    experiment = toy_experiment.with_settings({"learner.variant": variant, "schedule.steps": 4})
    run = Run.create(tmp_path, experiment, StoreRecord())
    list(train(experiment, toy_store, run))
    rows = run.training.read()
    assert all(math.isfinite(number) for row in rows for number in row.values())
    assert (rows[0]["kl"] == 0) == (variant in ("deterministic", "random_prior"))
    assert run.record.best is not None


def test_training_on_validation_classes_takes_the_last_checkpoint(
    tmp_path: Path, toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    experiment = toy_experiment.with_settings({"data.train_splits": ["train", "val"]})
    run = Run.create(tmp_path, experiment, StoreRecord())
    list(train(experiment, toy_store, run))
    assert run.checkpoint().step == 40


def test_run_json_is_plain_json(run: Run, toy_store: EmbeddingStore) -> None:
    list(train(run.experiment, toy_store, run))
    record = json.loads((run.path / "run.json").read_text())
    assert record["schema"] == 2 and record["status"] == "finished"
    assert record["best"].keys() == {"step", "score", "value", "ci95"}
    assert {"python", "torch", "numpy", "platform"} <= record["versions"].keys()
