"""Who trains a run: by its lock, and by watching the heartbeat of another machine."""

import errno
import fcntl
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.io.locks import lock_state
from engine.runs import ownership
from engine.runs.library import Library
from engine.runs.ownership import require_free
from engine.runs.preparation import resumed_run
from engine.runs.run import Run
from engine.runs.run_store import store_record
from engine.training import train


@dataclass
class FakeClock:
    """A clock that only sleeping moves; `events` happen when their time comes."""

    time: float = 1_000_000.0
    events: list[tuple[float, Callable[[], object]]] = field(default_factory=list)
    slept: float = 0.0

    def now(self) -> float:
        return self.time

    def ticks(self) -> float:
        return self.time - 999_000.0

    def sleep(self, seconds: float) -> None:
        self.time += seconds
        self.slept += seconds
        due = [event for event in self.events if event[0] <= self.slept]
        self.events = [event for event in self.events if event[0] > self.slept]
        for _, happen in due:
            happen()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    made = FakeClock()
    monkeypatch.setattr(ownership, "CLOCK", ownership.Clock(made.now, made.ticks, made.sleep))
    return made


@pytest.fixture
def run(tmp_path: Path, toy_experiment: Experiment, toy_store: EmbeddingStore) -> Run:
    return Run.create(tmp_path / "runs", toy_experiment, store_record(toy_store))


def of_another_machine(run: Run, heartbeat: float, status: str = "running") -> None:
    run.update(host="3f2a9c1b7d44", status=status, heartbeat=heartbeat)


@pytest.mark.parametrize("age", [-604_800.0, -6.0, 0.0, 6.0, 100.0, 1000.0])
def test_a_run_whose_heart_stands_still_is_nobodys_whatever_its_stamp(
    run: Run, clock: FakeClock, age: float
) -> None:
    of_another_machine(run, clock.now() - age)
    said: list[str] = []
    require_free(run.path, say=said.append)
    assert said == [f"Looking whether {run.name} is still being trained on 3f2a9c1b7d44 ..."]
    assert 5 < clock.slept < 15
    assert not run.has_owner()
    require_free(run.path, waits=False)  # what was watched is not watched again


@pytest.mark.parametrize("age", [-604_800.0, 0.0, 3.0, 900.0])
def test_a_run_of_another_machine_that_is_alive_is_protected_whatever_its_clock(
    run: Run, clock: FakeClock, age: float
) -> None:
    start = clock.now() - age
    of_another_machine(run, start)
    for beats in (5, 10):
        clock.events.append(
            (beats + 0.5, lambda b=beats: of_another_machine(run, start + b))  # type: ignore[misc]
        )
    with pytest.raises(BadInput, match=r"another process on 3f2a9c1b7d44; stop that one first"):
        require_free(run.path)
    assert run.has_owner()
    library = Library(run.path.parents[1])
    with pytest.raises(BadInput, match="is being trained"):
        library.throw_away(run.path)
    with pytest.raises(BadInput, match="is being trained"):
        library.rename(run, "x")
    assert run.path.is_dir()


def test_a_living_run_with_slow_steps_is_watched_for_longer(run: Run, clock: FakeClock) -> None:
    run.update(step=10, seconds=200.0)
    of_another_machine(run, start := clock.now())
    clock.events.append((25.0, lambda: of_another_machine(run, start + 25)))
    with pytest.raises(BadInput, match="is being trained"):
        require_free(run.path)


def test_an_owner_that_was_seen_alive_may_be_silent_for_longer(run: Run, clock: FakeClock) -> None:
    owners = []
    for heartbeat, seconds in ((0.0, 0.0), (5.0, 100.0), (5.0, 30.0), (5.0, 0.0)):
        of_another_machine(run, 1_000_000.0 + heartbeat)
        owners.append(run.owner)
        clock.sleep(seconds)
    assert owners == ["perhaps", "somebody", "somebody", "nobody"]


@pytest.mark.parametrize(
    ("age", "expected"),
    [(6.0, "running"), (-6.0, "running"), (-604_800.0, "interrupted"), (1000.0, "interrupted")],
)
def test_a_list_does_not_wait_and_takes_a_fresh_heartbeat_for_life(
    run: Run, clock: FakeClock, age: float, expected: str
) -> None:
    of_another_machine(run, clock.now() - age)
    assert Run(run.path).status == expected
    assert clock.slept == 0
    clock.sleep(20)  # it stood still meanwhile
    assert Run(run.path).status == "interrupted"


def test_a_window_does_not_wait_and_says_when_to_try_again(run: Run, clock: FakeClock) -> None:
    of_another_machine(run, clock.now() - 6)
    with pytest.raises(BadInput, match=r"may still be trained on 3f2a9c1b7d44; try again in 12 s"):
        Library(run.path.parents[1]).throw_away(run.path, waits=False)
    assert clock.slept == 0 and run.path.is_dir()
    clock.sleep(13)
    assert Library(run.path.parents[1]).throw_away(run.path, waits=False).is_dir()


def test_a_run_of_another_machine_that_ended_is_free_at_once(run: Run, clock: FakeClock) -> None:
    of_another_machine(run, clock.now(), "stopped")
    require_free(run.path)
    assert clock.slept == 0


def test_a_lock_that_is_held_counts_more_than_name_and_time(run: Run, clock: FakeClock) -> None:
    of_another_machine(run, 0.0, "stopped")
    with run.owned():
        assert Run(run.path).owner == "somebody"
    assert Run(run.path).owner == "nobody"


def test_a_free_lock_of_this_machine_counts_more_than_a_stamp_in_the_future(
    run: Run, clock: FakeClock
) -> None:
    run.update(status="running", heartbeat=clock.now() + 604_800)
    assert Run(run.path).status == "interrupted"
    require_free(run.path)
    assert clock.slept == 0


def test_renaming_a_run_is_no_sign_of_life(run: Run, clock: FakeClock) -> None:
    of_another_machine(run, clock.now() - 1000)
    renamed = Run(Library(run.path.parents[1]).rename(run, "other"))
    assert renamed.record.heartbeat == run.record.heartbeat
    assert renamed.status == "interrupted"


def test_the_killed_container_is_resumed_and_what_is_waited_for_is_said(
    run: Run, clock: FakeClock, toy_store: EmbeddingStore, tmp_path: Path
) -> None:
    of_another_machine(run, clock.now() - 6)
    said: list[str] = []
    looked: list[float] = []
    prepared = resumed_run(Library(tmp_path), run, progress=looked.append, say=said.append)
    assert len(said) == 1 and len(looked) > 10  # so that Stop is heard meanwhile
    events = train(prepared.run.experiment, prepared.store, prepared.run)
    next(events)
    assert Run(run.path).status == "running"
    events.close()


def refuse_locks(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def flock(*_: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_where_locks_are_refused_runs_are_trained_and_read_all_the_same(
    run: Run, toy_store: EmbeddingStore, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    refuse_locks(monkeypatch, number)
    events = train(run.experiment, toy_store, run)
    next(events)
    assert Run(run.path).status == "running"
    assert sorted(path.name for path in run.path.glob("run.lock*")) == ["run.lock"]
    assert (run.path / "log.txt").read_text().count("refuses locks") == 1
    list(events)
    assert Run(run.path).status == "finished" and not Run(run.path).has_owner()
    library = Library(run.path.parents[1])
    assert library.throw_away(run.path).is_dir()


def test_where_locks_are_refused_the_heartbeat_protects_a_run_of_this_machine_too(
    run: Run, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run.path / "run.lock").touch()
    refuse_locks(monkeypatch, errno.ENOLCK)
    run.update(status="running", heartbeat=clock.now())
    clock.events.append((5.0, lambda: run.update(heartbeat=clock.now())))
    with pytest.raises(BadInput, match="is being trained by another process; stop"):
        require_free(run.path)
    clock.sleep(200)
    assert not run.has_owner()


def test_the_glyphs_are_drawn_where_locks_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_locks(monkeypatch, errno.ENOLCK)
    monkeypatch.setattr("engine.data.glyphs.write_glyphs", lambda path, _: path.touch())
    assert Library(tmp_path).prepared_store("glyphs").is_file()


def test_a_lock_that_cannot_be_written_is_named(run: Run) -> None:
    (run.path / "run.lock").mkdir()
    with pytest.raises(BadInput, match=r"run\.lock cannot be written"), run.owned():
        pass


def test_asking_for_the_owner_makes_no_file_and_takes_an_unreadable_lock(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.update(status="stopped")
    assert not run.has_owner()
    assert not (run.path / "run.lock").exists()

    def refuse(path: Any, *_: Any, **__: Any) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        assert lock_state(run.path / "run.lock") == "unknown"
        assert not run.has_owner()  # nobody says that it is being trained
    with run.owned():
        assert lock_state(run.path / "run.lock") == "held"
