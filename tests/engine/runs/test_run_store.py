"""The store of a run is found where it is now, and remembered."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.config import Experiment
from engine.data import splits
from engine.data.store import EmbeddingStore
from engine.data.store_writing import create_store
from engine.errors import BadInput
from engine.evaluation.checkpoints import require_same_episodes
from engine.runs import run_store
from engine.runs.library import Library
from engine.runs.preparation import new_run, resumed_run
from engine.runs.run import Run
from engine.runs.run_store import StoreNotFound, examples_of, store_of
from engine.training import train
from tests.engine.runs.test_preparation import rewritten


@pytest.fixture(autouse=True)
def nothing_located(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_store, "_LOCATED", {})


@pytest.fixture
def library(tmp_path: Path) -> Library:
    made = Library(tmp_path / "library")
    made.stores.mkdir(parents=True)
    return made


@pytest.fixture
def moved(
    library: Library, tmp_path: Path, toy_experiment: Experiment, toy_store: EmbeddingStore
) -> Path:
    """A run whose store was moved to another folder; returns where the store is now."""
    before, now = tmp_path / "a" / "feats.h5", tmp_path / "b" / "feats.h5"
    for path in (before, now):
        path.parent.mkdir()
    shutil.copyfile(toy_store.path, before)
    experiment = toy_experiment.with_settings({"data.store": str(before), "schedule.steps": 4})
    ready = new_run(library, experiment)
    list(train(ready.run.experiment, ready.store, ready.run))
    before.rename(now)
    return now


def the_run(library: Library) -> Run:
    (path,) = library.runs.iterdir()
    return Run(path)


def test_a_store_that_is_nowhere_is_one_sentence_with_the_remedy(
    library: Library, moved: Path
) -> None:
    run = the_run(library)
    with pytest.raises(StoreNotFound) as caught:
        store_of(library, run)
    assert f"There is no store at {run.record.store.path} any more" in str(caught.value)
    assert "--store FILE" in str(caught.value) and caught.value.run == run.path


def test_a_store_that_was_given_once_is_remembered(library: Library, moved: Path) -> None:
    said: list[str] = []
    before = the_run(library).record
    store_of(library, the_run(library), str(moved), say=said.append)
    assert said == [f"The store of {before.name} is {moved} now."]
    assert the_run(library).record.store.path == str(moved)
    run_store._LOCATED.clear()
    ready = resumed_run(library, the_run(library), steps=6, say=said.append)
    assert ready.store is not None and ready.store.path == moved and len(said) == 1
    list(train(ready.run.experiment, ready.store, ready.run))
    assert the_run(library).record.store.path == str(moved)


def test_resuming_takes_a_store_and_remembers_it(library: Library, moved: Path) -> None:
    ready = resumed_run(library, the_run(library), steps=6, store=str(moved))
    list(train(ready.run.experiment, ready.store, ready.run))
    assert the_run(library).record.store.path == str(moved)
    assert the_run(library).status == "finished"


def test_the_library_is_looked_in_by_contents_whatever_the_name(
    library: Library, moved: Path, toy_store: EmbeddingStore
) -> None:
    rewritten(toy_store, library.stores / "a-shifted.h5", shift=0.1)
    (library.stores / "b-broken.h5").write_text("no store")
    found = library.stores / "other-name.h5"
    shutil.copyfile(moved, found)
    said: list[str] = []
    assert store_of(library, the_run(library), say=said.append).path == found
    assert said[0].endswith(f"is {found} now, found by its contents.")
    assert the_run(library).record.store.path == str(found)


def test_another_store_at_the_old_place_is_passed_over(
    library: Library, moved: Path, toy_store: EmbeddingStore
) -> None:
    run = the_run(library)
    rewritten(toy_store, Path(run.record.store.path), shift=0.1)
    with pytest.raises(StoreNotFound, match=r"holds other names .*--store FILE"):
        store_of(library, run)
    shutil.copyfile(moved, library.stores / "right.h5")
    assert store_of(library, run).path == library.stores / "right.h5"


def test_a_wrong_store_is_not_remembered(
    library: Library, moved: Path, toy_store: EmbeddingStore, tmp_path: Path
) -> None:
    wrong = rewritten(toy_store, tmp_path / "wrong.h5", shift=0.1)
    before = the_run(library).record
    with pytest.raises(StoreNotFound, match="holds other names or embeddings"):
        store_of(library, the_run(library), str(wrong))
    assert the_run(library).record == before


def test_a_copy_that_is_given_while_the_store_is_in_its_place_changes_nothing(
    library: Library, moved: Path, tmp_path: Path
) -> None:
    run = the_run(library)
    shutil.copyfile(moved, run.record.store.path)
    before = run.record
    assert store_of(library, run, str(moved)).path == moved
    assert the_run(library).record == before


def test_a_run_that_cannot_be_written_to_is_located_as_long_as_the_program_lasts(
    library: Library, moved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("engine.runs.run.write_record", refuse)
    run = the_run(library)
    before = run.record
    store_of(library, run, str(moved))
    assert store_of(library, Run(run.path)).path == moved
    assert Run(run.path).record == before


def test_a_run_that_trains_keeps_its_record_to_itself(library: Library, moved: Path) -> None:
    run = the_run(library)
    with run.owned():
        assert store_of(library, Run(run.path), str(moved)).path == moved
    assert Run(run.path).record == run.record


def test_new_runs_on_a_store_of_very_many_draw_otherwise_and_old_ones_as_ever(
    library: Library,
    toy_experiment: Experiment,
    toy_store: EmbeddingStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = new_run(library, toy_experiment).run
    monkeypatch.setattr(splits, "MOST_EXAMPLES", 29)  # of the 30 examples of each class
    new = new_run(library, toy_experiment).run
    assert "sampling" not in json.dumps(old.record.store.model_dump())
    assert new.record.store.splits["val"] == {"classes": 8, "examples": 240, "sampling": 2}
    for run, sampling in ((old, 1), (new, 2)):
        assert examples_of(run, toy_store, ["train", "val"]).sampling == sampling
        assert store_of(library, run).path == toy_store.path
        list(train(run.experiment, toy_store, run))
    draws = [(run.path / "train.csv").read_text().splitlines()[1] for run in (old, new)]
    assert draws[0] != draws[1]
    again = new_run(library, toy_experiment).run
    for event in train(again.experiment, toy_store, again):
        if getattr(event, "step", 0) == 15:
            break
    list(train(again.experiment, toy_store, Run(again.path)))
    weights = Run(again.path).checkpoint("last").weights()
    for name, tensor in new.checkpoint("last").weights().items():
        assert torch.equal(tensor, weights[name])
    require_same_episodes(new, Run(again.path))
    with pytest.raises(BadInput, match="draws them as earlier versions did"):
        require_same_episodes(old, new)


def test_on_other_stores_all_runs_draw_alike(
    library: Library,
    tmp_path: Path,
    toy_experiment: Experiment,
    toy_store: EmbeddingStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(splits, "MOST_EXAMPLES", 29)
    run = new_run(library, toy_experiment).run
    with create_store(tmp_path / "other.h5", "other", "a test", 16) as writer:
        rows = np.ones((90, 16))
        writer.add_split("val", rows, np.arange(90) // 30, list("abc"), list(map(str, range(90))))
    assert examples_of(run, EmbeddingStore(tmp_path / "other.h5"), ["val"]).sampling == 1


@pytest.mark.parametrize(
    ("classes", "largest", "sampling"),
    # Omniglot with rotations, tieredImageNet, and beyond.
    [(6492, 20, 1), (608, 1300, 1), (16_384, 2048, 1), (16_385, 1, 2), (2, 2049, 2)],
)
def test_what_was_there_before_is_drawn_as_it_was(
    classes: int, largest: int, sampling: int
) -> None:
    summary = splits.SplitSummary("train", classes, classes * largest, 1, largest, False)
    assert summary.sampling == sampling
