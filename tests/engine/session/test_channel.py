import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.events import (
    CheckpointSaved,
    Event,
    Failed,
    Finished,
    Prepared,
    ProbesInspected,
    StateChanged,
    StepsTaken,
    Validated,
    Validating,
)
from engine.inspection.records import Latents, Provenance
from engine.session import channel as channel_module
from engine.session.channel import Channel
from tests import measured


@pytest.fixture
def latents() -> Latents:
    codes, none = np.zeros((1, 1, 1, 1), np.float32), np.zeros((1, 1), np.int64)
    provenance, few = Provenance("val", 0), codes[:, 0, 0]
    return Latents(
        provenance,
        ("a",),
        none[0],
        none,
        none[None],
        0,
        0,
        codes[0],
        codes,
        codes,
        codes,
        few,
        few[0],
    )


def taken(step: int, rows: int = 1) -> StepsTaken:
    metrics = np.arange(step - rows + 1, step + 1, dtype=np.float32)
    columns = np.repeat(metrics[:, None], len(measured.STEP_COLUMNS), axis=1)
    return StepsTaken(step, columns, step / 10, 10.0)


def validated(step: int) -> Validated:
    return measured.validated(step, 0.5)


BARRIERS = (Prepared, StateChanged, Failed, Finished)
EVENTS = st.lists(
    st.sampled_from(
        [
            "steps",
            "validating",
            "validated",
            "checkpoint",
            "state",
            "failed",
        ]
    ),
    max_size=60,
)


def made(kinds: list[str]) -> list[Event]:
    """Turn kinds into events with rising steps, so that any two can be told apart."""
    events: list[Event] = []
    for step, kind in enumerate(kinds, 1):
        choices: dict[str, Event] = {
            "steps": taken(step),
            "validating": Validating(step, 1, 2),
            "validated": validated(step),
            "checkpoint": CheckpointSaved(step, "file"),
            "state": StateChanged("running", str(step)),
            "failed": Failed(str(step), "It broke.", ""),
        }
        events.append(choices[kind])
    return events


@given(EVENTS)
def test_no_change_of_state_is_lost_and_no_metrics_cross_one(kinds: list[str]) -> None:
    channel, events = Channel(), made(kinds)
    for event in events:
        channel.post(event)
    drained = channel.drain()
    assert [e for e in drained if isinstance(e, BARRIERS)] == [
        e for e in events if isinstance(e, BARRIERS)
    ]
    assert [e for e in drained if isinstance(e, Validated)] == [
        e for e in events if isinstance(e, Validated)
    ]

    def rows_between_barriers(told: list[Event]) -> list[list[float]]:
        groups: list[list[float]] = [[]]
        for event in told:
            if isinstance(event, StepsTaken):
                groups[-1] += event.metrics[:, 0].tolist()
            elif isinstance(event, BARRIERS):
                groups.append([])
        return groups

    assert rows_between_barriers(drained) == rows_between_barriers(events)
    assert channel.drain() == []


def test_metrics_that_nobody_read_become_one_event() -> None:
    channel = Channel()
    for step in range(10, 1001, 10):
        channel.post(taken(step, rows=10))
        channel.post(Validating(step, step, 1000))
        channel.post(CheckpointSaved(step, f"{step}"))
    events = channel.drain()
    assert [type(event) for event in events] == [StepsTaken, Validating, CheckpointSaved]
    steps = events[0]
    assert isinstance(steps, StepsTaken)
    assert steps.step == 1000
    np.testing.assert_array_equal(steps.metrics[:, 0], np.arange(1, 1001))
    assert events[1:] == [Validating(1000, 1000, 1000), CheckpointSaved(1000, "1000")]


def test_of_probes_only_the_latest_waits_to_be_read(latents: Latents) -> None:
    channel = Channel()
    for step in range(1, 100):
        channel.post(taken(step))
        channel.post(ProbesInspected(step, latents))
    events = channel.drain()
    assert [type(event) for event in events] == [StepsTaken, ProbesInspected]
    assert events[1] == ProbesInspected(99, latents)


def test_a_reader_that_never_comes_does_not_fill_the_memory() -> None:
    channel = Channel()
    for step in range(1, 40):
        channel.post(taken(step * 10_000, rows=10_000))
        for _ in range(300):
            channel.post(validated(step))
    assert channel_module.MOST_VALIDATIONS < 39 * 300 and channel_module.MOST_ROWS < 390_000
    events = channel.drain()
    steps = [event for event in events if isinstance(event, StepsTaken)]
    assert sum(len(event.metrics) for event in steps) <= channel_module.MOST_ROWS
    # What is left is the newest.
    assert steps[-1].metrics[-1, 0] == steps[-1].step == 390_000
    assert len(events) - len(steps) <= channel_module.MOST_VALIDATIONS


def test_draining_waits_for_the_first_event_alone() -> None:
    channel = Channel()
    assert channel.drain(timeout=0.01) == []
    posting = threading.Timer(0.05, channel.post, [Finished(3, stopped_early=False)])
    posting.start()
    assert channel.drain(timeout=30) == [Finished(3, stopped_early=False)]
    posting.join()
