from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.events import (
    Event,
    State,
    StateChanged,
    StepsTaken,
    Validating,
)
from engine.io import drafts
from engine.runs import ownership
from engine.runs.library import Library
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from engine.runs.run_store import store_record
from leo_studio.analysis.runs.naming import why_not_thrown_away
from leo_studio.services.controller import Controller
from leo_studio.services.records import Notice, TrainingStatus
from tests.measured import STEP_COLUMNS, prepared, validated


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
    run = Run.create(tmp_path / "elsewhere", toy_experiment, store_record(toy_store))
    controller.include_run(run.path)
    qtbot.waitUntil(lambda: len(controller.runs) == 1, timeout=30_000)
    undo = controller.throw_away(controller.runs[0])
    qtbot.waitUntil(lambda: controller.runs == (), timeout=30_000)
    undo()
    qtbot.waitUntil(lambda: len(controller.runs) == 1, timeout=30_000)
    assert controller.runs[0].path == run.path


def test_a_run_that_came_while_runs_were_read_is_found(
    controller: Controller, library_home: Path, toy_experiment: Experiment, qtbot: QtBot
) -> None:
    controller.refresh_runs()
    while not controller._background.is_idle:  # it has found nothing, and told nobody yet
        pass
    Run.create(Library(library_home).runs, toy_experiment, StoreRecord())
    controller.refresh_runs()
    qtbot.waitUntil(lambda: len(controller.runs) == 1, timeout=30_000)


def test_a_run_that_starts_is_told_by_its_title(
    controller: Controller, toy_experiment: Experiment, toy_store: EmbeddingStore, qtbot: QtBot
) -> None:
    """Also where it starts before the runs were read again, and so has no title yet."""
    controller.current.choose(controller.library.runs / "another")
    run = Run.create(controller.library.runs, toy_experiment, store_record(toy_store))
    told: list[Notice] = []
    controller.notified.connect(told.append)
    controller.channel.post(prepared(str(run.path), 0, 40))
    controller.poll()
    qtbot.waitUntil(lambda: bool(told), timeout=30_000)
    assert controller.title_of(run.path) != run.name
    assert [each.text for each in told] == [f"{controller.title_of(run.path)} has started."]


def test_runs_are_read_again_after_that_failed(controller: Controller, qtbot: QtBot) -> None:
    notices: list[Notice] = []
    controller.notified.connect(notices.append)
    controller.include_run(Path("/" + "x" * 300))
    qtbot.waitUntil(lambda: len(notices) == 1, timeout=30_000)
    assert "name too long" in notices[0].text
    controller.refresh_runs()
    qtbot.waitUntil(lambda: len(notices) == 2, timeout=30_000)


def told(controller: Controller, *events: Event) -> TrainingStatus:
    """Tell the controller some events, one by one."""
    for event in events:
        controller.channel.post(event)
        controller.poll()
    return controller.status


def test_the_rate_of_one_run_says_nothing_of_the_next(controller: Controller) -> None:
    metrics = np.zeros((10, len(STEP_COLUMNS)), np.float32)
    for run, rate in (("slow", 2.0), ("fast", 1000.0)):
        status = told(
            controller,
            StateChanged("preparing", run),
            prepared(run, 0, 2010),
            StateChanged("running", run),
            StepsTaken(10, metrics, 1.0, rate),
        )
        assert (status.steps_per_second, status.seconds_left) == (rate, 2000 / rate)
        assert told(controller, StateChanged("finished", run)).seconds_left is None


def test_a_validation_is_under_way_until_it_has_its_result(controller: Controller) -> None:
    told(controller, StateChanged("preparing", "run"), prepared("run", 0, 10))
    assert told(controller, Validating(5, 30, 200)).validation == (30, 200)
    assert told(controller, validated(5, 0.5)).validation is None


def test_a_store_that_cannot_even_be_looked_for_says_so(controller: Controller) -> None:
    entry = controller.store("x" * 300)
    assert entry.splits == ()
    assert "name too long" in entry.problem
    entry = controller.store("~no-such-user/store.h5")
    assert "no home folder is known for ~no-such-user" in entry.problem


def test_work_that_begins_while_all_ends_is_asked_to_end_too(
    controller: Controller, qtbot: QtBot
) -> None:
    """As a part of the window does that is told of something late."""
    controller.begin_closing()
    controller.draw_glyphs()
    qtbot.waitUntil(controller.is_closed, timeout=30_000)
    assert controller.library.must_draw("glyphs")


def test_a_link_to_a_run_is_thrown_away_and_renamed_alone(
    controller: Controller, library_home: Path, toy_experiment: Experiment, qtbot: QtBot
) -> None:
    real = Run.create(library_home.parent / "bigdisk", toy_experiment, StoreRecord()).path
    link = Library(library_home).runs / "alias"
    link.parent.mkdir(parents=True)
    link.symlink_to(real)
    controller.include_run(real)  # opened by its own path, and listed once all the same
    notices: list[Notice] = []
    controller.notified.connect(notices.append)
    qtbot.waitUntil(lambda: [run.name for run in controller.runs] == ["alias"], timeout=30_000)
    renamed = controller.rename_run(controller.runs[0], "better")
    assert renamed.is_symlink() and f"the run stays at {real}" in notices[-1].text
    qtbot.waitUntil(lambda: [run.path for run in controller.runs] == [renamed], timeout=30_000)
    controller.throw_away(controller.runs[0])
    assert (real / "run.json").is_file() and not renamed.is_symlink()
    assert f"the run stays at {real}" in notices[-1].text


def test_a_run_of_another_machine_is_looked_at_again_when_its_heart_was_watched(
    controller: Controller,
    library_home: Path,
    toy_experiment: Experiment,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    later = [0.0]
    clock = ownership.Clock(ticks=lambda: later[0])
    monkeypatch.setattr(ownership, "CLOCK", clock)
    monkeypatch.setattr(ownership, "_SIGHTINGS", ownership._Sightings())
    run = Run.create(Library(library_home).runs, toy_experiment, StoreRecord())
    run.update(status="running", host="cluster7")
    controller.refresh_runs()
    qtbot.waitUntil(lambda: len(controller.runs) == 1, timeout=30_000)
    (entry,) = controller.runs
    assert (entry.status, entry.watched_host) == ("running", "cluster7")
    assert "may still be trained on cluster7" in why_not_thrown_away(entry, ())
    with pytest.raises(BadInput, match="try again in 12 seconds"):
        controller.throw_away(entry)
    assert controller._rescan.isActive()
    later[0] = 13.0
    controller._rescan.timeout.emit()
    qtbot.waitUntil(lambda: controller.runs[0].status == "interrupted", timeout=30_000)
    assert why_not_thrown_away(controller.runs[0], ()) == ""


def test_what_killed_processes_left_is_removed_when_the_window_starts_and_it_says_so(
    controller: Controller, library_home: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    (library_home / "stores").mkdir(parents=True)
    with monkeypatch.context() as before:
        before.setattr(drafts, "_started", lambda _: 1)
        left = drafts.new_draft(library_home / "stores" / "big.h5")
    left.write_bytes(bytes(3_000_000))
    with qtbot.waitSignal(controller.notified, timeout=30_000) as told:
        controller.sweep_drafts()
    assert told.args is not None and "big.h5 (3.0 MB)" in told.args[0].text
    assert not left.exists()
