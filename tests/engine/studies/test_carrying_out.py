"""A study is carried out by real workers, which may be killed, stopped and started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.io.locks import holding
from engine.runs.library import Library
from engine.runs.run import Run
from engine.studies import carrying_out
from engine.studies.carrying_out import Overseer, carried_out, require_stores
from engine.studies.cells import cells_of
from engine.studies.executors import PROBLEM, Ended, LocalExecutor
from engine.studies.standing import Standing, StudyFolder
from engine.studies.study import Study
from engine.studies.table import table_of
from engine.studies.worker import work
from tests.engine.studies.conftest import MakeStudy

SECONDS = 0.05
pytestmark = pytest.mark.slow


def overseer_of(study: Study, library: Library, folder: StudyFolder) -> Overseer:
    return Overseer(study, cells_of(study, library.experiment, "cpu"), folder)


def carry_out(
    overseer: Overseer,
    executor: LocalExecutor,
    look: Callable[[list[Standing]], object] = lambda _: None,
    at_once: int = 2,
) -> tuple[list[Standing], list[str]]:
    """Carry out a study to its end, and return how it stands and what was said."""
    said: list[str] = []
    looks = carried_out(overseer, executor, at_once, said.append)
    try:
        for standings in looks:
            look(standings)
            time.sleep(SECONDS)
    finally:
        looks.close()
    return overseer.look(), said


def test_every_run_is_trained_and_evaluated_once_and_the_table_is_whole(
    make_study: MakeStudy, library: Library, study_folder: StudyFolder
) -> None:
    study = make_study()
    overseer = overseer_of(study, library, study_folder)
    assert not table_of(study, overseer.look()).is_whole
    executor = LocalExecutor(study_folder, library.root, "cpu")
    standings, said = carry_out(overseer, executor)
    assert (said, {each.state for each in standings}) == ([], {"evaluated"})
    table = table_of(study, standings)
    assert table.is_whole
    assert table.comparisons == 2
    entry = table.entries["LEO", "2-shot"]
    accuracies = [
        each.evaluation.accuracy
        for each in standings
        if each.evaluation is not None and (each.cell.row, each.cell.column) == ("LEO", "2-shot")
    ]
    assert entry.seeds == 2
    assert entry.accuracy == pytest.approx(sum(accuracies) / 2)
    assert entry.spread == pytest.approx(abs(accuracies[0] - accuracies[1]) / 2**0.5)

    runs = {path: path.stat().st_mtime_ns for path in study_folder.runs.glob("*/run.json")}
    again = Overseer(study, overseer.cells, study_folder)
    carry_out(again, executor)
    assert {path: path.stat().st_mtime_ns for path in study_folder.runs.glob("*/run.json")} == runs


def test_a_killed_worker_loses_no_run_and_changes_no_bit(
    make_study: MakeStudy, library: Library, study_folder: StudyFolder, tmp_path: Path
) -> None:
    study = make_study(columns=[{"name": "2-shot"}], rows=[{"name": "LEO"}])
    study = study.with_parts(set={"schedule.steps": 300})
    whole = overseer_of(study, library, StudyFolder(tmp_path / "whole"))
    executor = LocalExecutor(whole.folder, library.root, "cpu")
    expected, _ = carry_out(whole, executor)

    overseer = overseer_of(study, library, study_folder)
    killed: set[int] = set()

    def kill_once(standings: list[Standing]) -> None:
        """Kill whoever trains a run that is not new any more."""
        for each in standings:
            record = each.record
            if record is None or not 0 < record.step < 300 or record.status != "running":
                continue
            if len(killed) < 2 and record.process_id not in killed:
                killed.add(record.process_id)
                os.kill(record.process_id, signal.SIGKILL)

    executor = LocalExecutor(study_folder, library.root, "cpu")
    found, said = carry_out(overseer, executor, kill_once)
    assert killed
    assert len(said) == len(killed)
    assert all("was killed by SIGKILL, and another goes on" in sentence for sentence in said)
    for one, other in zip(expected, found, strict=True):
        assert one.evaluation is not None
        assert other.evaluation is not None
        assert one.evaluation.accuracies.tolist() == other.evaluation.accuracies.tolist()
    assert len(list(study_folder.runs.iterdir())) == 2


def test_a_stopped_study_goes_on_where_it_was(
    make_study: MakeStudy, library: Library, study_folder: StudyFolder
) -> None:
    study = make_study(columns=[{"name": "c"}], rows=[{"name": "LEO"}], seeds=1)
    study = study.with_parts(set={"schedule.steps": 400})
    overseer = overseer_of(study, library, study_folder)
    executor = LocalExecutor(study_folder, library.root, "cpu")
    looks = carried_out(overseer, executor, 1, pytest.fail)
    for standings in looks:
        if standings[0].record is not None and standings[0].record.step > 0:
            break
        time.sleep(SECONDS)
    looks.close()
    (standing,) = overseer.look()
    assert standing.run is not None
    run = Run(standing.run)
    assert run.status == "stopped"
    assert 0 < run.checkpoints[-1].step == run.record.step < 400
    assert executor.count == 0

    standings, _ = carry_out(overseer, executor, at_once=1)
    assert standings[0].state == "evaluated"
    assert standings[0].run == standing.run


def test_workers_end_when_whoever_started_them_is_killed(
    make_study: MakeStudy, library: Library, study_folder: StudyFolder
) -> None:
    study = make_study(columns=[{"name": "c"}], rows=[{"name": "LEO"}], seeds=1)
    study = study.with_parts(set={"schedule.steps": 1_000_000, "schedule.validate_every": 1000})
    (cell,) = cells_of(study, library.experiment, "cpu")
    study_folder.path.mkdir()
    study_folder.file.write_text(study.to_yaml())
    start = (
        "import sys, time; from pathlib import Path\n"
        "from engine.studies.executors import LocalExecutor\n"
        "from engine.studies.standing import StudyFolder\n"
        "folder, library = map(Path, sys.argv[1:])\n"
        "LocalExecutor(StudyFolder(folder), library, 'cpu').start(); time.sleep(600)\n"
    )
    places = [str(study_folder.path), str(library.root)]
    overseer = subprocess.Popen([sys.executable, "-c", start, *places])
    try:
        wait_for(lambda: study_folder.standing(study, cell).progress > 0)
    finally:
        overseer.kill()
        overseer.wait()
    run = study_folder.standing(study, cell).run
    assert run is not None
    try:
        wait_for(lambda: Run(run).status == "stopped")
    finally:
        with suppress(ProcessLookupError):  # it has ended, as it should
            os.kill(Run(run).record.process_id, signal.SIGKILL)


def wait_for(is_so: Callable[[], bool]) -> None:
    """Wait until something holds, a minute at most."""
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(SECONDS)


def test_a_run_that_fails_is_told_of_and_the_others_go_on(
    make_study: MakeStudy, library: Library, study_folder: StudyFolder
) -> None:
    study = make_study(
        columns=[{"name": "c"}],
        rows=[
            {"name": "Wild", "set": {"optimizer.outer_lr": 10.0, "learner.inner_lr": 1000.0}},
            {"name": "LEO"},
        ],
        seeds=1,
        set={"optimizer.clip_value": None, "optimizer.clip_norm": None, "schedule.steps": 400},
    )
    overseer = overseer_of(study, library, study_folder)
    executor = LocalExecutor(study_folder, library.root, "cpu")
    standings, said = carry_out(overseer, executor, at_once=1)
    assert {each.cell.row: each.state for each in standings} == {
        "Wild": "failed",
        "LEO": "evaluated",
    }
    assert len(said) == 1
    assert said[0].startswith(f"{PROBLEM}Wild-c-seed-0: The loss was not a number")
    entry = table_of(study, standings).entries["Wild", "c"]
    assert (entry.seeds, len(entry.failures), entry.contrast) == (0, 1, None)


def test_workers_that_die_again_and_again_are_given_up(
    make_study: MakeStudy, library: Library, study_folder: StudyFolder
) -> None:
    study = make_study()

    class Dying(LocalExecutor):
        """Workers that die at once."""

        started = 0

        def start(self) -> None:
            type(self).started += 1

        def ended(self) -> list[Ended]:
            return [Ended(True, "A worker died.")]

        @property
        def count(self) -> int:
            return 1

    overseer = overseer_of(study, library, study_folder)
    executor = Dying(study_folder, library.root, "cpu")
    with pytest.raises(BadInput, match="die again and again"):
        carry_out(overseer, executor, at_once=1)
    assert Dying.started < 10


def test_a_study_has_one_overseer_and_a_cell_one_worker(
    make_study: MakeStudy, library: Library, study_folder: StudyFolder
) -> None:
    study = make_study(columns=[{"name": "c"}])
    overseer = overseer_of(study, library, study_folder)
    study_folder.claims.mkdir(parents=True)
    executor = LocalExecutor(study_folder, library.root, "cpu")
    with (
        holding(study_folder.path / "study.lock", timeout=0),
        pytest.raises(BadInput, match="Another process carries out this study"),
    ):
        carry_out(overseer, executor)
    assert not study_folder.file.exists()

    # Somebody has the run of seed 0: a worker does all others.
    study_folder.file.write_text(study.to_yaml())
    said: list[str] = []
    with holding(study_folder.claims / "LEO-c-seed-0.lock", timeout=0):
        for _ in work(study_folder, library, "cpu", said.append):
            pass
    states = {each.cell.name: each.state for each in overseer.look()}
    assert states == {
        "Class-mean-c": "evaluated",
        "LEO-c-seed-0": "open",
        "LEO-c-seed-1": "evaluated",
    }


def test_what_others_have_is_waited_for_and_what_they_leave_is_done(
    make_study: MakeStudy, library: Library, study_folder: StudyFolder
) -> None:
    row = {"name": "Mean", "set": {"learner.kind": "class_mean"}}
    study = make_study(rows=[row], against=None)
    overseer = overseer_of(study, library, study_folder)
    study_folder.claims.mkdir(parents=True)
    executor = LocalExecutor(study_folder, library.root, "cpu")
    looks = carried_out(overseer, executor, 1, pytest.fail)
    # A node that is gone, whose locks a network folder still holds.
    with holding(study_folder.claim("Mean-1-shot"), timeout=0):
        wait_for(lambda: next(looks)[1].state == "evaluated")
        wait_for(lambda: len(next(looks)) == 2 and executor.count == 0)
        assert [each.state for each in next(looks)] == ["open", "evaluated"]
    for _ in looks:
        time.sleep(SECONDS)
    assert {each.state for each in overseer.look()} == {"evaluated"}


def test_workers_that_a_cluster_never_begins_are_not_waited_for(
    make_study: MakeStudy,
    library: Library,
    study_folder: StudyFolder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(carrying_out, "_SECONDS_TO_SEE_THE_END", 0.0)
    overseer = overseer_of(make_study(), library, study_folder)
    carry_out(overseer, LocalExecutor(study_folder, library.root, "cpu"))

    class Queued(LocalExecutor):
        """A worker that waits for its turn, and was there before."""

        stopped = 0

        @property
        def count(self) -> int:
            return 1

        def stop(self) -> None:
            type(self).stopped += 1

    _, said = carry_out(overseer, Queued(study_folder, library.root, "cpu"))
    assert (said, Queued.stopped) == ([], 1)


def test_a_folder_that_cannot_be_made_is_named(
    make_study: MakeStudy, library: Library, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    folder = StudyFolder(tmp_path / "file" / "tiny")
    overseer = overseer_of(make_study(), library, folder)
    with pytest.raises(BadInput, match=str(folder.path)):
        carry_out(overseer, LocalExecutor(folder, library.root, "cpu"))


def test_what_could_not_be_ended_is_not_begun(make_study: MakeStudy, library: Library) -> None:
    for changes, sentence in (
        ({"set": {"data.store": "gone"}}, 'No store named "gone" in the library'),
        ({"set": {"task.n_way": 9}}, "split val has 8 classes, and task.n_way is 9"),
        ({"set": {"task.k_shot": 30, "task.examples_per_class": 31}}, "has 30 examples, and this"),
    ):
        study = make_study(**changes)
        with pytest.raises(BadInput, match=sentence):
            require_stores(library, study, cells_of(study, library.experiment, "cpu"))
