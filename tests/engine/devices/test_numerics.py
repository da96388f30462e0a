"""Numerics that a run asks for hold while it is trained, and no longer."""

import os
from functools import partial
from pathlib import Path

import pytest
import torch

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.devices.numerics import numerics
from engine.events import StepsTaken
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from engine.training import train


def switches() -> tuple[bool, bool]:
    return (
        torch.backends.cuda.matmul.allow_tf32,
        torch.are_deterministic_algorithms_enabled(),
    )


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    # So that what is set is taken back after the test.
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", "")
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG")


def test_switches_are_set_inside_and_taken_back(toy_experiment: Experiment) -> None:
    before = switches()
    run = toy_experiment.with_settings({"run.tf32": True, "run.deterministic": True}).run
    with pytest.raises(ZeroDivisionError), numerics(run):
        assert switches() == (True, True)
        assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
        with numerics(toy_experiment.run):
            assert switches() == (False, False)
        assert switches() == (True, True)
        _ = 1 / 0
    assert switches() == before


def test_a_run_is_trained_with_them_and_remembers_them(
    tmp_path: Path, toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    experiment = toy_experiment.with_settings({"run.tf32": True, "run.deterministic": True})
    run = Run.create(tmp_path, experiment, StoreRecord())
    seen = {
        switches() for event in train(experiment, toy_store, run) if isinstance(event, StepsTaken)
    }
    assert seen == {(True, True)} and switches() == (False, False)
    remembered = Run(run.path).experiment.run
    assert remembered.tf32 and remembered.deterministic
    assert "TensorFloat-32, deterministic" in (run.path / "log.txt").read_text()


@pytest.mark.filterwarnings("default")  # torch's compiler warns of itself
def test_a_compiled_step_is_the_same_step(
    tmp_path: Path,
    toy_experiment: Experiment,
    toy_store: EmbeddingStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Traced whole, without a break, as it is for a GPU; to compile for the CPU takes a minute."""
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend="aot_eager"))
    base = toy_experiment.with_settings({"schedule.steps": 3, "schedule.validate_every": 3})
    losses = []
    for is_compiled in (False, True):
        experiment = base.with_settings({"run.compile": is_compiled})
        run = Run.create(tmp_path, experiment, StoreRecord())
        list(train(experiment, toy_store, run))
        losses.append([row["loss"] for row in run.training.read()])
        assert "plain" not in (run.path / "log.txt").read_text()
    assert losses[1] == pytest.approx(losses[0], rel=1e-3)
