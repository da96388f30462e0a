import errno
import io
import json
import os
import shutil
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.evaluation.checkpoints import keep_evaluation
from engine.io.files import replacing
from engine.runs.annotations import Annotations, write_annotations
from engine.runs.checkpoints import list_checkpoints, remove_checkpoint, save_checkpoint
from engine.runs.library import Library
from engine.runs.metrics import training_metrics, validation_metrics
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from engine.training import train
from tests.evaluations import kept
from tests.measured import COLUMNS, SCORES, TRAIN_COLUMNS, measured

TENSORS = {"w": torch.arange(4.0)}


@pytest.fixture
def run(tmp_path: Path, toy_experiment: Experiment) -> Run:
    return Run.create(tmp_path / "runs", toy_experiment, StoreRecord())


def test_two_runs_of_one_second_have_their_own_folders(
    tmp_path: Path, toy_experiment: Experiment
) -> None:
    runs = [Run.create(tmp_path, toy_experiment, StoreRecord()) for _ in range(5)]
    assert len({run.path for run in runs}) == 5


def test_running_without_a_living_owner_reads_as_interrupted(run: Run) -> None:
    run.update(status="running")
    assert Run(run.path).status == "interrupted"
    with run.owned():
        assert Run(run.path).status == "running"
    assert Run(run.path).status == "interrupted"


def test_a_run_copied_from_another_computer_is_interrupted_when_its_heart_stops(run: Run) -> None:
    run.update(status="running", host="another")
    assert Run(run.path).status == "running"
    record = json.loads((run.path / "run.json").read_text())
    record["heartbeat"] -= 1000
    (run.path / "run.json").write_text(json.dumps(record))
    assert Run(run.path).status == "interrupted"


def test_keys_of_a_later_version_survive(run: Run) -> None:
    record = json.loads((run.path / "run.json").read_text())
    record["note"] = "mine"
    (run.path / "run.json").write_text(json.dumps(record))
    again = Run(run.path)
    again.update(status="stopped")
    assert json.loads((run.path / "run.json").read_text())["note"] == "mine"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema": 1}', "\xff"])
def test_a_damaged_record_is_one_sentence(run: Run, content: str) -> None:
    (run.path / "run.json").write_text(content, encoding="latin-1")
    with pytest.raises(BadInput, match="restore it from a copy"):
        Run(run.path)


def test_a_record_of_the_wrong_types_is_one_sentence(run: Run) -> None:
    record = json.loads((run.path / "run.json").read_text())
    record["store"]["path"] = 5
    (run.path / "run.json").write_text(json.dumps(record))
    with pytest.raises(BadInput, match="restore it from a copy"):
        Run(run.path)


def test_a_later_schema_is_refused(run: Run) -> None:
    text = (run.path / "run.json").read_text().replace('"schema": 2', '"schema": 3')
    (run.path / "run.json").write_text(text)
    with pytest.raises(BadInput, match="update LEO Studio"):
        Run(run.path)


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"is not a run"):
        Run(tmp_path)


def test_an_unknown_checkpoint_names_those_there_are(run: Run, toy_store: EmbeddingStore) -> None:
    with pytest.raises(BadInput, match="has no checkpoint yet"):
        run.checkpoint()
    list(train(run.experiment, toy_store, run))
    with pytest.raises(BadInput, match="steps 15, 30, 40"):
        run.checkpoint("16")
    assert run.checkpoint("30").step == 30


def test_only_the_last_two_checkpoints_keep_moments(tmp_path: Path) -> None:
    for step in (10, 20, 30, 40):
        save_checkpoint(tmp_path, step, TENSORS, TENSORS, {"accuracy": 0.5})
    resumable = [c.step for c in list_checkpoints(tmp_path) if c.is_resumable]
    assert resumable == [30, 40]
    assert len(list_checkpoints(tmp_path)) == 4


def test_metrics_are_on_the_disk_before_the_checkpoint_that_they_lead_to(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed, flush = set[int](), os.fsync

    def noted(descriptor: int) -> None:
        if not run.checkpoints:
            flushed.add(os.fstat(descriptor).st_ino)
        flush(descriptor)

    run.training.append([(1, [0.5] * (len(TRAIN_COLUMNS) - 1))])
    run.validation.append([(1, [0.5, 0.1, 0.7, 0.2])])
    monkeypatch.setattr(os, "fsync", noted)
    run.save(1, TENSORS, TENSORS)
    for metrics in (run.training, run.validation):
        assert metrics.path.stat().st_ino in flushed


def test_unvalidated_checkpoints_make_room(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, 10, TENSORS, TENSORS, {"accuracy": 0.5})
    for step in (11, 12, 13):
        save_checkpoint(tmp_path, step, TENSORS, TENSORS, {})
    assert [c.step for c in list_checkpoints(tmp_path)] == [10, 12, 13]


def test_a_checkpoint_that_is_half_removed_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = save_checkpoint(tmp_path, 10, TENSORS, TENSORS, {})
    unlink = Path.unlink

    def then_killed(path: Path, missing_ok: bool = False) -> None:
        unlink(path, missing_ok=missing_ok)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "unlink", then_killed)
    with pytest.raises(KeyboardInterrupt):
        remove_checkpoint(tmp_path, checkpoint.step)
    assert list_checkpoints(tmp_path) == []


def test_going_back_forgets_what_came_later_and_what_went_wrong(run: Run) -> None:
    for step, accuracy in ((15, 0.6), (30, 0.9)):
        run.append_validation(step, measured(accuracy), is_best=True)
        if step == 15:
            run.save(step, TENSORS, TENSORS)
    run.update(status="failed", error="a cable", step=30)
    assert run.record.best is not None and run.record.best.step == 30
    run.rewind()
    kept = Run(run.path)
    assert kept.record.best is not None and kept.record.best.step == 15
    assert (kept.record.step, kept.record.error) == (15, None)
    assert [row["step"] for row in kept.validation.read()] == [15]


def test_a_changed_checkpoint_is_refused(tmp_path: Path) -> None:
    checkpoint = save_checkpoint(tmp_path, 10, TENSORS, TENSORS, {})
    assert torch.equal(checkpoint.weights()["w"], TENSORS["w"])
    checkpoint.weights_path.write_bytes(checkpoint.weights_path.read_bytes()[:-1])
    with pytest.raises(BadInput, match="missing or damaged"):
        checkpoint.weights()


def test_metrics_files_drop_a_row_that_was_cut_off(tmp_path: Path) -> None:
    metrics = validation_metrics(tmp_path, SCORES)
    metrics.append([(5, [0.1, 0.2, 0.3, 0.4]), (10, [0.5, 0.6, 0.7, 1 / 3])])
    with metrics.path.open("a") as file:
        file.write("15,0.1,0.")
    assert [row["step"] for row in metrics.read()] == [5, 10]
    metrics.keep(lambda step: step <= 20)
    assert metrics.path.read_text().endswith("\n")
    assert metrics.read()[-1]["calibration_error"] == 1 / 3


def test_training_metrics_come_back_to_the_bit_of_single_precision(tmp_path: Path) -> None:
    metrics, width = training_metrics(tmp_path, COLUMNS), len(TRAIN_COLUMNS) - 1
    numbers = np.random.default_rng(0).normal(size=(100, width)).astype(np.float32)
    metrics.append(enumerate(numbers.tolist(), 1))
    columns = metrics.arrays()
    found = np.stack([columns[name] for name in TRAIN_COLUMNS[1:]], 1).astype(np.float32)
    np.testing.assert_array_equal(found, numbers)


class Growing(io.FileIO):
    """A file that is appended to while it is read, once its end was met so many times."""

    def __init__(self, path: Path, more: bytes, ends_before_more: int) -> None:
        super().__init__(path)
        self.more, self.ends_before_more, self.ends = more, ends_before_more, 0

    def readinto(self, buffer: Any) -> int | None:
        size = super().readinto(buffer)
        self.ends += size == 0
        if size == 0 and self.ends == self.ends_before_more:
            with io.FileIO(self.name, "a") as file:
                file.write(self.more)
        return size


@pytest.mark.parametrize(("read", "ends_before_more"), [("rows", 1), ("arrays", 1), ("arrays", 2)])
def test_a_row_is_not_read_in_two_parts_while_it_is_written(
    read: str, ends_before_more: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever part of a row is there when the reader comes to the end of the file."""
    metrics, row = validation_metrics(tmp_path, SCORES), b"%d,0.5,0.25,1,0.125\n"
    metrics.append([(0, (0.5, 0.25, 1.0, 0.125)), (1, (0.5, 0.25, 1.0, 0.125))])
    whole, more = metrics.path.read_bytes(), row % 2 + row % 3
    files: list[Growing] = []

    def open_growing(path: Path, _mode: str) -> io.BufferedReader:
        files.append(Growing(path, more[cut:], ends_before_more))
        return io.BufferedReader(files[-1])

    for cut in range(len(more)):
        metrics.path.write_bytes(whole + more[:cut])
        with monkeypatch.context() as opening:
            opening.setattr(Path, "open", open_growing)
            if read == "rows":
                found = [tuple(each.values()) for each in metrics.read()]
            else:
                found = list(zip(*metrics.arrays().values(), strict=True))
        assert [each[0] for each in found] == list(range(len(found)))
        assert len(found) >= 2 + more[:cut].count(b"\n")
        assert {each[1:] for each in found} == {(0.5, 0.25, 1.0, 0.125)}
    assert any(file.ends >= ends_before_more for file in files)  # it did grow meanwhile


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(RuntimeError), replacing(path) as draft:
        draft.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with (
        pytest.raises(BadInput, match="cannot be written"),
        replacing(tmp_path / "file" / "inside") as draft,
    ):
        draft.write_text("x")


def test_two_threads_that_write_one_file_do_not_meet(tmp_path: Path) -> None:
    path, both_write = tmp_path / "file", threading.Barrier(2, timeout=30)
    errors: list[Exception] = []

    def write(text: str) -> None:
        try:
            with replacing(path) as draft:
                draft.write_text(text)
                both_write.wait()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=[letter * 1000]) for letter in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert path.read_text() in ("a" * 1000, "b" * 1000)
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_written_late_does_not_bring_a_removed_run_back(run: Run) -> None:
    shutil.rmtree(run.path)
    for write in (
        lambda: run.update(status="failed"),
        lambda: run.save(1, TENSORS, TENSORS),
        lambda: write_annotations(run.path, Annotations("a note")),
    ):
        with pytest.raises(BadInput, match="is gone"):
            write()
    assert "is gone" in keep_evaluation(run, kept()).why_not_kept
    assert not run.has_owner()
    assert not run.path.exists()


def test_a_full_disk_leaves_the_last_checkpoint(
    run: Run, toy_store: EmbeddingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bytes = Path.write_bytes

    def full_at_step_30(path: Path, content: bytes) -> int:
        if "step-000000030" in path.name:
            write_bytes(path, content[: len(content) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        return write_bytes(path, content)

    monkeypatch.setattr(Path, "write_bytes", full_at_step_30)
    with pytest.raises(BadInput, match="No space left on device"):
        list(train(run.experiment, toy_store, run))
    failed = Run(run.path)
    assert failed.status == "failed" and "No space left" in (failed.record.error or "")
    assert [checkpoint.step for checkpoint in failed.checkpoints] == [15]
    monkeypatch.undo()
    list(train(failed.experiment, toy_store, failed))
    assert Run(run.path).status == "finished"


def test_a_run_without_moments_keeps_its_checkpoints(run: Run, toy_store: EmbeddingStore) -> None:
    list(train(run.experiment, toy_store, run))
    for path in run.path.glob("checkpoints/*.optimizer.safetensors"):
        path.unlink()
    with pytest.raises(BadInput, match="can still be evaluated"):
        list(train(run.experiment, toy_store, Run(run.path)))
    assert [checkpoint.step for checkpoint in run.checkpoints] == [15, 30, 40]
    assert len(run.training.read()) == 40


def test_an_emptied_metrics_file_gets_its_header_again(tmp_path: Path) -> None:
    metrics = validation_metrics(tmp_path, SCORES)
    metrics.path.touch()
    metrics.append([(5, [0.1, 0.2, 0.3, 0.4])])
    assert metrics.read()[0]["step"] == 5
    metrics.path.write_text("step,accuracy,ci95,loss,calibration_error\n5,a,b,c,d\n")
    with pytest.raises(BadInput, match="restore it from a copy"):
        metrics.read()


def test_deleted_runs_are_in_the_trash(tmp_path: Path, toy_experiment: Experiment) -> None:
    library = Library(tmp_path)
    run = Run.create(library.runs, toy_experiment, StoreRecord())
    with run.owned(), pytest.raises(BadInput, match="stop that one first"):
        library.throw_away(run.path)
    target = library.throw_away(run.path)
    assert not run.path.exists()
    assert Run(target).record.id == run.record.id


def test_runs_are_found_by_the_beginning_of_their_name(
    tmp_path: Path, toy_experiment: Experiment
) -> None:
    library = Library(tmp_path)
    one = Run.create(library.runs, toy_experiment, StoreRecord())
    assert library.run("toy").path == one.path
    Run.create(library.runs, toy_experiment, StoreRecord())
    with pytest.raises(BadInput, match="write more of the name"):
        library.run("toy-")
    with pytest.raises(BadInput, match="There is no run"):
        library.run("nothing")


def test_a_folder_that_is_no_run_does_not_stand_before_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toy_experiment: Experiment
) -> None:
    library = Library(tmp_path / "library")
    run = Run.create(library.runs, toy_experiment, StoreRecord())
    (tmp_path / "here" / run.name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    assert library.run(run.name).path == run.path


def test_a_renamed_run_keeps_everything(
    tmp_path: Path, toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    library = Library(tmp_path)
    run = Run.create(library.runs, toy_experiment, StoreRecord(path=str(toy_store.path)))
    target = library.rename(run, "a-better-name")
    renamed = Run(target)
    assert (renamed.name, renamed.record.id) == ("a-better-name", run.record.id)
    assert renamed.record.name == "a-better-name"
    with renamed.owned(), pytest.raises(BadInput, match="stop that one first"):
        library.rename(renamed, "another")
    list(train(renamed.experiment, toy_store, renamed))
    assert renamed.status == "finished"


@pytest.mark.parametrize("name", ["", "../out", "a/b", ".hidden", "x" * 101, "taken"])
def test_a_bad_name_is_refused_and_changes_nothing(
    tmp_path: Path, toy_experiment: Experiment, name: str
) -> None:
    library = Library(tmp_path)
    run = Run.create(library.runs, toy_experiment, StoreRecord())
    (library.runs / "taken").mkdir()
    with pytest.raises(BadInput):
        library.rename(run, name)
    assert Run(run.path).record.name == run.name


def test_the_trash_gives_a_run_back(tmp_path: Path, toy_experiment: Experiment) -> None:
    library = Library(tmp_path)
    run = Run.create(library.runs, toy_experiment, StoreRecord())
    target = library.throw_away(run.path)
    library.restore(target, run.path)
    with pytest.raises(BadInput, match="another run"):
        library.restore(target, run.path)
    assert Run(run.path).record.id == run.record.id
    again = library.throw_away(run.path)
    run.path.mkdir()
    with pytest.raises(BadInput, match="There is another run"):
        library.restore(again, run.path)
    assert Run(again).record.id == run.record.id
    run.path.rmdir()
    shutil.rmtree(again)
    with pytest.raises(BadInput, match="no longer in the trash"):
        library.restore(again, run.path)
    assert not run.path.exists()


def test_presets_of_ones_own_are_kept_under_their_name(
    tmp_path: Path, toy_experiment: Experiment
) -> None:
    library = Library(tmp_path)
    library.save_preset("mine", toy_experiment)
    assert library.experiment("mine") == toy_experiment.with_settings({"name": "mine"})
    with pytest.raises(BadInput, match="The preset's name"):
        library.save_preset("not/a/name", toy_experiment)


def test_asking_for_the_owner_keeps_nobody_from_training(
    run: Run, toy_store: EmbeddingStore
) -> None:
    """Those who list runs ask all the time."""
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            Run(run.path).has_owner()

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for thread in asking:
        thread.start()
    try:
        for _ in range(100):
            assert not run.has_owner()
            with run.owned():
                pass
    finally:
        ended.set()
        for thread in asking:
            thread.join()
