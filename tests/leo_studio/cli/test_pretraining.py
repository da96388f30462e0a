"""`leo-studio pretrain`, and what follows: pictures become embeddings by the run's encoder."""

import json
import zipfile
from pathlib import Path

import pytest

from engine.data.store import EmbeddingStore
from engine.runs.library import Library
from tests.command_line import Cli, cli
from tests.engine.images.pictures import write_folders

__all__ = ["cli"]

EXPERIMENT = """
schema: 2
name: tiny
data: {store: nowhere}
task: {n_way: 3, k_shot: 1, examples_per_class: 4}
learner: {kind: backbone, image_side: 16, kept_side: 18, batch: 8}
schedule: {steps: 4, validate_every: 2, validation_episodes: 10}
evaluation: {episodes: 10}
run: {threads: 1, device: cpu}
"""


@pytest.fixture
def here(tmp_path: Path, library_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with pictures, their splits and an experiment."""
    classes = [f"kind{number}" for number in range(10)]
    write_folders(tmp_path / "shapes", dict.fromkeys(classes, 4), side=20)
    splits = {"train": classes[:4], "val": classes[4:7], "test": classes[7:]}
    (tmp_path / "splits.json").write_text(json.dumps(splits))
    (tmp_path / "tiny.yaml").write_text(EXPERIMENT)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_pictures_become_an_encoder_and_by_it_embeddings(
    cli: Cli, here: Path, library_home: Path
) -> None:
    library = Library(library_home)
    done = cli("pretrain", "tiny.yaml", "--images", "shapes", "--splits", "splits.json", "--json")
    assert done.status == 0, done.err
    run = library.run(done.json["run"])
    pictures = EmbeddingStore(library.existing_store("shapes-18px"))
    assert pictures.splits["train"].image_side == 18
    assert run.experiment.data.store == "shapes-18px" and run.record.step == 4

    evaluated = cli("evaluate", run.name, "--compare", "nearest-class-mean", "--json")
    assert evaluated.status == 0, evaluated.err

    imported = cli("import", "images", "shapes", "--splits", "splits.json", "--encoder", run.name)
    assert imported.status == 0, imported.err
    store = EmbeddingStore(library.existing_store("shapes"))
    assert store.encoder is not None and store.embedding_dim == 64
    assert store.encoder.trained_on == "the training classes of shapes-18px"
    assert store.encoder.crop == pytest.approx(16 / 18)

    bundle = cli("export", run.name, "--format", "bundle", "--out", "tiny.leo")
    assert bundle.status == 0, bundle.err
    card = zipfile.ZipFile("tiny.leo").read("README.md").decode()
    assert "1-shot classification of pictures" in card and "meta-batch" not in card
    back = cli("import", "bundle", "tiny.leo", "--runs", "elsewhere")
    assert back.status == 0, back.err
    no_programs = cli("export", run.name, "--format", "onnx", "--out", "models")
    assert no_programs.status == 2 and "it has no programs" in no_programs.err

    exported = cli("export", run.name, "--format", "safetensors", "--out", "conv4.safetensors")
    assert exported.status == 0, exported.err
    again = cli(
        "import", "images", "shapes", "--splits", "splits.json", "--name", "again",
        "--encoder", "conv4.safetensors",
    )  # fmt: skip
    assert again.status == 0, again.err
    other = EmbeddingStore(library.existing_store("again"))
    rows = range(other.splits["test"].examples)
    assert (other.embeddings("test", rows) == store.embeddings("test", rows)).all()
    assert other.encoder is not None and other.encoder.trained_on == store.encoder.trained_on


def test_a_store_that_is_there_is_taken_and_made_anew_only_where_that_is_said(
    cli: Cli, here: Path, library_home: Path
) -> None:
    words = ("pretrain", "tiny.yaml", "--images", "shapes", "--steps", "1")
    assert cli(*words, "--splits", "splits.json").status == 0
    store = Library(library_home).existing_store("shapes-18px")
    before = store.read_bytes()
    second = cli(*words)
    assert second.status == 0 and "there already; --replace makes it again" in second.err
    assert store.read_bytes() == before
    assert cli(*words, "--replace", "--set", "task.n_way=2").status == 0  # with other splits, drawn
    assert store.read_bytes() != before
    # And with the store named, it is an experiment like any other.
    changes = ("--steps", "1", "--set", "task.n_way=2")
    trained = cli("train", "tiny.yaml", "--store", "shapes-18px", *changes)
    assert trained.status == 0, trained.err


def test_what_cannot_be_is_one_sentence(cli: Cli, here: Path) -> None:
    of_embeddings = cli("pretrain", "glyphs-5way-1shot", "--images", "shapes")
    assert of_embeddings.status == 2 and "train it with: leo-studio train" in of_embeddings.err
    nowhere = cli("pretrain", "tiny.yaml")
    assert nowhere.status == 2 and "nowhere" in nowhere.err
