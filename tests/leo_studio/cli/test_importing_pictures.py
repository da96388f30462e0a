"""`leo-studio import images`: pictures become a store, and a preset that trains on it."""

import json
from pathlib import Path

import pytest

from engine.data.store import EmbeddingStore
from engine.runs.library import Library
from tests.command_line import Cli, cli
from tests.engine.images.encoders.test_onnx_encoder import write_model
from tests.engine.images.encoders.test_transformers_encoder import write_dino
from tests.engine.images.pictures import write_folders

__all__ = ["cli"]


@pytest.fixture
def library(library_home: Path) -> Library:
    return Library(library_home)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folders(tmp_path / "fruits", {f"fruit{number}": 4 for number in range(12)})


def test_pictures_become_a_store_with_what_it_is_worth_and_a_preset_that_trains(
    cli: Cli, library: Library, folder: Path
) -> None:
    outcome = cli("import", "images", str(folder), "--encoder", "pixels")
    assert outcome.status == 0
    assert "Nearest class mean reaches" in outcome.out and "5-way 1-shot" not in outcome.out
    assert "leo-studio train fruits-3way-1shot" in outcome.err.replace("\n", " ")
    store = EmbeddingStore(library.stores / "fruits.h5")
    assert store.encoder is not None and store.encoder.kind == "pixels"
    assert {name: split.classes for name, split in store.splits.items()} == {
        "train": 6,
        "val": 3,
        "test": 3,
    }
    steps = ("--set", "schedule.steps=4", "--set", "schedule.validate_every=4")
    few = ("--set", "schedule.validation_episodes=5")
    assert cli("train", "fruits-3way-1shot", *steps, *few).status == 0


def test_json_says_all_that_is_known(cli: Cli, library: Library, folder: Path) -> None:
    (folder / "fruit0" / "000.png").write_bytes(b"words")
    outcome = cli("import", "images", str(folder), "--encoder", "pixels", "--json")
    (store,) = outcome.json["stores"]
    assert len(store["left_out"]) == 1 and store["caution"] == ""
    assert store["preset"] == "fruits-3way-1shot"
    (one,) = store["nearest_class_mean"]
    assert one["k_shot"] == 1 and 0 <= one["accuracy"] <= 1
    again = cli("import", "images", str(folder), "--encoder", "pixels", "--json")
    assert again.json["stores"][0]["unchanged"]


def test_any_onnx_model_and_any_folder_of_transformers_is_an_encoder(
    cli: Cli, library: Library, folder: Path, tmp_path: Path
) -> None:
    model = write_model(tmp_path / "tiny.onnx")
    outcome = cli(
        "import", "images", str(folder), "--encoder", str(model), "--name", "by-onnx",
        "--trained-on", "pears",
    )  # fmt: skip
    assert outcome.status == 0
    store = EmbeddingStore(library.stores / "by-onnx.h5")
    assert store.encoder is not None and store.encoder.kind == "onnx"
    assert store.embedding_dim == 5
    assert "was trained on pears" in outcome.err.replace("\n", " ")
    write_dino(tmp_path / "dino")
    outcome = cli(
        "import", "images", str(folder), "--encoder", str(tmp_path / "dino"), "--name", "by-dino"
    )
    assert outcome.status == 0
    store = EmbeddingStore(library.stores / "by-dino.h5")
    assert store.encoder is not None and store.encoder.kind == "transformers"
    assert store.embedding_dim == 16


def test_what_an_encoder_has_seen_stands_beside_every_figure(
    cli: Cli, library: Library, tmp_path: Path
) -> None:
    names = [f"n{number:08}" for number in range(8)]
    folder = write_folders(tmp_path / "mini", dict.fromkeys(names, 4))
    model = write_model(tmp_path / "tiny.onnx", metadata={"trained_on": "ImageNet-1k"})
    splits = {"train": names[:4], "val": names[4:6], "test": names[6:]}
    (tmp_path / "splits.json").write_text(json.dumps(splits))
    cli(
        "import", "images", str(folder), "--encoder", str(model),
        "--splits", str(tmp_path / "splits.json"),
    )  # fmt: skip
    few = [
        word
        for change in ("steps=4", "validate_every=4", "validation_episodes=5")
        for word in ("--set", f"schedule.{change}")
    ]
    assert cli("train", "mini-2way-1shot", "--name", "it", *few).status == 0
    evaluated = cli("evaluate", "it", "--episodes", "5")
    assert "trained on ImageNet-1k, test classes of this store included" in evaluated.out
    assert "caution" in cli("evaluate", "it", "--episodes", "5", "--json").json
    page = tmp_path / "page.html"
    assert cli("report", "it", "--out", str(page), "--episodes", "5").status == 0
    assert "test classes of this store included" in page.read_text()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--encoder", "none.onnx"), "There is no encoder at none.onnx"),
        (("--encoder", "nobody/nothing"), "--online"),
        (("--splits", "none.json"), "none.json"),
        (("--proportions", "a/b"), "proportions"),
        (("--mean", "1,2"), "--mean"),
        (("--out", "store.txt"), "ends in .h5"),
    ],
)
def test_bad_words_are_one_sentence(
    cli: Cli, library: Library, folder: Path, words: tuple[str, ...], sentence: str
) -> None:
    encoder = () if "--encoder" in words else ("--encoder", "pixels")
    outcome = cli("import", "images", str(folder), *encoder, *words)
    assert outcome.status == 2
    assert sentence in outcome.err.replace("\n", " ")
    assert not list(library.stores.glob("*.h5"))
