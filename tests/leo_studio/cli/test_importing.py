"""`leo-studio import`: what is there already stays, unless somebody says otherwise."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.runs.library import Library
from engine.runs.run import Run
from engine.runs.run_store import store_record
from tests.command_line import Cli, cli
from tests.conftest import TrainedCopy
from tests.engine.data.test_placement import two_datasets

__all__ = ["cli"]


def save(path: Path, **more: Any) -> Path:
    path.parent.mkdir(exist_ok=True)
    embeddings = np.random.default_rng(0).normal(size=(12, 4)).astype(np.float32)
    labels = np.repeat(np.arange(4), 3)
    whole: dict[str, Any] = {"embeddings": embeddings, "labels": labels} | more
    np.savez(path, **whole)
    return path


@pytest.fixture
def library(cli: Cli, library_home: Path, tmp_path: Path) -> Library:
    """A library with the store "features"."""
    assert cli("import", "arrays", str(save(tmp_path / "a" / "features.npz"))).status == 0
    return Library(library_home)


def test_a_second_import_of_a_name_is_refused_with_the_remedy_and_the_runs_that_need_the_first(
    cli: Cli, library: Library, toy_experiment: Experiment, tmp_path: Path
) -> None:
    store = EmbeddingStore(library.existing_store("features"))
    run = Run.create(library.runs, toy_experiment, store_record(store))
    before = store.path.read_bytes()
    other = str(save(tmp_path / "b" / "features.npz", embeddings=np.ones((12, 5))))

    refused = cli("import", "arrays", other)
    assert refused.status == 2 and refused.out == ""
    for part in ("features is there already", "--name NEW", "--replace", run.name):
        assert part in refused.err
    assert store.path.read_bytes() == before

    again = cli("import", "arrays", str(tmp_path / "a" / "features.npz"))
    assert again.status == 0 and "there already, unchanged" in again.err.replace("\n", " ")

    assert cli("import", "arrays", other, "--name", "second").status == 0
    report = cli("import", "arrays", other, "--replace", "--json")
    (replaced,) = report.json["stores"]
    assert replaced["trained_on_old"] == [run.name]
    assert Path(replaced["old"]).read_bytes() == before != store.path.read_bytes()
    assert Path(replaced["old"]).parent == library.trash
    assert run.name in report.err


def test_the_name_of_the_built_in_store_is_refused_even_where_it_is_to_be_replaced(
    cli: Cli, library: Library, tmp_path: Path
) -> None:
    outcome = cli("import", "arrays", str(save(tmp_path / "b" / "glyphs.npz")), "--replace")
    assert outcome.status == 2 and "built-in" in outcome.err and "--name NEW" in outcome.err
    assert not (library.stores / "glyphs.h5").exists()


def test_stores_of_a_released_archive_are_named_and_replaced_one_by_one(
    cli: Cli, library: Library, tmp_path: Path
) -> None:
    source = two_datasets(tmp_path / "released", {})
    (library.stores / "fish.h5").write_bytes((library.stores / "features.h5").read_bytes())
    refused = cli("import", "deepmind", str(source))
    assert refused.status == 2 and "fish is there already" in refused.err
    assert not (library.stores / "birds.h5").exists()
    named = cli("import", "deepmind", str(source), "--name", "fish=trout", "--json")
    assert [Path(each["path"]).stem for each in named.json["stores"]] == ["birds", "trout"]
    replaced = cli("import", "deepmind", str(source), "--replace", "--json").json["stores"]
    assert [each["unchanged"] for each in replaced] == [True, False]
    for names in (["new"], ["fish=a", "new"], ["fish=a/b"]):
        words = [word for name in names for word in ("--name", name)]
        assert cli("import", "deepmind", str(source), *words).status == 2


@pytest.mark.parametrize(
    "words",
    [
        ["export", "RUN", "--format", "bundle", "--out", "out.leo"],
        ["export", "RUN", "--format", "episodes", "--out", "out.npz"],
        ["report", "RUN", "--out", "out.html"],
        ["inspect", "RUN", "--episode", "0", "--out", "out.h5"],
        ["episodes", "RUN", "--out", "out.h5"],
        ["project", "RUN", "--out", "out.py"],
    ],
)
def test_no_result_takes_the_place_of_a_file_unless_it_is_to_be_replaced(
    words: list[str],
    cli: Cli,
    library_home: Path,
    toy_store: EmbeddingStore,
    toy_experiment: Experiment,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not even before anything is computed: this run could compute nothing."""
    monkeypatch.chdir(tmp_path)
    run = Run.create(Library(library_home).runs, toy_experiment, store_record(toy_store))
    run.save(1, {}, {})
    out = Path(words[-1])
    out.write_text("mine")
    words = [run.name if word == "RUN" else word for word in words]
    refused = cli(*words)
    assert refused.status == 2 and f"{out} is there already" in refused.err
    assert "--replace" in refused.err and out.read_text() == "mine"


def test_a_result_replaces_an_earlier_one_where_it_is_told_to(
    cli: Cli, library_home: Path, trained_copy: TrainedCopy, toy_experiment: Experiment
) -> None:
    run = trained_copy(Library(library_home).runs, toy_experiment)
    for name, out in (("bundle", "b.leo"), ("tensorboard", "events")):
        path = library_home.parent / out
        words = ["export", run.name, "--format", name, "--out", str(path)]
        assert cli(*words).status == 0
        refused = cli(*words)
        assert refused.status == 2 and "is there already" in refused.err
        assert cli(*words, "--replace").status == 0
    bundle = str(library_home.parent / "b.leo")
    imported = cli("import", "bundle", bundle)
    assert imported.status == 2 and f"leo-studio runs delete {run.name}" in imported.err


def test_labels_that_begin_anew_in_each_split_are_read_so_when_asked(
    cli: Cli, library_home: Path, tmp_path: Path
) -> None:
    split = np.repeat(["train", "val", "test"], 4)
    source = str(save(tmp_path / "x.npz", labels=np.tile([0, 0, 1, 1], 3), split=split))
    refused = cli("import", "arrays", source)
    assert refused.status == 2 and "--labels-per-split" in refused.err
    (store,) = cli("import", "arrays", source, "--labels-per-split", "--json").json["stores"]
    assert any("read per split" in note for note in store["notes"])
    assert [split["classes"] for split in store["splits"]] == [2, 2, 2]


def test_arrays_of_other_names_are_recognised_or_named(
    cli: Cli, library_home: Path, tmp_path: Path
) -> None:
    rows, labels = np.ones((12, 4), np.float32), np.repeat(np.arange(4), 3)
    np.savez(tmp_path / "a.npz", X=rows, y=labels)
    (store,) = cli("import", "arrays", str(tmp_path / "a.npz"), "--json").json["stores"]
    assert store["embedding_dim"] == 4 and "X as embeddings and y as labels" in store["notes"][0]
    np.savez(tmp_path / "b.npz", one=rows, two=rows[:, :3], y=labels)
    unclear = cli("import", "arrays", str(tmp_path / "b.npz"))
    assert unclear.status == 2
    said = " ".join(unclear.err.split())
    assert "one (12 × 4 float32) and two (12 × 3 float32) may be its embeddings" in said
    assert "--embeddings NAME" in said
    words = ["--embeddings", "two", "--labels", "y", "--json"]
    (store,) = cli("import", "arrays", str(tmp_path / "b.npz"), *words).json["stores"]
    assert store["embedding_dim"] == 3


def test_presets_say_whether_their_data_is_there(
    cli: Cli, library_home: Path, tmp_path: Path
) -> None:
    cli("import", "arrays", str(save(tmp_path / "omniglot.npz")))
    lines = cli("presets", "list").out.splitlines()
    for name, says in (
        ("glyphs-5way-1shot ", "built in, drawn on first use"),
        ("omniglot-20way-1shot", "there"),
        ("mini-1shot ", "missing"),
    ):
        (line,) = (each for each in lines if each.strip().startswith(name))
        assert f" {says} " in line
    (how,) = (each for each in lines if each.startswith("miniImageNet is missing. "))
    assert "leo-studio import deepmind embeddings.zip" in how
    assert not any(each.startswith(("glyphs is", "omniglot is")) for each in lines)
