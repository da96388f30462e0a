"""The session without Qt: commands, states, the queue, failures, and what they leave on disk."""

import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.events import (
    CheckpointSaved,
    Event,
    Failed,
    Finished,
    ProbesInspected,
    QueueChanged,
    State,
    StateChanged,
    StepsTaken,
    Validated,
    Validating,
)
from engine.runs import run as run_module
from engine.runs.library import Library
from engine.runs.run import Run
from engine.session import session as session_module
from engine.session.session import NewRun, OldRun, Session
from engine.training import pipeline, train, validation
from engine.training.outer_step import OuterStep
from engine.training.run_recorder import RunRecorder

PATIENCE_SECONDS = 60.0


class Listener:
    """Reads a session's channel and keeps everything it told."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.events: list[Event] = []
        self._seen = 0

    def until(self, is_wanted: Callable[[Event], bool]) -> Event:
        """Read on until an event is the wanted one."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            while self._seen < len(self.events):
                self._seen += 1
                if is_wanted(event := self.events[self._seen - 1]):
                    return event
            self.events += self.session.channel.drain(timeout=0.05)
        raise AssertionError(f"it never came; the last of all was {self.events[-3:]}")

    def until_state(self, state: State) -> StateChanged:
        event = self.until(lambda each: isinstance(each, StateChanged) and each.state == state)
        assert isinstance(event, StateChanged)
        return event

    @property
    def states(self) -> list[State]:
        return [event.state for event in self.events if isinstance(event, StateChanged)]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


@pytest.fixture
def listener(library: Library) -> Iterator[Listener]:
    session = Session(library)
    yield Listener(session)
    assert session.close(PATIENCE_SECONDS)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("leo-")]


@pytest.fixture
def long(toy_experiment: Experiment) -> Experiment:
    """Longer than any test waits."""
    return toy_experiment.with_settings(
        {"schedule.steps": 10_000_000, "schedule.validate_every": 1_000_000}
    )


def runs_in(library: Library) -> list[Run]:
    return [Run(path.parent) for path in sorted(library.runs.glob("*/run.json"))]


def test_a_run_goes_from_idle_to_finished(
    listener: Listener, library: Library, toy_experiment: Experiment
) -> None:
    assert listener.session.state == "idle"
    listener.session.submit(NewRun(toy_experiment))
    end = listener.until_state("finished")
    assert listener.states == ["preparing", "preparing", "running", "finished"]  # then its run
    assert Finished(40, stopped_early=False) in listener.events
    (run,) = runs_in(library)
    assert end.run == str(run.path)
    assert (run.status, run.record.step) == ("finished", 40)


def test_the_same_bits_as_without_a_session(
    listener: Listener,
    library: Library,
    tmp_path: Path,
    toy_experiment: Experiment,
    toy_store: EmbeddingStore,
) -> None:
    """Also through a pause, single steps, a checkpoint and looks at probes in between."""
    experiment = toy_experiment.with_settings({"schedule.steps": 60})
    session = listener.session
    session.watch_probes(True)
    session.submit(NewRun(experiment))
    session.pause()
    listener.until_state("paused")
    for _ in range(3):
        session.step()
    listener.until(lambda event: isinstance(event, StepsTaken) and event.step >= 3)
    session.checkpoint()
    listener.until(lambda event: isinstance(event, CheckpointSaved))
    session.resume()
    listener.until_state("finished")
    assert any(isinstance(event, ProbesInspected) for event in listener.events)
    (run,) = runs_in(library)

    alone = Run.create(tmp_path / "alone", experiment, run.record.store)
    list(train(experiment, toy_store, alone))
    mine, theirs = run.checkpoint("last"), alone.checkpoint("last")
    assert mine.step == theirs.step == 60
    assert mine.weights_path.read_bytes() == theirs.weights_path.read_bytes()


def test_a_pause_holds_and_a_step_is_one_step(
    listener: Listener, library: Library, long: Experiment
) -> None:
    session = listener.session
    session.submit(NewRun(long))
    listener.until(lambda event: isinstance(event, StepsTaken))
    session.pause()
    listener.until_state("paused")
    kept = listener.until(lambda event: isinstance(event, CheckpointSaved))
    assert isinstance(kept, CheckpointSaved)
    (run,) = runs_in(library)
    assert run.status == "paused"
    assert run.checkpoint("last").step == kept.step
    session.step()
    taken = listener.until(lambda event: isinstance(event, StepsTaken))
    assert isinstance(taken, StepsTaken)
    assert (taken.step, len(taken.metrics)) == (kept.step + 1, 1)
    assert session.channel.drain(timeout=0.3) == []
    session.step()
    session.step()
    listener.until(lambda event: isinstance(event, StepsTaken) and event.step == kept.step + 3)
    assert session.state == "paused"
    session.resume()
    listener.until_state("running")
    assert runs_in(library)[0].status == "running"
    listener.until(lambda event: isinstance(event, StepsTaken) and len(event.metrics) > 1)


def test_single_steps_that_were_not_taken_are_forgotten_when_training_goes_on(
    listener: Listener, long: Experiment
) -> None:
    session = listener.session
    session.submit(NewRun(long))
    session.pause()
    listener.until_state("paused")
    for _ in range(300):
        session.step()
    session.resume()
    listener.until_state("running")
    session.pause()
    listener.until_state("paused")
    listener.until(lambda event: isinstance(event, CheckpointSaved))
    assert session.channel.drain(timeout=0.3) == []


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_pause_that_comes_with_the_end_does_not_take_it_back(
    listener: Listener,
    library: Library,
    toy_experiment: Experiment,
    monkeypatch: pytest.MonkeyPatch,
    goes_on: bool,
) -> None:
    ends = RunRecorder.ends

    def paused_meanwhile(self: RunRecorder, step: int) -> list[Finished]:
        ended = ends(self, step)
        if ended:
            listener.session.pause()
            if not goes_on:
                listener.session.stop()
        return ended

    monkeypatch.setattr(RunRecorder, "ends", paused_meanwhile)
    listener.session.submit(NewRun(toy_experiment))
    listener.until_state("finished" if goes_on else "stopped")
    (run,) = runs_in(library)
    assert run.record.status == "finished"


def test_a_run_that_is_paused_goes_on_showing_that_its_owner_lives(
    listener: Listener, library: Library, long: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "HEARTBEAT_SECONDS", 0.0)
    monkeypatch.setattr(session_module, "_PAUSED_BEAT_SECONDS", 0.01)
    listener.session.submit(NewRun(long))
    listener.session.pause()
    listener.until_state("paused")
    listener.until(lambda event: isinstance(event, CheckpointSaved))
    (run,) = runs_in(library)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while Run(run.path).record.heartbeat <= run.record.heartbeat:
        assert time.monotonic() < deadline


def test_a_closed_session_leaves_the_interpreter_as_it_was(library: Library) -> None:
    before = sys.getswitchinterval()
    session = Session(library)
    assert sys.getswitchinterval() < before
    assert session.close(PATIENCE_SECONDS)
    assert sys.getswitchinterval() == before


def test_a_checkpoint_can_be_asked_for_at_any_time(
    listener: Listener, library: Library, long: Experiment
) -> None:
    session = listener.session
    session.submit(NewRun(long))
    session.checkpoint()
    first = listener.until(lambda event: isinstance(event, CheckpointSaved))
    listener.until(lambda event: isinstance(event, StepsTaken))
    session.checkpoint()
    second = listener.until(lambda event: isinstance(event, CheckpointSaved))
    assert isinstance(first, CheckpointSaved) and isinstance(second, CheckpointSaved)
    assert first.step < second.step
    assert Path(second.path).is_file()


@pytest.mark.parametrize("moment", ["preparing", "running", "paused", "validating"])
def test_stop_keeps_a_checkpoint_at_every_moment(
    moment: str,
    listener: Listener,
    library: Library,
    long: Experiment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pipeline, "_SECONDS_OF_A_CHUNK", 0.0)
    monkeypatch.setattr(validation, "_SECONDS_BETWEEN_EVENTS", 0.0)
    session = listener.session
    if moment == "validating":
        # So many episodes that it cannot be over before it is stopped.
        long = long.with_settings(
            {"schedule.validate_every": 5, "schedule.validation_episodes": 10_000_000}
        )
    session.submit(NewRun(long))
    if moment == "validating":
        listener.until(lambda event: isinstance(event, Validating))
    elif moment in ("running", "paused"):
        listener.until(lambda event: isinstance(event, StepsTaken))
    if moment == "paused":
        session.pause()
        listener.until_state("paused")
    session.stop()
    end = listener.until_state("stopped")
    assert listener.states[-2:] == ["stopping", "stopped"]
    for run in runs_in(library):
        assert str(run.path) == end.run
        assert run.status == "stopped"
        assert not run.has_owner()
        assert run.record.step == (run.checkpoints[-1].step if run.checkpoints else 0)
    if moment != "preparing":
        step = runs_in(library)[0].record.step
        assert step > 0
        session.submit(OldRun(Path(end.run), steps=step + 3))
        if moment != "validating":
            listener.until_state("finished")
            assert runs_in(library)[0].record.step == step + 3


def test_pausing_while_a_run_is_prepared_holds_it_before_its_first_step(
    listener: Listener, library: Library, long: Experiment
) -> None:
    session = listener.session
    session.submit(NewRun(long))
    session.pause()
    listener.until_state("paused")
    kept = listener.until(lambda event: isinstance(event, CheckpointSaved))
    assert isinstance(kept, CheckpointSaved)
    (run,) = runs_in(library)
    assert (kept.step, run.status) == (0, "paused")
    session.stop()
    listener.until_state("stopped")
    assert runs_in(library)[0].status == "stopped"


def test_a_pause_in_a_validation_holds_it_and_keeps_a_checkpoint(
    listener: Listener, library: Library, long: Experiment
) -> None:
    """It would last far longer than a person waits."""
    session = listener.session
    long = long.with_settings(
        {"schedule.validate_every": 5, "schedule.validation_episodes": 10_000_000}
    )
    session.submit(NewRun(long))
    listener.until(lambda event: isinstance(event, Validating))
    session.pause()
    kept = listener.until(lambda event: isinstance(event, CheckpointSaved))
    assert isinstance(kept, CheckpointSaved) and kept.step == 5
    assert session.state == "paused"
    assert session.channel.drain(timeout=0.3) == []
    session.checkpoint()
    listener.until(lambda event: isinstance(event, CheckpointSaved))
    session.resume()
    listener.until(lambda event: isinstance(event, Validating))
    assert runs_in(library)[0].status == "running"


def test_a_pause_right_after_a_validation_takes_no_further_step(
    listener: Listener, toy_experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = listener.session
    post = session.channel.post

    def pause_then_post(event: Event) -> None:
        if isinstance(event, Validated):
            session.pause()
        post(event)

    monkeypatch.setattr(session.channel, "post", pause_then_post)
    session.submit(NewRun(toy_experiment))
    listener.until_state("paused")
    listener.until(lambda event: isinstance(event, CheckpointSaved))
    listener.events += session.channel.drain(timeout=0.3)
    taken = [event.step for event in listener.events if isinstance(event, StepsTaken)]
    assert taken[-1] == 15


def test_a_job_taken_back_before_it_began_leaves_nothing_under_way(
    listener: Listener, toy_experiment: Experiment
) -> None:
    session = listener.session
    with session._changed:  # so the thread cannot take it
        session.withdraw(session.submit(NewRun(toy_experiment)))
    assert listener.until_state("stopped").run == ""
    session.submit(NewRun(toy_experiment))
    listener.until_state("finished")


def test_what_is_no_exception_even_does_not_end_the_thread(
    listener: Listener, toy_experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the panics of libraries in Rust, of which safetensors is one."""

    class Panic(BaseException):
        pass

    def panicking(self: OuterStep, steps: range) -> torch.Tensor:
        raise Panic("no further")

    with monkeypatch.context() as broken:
        broken.setattr(OuterStep, "__call__", panicking)
        listener.session.submit(NewRun(toy_experiment))
        failed = listener.until(lambda event: isinstance(event, Failed))
    assert isinstance(failed, Failed) and "no further" in failed.sentence
    listener.until_state("failed")
    listener.session.submit(NewRun(toy_experiment))
    listener.until_state("finished")


def test_commands_without_a_run_are_forgotten(
    listener: Listener, toy_experiment: Experiment
) -> None:
    session = listener.session
    for command in (session.pause, session.step, session.checkpoint, session.stop, session.resume):
        command()
    assert session.channel.drain() == []
    session.submit(NewRun(toy_experiment))
    listener.until_state("finished")
    assert "paused" not in listener.states


def test_the_queue_goes_on_in_its_order(
    listener: Listener, library: Library, long: Experiment, toy_experiment: Experiment
) -> None:
    session = listener.session
    session.submit(NewRun(long))
    listener.until_state("running")
    names = [f"waits-{letter}" for letter in "abcd"]
    numbers = [
        session.submit(NewRun(toy_experiment.with_settings({"name": name}))) for name in names
    ]
    session.withdraw(numbers[1])
    session.move(numbers[0], 99)
    session.move(numbers[3], 0)
    session.stop()
    for _ in range(3):
        listener.until_state("finished")
    last_queue = [event for event in listener.events if isinstance(event, QueueChanged)]
    assert last_queue[-1].waiting == ()
    order = sorted(
        runs_in(library), key=lambda run: run.checkpoint("last").weights_path.stat().st_mtime_ns
    )
    assert [run.record.preset for run in order] == ["toy", "waits-d", "waits-c", "waits-a"]


def test_a_failure_leaves_the_run_failed_with_its_checkpoint_and_the_session_usable(
    listener: Listener,
    library: Library,
    long: Experiment,
    toy_experiment: Experiment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = OuterStep.__call__

    def out_of_memory(self: OuterStep, steps: range) -> torch.Tensor:
        if 30 in steps:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return whole(self, steps)

    with monkeypatch.context() as small:
        small.setattr(OuterStep, "__call__", out_of_memory)
        listener.session.submit(NewRun(toy_experiment))
        failed = listener.until(lambda event: isinstance(event, Failed))
        assert isinstance(failed, Failed)
        assert "lower optimizer.meta_batch" in failed.sentence and failed.traceback == ""
        assert listener.until_state("failed").run == failed.run
    (run,) = runs_in(library)
    assert run.status == "failed"
    assert run.checkpoint("last").step == 30  # of the validation that is due there
    listener.session.submit(OldRun(run.path))
    listener.until_state("finished")
    assert Run(run.path).status == "finished"


def test_a_bug_is_told_with_its_traceback(
    listener: Listener, toy_experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: OuterStep, steps: range) -> None:
        raise RuntimeError("the device is gone")

    monkeypatch.setattr(OuterStep, "__call__", broken)
    listener.session.submit(NewRun(toy_experiment))
    failed = listener.until(lambda event: isinstance(event, Failed))
    assert isinstance(failed, Failed)
    assert "the device is gone" in failed.sentence
    assert "in broken" in failed.traceback


def test_a_store_that_is_gone_is_a_sentence_and_makes_no_run(
    listener: Listener, library: Library, toy_experiment: Experiment, tmp_path: Path
) -> None:
    gone = toy_experiment.with_settings({"data.store": str(tmp_path / "gone.h5")})
    listener.session.submit(NewRun(gone))
    failed = listener.until(lambda event: isinstance(event, Failed))
    assert isinstance(failed, Failed)
    assert "There is no store at" in failed.sentence and failed.traceback == ""
    assert runs_in(library) == []


def test_a_folder_that_vanishes_ends_the_run_but_not_the_session(
    listener: Listener, library: Library, long: Experiment, toy_experiment: Experiment
) -> None:
    listener.session.submit(NewRun(long))
    listener.until(lambda event: isinstance(event, StepsTaken))
    shutil.rmtree(runs_in(library)[0].path)
    failed = listener.until(lambda event: isinstance(event, Failed))
    assert isinstance(failed, Failed) and failed.traceback == ""
    listener.session.submit(NewRun(toy_experiment))
    listener.until_state("finished")


def test_closing_in_the_middle_keeps_a_checkpoint_and_forgets_what_waits(
    library: Library, long: Experiment
) -> None:
    session = Session(library)
    listener = Listener(session)
    session.submit(NewRun(long))
    session.submit(NewRun(long))
    listener.until(lambda event: isinstance(event, StepsTaken))
    assert session.close(PATIENCE_SECONDS)
    (run,) = runs_in(library)
    assert run.status == "stopped"
    assert run.checkpoint("last").is_resumable
    assert session.close(0)


def test_stopping_while_the_glyphs_are_drawn_leaves_no_part_of_them(
    listener: Listener, library: Library
) -> None:
    listener.session.submit(NewRun(library.experiment("glyphs-5way-1shot")))
    listener.until_state("preparing")
    listener.session.stop()
    listener.until_state("stopped")
    assert list(library.root.rglob("*.h5")) == list(library.root.rglob("*.part")) == []
    assert runs_in(library) == []
