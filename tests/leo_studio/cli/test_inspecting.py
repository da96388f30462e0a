import csv
import json
import math
import tempfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.inspection.checkpoint_inspection import load_model, load_split, loaded_checkpoint
from engine.inspection.files import load_inspection
from engine.runs.library import Library
from engine.runs.run import Run
from leo_studio.cli.inspecting import finite
from tests.command_line import Cli, cli
from tests.conftest import TrainedCopy

__all__ = ["cli"]


@pytest.fixture
def run(library_home: Path, trained_copy: TrainedCopy, toy_experiment: Experiment) -> Run:
    return trained_copy(Library(library_home).runs, toy_experiment)


def test_an_inspection_is_printed_with_its_classes_steps_and_confusions(cli: Cli, run: Run) -> None:
    outcome = cli("inspect", run.name, "--episode", "12", "--split", "test", "--samples", "4")
    assert outcome.status == 0
    assert "test 12, step" in outcome.out
    for word in ("before", "inner 2 of 2", "fine-tuning 2 of 2", "gain", "mutual information"):
        assert word in outcome.out
    assert "leo-studio open" in outcome.err and "--episode 12" in outcome.err


def test_an_inspection_as_json_and_as_a_file_holds_the_engines_numbers(
    cli: Cli, run: Run, toy_store: EmbeddingStore, tmp_path: Path
) -> None:
    file = tmp_path / "one.h5"
    words = ["--checkpoint", "30", "--episode", "5", "--samples", "3", "--what-if", "inner_steps 1"]
    report = cli("inspect", run.name, *words, "--out", str(file), "--json").json
    split = load_split(run, toy_store, "val")
    loaded = loaded_checkpoint(run, 30, "val", load_model(run, 30), split)
    from engine.inspection.what_if import parse_what_if

    seen = loaded.what_if(5, 3, parse_what_if("inner_steps 1"))
    np.testing.assert_array_equal(report["query_accuracy"], seen.query_accuracy[0])
    np.testing.assert_array_equal(report["codes"], seen.codes[0])
    assert (report["run"], report["step"], report["what_if"]) == (run.name, 30, "inner_steps 1")
    assert report["support"][0] == [f"val-{row}" for row in seen.support[0, 0].tolist()]
    kept = load_inspection(file)
    np.testing.assert_array_equal(kept.inspection.probabilities, seen.probabilities)
    assert kept.names[int(seen.query[0, 0, 0])] == f"val-{seen.query[0, 0, 0]}"


def test_what_was_changed_by_hand_is_said_in_words(cli: Cli, run: Run) -> None:
    words = ["inspect", run.name, "--episode", "5", "--samples", "2"]
    report = cli(*words, "--json").json
    gone = report["support"][0][0]
    changes = f"drop 0 {gone.removeprefix('val-')}; inner_steps 1"
    outcome = cli(*words, "--what-if", changes)
    said = f"changed      1 support example taken out ({gone}), inner steps 2 → 1"
    assert said in outcome.out.splitlines()
    assert "changed  " not in cli(*words).out


def test_what_is_no_number_is_null_in_json() -> None:
    found = finite({"a": [1.5, math.nan, [math.inf]], "b": "text", "c": 3, "d": None})
    assert found == {"a": [1.5, None, [None]], "b": "text", "c": 3, "d": None}


def test_episodes_have_the_accuracies_of_evaluate_and_are_sorted(
    cli: Cli, run: Run, tmp_path: Path
) -> None:
    cli("evaluate", run.name, "--split", "test", "--episodes", "80")
    (kept,) = run.path.glob("evaluations/*.json")
    accuracies = json.loads(kept.read_text())["accuracies"]
    file = tmp_path / "all.csv"
    words = ["episodes", run.name, "--split", "test", "--count", "80", "--sort", "-gain"]
    rows = cli(*words, "--out", str(file), "--json").json
    assert [row["accuracy"] for row in sorted(rows, key=lambda row: row["number"])] == accuracies
    gains = [row["gain"] for row in rows]
    assert gains == sorted(gains, reverse=True)
    with file.open(newline="") as text:
        assert [int(row["number"]) for row in csv.DictReader(text)] == [r["number"] for r in rows]


def test_episodes_are_filtered_and_printed(cli: Cli, run: Run) -> None:
    words = ["episodes", run.name, "--count", "60", "--first", "100", "--where", "accuracy > 50%"]
    outcome = cli(*words, "--limit", "3")
    assert outcome.status == 0
    lines = outcome.out.strip().splitlines()
    assert len(lines) == 5 and lines[0].split()[0] == "episode"
    assert lines[1].split()[0].startswith("1")
    assert "60 gone through" in lines[-1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["inspect", "RUN", "--episode", "-1"], "--episode is -1"),
        (["inspect", "RUN", "--episode", "1", "--samples", "0"], "--samples is 0"),
        (["inspect", "RUN", "--episode", "1", "--split", "dev"], 'no split "dev"'),
        (["inspect", "RUN", "--episode", "1", "--what-if", "fly"], 'The change "fly"'),
        (["inspect", "RUN", "--episode", "1", "--what-if", "drop 0 99999"], "not in the support"),
        (["inspect", "RUN", "--episode", "1", "--out", "x.txt"], "must end with .h5"),
        (["inspect", "RUN", "--episode", "1", "--out", "no/x.h5"], "there is no folder"),
        (["inspect", "nobody", "--episode", "1"], "nobody"),
        (["episodes", "RUN", "--sort", "beauty"], '--sort is "beauty"'),
        (["episodes", "RUN", "--where", "gian < 1", "--count", "5"], 'There is no "gian"'),
        (["episodes", "RUN", "--out", "x.txt"], "must end with .csv"),
        (["project", "RUN", "--out", "x.gif"], "must end with .svg or .png"),
        (["project", "RUN", "--out", "x.svg", "--method", "magic"], '--method is "magic"'),
        (["project", "RUN", "--out", "x.svg", "--split", "dev"], 'no split "dev"'),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(
    cli: Cli,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    sentence: str,
) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    outcome = cli(*[run.name if word == "RUN" else word for word in words])
    assert outcome.status == 2
    assert sentence in outcome.err and "Traceback" not in outcome.err
    assert not list(folder.iterdir())


@pytest.mark.parametrize(
    ("method", "ending"),
    [("pca", "svg"), ("lda", "png"), ("pca", "pdf"), ("pca", "py"), ("pca", "csv")],
)
def test_codes_are_drawn_without_a_window(
    cli: Cli, run: Run, tmp_path: Path, method: str, ending: str
) -> None:
    file = tmp_path / f"figure.{ending}"
    words = ["project", run.name, "--method", method, "--episodes", "30", "--out", str(file)]
    outcome = cli(*words)
    assert outcome.status == 0 and "120 codes" in outcome.err
    content = file.read_bytes()
    assert len(content) > 3000
    if ending == "svg":
        assert b"of variance" in content and b"30 val episodes" in content
    if ending == "csv":
        assert len(content.splitlines()) == 1 + 2 * 120


@pytest.mark.slow
def test_the_papers_figure_is_drawn_by_t_sne(cli: Cli, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "figure.h5"
    words = ["project", run.name, "--method", "tsne", "--episodes", "20", "--perplexity", "8"]
    assert cli(*words, "--out", str(file)).status == 0
    with h5py.File(file) as read:
        assert read["codes"].attrs["axes"].startswith("t-SNE, ")
        assert read["codes/code"].shape == (20 * 2 * 4, read["codes/code"].shape[1])
        assert "axes" not in read  # which only a projection has


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (["inspect", "RUN", "--episode", "1", "--samples", "2", "--out", "OUT.h5"], "gain "),
        (["episodes", "RUN", "--count", "3", "--out", "OUT.csv"], "3 of 3 episodes"),
    ],
)
def test_a_result_is_printed_and_put_elsewhere_where_its_file_cannot_be_written(
    cli: Cli,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    printed: str,
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    names = {"RUN": run.name, "OUT": "out"}
    out = tmp_path / "folder" / f"out.{words[-1].partition('.')[2]}"
    out.mkdir(parents=True)  # a folder has its name
    outcome = cli(*(names.get(word, word) for word in words[:-1]), str(out))
    assert outcome.status == 2 and printed in outcome.out
    (file,) = elsewhere.glob("*/out.*")
    assert f"{out} cannot be written" in outcome.err.replace("\n", " ")
    assert f"What was computed is in {file}." in outcome.err.replace("\n", " ")
