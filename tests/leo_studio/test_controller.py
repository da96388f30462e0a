from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.events import Event, State, StateChanged
from engine.library import Library
from engine.runs import Run, StoreRecord
from leo_studio.controller import Controller


@pytest.fixture
def controller(library_home: Path, qtbot: QtBot) -> Iterator[Controller]:
    made = Controller(Library(library_home))
    yield made
    assert made.close(30)
    made.deleteLater()


def test_events_keep_their_order_where_one_who_is_told_asks_for_more(
    controller: Controller,
) -> None:
    """As Stop does: it takes what is there at once, while older events are still being told."""
    states: tuple[State, ...] = ("preparing", "running", "stopping")
    changes = [StateChanged(state, "run") for state in states]
    told: list[Event] = []

    def note(event: Event) -> None:
        told.append(event)
        if len(told) == 1:
            controller.channel.post(changes[2])
            controller.poll()

    controller.happened.connect(note)
    for change in changes[:2]:
        controller.channel.post(change)
    controller.poll()
    assert told == changes
    assert controller.status.state == "stopping"


def test_a_run_of_another_folder_is_given_back_there(
    controller: Controller,
    toy_experiment: Experiment,
    toy_store: EmbeddingStore,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    run = Run.create(tmp_path / "elsewhere", toy_experiment, StoreRecord.of(toy_store))
    controller.include_run(run.path)
    qtbot.waitUntil(lambda: len(controller.runs) == 1, timeout=30_000)
    undo = controller.throw_away(controller.runs[0])
    qtbot.waitUntil(lambda: controller.runs == (), timeout=30_000)
    undo()
    qtbot.waitUntil(lambda: len(controller.runs) == 1, timeout=30_000)
    assert controller.runs[0].path == run.path


def test_a_store_that_cannot_even_be_looked_for_says_so(controller: Controller) -> None:
    entry = controller.store("x" * 300)
    assert entry.splits == ()
    assert "name too long" in entry.problem


def test_work_that_begins_while_all_ends_is_asked_to_end_too(
    controller: Controller, qtbot: QtBot
) -> None:
    """As a part of the window does that is told of something late."""
    controller.begin_closing()
    controller.draw_glyphs()
    qtbot.waitUntil(controller.is_closed, timeout=30_000)
    assert controller.library.must_draw("glyphs")
