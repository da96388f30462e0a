from pathlib import Path

import numpy as np
import pytest

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.events import ProbesInspected, StepsTaken
from engine.inspection import probes
from engine.inspection.checkpoint_inspection import load_model, load_split, loaded_checkpoint
from engine.runs.run import Run
from engine.runs.run_store import store_record
from engine.training import Pace, train


@pytest.fixture
def run(tmp_path: Path, toy_experiment: Experiment, toy_store: EmbeddingStore) -> Run:
    return Run.create(tmp_path, toy_experiment, store_record(toy_store))


@pytest.fixture
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "_SECONDS_BETWEEN", 0.0)
    monkeypatch.setattr(probes, "_SHARE_OF_TIME", 1e9)


@pytest.mark.usefixtures("no_rest")
def test_probes_show_what_a_checkpoint_of_that_step_shows(
    run: Run, toy_store: EmbeddingStore
) -> None:
    events = list(train(run.experiment, toy_store, run, Pace(wants_probes=True)))
    seen = {event.step: event.latents for event in events if isinstance(event, ProbesInspected)}
    assert len(seen) == sum(isinstance(event, StepsTaken) for event in events)
    split = load_split(run, toy_store, "val")
    for step in (15, 30, 40):
        loaded = loaded_checkpoint(run, step, "val", load_model(run, step), split)
        (expected,) = loaded.latents(range(probes.PROBES), probes.SAMPLES)
        assert seen[step].provenance == expected.provenance
        for name in ("codes", "deviation", "sampled_before", "sampled_after", "accuracies"):
            np.testing.assert_array_equal(getattr(seen[step], name), getattr(expected, name))
    assert not np.array_equal(seen[15].codes, seen[40].codes)


def test_nobody_pays_for_probes_that_nobody_watches(run: Run, toy_store: EmbeddingStore) -> None:
    events = list(train(run.experiment, toy_store, run))
    assert not any(isinstance(event, ProbesInspected) for event in events)


def test_after_a_look_probes_rest_until_it_is_paid_for(
    run: Run, toy_store: EmbeddingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 0.25  # a look takes as long: it asks for the time before and after
        return now

    split = toy_store.load(["val"])
    watched = probes.Probes(run.experiment, split, run.name, run.record.id)
    list(train(run.experiment, toy_store, run))
    model = load_model(run, 15)
    monkeypatch.setattr("engine.inspection.probes.time.perf_counter", clock)
    looks = [len(list(watched.if_due(step, model.parameters))) for step in range(400)]
    spent = 0.25 * sum(looks)
    assert sum(looks) > 1
    assert spent <= 0.03 * now
