"""The command line on few-shot regression: no store anywhere."""

import zipfile
from pathlib import Path

import pytest

from engine.evaluation.regression.record import RegressionScores, kept_regression_evaluations
from engine.runs.run import Run
from tests.command_line import Cli, cli

__all__ = ["cli"]

SHORT = ("--steps", "6", "--set", "schedule.validate_every=3")
SMALL = (*SHORT, "--set", "schedule.validation_episodes=8", "--set", "optimizer.meta_batch=2")


def test_functions_are_trained_resumed_and_evaluated(cli: Cli) -> None:
    report = cli("train", "sine-line-5shot", *SMALL, "--json").json
    run = Run(Path(report["run"]))
    assert report["status"] == "finished" and run.record.store.path == ""
    assert not (run.path.parents[1] / "stores").exists()
    assert "data" not in run.experiment.to_dict()
    again = cli("resume", report["run"], "--steps", "9", "--json").json
    assert (again["status"], again["step"]) == ("finished", 9)
    evaluated = cli("evaluate", report["run"], "--episodes", "12", "--json").json
    assert evaluated["scores"]["tasks"] == 12
    assert evaluated["scores"]["log_likelihood"] < evaluated["scores"]["limit_log_likelihood"]
    text = cli("evaluate", report["run"], "--episodes", "12").out
    assert "Bayes-optimal" in text and "plain samples" in text and "ratio of medians" in text
    (kept,) = kept_regression_evaluations(run.path).evaluations
    assert isinstance(kept.scores, RegressionScores)
    assert kept.scores.risk_ratio == evaluated["scores"]["risk_ratio"]


def test_many_seeds_are_trained_as_a_population(cli: Cli) -> None:
    reports = cli("train", "sine-line-5shot-maml", *SMALL, "--seeds", "2", "--json").json
    assert [each["status"] for each in reports] == ["finished", "finished"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("train", "sine-line-5shot", "--store", "glyphs"), "data.store is not a setting"),
        (("train", "sine-line-5shot", "--set", "learner.kind=leo"), "does not learn tasks of the"),
        (("train", "glyphs-5way-1shot", "--set", "task.kind=regression"), "does not learn tasks"),
        (("train", "sine-line-5shot", "--set", "task.families=[sine, sine]"), "names a family"),
        (("train", "sine-line-5shot", "--set", "task.families=[cubic]"), "task.families"),
    ],
)
def test_what_does_not_fit_is_one_sentence(cli: Cli, words: tuple[str, ...], sentence: str) -> None:
    failed = cli(*words)
    assert failed.status == 2 and sentence in failed.err and "Traceback" not in failed.err


def test_what_is_made_of_classes_is_refused_in_a_sentence(cli: Cli) -> None:
    run = cli("train", "sine-line-5shot-maml", *SMALL, "--json").json["run"]
    for words in (
        ("evaluate", run, "--compare", "nearest-class-mean"),
        ("evaluate", run, "--split", "all"),
        ("inspect", run),
        ("export", run, "--format", "onnx", "--out", "x"),
        ("export", run, "--format", "episodes", "--out", "x.npz"),
        ("report", run, "--out", "x.html"),
    ):
        failed = cli(*words)
        assert failed.status == 2 and failed.err and "Traceback" not in failed.err, words


def test_a_run_leaves_the_studio_and_comes_back(cli: Cli, tmp_path: Path) -> None:
    run = cli("train", "sine-line-5shot", *SMALL, "--json").json["run"]
    cli("evaluate", run, "--episodes", "12", "--json")
    bundle = tmp_path / "functions.leo"
    assert cli("export", run, "--format", "bundle", "--out", str(bundle)).status == 0
    with zipfile.ZipFile(bundle) as opened:
        card = opened.read("README.md").decode()
    assert "5-shot regression of functions (sine, line)" in card
    assert "| test | 12 |" in card and "Bayes-optimal" in card and "classif" not in card
    for name in ("functions.safetensors", "functions.pt"):
        ending = {"functions.pt": "pytorch"}.get(name, "safetensors")
        assert cli("export", run, "--format", ending, "--out", str(tmp_path / name)).status == 0
    back = cli("import", "bundle", str(bundle), "--runs", str(tmp_path / "runs"), "--json").json
    (kept,) = kept_regression_evaluations(Path(run)).evaluations
    (same,) = kept_regression_evaluations(Path(back["run"])).evaluations
    assert same == kept.model_copy(update={"run": ""})  # no path leaves this machine
    again = cli("evaluate", back["run"], "--episodes", "12", "--json").json
    assert again["scores"] == cli("evaluate", run, "--episodes", "12", "--json").json["scores"]
    said = cli("import", "bundle", str(bundle), "--runs", str(tmp_path / "others"))
    assert said.status == 0 and "store" not in said.err


def test_event_files_say_all_settings(cli: Cli, tmp_path: Path) -> None:
    run = cli("train", "sine-line-5shot-maml", *SMALL, "--json").json["run"]
    made = cli("export", run, "--format", "tensorboard", "--out", str(tmp_path))
    assert made.status == 0 and list(tmp_path.rglob("events.out*"))
