import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.config import Experiment, declarations
from engine.data.glyphs import writing
from engine.data.store import EmbeddingStore
from engine.runs.run import Run
from engine.runs.run_store import store_record
from engine.training.outer_step import OuterStep
from leo_studio import __version__
from leo_studio.cli.training import parsed_choices
from tests.command_line import Cli, cli, small

__all__ = ["cli"]  # the fixture


def test_train_evaluate_resume_and_compare(cli: Cli, toy_store: EmbeddingStore) -> None:
    trained = cli(*small(toy_store, "--name", "first", "--seed", "3", "--json"))
    assert trained.status == 0
    report = trained.json
    assert report["status"] == "finished" and report["step"] == 20
    assert report["best"].keys() == {"step", "accuracy", "ci95"}
    run = report["run"]
    assert Path(run).name.startswith("first-")

    evaluated = cli("evaluate", run, "--episodes", "50", "--json").json
    assert {"accuracy", "ci95", "episodes", "split", "checkpoint_step"} <= evaluated.keys()
    assert (evaluated["episodes"], evaluated["split"]) == (50, "test")
    assert evaluated["checkpoint_step"] == report["best"]["step"]
    assert "paired" not in evaluated

    assert cli("resume", run).status == 2
    settings = (Path(run) / "experiment.yaml").read_text()
    assert cli("resume", run, "--steps", "30", "--device", "xpu:99").status == 2
    assert (Path(run) / "experiment.yaml").read_text() == settings
    resumed = cli("resume", "first", "--steps", "30", "--json")
    assert resumed.json["step"] == 30

    other = cli(*small(toy_store, "--name", "second", "--json")).json["run"]
    moments = list(Path(other).glob("checkpoints/*.optimizer.safetensors"))
    for path in moments:
        path.unlink()
    before = (Path(other) / "run.json").read_text()
    refused = cli("resume", other, "--steps", "30")
    assert refused.status == 2 and "can still be evaluated" in refused.err
    assert (Path(other) / "run.json").read_text() == before
    compared = cli(
        "evaluate", run, "--compare", other, "--episodes", "50", "--checkpoint", "30", "--json"
    ).json
    assert compared["checkpoint_step"] == 30
    alone = cli("evaluate", other, "--episodes", "50", "--json").json
    difference = compared["accuracy"] - alone["accuracy"]
    assert compared["paired"]["difference"] == pytest.approx(difference)

    baseline = cli("evaluate", run, "--compare", "nearest-class-mean", "--episodes", "50")
    assert baseline.status == 0 and "paired over the same episodes" in baseline.out
    checkpoint = Path(run) / "checkpoints" / "step-000000010.safetensors"
    assert (
        cli("evaluate", str(checkpoint), "--episodes", "9", "--json").json["checkpoint_step"] == 10
    )
    kept = Path(run) / "evaluations" / "test-step-000000030-50.json"
    assert len(json.loads(kept.read_text())["accuracies"]) == 50

    listed = cli("runs", "list", "--json").json
    assert [entry["status"] for entry in listed] == ["finished", "finished"]
    assert "first" in cli("runs", "list").out
    assert cli("runs", "show", "first", "--json").json["checkpoints"] == [10, 20, 30]
    assert cli("runs", "show", "first").status == 0
    assert cli("runs", "delete", "first").status == 0
    assert len(cli("runs", "list", "--json").json) == 1


def test_runs_that_meet_other_episodes_are_not_compared(
    cli: Cli, library_home: Path, toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    names = []
    for shots in (2, 1):
        experiment = toy_experiment.with_settings({"task.k_shot": shots})
        run = Run.create(library_home / "runs", experiment, store_record(toy_store))
        run.save(1, {}, {})
        names.append(run.name)
    refused = cli("evaluate", names[0], "--compare", names[1], "--episodes", "9")
    assert refused.status == 2 and "task.k_shot is 2 in one and 1 in the other" in refused.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("train nothing", 'No preset named "nothing"'),
        ("train mini-1shot", "leo-studio import deepmind embeddings.zip"),
        ("train glyphs-5way-1shot --set learner.dropout=2", "at least 0 and below 1"),
        (
            "train glyphs-5way-1shot --set leo.dropout=2",
            "learner.dropout is 2; it must be at least 0 and below 1",
        ),
        ("train glyphs-5way-1shot --set learner.dropout", "key.path=value"),
        ("train glyphs-5way-1shot --set learner.dropot=1", "did you mean learner.dropout?"),
        ("train glyphs-5way-1shot --seed -1", "run.seed is -1"),
        ("train glyphs-5way-1shot --steps 0", "schedule.steps is 0"),
        ("train glyphs-5way-1shot --name a/b", "name is 'a/b'"),
        ("train no/such/file.yaml", "cannot be read"),
        ("evaluate nothing", 'There is no run "nothing"'),
        ("evaluate a.safetensors", "There is no checkpoint"),
        ("train " + 300 * "x", "File name too long"),
        ("resume nothing", 'There is no run "nothing"'),
        ("runs show nothing", 'There is no run "nothing"'),
        ("data info nothing", 'No store named "nothing"'),
        ("import deepmind nothing", "nothing"),
        ("data info /no/such/place", "There is no store at /no/such/place"),
        ("import arrays nothing.npz", "nothing.npz"),
        ("import arrays nothing.npz --name ../x", "without slashes"),
        ("presets show nothing", 'No preset named "nothing"'),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(cli: Cli, arguments: str, sentence: str) -> None:
    outcome = cli(*arguments.split())
    assert outcome.status == 2
    assert sentence in outcome.err
    assert "Traceback" not in outcome.err
    assert outcome.out == ""


def test_every_option_that_stands_for_a_setting_sets_it(cli: Cli) -> None:
    wrong = {"--store": "nothing", "--steps": "0", "--seed": "-1", "--device": "tpu", "--name": "/"}
    options = {each.option: path for path, each in declarations().items() if each.option}
    assert options.keys() == wrong.keys()
    for option, path in options.items():
        outcome = cli("train", "glyphs-5way-1shot", option, wrong[option])
        said = 'No store named "nothing"' if option == "--store" else f"{path} is"
        assert outcome.status == 2 and said in outcome.err, option


def test_a_full_gpu_is_one_sentence_and_a_bug_is_not(
    cli: Cli, toy_store: EmbeddingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[Exception] = [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("a bug")]

    def failing(self: OuterStep, step: int) -> None:
        raise errors.pop(0)

    monkeypatch.setattr(OuterStep, "__call__", failing)
    outcome = cli(*small(toy_store))
    assert outcome.status == 2
    assert outcome.err.splitlines()[-1].startswith("leo-studio: The GPU is out of memory; lower")
    with pytest.raises(RuntimeError, match="a bug"):
        cli(*small(toy_store))


def test_a_store_that_does_not_fit_leaves_no_run_behind(
    cli: Cli, toy_store: EmbeddingStore, library_home: Path
) -> None:
    outcome = cli(*small(toy_store, "--set", "task.n_way=9"))
    assert outcome.status == 2 and "8 classes" in outcome.err
    assert not (library_home / "runs").exists()


def test_a_store_that_was_exchanged_is_noticed(
    cli: Cli, toy_store: EmbeddingStore, library_home: Path, tmp_path: Path
) -> None:
    run = cli(*small(toy_store, "--json")).json["run"]
    arrays = tmp_path / "other.npz"
    generator = np.random.default_rng(0)
    np.savez(
        arrays,
        embeddings=generator.normal(size=(300, 16)).astype("f4"),
        labels=np.repeat(np.arange(30), 10),
    )
    assert cli("import", "arrays", str(arrays), "--out", str(tmp_path / "o.h5")).status == 0
    outcome = cli("evaluate", run, "--store", str(tmp_path / "o.h5"))
    assert outcome.status == 2 and "is not the store that" in outcome.err


def test_seeds_and_grids_are_trained_at_once(cli: Cli, toy_store: EmbeddingStore) -> None:
    rates = "optimizer.outer_lr=1e-3,1e-2"
    trained = cli(*small(toy_store, "--seed", "3", "--seeds", "2", "--set", rates, "--json"))
    assert trained.status == 0
    runs = [Run(Path(each["run"])) for each in trained.json]
    settings = [(run.experiment.optimizer.outer_lr, run.experiment.run.seed) for run in runs]
    assert settings == [(1e-3, 3), (1e-3, 4), (1e-2, 3), (1e-2, 4)]
    assert all(run.status == "finished" and run.record.step == 20 for run in runs)
    assert "step      20  validation, mean" in trained.err and "best" in trained.err
    # What has no common shape comes one group after the other, and a list is one value.
    table = cli(
        *small(toy_store, "--set", "learner.latent_size=3,4", "--set", "data.train_splits=[train]")
    )
    assert table.status == 0 and "Group 2 of 2" in table.err
    assert table.out.count("finished") == 2 and "latent_size-3" in table.out


def test_a_comma_parts_values_but_not_texts_and_lists() -> None:
    single, choices = parsed_choices(
        ["description=one, two", "data.train_splits=[train, val]", "learner.dropout=0.1,0.3"]
    )
    assert single == {"description": "one, two", "data.train_splits": ["train", "val"]}
    assert choices == {"learner.dropout": [0.1, 0.3]}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--seeds", "0"], "--seeds is 0; it must be at least 1."),
        (
            ["--set", "learner.dropout=0.1,2"],
            "learner.dropout is 2; it must be at least 0 and below 1.",
        ),
        (["--set", "learner.dropout=0.1,"], "learner.dropout is None; it must be a number"),
        (
            ["--set", "learner.dropout=0.1,0.1"],
            "learner.dropout has 0.1 twice; name each value once.",
        ),
    ],
)
def test_a_bad_grid_is_one_sentence_and_leaves_no_run(
    arguments: list[str], sentence: str, cli: Cli, toy_store: EmbeddingStore, library_home: Path
) -> None:
    refused = cli(*small(toy_store, *arguments))
    assert refused.status == 2 and sentence in refused.err
    assert not list((library_home / "runs").glob("*"))


def test_presets_doctor_and_version(cli: Cli) -> None:
    listed = cli("presets", "list", "--json").json
    assert listed["mini-1shot"]["learner"]["dropout"] == 0.307651
    assert "tiered-5shot-trainval" in cli("presets", "list").out
    assert "outer_lr: 0.0002739071" in cli("presets", "show", "mini-1shot").out
    report = cli("doctor", "--json").json
    assert report["problems"] == []
    assert report["versions"]["leo-studio"] == __version__
    assert "cpu" in report["devices"]
    assert cli("--version").out.strip() == __version__


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there always is a display")
@pytest.mark.parametrize("arguments", [[], ["open"], ["open", "mini-1shot"]])
def test_without_a_display_the_window_says_what_to_do(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    for variable in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    outcome = cli(*arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith("leo-studio: There is no display")


def test_what_cannot_be_opened_is_said_before_the_window_opens(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    outcome = cli("open", "mini-1shot", "nothing")
    assert (outcome.status, outcome.out) == (2, "")
    assert 'no preset, store or run named "nothing"' in outcome.err


def test_a_preset_of_ones_own_comes_first(cli: Cli, library_home: Path) -> None:
    folder = library_home / "presets"
    folder.mkdir(parents=True)
    text = cli("presets", "show", "glyphs-5way-1shot").out.replace("dropout: 0.3", "dropout: 0.4")
    (folder / "glyphs-5way-1shot.yaml").write_text(text)
    assert cli("presets", "show", "glyphs-5way-1shot", "--json").json["learner"]["dropout"] == 0.4
    (folder / "bad.yaml").write_bytes(b"\xff")
    listed = cli("presets", "list", "--json")
    assert listed.status == 0 and "bad.yaml" in listed.err and "mini-1shot" in listed.json


def test_imports_report_what_they_found(cli: Cli, tmp_path: Path, library_home: Path) -> None:
    arrays = tmp_path / "mine.npz"
    embeddings = np.random.default_rng(0).normal(size=(60, 4)).astype("f4")
    embeddings[7] = embeddings[6]
    np.savez(arrays, embeddings=embeddings, labels=np.repeat(np.arange(12), 5))
    outcome = cli("import", "arrays", str(arrays))
    assert outcome.status == 0 and "problem: " in outcome.out
    assert (library_home / "stores" / "mine.h5").is_file()
    assert cli("data", "info", "mine", "--json").json["embedding_dim"] == 4


def test_it_is_said_what_a_name_was_taken_for(
    cli: Cli,
    toy_store: EmbeddingStore,
    toy_experiment: Experiment,
    library_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    run = Run.create(library_home / "runs", toy_experiment, store_record(toy_store))
    (library_home / "stores").mkdir()
    store = Path(shutil.copy(toy_store.path, library_home / "stores" / "plain.h5"))
    for command, name, taken in (
        (("data", "info"), "plain", store),
        (("runs", "show"), "toy", run.path),
        (("presets", "show"), "mini-1shot", "mini-1shot.yaml"),
    ):
        assert cli(*command, name).err == ""
        Path(name).write_text("notes")
        shown = cli(*command, name)
        assert shown.status == 0 and shown.out
        assert shown.err.startswith(f"{name} is ") and str(taken) in shown.err
        assert shown.err.endswith(f"; for what bears that name in this folder, write ./{name}\n")
        refused = cli(*command, f"./{name}")
        assert refused.status == 2 and refused.out == ""
        Path(name).unlink()


def test_the_built_in_store_is_drawn_when_it_is_first_wanted(
    cli: Cli, library_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "CLASSES_PER_SPLIT", (8, 6, 6))  # of 160, 40 and 50
    settings = ("--set", "schedule.validation_episodes=5", "--steps", "2", "--json")
    trained = cli("train", "glyphs-5way-1shot", *settings)
    assert trained.status == 0 and "glyphs" in trained.err
    store = EmbeddingStore(library_home / "stores" / "glyphs.h5")
    assert [store.splits[name].classes for name in store.splits] == [8, 6, 6]


@pytest.mark.slow
def test_the_built_in_experiment_beats_nearest_class_mean(
    cli: Cli, library_home: Path, glyphs_file: Path
) -> None:
    (library_home / "stores").mkdir(parents=True)
    shutil.copy(glyphs_file, library_home / "stores" / "glyphs.h5")
    trained = cli("train", "glyphs-5way-1shot", "--steps", "150", "--json")
    assert trained.status == 0
    report = cli(
        "evaluate",
        trained.json["run"],
        "--episodes",
        "600",
        "--compare",
        "nearest-class-mean",
        "--json",
    ).json
    assert report["paired"]["difference"] - report["paired"]["ci95"] > 0.05


def test_a_store_that_moved_is_told_once(
    cli: Cli, toy_store: EmbeddingStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.runs.run_store._LOCATED", {})
    before, now = tmp_path / "a.h5", tmp_path / "b.h5"
    before.write_bytes(toy_store.path.read_bytes())
    run = cli(*small(EmbeddingStore(before), "--name", "pm", "--json")).json["run"]
    before.rename(now)
    for words in (["resume", "pm", "--steps", "25"], ["evaluate", "pm", "--episodes", "5"]):
        refused = cli(*words)
        assert refused.status == 2 and "--store FILE" in refused.err
    assert Run(Path(run)).status == "finished"
    opened: list[object] = []
    monkeypatch.setattr("leo_studio.cli.window.open_window", lambda *given: opened.append(given))
    assert "needs the one RUN" in cli("open", "--store", str(now)).err
    said = cli("open", "pm", "--store", str(now))
    assert f"is {now} now" in " ".join(said.err.split()) and opened == [(["pm"], None)]
    assert cli("resume", "pm", "--steps", "25").status == 0
    later = tmp_path / "c.h5"
    now.rename(later)
    assert cli("resume", "pm", "--steps", "30", "--store", str(later)).status == 0
    inspected = cli("inspect", "pm", "--episode", "1", "--samples", "2")
    assert inspected.status == 0 and "--store" not in inspected.err
