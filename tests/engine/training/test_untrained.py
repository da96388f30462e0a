"""The run of a learner that needs no training: validated once, and then at its end."""

from pathlib import Path

import pytest

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.runs.library import Library
from engine.runs.preparation import new_run, resumed_run
from engine.runs.run import Run
from engine.training import Pace, train


@pytest.fixture
def ridge(toy_experiment: Experiment) -> Experiment:
    return toy_experiment.with_settings({"learner.kind": "ridge"})


def test_nothing_is_left_of_a_request_for_a_checkpoint(
    library_home: Path, ridge: Experiment, toy_store: EmbeddingStore
) -> None:
    # A session that is held waits for its checkpoint first, and would never hold.
    run, store = new_run(Library(library_home), ridge)
    pace = Pace()
    events = train(ridge, store, run, pace)
    next(events)
    pace.wants_checkpoint = True
    next(events)
    assert not pace.wants_checkpoint
    list(events)


def test_what_was_stopped_is_validated_after_all_and_what_is_finished_is_not_resumed(
    library_home: Path, ridge: Experiment
) -> None:
    library = Library(library_home)
    run, store = new_run(library, ridge)
    events = train(ridge, store, run)
    next(events)
    events.close()
    assert run.status == "stopped" and not run.checkpoints
    resumed, store = resumed_run(library, run)
    list(train(resumed.experiment, store, resumed))
    finished = Run(run.path)
    assert finished.status == "finished" and len(finished.validation.read()) == 1
    for steps in (None, 100):
        with pytest.raises(BadInput, match="which needs no training; evaluate it"):
            resumed_run(library, finished, steps)
