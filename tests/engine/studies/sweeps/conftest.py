"""A sweep of moments, on the toy store."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.runs.library import Library
from engine.studies.sweeps.space import parameters_of
from engine.studies.sweeps.sweep import Sweep
from engine.studies.sweeps.sweep_work import work_on_sweep
from engine.studies.sweeps.trials import History, Outcome, SweepFolder, outcomes

MakeSweep = Callable[..., Sweep]

PARAMETERS: dict[str, dict[str, Any]] = {
    "optimizer.outer_lr": {"low": 1e-4, "high": 1e-1, "log": True},
    "learner.dropout": {"low": 0.0, "high": 0.6, "step": 0.1},
    "learner.latent_size": {"choices": [3, 5, 8]},
    "learner.inner_steps": {"low": 1, "high": 4},
}


@pytest.fixture
def make_sweep(library: Library) -> MakeSweep:
    """Makes a sweep of the preset "toy": six validations of a trial, but for changes."""

    def make(settings: dict[str, Any] | None = None, **changes: Any) -> Sweep:
        short = {"schedule.steps": 18, "schedule.validate_every": 3, "learner.dropout": 0.3}
        short["evaluation.episodes"] = 10
        experiment = library.experiment("toy").with_settings(short | (settings or {}))
        parameters = parameters_of(changes.pop("parameters", PARAMETERS), "test")
        numbers = {"trials": 10, "random": 3, "lag": 2, "final_seeds": 0} | changes
        return Sweep("tiny", experiment, parameters, **numbers)

    return make


@pytest.fixture
def sweep_folder(tmp_path: Path) -> SweepFolder:
    return SweepFolder(tmp_path / "tiny")


def begin(sweep: Sweep, folder: SweepFolder) -> None:
    """Write what workers read."""
    folder.path.mkdir(parents=True, exist_ok=True)
    folder.file.write_text(sweep.to_yaml())


def carry_out(sweep: Sweep, folder: SweepFolder, library: Library) -> list[str]:
    """Carry out a sweep by one worker in this process, and return what it said."""
    begin(sweep, folder)
    said: list[str] = []
    for _ in work_on_sweep(folder, library, "cpu", said.append):
        pass
    return said


def ended(sweep: Sweep, folder: SweepFolder) -> list[Outcome]:
    """Return how the trials of a sweep ended, by number."""
    return outcomes(History(sweep, folder).look())
