"""The current run follows choices, training and the disk; a pinned panel follows none of them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from leo_studio.services.current_run import CurrentRun, FollowedRun
from leo_studio.services.records import RunEntry


def entry(name: str, **facts: Any) -> RunEntry:
    return replace(RunEntry(Path("/runs", name), id=name, checkpoints=(10, 20)), **facts)


A, B, C = entry("a"), entry("b"), entry("c")


@pytest.fixture
def current(qapp: object) -> CurrentRun:
    made = CurrentRun()
    made.update((B, A))
    return made


def test_it_is_the_newest_until_somebody_chooses(current: CurrentRun) -> None:
    assert current.entry == B and current.step is None


def test_a_choice_is_told_once(current: CurrentRun, qtbot: QtBot) -> None:
    told: list[RunEntry | None] = []
    current.changed.connect(lambda: told.append(current.entry))
    current.choose(A.path)
    current.choose(A.path)
    current.choose(A.path, 10)
    assert told == [A, A] and current.step == 10


def test_a_run_that_is_not_read_yet_becomes_it_as_soon_as_it_is(current: CurrentRun) -> None:
    current.choose(C.path, 20)
    assert current.entry == B and current.path == C.path
    current.update((B, A))
    assert current.entry == B
    current.update((C, B, A))
    assert current.entry == C and current.step == 20


def test_a_run_that_a_person_starts_becomes_it(current: CurrentRun) -> None:
    current.choose(A.path)
    current.follow_next()
    current.trains(C.path)
    current.update((C, B, A))
    assert current.entry == C


def test_the_next_in_the_queue_leaves_what_is_looked_at_alone(current: CurrentRun) -> None:
    current.follow_next()
    assert current.trains(B.path)
    assert not current.trains(C.path)
    current.update((C, B, A))
    assert current.entry == B


def test_a_run_of_the_queue_becomes_it_where_there_is_none(qapp: object) -> None:
    current = CurrentRun()
    assert current.trains(A.path)
    current.update((A,))
    assert current.entry == A


def test_a_choice_after_the_start_stays_when_the_run_begins_to_train(current: CurrentRun) -> None:
    current.follow_next()
    current.choose(A.path)
    assert not current.trains(C.path)
    current.update((C, B, A))
    assert current.entry == A


def test_a_run_that_is_gone_gives_way_to_the_newest(current: CurrentRun) -> None:
    current.choose(A.path)
    current.update((B,))
    assert current.entry == B
    current.update(())
    assert current.entry is None


def test_a_run_that_was_renamed_stays(current: CurrentRun) -> None:
    current.choose(A.path, 10)
    renamed = replace(A, path=Path("/runs/better"))
    current.update((B, renamed))
    assert current.entry == renamed and current.step == 10


def test_a_checkpoint_that_is_gone_is_the_runs_own_choice_again(current: CurrentRun) -> None:
    current.choose(A.path, 10)
    current.update((B, replace(A, checkpoints=(20,))))
    assert current.step is None


def test_what_is_pinned_stays_and_is_kept_up_to_date(current: CurrentRun) -> None:
    followed = FollowedRun(current)
    followed.pin(True)
    current.choose(A.path)
    assert followed.entry == B and followed.is_pinned
    told: list[None] = []
    followed.changed.connect(lambda: told.append(None))
    current.choose(B.path)
    current.choose(A.path)
    assert told == []
    better = replace(B, step=20)
    current.update((better, A))
    assert followed.entry == better
    followed.choose(A.path, 10)
    assert (followed.entry, followed.step, current.step) == (A, 10, None)
    followed.pin(False)
    assert followed.entry == A and followed.step is None


def test_what_is_pinned_to_a_run_that_is_gone_follows_again(current: CurrentRun) -> None:
    followed = FollowedRun(current)
    followed.pin(True)
    current.update((A,))
    assert not followed.is_pinned and followed.entry == A


def test_a_choice_in_a_panel_that_is_not_pinned_is_everybodys(current: CurrentRun) -> None:
    one, other = FollowedRun(current), FollowedRun(current)
    one.choose(A.path)
    assert other.entry == A
