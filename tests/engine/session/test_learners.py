"""The session trains every learner of the catalogue, and ends one that needs no training."""

from pathlib import Path

import pytest

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.events import Failed, Finished, StepsTaken, Validated, Validating
from engine.runs.library import Library
from engine.runs.run import Run
from engine.session.session import NewRun, OldRun
from engine.training import train
from tests.engine.session.test_session import Listener, library, listener, runs_in
from tests.learner_kinds import ON_EMBEDDINGS

__all__ = ["library", "listener"]


def of_kind(experiment: Experiment, kind: str) -> Experiment:
    return experiment.with_settings({"name": kind, "learner.kind": kind})


def test_a_queue_of_all_learners_ends_as_they_would_alone(
    listener: Listener,
    library: Library,
    toy_experiment: Experiment,
    toy_store: EmbeddingStore,
    tmp_path: Path,
) -> None:
    listener.session.watch_probes(True)  # of which only some have any
    for kind in ON_EMBEDDINGS:
        listener.session.submit(NewRun(of_kind(toy_experiment, kind)))
    for _ in ON_EMBEDDINGS:
        listener.until(lambda event: isinstance(event, Finished))
    assert not [event for event in listener.events if isinstance(event, Failed)]
    runs = {run.experiment.learner.kind: run for run in runs_in(library)}
    assert runs.keys() == ON_EMBEDDINGS.keys()
    for run in runs.values():
        alone = Run.create(tmp_path / "alone", run.experiment, run.record.store)
        list(train(run.experiment, toy_store, alone))
        assert run.status == "finished" and run.record.best == alone.record.best
        mine, theirs = run.checkpoint("last"), alone.checkpoint("last")
        assert mine.step == theirs.step == run.experiment.last_step
        assert mine.weights_path.read_bytes() == theirs.weights_path.read_bytes()


@pytest.fixture
def ridge(toy_experiment: Experiment) -> Experiment:
    return of_kind(toy_experiment, "ridge")


def test_a_validation_without_training_is_stopped_and_done_again(
    listener: Listener, library: Library, ridge: Experiment
) -> None:
    session, episodes = listener.session, "schedule.validation_episodes"
    session.submit(NewRun(ridge.with_settings({episodes: 5_000_000})))  # longer than anyone waits
    listener.until(lambda event: isinstance(event, Validating))
    session.stop()
    listener.until_state("stopped")
    (run,) = runs_in(library)
    assert (run.status, run.record.best, run.checkpoints) == ("stopped", None, [])
    fewer = run.experiment.with_settings({episodes: 20})
    (run.path / "experiment.yaml").write_text(fewer.to_yaml(), encoding="utf-8")
    session.submit(OldRun(run.path))
    listener.until(lambda event: isinstance(event, Validated))
    listener.until_state("finished")
    again = Run(run.path)
    assert again.status == "finished" and [each.step for each in again.checkpoints] == [0]
    assert len(again.validation.read()) == 1
    assert not [event for event in listener.events if isinstance(event, StepsTaken)]


def test_what_needs_no_training_is_not_made_longer(
    listener: Listener, library: Library, ridge: Experiment
) -> None:
    listener.session.submit(NewRun(ridge))
    listener.until_state("finished")
    (run,) = runs_in(library)
    before = run.record
    listener.session.submit(OldRun(run.path, steps=50))
    failed = listener.until(lambda event: isinstance(event, Failed))
    assert isinstance(failed, Failed) and "which needs no training" in failed.sentence
    assert Run(run.path).record == before
