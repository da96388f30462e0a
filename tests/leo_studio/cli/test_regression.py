"""The command line on few-shot regression: no store anywhere."""

import json
import zipfile
from pathlib import Path

import pytest

from engine.data.store import EmbeddingStore
from engine.evaluation.regression.record import RegressionScores, kept_regression_evaluations
from engine.runs.run import Run
from tests.command_line import Cli, cli, small
from tests.leo_studio.report.page import Page

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
    (kept,) = kept_regression_evaluations(run.path).records
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


def test_two_runs_are_compared_task_by_task(cli: Cli) -> None:
    run, other = (
        cli("train", preset, *SMALL, "--json").json["run"]
        for preset in ("sine-line-5shot", "sine-line-5shot-maml")
    )
    words = ("evaluate", run, "--episodes", "12", "--compare", other)
    found = cli(*words, "--json").json
    own = cli("evaluate", other, "--episodes", "12", "--json").json["scores"]
    better_by = found["paired"]["better_by"]
    assert found["paired"]["other"] == other and found["paired"]["tasks"] == 12
    for name, sign in (("risk_ratio", -1), ("trimmed_risk_ratio", -1), ("log_likelihood", 1)):
        assert better_by[name]["one"] == found["scores"][name]
        assert better_by[name]["other"] == own[name]
        difference = sign * (found["scores"][name] - own[name])
        assert better_by[name]["difference"] == pytest.approx(difference, rel=1e-3), name
        assert better_by[name]["ci95"] > 0
    assert "per_task" not in found
    text = cli(*words).out
    assert "on the same 12 tasks" in text and "is better by" in text


def test_a_comparison_that_cannot_be_is_one_sentence(cli: Cli) -> None:
    run, other = (
        cli("train", "sine-line-5shot-maml", *SMALL, "--set", f"task.noise={noise}", "--json").json
        for noise in (0.3, 0.4)
    )
    for opponent, sentence in (
        (other["run"], "task.noise is 0.3 in one and 0.4 in the other"),
        ("nearest-class-mean", "have no class means"),
        ("no-such-run", "no-such-run"),
    ):
        failed = cli("evaluate", run["run"], "--episodes", "12", "--compare", opponent)
        assert failed.status == 2 and sentence in failed.err and not failed.out, opponent
    assert not list((Path(run["run"]) / "evaluations").glob("*"))  # before anything is computed
    failed = cli("evaluate", run["run"], "--episodes", "2", "--compare", run["run"])
    assert failed.status == 2 and "so few tasks have no interval" in failed.err and not failed.out


def test_what_is_made_of_classes_is_refused_in_a_sentence(cli: Cli) -> None:
    run = cli("train", "sine-line-5shot-maml", *SMALL, "--json").json["run"]
    for words in (
        ("evaluate", run, "--compare", "nearest-class-mean"),
        ("evaluate", run, "--split", "all"),
        ("inspect", run),  # of no task
        ("inspect", run, "--episode", "0", "--what-if", "inner_steps 3"),
        ("inspect", run, "--episode", "0", "--store", "glyphs"),
        ("inspect", run, "--episode", "0", "--split", "val"),
        ("inspect", run, "--episode", "0", "--samples", "0"),
        ("inspect", run, "--episode", "-1"),
        ("inspect", run, "--episode", "0", "--out", "x.txt"),
        ("inspect", run, "--points", "no-such-file.json"),
        ("export", run, "--format", "onnx", "--out", "x"),
        ("export", run, "--format", "episodes", "--out", "x.npz"),
    ):
        failed = cli(*words)
        assert failed.status == 2 and failed.err and "Traceback" not in failed.err, words


def test_a_report_is_written_of_functions_but_not_beside_classes(
    cli: Cli, toy_store: EmbeddingStore, tmp_path: Path
) -> None:
    run = cli("train", "sine-line-5shot-maml", *SMALL, "--json").json["run"]
    out = str(tmp_path / "report.html")
    made = cli("report", run, "--episodes", "12", "--out", out)
    assert made.status == 0 and "12 tasks, step" in made.out and "the limit" in made.out
    page = Page(Path(out))
    assert page.mistakes == [] and "Most ambiguous" in page.words
    words = [f"leo-studio evaluate {Path(run).name} --checkpoint", "leo-studio train sine-line"]
    assert all(each in page.words for each in words)
    of_classes = cli(*small(toy_store), "--json").json["run"]
    failed = cli("report", of_classes, run, "--out", str(tmp_path / "both.html"))
    assert failed.status == 2 and "write a report of each kind" in failed.err
    assert failed.err.count("\n") == 1 and not (tmp_path / "both.html").exists()


def test_a_run_leaves_the_studio_and_comes_back(cli: Cli, tmp_path: Path) -> None:
    run = cli("train", "sine-line-5shot", *SMALL, "--json").json["run"]
    cli("evaluate", run, "--episodes", "12", "--json")
    bundle = tmp_path / "functions.leo"
    assert cli("export", run, "--format", "bundle", "--out", str(bundle)).status == 0
    with zipfile.ZipFile(bundle) as opened:
        card = opened.read("README.md").decode()
        (listed,) = json.loads(opened.read("manifest.json"))["evaluations"]
    assert (listed["kind"], listed["split"], listed["scores"]["tasks"]) == (
        "regression",
        "test",
        12,
    )
    assert "per_task" not in listed and listed["run"] == ""
    assert "5-shot regression of functions (sine, line)" in card
    assert "| test | 12 |" in card and "Bayes-optimal" in card and "classif" not in card
    for name in ("functions.safetensors", "functions.pt"):
        ending = {"functions.pt": "pytorch"}.get(name, "safetensors")
        assert cli("export", run, "--format", ending, "--out", str(tmp_path / name)).status == 0
    back = cli("import", "bundle", str(bundle), "--runs", str(tmp_path / "runs"), "--json").json
    (kept,) = kept_regression_evaluations(Path(run)).records
    (same,) = kept_regression_evaluations(Path(back["run"])).records
    assert same == kept.model_copy(update={"run": ""})  # no path leaves this machine
    again = cli("evaluate", back["run"], "--episodes", "12", "--json").json
    assert again["scores"] == cli("evaluate", run, "--episodes", "12", "--json").json["scores"]
    said = cli("import", "bundle", str(bundle), "--runs", str(tmp_path / "others"))
    assert said.status == 0 and "store" not in said.err


def test_event_files_say_all_settings(cli: Cli, tmp_path: Path) -> None:
    run = cli("train", "sine-line-5shot-maml", *SMALL, "--json").json["run"]
    made = cli("export", run, "--format", "tensorboard", "--out", str(tmp_path))
    assert made.status == 0 and list(tmp_path.rglob("events.out*"))
