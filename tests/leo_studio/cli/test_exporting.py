import zipfile
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.runs.library import Library
from engine.runs.run import Run
from tests.command_line import Cli, cli
from tests.conftest import OnnxExport, TrainedCopy

__all__ = ["cli"]


@pytest.fixture
def run(library_home: Path, trained_copy: TrainedCopy, toy_experiment: Experiment) -> Run:
    return trained_copy(Library(library_home).runs, toy_experiment)


def test_a_bundle_goes_out_and_comes_in_and_is_evaluated(
    cli: Cli, run: Run, toy_store: EmbeddingStore, tmp_path: Path
) -> None:
    bundle = tmp_path / "toy.leo"
    words = ["--episodes", "30", "--split", "test", "--json"]
    before = cli("evaluate", run.name, *words).json
    outcome = cli("export", run.name, "--format", "bundle", "--out", str(bundle))
    assert outcome.status == 0 and str(bundle) in outcome.out
    other = tmp_path / "other"
    imported = cli("import", "bundle", str(bundle), "--runs", str(other), "--json").json
    assert Path(imported["run"]).parent == other
    again = cli("evaluate", imported["run"], "--store", str(toy_store.path), *words).json
    assert again["accuracy"] == before["accuracy"]
    assert zipfile.ZipFile(bundle).testzip() is None


def test_a_checkpoint_can_be_named_and_json_says_what_was_written(
    cli: Cli, run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "m.safetensors"
    words = ["--checkpoint", "15", "--out", str(out), "--json"]
    report = cli("export", run.name, "--format", "safetensors", *words).json
    assert report["step"] == 15 and report["files"][0]["size"] == out.stat().st_size
    weights = run.checkpoint("15").weights()
    for name, array in safetensors.numpy.load_file(out).items():
        np.testing.assert_array_equal(array, weights[name].numpy())


def test_episodes_say_the_engines_accuracy(cli: Cli, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "e.npz"
    outcome = cli("export", run.name, "--format", "episodes", "--episodes", "20", "--out", str(out))
    mean = np.load(out)["accuracies"].mean()
    assert f"{100 * mean:.2f} %" in outcome.out


@pytest.mark.slow
def test_onnx_models_are_written_with_the_result_of_their_check(onnx_export: OnnxExport) -> None:
    for name in ("adapt", "predict", "adapt_sampled"):
        assert f"{name}.onnx in ONNX Runtime agrees with the engine" in onnx_export.told
        assert (onnx_export.folder / f"{name}.onnx").is_file()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--format", "pickle", "--out", "m"], "choose one of bundle"),
        (["--format", "bundle", "--out", "m.zip"], "m.zip must end with .leo"),
        (["--format", "bundle", "--out", "file/m.leo"], "m.leo cannot be written (Not a dir"),
        (["--format", "bundle", "--out", "m.leo", "--checkpoint", "7"], 'no checkpoint "7"'),
        (
            ["--format", "episodes", "--out", "e.npz", "--split", "other"],
            'no split "other"; it has train, val, test: choose one of these.',
        ),
    ],
)
def test_what_cannot_be_exported_is_one_sentence_and_leaves_nothing(
    cli: Cli,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    outcome = cli("export", run.name, *words)
    assert outcome.status == 2 and sentence in outcome.err and "Traceback" not in outcome.err
    assert not list(tmp_path.glob("m*")) and not list(tmp_path.glob("e*"))


def test_a_file_that_is_no_bundle_is_one_sentence(
    cli: Cli, tmp_path: Path, library_home: Path
) -> None:
    (tmp_path / "bad.leo").write_bytes(b"PK nothing")
    outcome = cli("import", "bundle", str(tmp_path / "bad.leo"))
    assert outcome.status == 2 and "bad.leo is text, such as CSV, and not a bundle" in outcome.err


def test_without_the_extra_it_says_how_to_get_it(
    cli: Cli, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.export.onnx_models.NEEDED", ("onnx_that_is_not_there",))
    outcome = cli("export", run.name, "--format", "onnx", "--out", str(tmp_path / "models"))
    assert outcome.status == 2 and "pip install 'leo-studio[onnx]'" in outcome.err


def test_event_files_are_written_live_and_afterwards(
    cli: Cli, library_home: Path, toy_experiment: Experiment, tmp_path: Path
) -> None:
    file = tmp_path / "toy.yaml"
    file.write_text(toy_experiment.to_yaml(), encoding="utf-8")
    live, after = tmp_path / "live", tmp_path / "after"
    assert cli("train", str(file), "--tensorboard", str(live)).status == 0
    (run,) = Library(library_home).runs.iterdir()
    words = ["--format", "tensorboard", "--out", str(after)]
    assert cli("export", run.name, *words).status == 0
    (one,), (other,) = live.rglob("*tfevents*"), after.rglob("*tfevents*")
    assert one.relative_to(live) == other.relative_to(after)
    assert abs(one.stat().st_size - other.stat().st_size) < 0.05 * other.stat().st_size


def test_event_files_that_cannot_be_written_stop_training_before_it_begins(
    cli: Cli, library_home: Path, toy_experiment: Experiment, tmp_path: Path
) -> None:
    file = tmp_path / "toy.yaml"
    file.write_text(toy_experiment.to_yaml(), encoding="utf-8")
    outcome = cli("train", str(file), "--tensorboard", str(file / "events"))
    assert outcome.status == 2 and "cannot be written" in outcome.err
    assert not Library(library_home).runs.exists()
