import os
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine.config import Experiment
from engine.data import mapping, store
from engine.data.features import NORMALIZED, RAW, Features
from engine.data.mapping import MappedEmbeddings
from engine.data.store import EmbeddingStore
from engine.data.store_writing import create_store
from engine.errors import BadInput
from engine.evaluation.checkpoints import evaluate_checkpoint
from engine.evaluation.record import Evaluation
from engine.io import memory
from engine.io.generators import finished
from engine.runs.library import Library
from engine.runs.preparation import new_run, resumed_run
from engine.runs.run import Run
from engine.tasks.episodes import nearest_classes
from engine.training import train

SIZE = 37  # neither a multiple of a vector nor of a page
ROWS = {"train": 9000, "val": 50}  # more than are read at a time
CENTRED = Features(power=0.7, mean=torch.full((SIZE,), 0.1), projection=torch.randn(SIZE, 5))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> EmbeddingStore:
    """Embeddings of all lengths, from zeros to what single precision hardly holds."""
    path = tmp_path_factory.mktemp("stores") / "drawn.h5"
    generator = np.random.default_rng(0)
    with create_store(path, "drawn", "a test", SIZE) as writer:
        for split, rows in ROWS.items():
            embeddings = generator.normal(size=(rows, SIZE)).astype(np.float32)
            embeddings[3], embeddings[4], embeddings[5] = 0, 1e20, 1e-25
            names = [str(row) for row in range(rows)]
            writer.add_split(split, embeddings, np.arange(rows) % 10, list("abcdefghij"), names)
    return EmbeddingStore(path)


@pytest.fixture(params=["mapped", "read", "pieces"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a file for a small one, or for a large one of which every row is read."""
    if request.param != "mapped":
        monkeypatch.setattr(mapping, "MOST_MAPPED", 0)
    if request.param == "pieces":
        monkeypatch.setattr(mapping, "_BYTES_AT_A_TIME", 1000)


def mapped(split: store.Split) -> MappedEmbeddings:
    assert isinstance(split.embeddings, MappedEmbeddings)
    return split.embeddings


@pytest.mark.parametrize("features", [NORMALIZED, RAW, CENTRED])
@pytest.mark.parametrize("names", [["train"], ["val", "train"]])
def test_mapped_embeddings_have_the_bits_of_loaded_ones(
    drawn: EmbeddingStore, features: Features, names: list[str]
) -> None:
    loaded = drawn.load(names, features, "load").in_memory
    rows = mapped(drawn.load(names, features, "map"))
    assert rows.shape == loaded.shape
    assert len(rows) == len(loaded)
    assert rows.nbytes == loaded.nbytes
    assert torch.equal(rows[:], loaded)
    assert torch.equal(rows[40:8300], loaded[40:8300])
    assert torch.equal(rows[40:60:3], loaded[40:60:3])
    chosen = torch.randint(len(loaded), (4, 3, 25), generator=torch.Generator().manual_seed(1))
    assert torch.equal(rows[chosen], loaded[chosen])
    assert torch.equal(rows[chosen[0, 0, :1]], loaded[chosen[0, 0, :1]])
    assert rows[chosen[:0]].shape == (0, 3, 25, loaded.shape[1])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=st.lists(st.integers(0, ROWS["train"] - 1), max_size=40))
def test_how_many_rows_are_asked_for_changes_no_bit(
    drawn: EmbeddingStore, chosen: list[int]
) -> None:
    rows = mapped(drawn.load(["train"], access="map"))
    together = rows[torch.tensor(chosen, dtype=torch.int64)]
    for place, row in enumerate(chosen):
        assert torch.equal(rows[row : row + 1][0], together[place])


def test_what_is_given_is_the_readers_own(drawn: EmbeddingStore) -> None:
    rows = mapped(drawn.load(["val"], RAW, "map"))
    before = drawn.path.read_bytes()
    rows[:10].fill_(3)
    assert not (rows[:10] == 3).any()
    assert drawn.path.read_bytes() == before


@pytest.mark.parametrize("number", [-1, ROWS["val"]])
def test_a_row_that_is_not_there_is_not_another_one(drawn: EmbeddingStore, number: int) -> None:
    with pytest.raises(IndexError):
        mapped(drawn.load(["val"], access="map"))[torch.tensor([0, number])]


# Four times the whole store, or a byte less.
@pytest.mark.parametrize(
    ("free", "is_mapped"), [(16 * 9050 * SIZE, False), (16 * 9050 * SIZE - 1, True)]
)
def test_a_store_that_takes_over_a_quarter_of_the_free_memory_is_mapped(
    drawn: EmbeddingStore, monkeypatch: pytest.MonkeyPatch, free: int, is_mapped: bool
) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda: free)
    split = drawn.load(["val"])
    assert isinstance(split.embeddings, MappedEmbeddings) == is_mapped
    assert split.how_kept.startswith("7 kB of embeddings of val are ")
    assert ("mapped" in split.how_kept) == is_mapped
    assert isinstance(drawn.load(["val"], access="load").embeddings, Tensor)


def test_embeddings_that_are_packed_are_mapped_too(drawn: EmbeddingStore, tmp_path: Path) -> None:
    path = tmp_path / "packed.h5"
    path.write_bytes(drawn.path.read_bytes())
    with h5py.File(path, "r+") as file:
        embeddings = file["val/embeddings"][:]
        del file["val/embeddings"]
        file["val"].create_dataset("embeddings", data=embeddings, chunks=(8, 7), compression="gzip")
    packed = EmbeddingStore(path)
    rows = mapped(packed.load(["train", "val"], access="map"))
    assert torch.equal(rows[:], drawn.load(["train", "val"], access="load").in_memory)
    assert [each.name for each in tmp_path.iterdir()] == ["packed.h5"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_where_there_is_no_room_for_another_file_a_sentence_says_so(
    drawn: EmbeddingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path("/dev/full").open("wb", buffering=0) as full:
        monkeypatch.setattr(store, "unnamed_file", lambda folder: full)
        with pytest.raises(BadInput, match=r"A copy of drawn\.h5 .* \(No space left"):
            drawn.load(["train"], CENTRED, "map")


@pytest.mark.parametrize("features", [NORMALIZED, RAW])
def test_a_row_that_is_not_finite_is_named_when_it_is_asked_for(
    drawn: EmbeddingStore, tmp_path: Path, features: Features
) -> None:
    path = tmp_path / "bad.h5"
    path.write_bytes(drawn.path.read_bytes())
    with h5py.File(path, "r+") as file:
        file["val/embeddings"][7, 2] = np.nan
    rows = mapped(EmbeddingStore(path).load(["train", "val"], features, "map"))
    rows[: ROWS["train"] + 7]
    with pytest.raises(BadInput, match=r"val/embeddings has 1 rows .* row 7"):
        rows[torch.tensor([ROWS["train"] + 7])]


@pytest.mark.parametrize("change", ["cut", "written", "replaced"])
def test_a_store_that_is_changed_where_it_lies_is_read_no_more(
    drawn: EmbeddingStore, tmp_path: Path, change: str
) -> None:
    path = tmp_path / "changed.h5"
    path.write_bytes(drawn.path.read_bytes())
    rows = mapped(EmbeddingStore(path).load(["train"], access="map"))
    before = rows[8000:8010]
    if change == "cut":
        os.truncate(path, 4096)
    elif change == "written":
        os.utime(path, (1, 1))  # as writing does, whatever the clock's steps
    else:
        other = tmp_path / "other.h5"
        other.write_bytes(b"another store")
        other.replace(path)
        assert torch.equal(rows[8000:8010], before)
        return
    for which in (slice(8000, 8010), torch.arange(8000, 8010)):
        with pytest.raises(BadInput, match=r"changed\.h5 was changed while it was used"):
            rows[which]


def test_a_file_shorter_than_its_embeddings_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "short"
    path.write_bytes(bytes(100))
    with path.open("rb") as file:
        short = mapping.MappedFile(file, path, "import it again")
        assert len(mapping.MappedPart(short, 4, 8, 3)) == 8
        with pytest.raises(BadInput, match="short is shorter than it says; import it again"):
            mapping.MappedPart(short, 8, 8, 3)


def test_the_nearest_classes_are_the_same(drawn: EmbeddingStore) -> None:
    assert torch.equal(
        nearest_classes(drawn.load(["train"], access="map")),
        nearest_classes(drawn.load(["train"], access="load")),
    )


def trained(folder: Path, experiment: Experiment, steps: int | None = None) -> Run:
    """Train, or train on what is in the folder already."""
    library = Library(folder)
    runs = [Run(each) for each in library.runs.iterdir()] if library.runs.is_dir() else []
    if runs:
        run, data = resumed_run(library, runs[0])
    else:
        run, data = new_run(library, experiment)
    for event in train(run.experiment, data, run):
        if getattr(event, "step", 0) == steps:
            break
    return run


def evaluated(run: Run, data: EmbeddingStore) -> Evaluation:
    return finished(evaluate_checkpoint(run, run.checkpoint().step, data, "test", 30))


@pytest.mark.parametrize("settings", [{}, {"data.centre": True, "data.train_splits": ["val"]}])
def test_runs_on_mapped_embeddings_have_the_bits_of_others(
    tmp_path: Path,
    toy_experiment: Experiment,
    toy_store: EmbeddingStore,
    settings: dict[str, object],
) -> None:
    experiment = toy_experiment.with_settings(settings)
    runs = {}
    for access in ("load", "map"):
        own = experiment.with_settings({"data.access": access})
        runs[access] = trained(tmp_path / access, own)
    stopped = trained(tmp_path / "stopped", experiment.with_settings({"data.access": "map"}), 15)
    assert stopped.record.step < 40
    runs["resumed"] = trained(tmp_path / "stopped", experiment)
    one = runs["load"]
    for other in (runs["map"], runs["resumed"]):
        assert other.record.step == 40
        weights = other.checkpoint("last").weights()
        assert weights
        for name, tensor in one.checkpoint("last").weights().items():
            assert torch.equal(tensor, weights[name])
        found, wanted = evaluated(other, toy_store), evaluated(one, toy_store)
        assert (found.accuracy, found.loss) == (wanted.accuracy, wanted.loss)
        np.testing.assert_array_equal(found.accuracies, wanted.accuracies)
    log = (runs["map"].path / "log.txt").read_text(encoding="utf-8")
    assert "are mapped, not loaded" in log
    assert "mapped" not in (one.path / "log.txt").read_text(encoding="utf-8")


def test_a_run_whose_store_is_written_to_fails_in_a_sentence_and_goes_on_later(
    tmp_path: Path, toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    path = tmp_path / "store.h5"
    path.write_bytes(toy_store.path.read_bytes())
    settings = {"data.access": "map", "data.store": str(path)}
    run, data = new_run(Library(tmp_path / "mine"), toy_experiment.with_settings(settings))
    events = train(run.experiment, data, run)
    with pytest.raises(BadInput, match=r"store\.h5 was changed while it was used"):
        for event in events:
            if getattr(event, "step", 0) == 15:
                os.utime(path, (1, 1))
    assert Run(run.path).status == "failed"
    trained(tmp_path / "mine", toy_experiment)
    assert Run(run.path).status == "finished"
