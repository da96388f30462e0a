"""Steps in flight: the loop tells of what is done, while the weights are already ahead of it.

No GPU is needed: with more than one chunk in flight, the CPU runs ahead as a GPU does.
"""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.events import CheckpointSaved, Failed, StepsTaken, TrainingEvent
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from engine.studies.grid import grid
from engine.training import OuterStep, Pace, train, train_together
from engine.training.executor import EagerExecutor
from engine.training.pipeline import StepPipeline, chunks_in_flight

IN_FLIGHT = 4


@pytest.fixture
def ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the weights be up to three chunks, of a step each, ahead of what is told."""
    monkeypatch.setattr("engine.training.loop.chunks_in_flight", lambda device: IN_FLIGHT)
    monkeypatch.setattr("engine.training.pipeline._SECONDS_OF_A_CHUNK", 0.0)


def executor(toy_store: EmbeddingStore, toy_experiment: Experiment) -> EagerExecutor:
    return EagerExecutor(OuterStep([toy_experiment], toy_store.load(["train"])))


def test_chunks_end_where_they_must(toy_store: EmbeddingStore, toy_experiment: Experiment) -> None:
    pipeline = StepPipeline(executor(toy_store, toy_experiment), 0, 1)
    told = []
    while pipeline.launched_step < 20:
        pipeline.launch(20)
        finished = pipeline.next()
        told.append(finished.step)
        assert finished.metrics.shape[1:] == (1, 10) and finished.seconds > 0
    assert told[0] == 1 and told[-1] == 20 and pipeline.is_empty
    pipeline.launch(30, is_single=True)
    assert [finished.step for finished in pipeline.drain()] == [21]


def test_as_many_chunks_are_in_flight_as_asked_for(
    toy_store: EmbeddingStore, toy_experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.training.pipeline._SECONDS_OF_A_CHUNK", 0.0)
    pipeline = StepPipeline(executor(toy_store, toy_experiment), 0, 3)
    pipeline.launch(20)
    assert pipeline.launched_step == 3 and pipeline.next().step == 1
    pipeline.launch(4)
    assert pipeline.launched_step == 4
    pipeline.launch(4)
    pipeline.launch(20, is_single=True)  # none, while others are in flight
    assert [finished.step for finished in pipeline.drain()] == [2, 3, 4]
    pipeline.launch(20, is_single=True)
    assert pipeline.launched_step == 5
    assert chunks_in_flight(torch.device("cpu")) == 1
    assert chunks_in_flight(torch.device("cuda")) > 1


def files(run: Run) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (run.path / "checkpoints").iterdir()}


def rows(run: Run) -> list[dict[str, float]]:
    times = ("seconds", "steps_per_second")
    return [
        {name: number for name, number in row.items() if name not in times}
        for row in run.training.read()
    ]


def stop_at(events: Generator[Any], step: int) -> None:
    """Close the loop at the first event that tells of a step."""
    for event in events:
        told = event[1] if isinstance(event, tuple) else event
        if isinstance(told, StepsTaken) and told.step == step:
            events.close()


@pytest.fixture(scope="module")
def uninterrupted(
    tmp_path_factory: pytest.TempPathFactory, toy_experiment: Experiment, toy_store: EmbeddingStore
) -> Run:
    """The run that the others are compared with."""
    run = Run.create(tmp_path_factory.mktemp("uninterrupted"), toy_experiment, StoreRecord())
    list(train(toy_experiment, toy_store, run))
    return run


def test_running_ahead_changes_no_number(
    uninterrupted: Run, tmp_path: Path, toy_store: EmbeddingStore, ahead: None
) -> None:
    """Validations among them: they wait until the weights are those of their step."""
    run = Run.create(tmp_path / "ahead", uninterrupted.experiment, StoreRecord())
    list(train(run.experiment, toy_store, run))
    assert rows(run) == rows(uninterrupted)
    assert run.validation.read() == uninterrupted.validation.read()
    assert files(run) == files(uninterrupted)


@pytest.mark.parametrize("step", [1, 7, 13])
def test_stop_keeps_all_steps_in_flight(
    step: int, uninterrupted: Run, tmp_path: Path, toy_store: EmbeddingStore, ahead: None
) -> None:
    run = Run.create(tmp_path / "stopped", uninterrupted.experiment, StoreRecord())
    stop_at(train(run.experiment, toy_store, run), step)
    stopped = Run(run.path)
    last = min(step + IN_FLIGHT - 1, 15)  # after which a validation is due
    assert (stopped.status, stopped.record.step) == ("stopped", last)
    assert rows(stopped) == rows(uninterrupted)[:last]
    assert [checkpoint.step for checkpoint in stopped.checkpoints] == [last]
    list(train(stopped.experiment, toy_store, stopped))
    assert rows(stopped) == rows(uninterrupted)
    assert stopped.validation.read() == uninterrupted.validation.read()
    for name, content in files(uninterrupted).items():
        # Which of Adam's moments are kept depends on how many checkpoints there were.
        assert "optimizer" in name or files(stopped)[name] == content


def test_a_checkpoint_that_is_asked_for_is_of_the_step_that_it_says(
    uninterrupted: Run, tmp_path: Path, toy_store: EmbeddingStore, ahead: None
) -> None:
    run, pace = Run.create(tmp_path / "asked", uninterrupted.experiment, StoreRecord()), Pace()
    events = train(run.experiment, toy_store, run, pace)
    saved: TrainingEvent | None = None
    for event in events:
        pace.wants_checkpoint |= isinstance(event, StepsTaken) and event.step == 5
        if isinstance(event, CheckpointSaved):
            saved = event
            events.close()
    assert isinstance(saved, CheckpointSaved) and 5 <= saved.step < 5 + IN_FLIGHT
    assert Run(run.path).checkpoint("last").step == saved.step
    assert not pace.wants_checkpoint
    # Steps from there on are the same again only from the weights after that very step.
    again = Run(run.path)
    list(train(again.experiment, toy_store, again))
    assert rows(again) == rows(uninterrupted)


def test_stop_at_one_member_loses_no_rows_of_the_others(
    tmp_path: Path, toy_experiment: Experiment, toy_store: EmbeddingStore, ahead: None
) -> None:
    experiments = grid(toy_experiment, {"run.seed": [0, 1, 2]})
    runs = [Run.create(tmp_path, experiment, StoreRecord()) for experiment in experiments]
    stop_at(train_together(experiments, toy_store, runs), 4)
    last = 4 + IN_FLIGHT - 1
    for run in map(Run, (run.path for run in runs)):
        assert (run.status, run.record.step) == ("stopped", last)
        assert [row["step"] for row in run.training.read()] == list(range(1, last + 1))
        assert run.checkpoint("last").step == last


def test_a_hopeless_run_is_told_of_where_it_is_the_only_one_of_its_group(
    tmp_path: Path, toy_experiment: Experiment, toy_store: EmbeddingStore, ahead: None
) -> None:
    experiment = toy_experiment.with_settings(
        {"learner.inner_steps": 10, "learner.inner_lr": 1000.0, "schedule.steps": 90}
    ).with_settings({"schedule.validate_every": 90})
    run = Run.create(tmp_path, experiment, StoreRecord())
    told = list(train_together([experiment], toy_store, [run]))
    assert isinstance(told[-1][1], Failed) and Run(run.path).status == "failed"
