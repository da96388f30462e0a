"""`leo-studio classify`: pictures in folders, by a run on a store of pictures."""

import csv
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from engine.classifying.classifier import Classifier
from engine.classifying.loaded_learner import loaded_learner
from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.export.onnx_models import session_of
from engine.images.encoders import open_encoder
from engine.images.framing import center_view
from engine.images.importing import import_pictures
from engine.runs.library import Library
from engine.runs.run import Run
from tests.command_line import Cli, cli
from tests.conftest import TrainedCopy

__all__ = ["cli"]
CPU = torch.device("cpu")


def write_patterns(root: Path, classes: int, count: int, first: int = 0) -> Path:
    """Write pictures of coarse patterns, one pattern for each class, with noise on top."""
    for label in range(classes):
        pattern = np.random.default_rng(label).integers(0, 256, (4, 4))
        folder = root / f"pattern {label}"
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(first, first + count):
            noise = np.random.default_rng([label, number]).normal(0, 25, (4, 4))
            grey = Image.fromarray((pattern + noise).clip(0, 255).astype(np.uint8))
            grey.resize((28, 28), Image.Resampling.NEAREST).save(folder / f"{number:02}.png")
    return root


@pytest.fixture(scope="module")
def pictures_store(tmp_path_factory: pytest.TempPathFactory) -> EmbeddingStore:
    folder = tmp_path_factory.mktemp("patterns")
    source = write_patterns(folder / "pictures", 25, 8, first=50)
    import_pictures(source, folder / "patterns.h5", open_encoder("pixels", CPU), CPU)
    return EmbeddingStore(folder / "patterns.h5")


@pytest.fixture
def run(
    library_home: Path,
    pictures_store: EmbeddingStore,
    toy_experiment: Experiment,
    trained_copy: TrainedCopy,
) -> Run:
    settings = {
        "data.store": str(pictures_store.path),
        "task.examples_per_class": 8,
        "learner.latent_size": 16,
        "learner.inner_steps": 5,
        "schedule.steps": 400,
    }
    return trained_copy(Library(library_home).runs, toy_experiment.with_settings(settings))


@pytest.fixture
def support(tmp_path: Path) -> Path:
    return write_patterns(tmp_path / "support", 3, 3)


@pytest.fixture
def query(tmp_path: Path) -> Path:
    return write_patterns(tmp_path / "query", 3, 4, first=20)


def words(run: Run, support: Path, query: Path, *more: str) -> list[str]:
    return ["classify", run.name, "--support", str(support), "--query", str(query), *more]


def test_folders_named_as_the_classes_are_counted(
    cli: Cli, run: Run, support: Path, query: Path
) -> None:
    outcome = cli(*words(run, support, query))
    assert outcome.status == 0
    assert "pattern 0 (3), pattern 1 (3), pattern 2 (3)" in outcome.out
    assert "right        12 of 12 (100.00 %)" in outcome.out
    assert "Leave one out: 9 of 9 examples" in outcome.out


def test_json_says_what_the_engine_says(cli: Cli, run: Run, support: Path, query: Path) -> None:
    found = cli(*words(run, support, query, "--json", "--samples", "8")).json
    pixels = open_encoder("pixels", CPU)

    def embedded(folder: Path) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        images = [np.asarray(Image.open(path)) for path in sorted(folder.glob("*.png"))]
        large = [
            Image.fromarray(each).resize((84, 84), Image.Resampling.BICUBIC) for each in images
        ]
        stacked = torch.from_numpy(np.stack([np.asarray(each) for each in large]))
        return pixels.encode(stacked[:, None].expand(-1, 3, -1, -1)).numpy()

    names = [f"pattern {label}" for label in range(3)]
    learner = loaded_learner(run, run.checkpoint().step)
    classifier = Classifier(learner, names, [embedded(support / name) for name in names])
    expected = classifier.ask(embedded(query / names[1]), samples=8)
    of_second = [each for each in found["queries"] if each["true_class"] == names[1]]
    np.testing.assert_allclose(
        [list(each["probabilities"].values()) for each in of_second],
        expected.probabilities,
        rtol=1e-4,
    )
    np.testing.assert_allclose(
        [each["deviation"] for each in of_second], expected.deviations, rtol=1e-3, atol=1e-7
    )
    assert found["samples"] == 8 and found["accuracy"] == 1.0
    assert found["leave_one_out"]["accuracy"] == classifier.leave_one_out.accuracy


def test_loose_pictures_and_a_single_one_are_classified_without_a_truth(
    cli: Cli, run: Run, support: Path, query: Path, tmp_path: Path
) -> None:
    flat = tmp_path / "flat"
    flat.mkdir()
    for label in range(3):
        shutil.copy(query / f"pattern {label}" / "20.png", flat / f"{label}.png")
    rows = list(csv.DictReader(io.StringIO(cli(*words(run, support, flat, "--csv")).out)))
    assert [row["class"] for row in rows] == ["pattern 0", "pattern 1", "pattern 2"]
    assert [row["picture"] for row in rows] == ["0.png", "1.png", "2.png"]
    assert all(row["true_class"] == "" and float(row["deviation"]) >= 0 for row in rows)
    assert float(rows[1]["p(pattern 1)"]) == float(rows[1]["probability"])
    one = cli(*words(run, support, flat / "2.png", "--json")).json
    assert one["accuracy"] is None and one["queries"][0]["class"] == "pattern 2"


def test_below_the_threshold_is_none_of_these(
    cli: Cli, run: Run, support: Path, query: Path
) -> None:
    outcome = cli(*words(run, support, query, "--threshold", "1"))
    assert "none of these (most like pattern 0)" in outcome.out
    found = cli(*words(run, support, query, "--threshold", "0", "--json", "--samples", "0")).json
    assert not any(each["is_none_of_these"] for each in found["queries"])
    assert found["queries"][0]["deviation"] is None


def test_pictures_that_cannot_be_read_are_listed_and_the_rest_is_classified(
    cli: Cli, run: Run, support: Path, query: Path
) -> None:
    (support / "pattern 0" / "bad.png").write_bytes(b"")
    (query / "pattern 2" / "bad.jpg").write_bytes(b"words")
    outcome = cli(*words(run, support, query))
    assert outcome.status == 0 and "right        12 of 12" in outcome.out
    said = " ".join(outcome.err.split())
    assert "pattern 0/bad.png is empty" in said and "pattern 2/bad.jpg is no picture" in said


def test_what_cannot_be_classified_is_refused_in_one_sentence(
    cli: Cli, run: Run, support: Path, query: Path, tmp_path: Path
) -> None:
    one = write_patterns(tmp_path / "one", 1, 2)
    broken = write_patterns(tmp_path / "broken", 2, 1)
    (broken / "pattern 1" / "00.png").write_bytes(b"words")
    empty = tmp_path / "empty"
    empty.mkdir()
    for arguments, sentence in (
        (words(run, one, query), "There are 1 classes"),
        (words(run, broken, query), 'class "pattern 1" has no examples'),
        (words(run, empty, query), "empty holds no pictures"),
        (words(run, support, empty), "empty holds no pictures"),
        (words(run, support, tmp_path / "nowhere"), "There is nothing at"),
        (words(run, support, query, "--encoder", "efficientnet-lite0"), "is not the encoder"),
        (words(run, support, query, "--json", "--csv"), "--json or --csv, not both"),
    ):
        outcome = cli(*arguments)
        assert outcome.status == 2 and outcome.out == ""
        assert sentence in " ".join(outcome.err.split())


def test_the_adapted_classifier_is_exported_with_the_encoder_in_front(
    cli: Cli, run: Run, support: Path, query: Path, tmp_path: Path
) -> None:
    out = tmp_path / "patterns.onnx"
    out.write_bytes(b"another")
    refused = cli(*words(run, support, query, "--export", str(out)))
    assert refused.status == 2 and "add --replace" in " ".join(refused.err.split())
    outcome = cli(*words(run, support, query, "--export", str(out), "--replace", "--json"))
    assert outcome.status == 0
    picture = np.asarray(Image.open(query / "pattern 1" / "20.png").convert("RGB"))
    seen = center_view(picture, 84, 1.0)[None]
    (found,) = session_of(str(out)).run(None, {"pictures": seen})
    (said,) = [each for each in outcome.json["queries"] if each["picture"] == "pattern 1/20.png"]
    np.testing.assert_allclose(found[0], list(said["probabilities"].values()), atol=1e-5)
    bad = cli(*words(run, support, query, "--export", str(tmp_path / "a.txt")))
    assert bad.status == 2 and "must end with .onnx" in " ".join(bad.err.split())


def test_a_store_that_does_not_say_how_it_was_made_is_refused(
    cli: Cli,
    library_home: Path,
    toy_experiment: Experiment,
    trained_copy: TrainedCopy,
    support: Path,
    query: Path,
) -> None:
    run = trained_copy(Library(library_home).runs, toy_experiment)
    outcome = cli(*words(run, support, query))
    assert outcome.status == 2
    assert "does not say how its embeddings were made" in " ".join(outcome.err.split())
